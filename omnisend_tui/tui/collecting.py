"""Starting without Python's collector, which takes a fifth of the time to the first frame."""

import gc


def start_quickly() -> None:
    """Leaves the collector out: modules, widgets and styles are made, and all of them stay."""
    gc.disable()


def collect_again() -> None:
    """After the first frame: what is there then, the collector need never look at."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

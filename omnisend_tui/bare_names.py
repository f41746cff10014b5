"""Names as people see them: without the publisher's prefix that all names of a list begin with."""

import re
from collections.abc import Collection, Iterable, Mapping

from omnisend_tui.config.models import ALL_PROFILES

_START = re.compile(r"[^\s_.:]*[_.:](?=\S)")
_PUBLISHER = re.compile(r"[a-z][a-z0-9]{1,7}_")  # as Dataverse puts before what a publisher adds


def shared_prefix(names: Collection[str]) -> str:
    """The prefix of a publisher in Dataverse that all ``names`` have, such as ``msdynci_``.

    '' where they differ, for one name alone, where one of them has nothing else, and where one
    would be taken for 'All profiles' without it.
    """
    start = shared_start(names)
    if _PUBLISHER.fullmatch(start) is None or start + ALL_PROFILES in names:
        return ""
    return start


def shared_start(names: Collection[str]) -> str:
    """What all ``names`` begin with up to a ``_``, ``.`` or ``:``, whatever it means.

    '' where they differ, for one name alone, and where one of them has nothing else.
    """
    starts = {found[0] if (found := _START.match(name)) else "" for name in names}
    return starts.pop() if len(starts) == 1 and len(names) > 1 else ""


def bare_names(names: Collection[str]) -> dict[str, str]:
    """Each name -> how it is shown where no label is known; only the name itself is ever stored."""
    prefix = shared_prefix(names)
    return {name: name.removeprefix(prefix) for name in names}


def bare_segments(names: Iterable[str]) -> dict[str, str]:
    """``bare_names`` of segments; 'All profiles' is ours, and stays."""
    own = [name for name in names if name != ALL_PROFILES]
    return {ALL_PROFILES: ALL_PROFILES, **bare_names(own)}


def called_segments(labels: Mapping[str, str]) -> dict[str, str]:
    """Each segment -> what people see it called: its label in ``labels``, else its bare name.

    '' where its name says all, or its bare name is another one's label.
    """
    bare, taken = bare_segments(labels), set(labels.values())
    return {
        name: label or ("" if bare[name] in (name, *taken) else bare[name])
        for name, label in labels.items()
    }

"""Opens the workspace that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from omnisend_tui.i18n import language_of, use_language
from omnisend_tui.workspace import Workspace


@contextmanager
def opened() -> Iterator[Workspace]:
    """The workspace of the command under way, in the language of its settings; closed at the end.

    Raises what ``Workspace.open`` raises.
    """
    directory = click.get_current_context().find_root().obj
    workspace = Workspace.open(directory if isinstance(directory, Path) else None)
    try:
        wanted = workspace.config.settings.language
        use_language(language_of() if wanted == "auto" else wanted)
        yield workspace
    finally:
        workspace.close()

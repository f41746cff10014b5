"""Opens the workspace that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from omnisend_tui.cli.output import message
from omnisend_tui.i18n import language_of, use_language
from omnisend_tui.workspace import Workspace


@contextmanager
def opened(*, reading: bool = False) -> Iterator[Workspace]:
    """The workspace of the command under way, in the language of its settings; closed at the end.

    ``reading``: the command writes nothing, so a state that can't be written is no more than told.
    Raises what ``Workspace.open`` raises.
    """
    directory = click.get_current_context().find_root().obj
    workspace = Workspace.open(directory if isinstance(directory, Path) else None, reading=reading)
    try:
        wanted = workspace.config.settings.language
        use_language(language_of() if wanted == "auto" else wanted)
        if workspace.trouble is not None:
            message(workspace.trouble.message)
        yield workspace
    finally:
        workspace.close()

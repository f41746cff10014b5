"""A group of commands that imports a command's module only when that command is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from omnisend_tui.i18n import _


class LazyGroup(click.Group):
    """``commands`` are name -> (``module:attribute``, one line of help for the list)."""

    def __init__(self, *, lazy_commands: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._lazy = dict(lazy_commands)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _colon, attribute = self._lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, line) for name, (_path, line) in self._lazy.items()])

"""What the palette offers: only what makes sense now, the screen's keys first."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

from textual.app import App, SystemCommand
from textual.screen import Screen

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.chrome import Key


@runtime_checkable
class Keyed(Protocol):
    """A screen whose footer names keys."""

    def footer_keys(self) -> Sequence[Key]:
        """The keys that work now."""


@runtime_checkable
class Offering(Protocol):
    """A screen that has more keys than its footer names."""

    def palette_keys(self) -> Sequence[Key]:
        """Those of the other keys that work now."""


@runtime_checkable
class Tabbed(Protocol):
    """A screen with tabs; ``tab(1)`` opens the first one."""

    def tab_labels(self) -> Sequence[str]:
        """One for each tab."""


def commands(app: App[Any], screen: Screen[Any]) -> Iterable[SystemCommand]:
    """The keys of ``screen``, its tabs, and what the app itself can do."""
    from omnisend_tui.tui.screens.settings import SettingsScreen

    async def act(action: str) -> None:
        await app.run_action(action, default_namespace=screen)

    keys = screen.footer_keys() if isinstance(screen, Keyed) else ()
    more = screen.palette_keys() if isinstance(screen, Offering) else ()
    shown = [key for key in keys if not key.action.startswith(("app.command", "app.quit", "tab("))]
    for key in (*shown, *more):
        told = _("Key {key}").format(key=key.sign)
        yield SystemCommand(key.label, told, partial(act, key.action))
    labels = screen.tab_labels() if isinstance(screen, Tabbed) else ()
    for tab, label in enumerate(labels, 1):
        told = _("Key {key}").format(key=tab)
        yield SystemCommand(label, told, partial(act, f"tab({tab})"))
    if not isinstance(screen, SettingsScreen):
        told = _("Language, colours, bell, animation")
        yield SystemCommand(_("Settings"), told, partial(act, "app.settings"))
    yield SystemCommand(_("Theme"), _("Choose the colours"), app.action_change_theme)
    yield SystemCommand(_("Quit"), _("Key {key}").format(key="Ctrl+Q"), app.action_quit)

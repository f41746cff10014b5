"""The home screen of each tab, imported when it is opened."""

from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.home import HomeScreen


def home(tab: int, place: Place | None = None) -> HomeScreen:
    """The screen of tab 2, 3 or 4, as it was at ``place``."""
    if tab == 2:
        from omnisend_tui.tui.screens.connections import ConnectionsScreen

        return ConnectionsScreen(place)
    if tab == 3:
        from omnisend_tui.tui.screens.sources import SourcesScreen

        return SourcesScreen(place)
    from omnisend_tui.tui.screens.runs import RunsScreen

    return RunsScreen(place)

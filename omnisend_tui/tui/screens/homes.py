"""The home screen of each tab, imported when it is opened."""

from omnisend_tui.tui.screens.home import HomeScreen


def home(tab: int) -> HomeScreen:
    """The screen of tab 2, 3 or 4."""
    if tab == 2:
        from omnisend_tui.tui.screens.connections import ConnectionsScreen

        return ConnectionsScreen()
    if tab == 3:
        from omnisend_tui.tui.screens.sources import SourcesScreen

        return SourcesScreen()
    from omnisend_tui.tui.screens.runs import RunsScreen

    return RunsScreen()

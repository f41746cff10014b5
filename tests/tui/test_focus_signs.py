"""What has the focus is told without colour, and nothing moves because something is chosen."""

import re
from pathlib import Path

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace
from tui.export_room import STEPS, add_source, export_at, workspace, write_people
from tui.first_room import walk
from tui.screen_app import shown, still_app, text_of

__all__ = ["workspace"]


def bars(app: OmnisendApp) -> set[int]:
    """The cells in which a bar stands."""
    return {line.index("▌") for line in text_of(app).splitlines() if "▌" in line}


async def test_one_list_alone_has_the_bar_and_its_numbers_stay(
    workspace: Workspace, tmp_path: Path
) -> None:
    app = still_app(workspace)
    write_people(tmp_path / "people.csv", [f"segment {n}" for n in range(10)])
    add_source(workspace, "others", tmp_path / "people.csv")
    async with shown(app, size=(80, 26)) as pilot:
        steps = await walk(
            pilot, lambda where, ended: export_at(where, "Source", ended, source="people"),
            workspace, STEPS.index("Source"),
        )  # fmt: skip
        await steps.sees("segment 7")
        assert bars(app) == {33, 41}  # the list, and the line to search it with
        assert " › ● people" in text_of(app)
        await steps.press("shift+tab")
        assert bars(app) == {1}
        assert " › " in text_of(app)

        def ends() -> set[int]:
            found = (re.search(r"segment \d +1", line) for line in text_of(app).splitlines())
            return {match.end() for match in found if match}

        # More is told below the list while none is chosen, so a bar to scroll with comes.
        before = ends()
        await steps.press("tab", "f5")
        await steps.sees("No segment is chosen")
        assert app.screen.query_one("#segments #items").show_vertical_scrollbar
        assert ends() == before

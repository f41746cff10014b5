"""The history: a part of many runs in the table, what is listed, trend and comparison."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from omnisend_tui.history import trend
from omnisend_tui.records import RunOptions
from omnisend_tui.tui.screens.past_run import past_columns, past_row
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.screens.runs import RunsScreen
from omnisend_tui.tui.widgets.paint import length, plain
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW, add_export, add_problems, add_shop, ended, workspace_in
from tui.screen_app import WIDE, settle, shown, still_app, text_of

MANY = 430


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Workspace]:
    """Two exports that ran in turn, each hour; one in ten of the second failed."""
    with workspace_in(tmp_path) as workspace:
        add_shop(workspace)
        for name in ("VIP customers", "Win back"):
            add_export(workspace, name)
        for n in range(MANY):
            name, bad = ("Win back", n % 20 == 1) if n % 2 else ("VIP customers", False)
            workspace.state.save_snapshot(
                ended(
                    name, 10_000 - n, n + 1, run_id=f"r{n}", status="failed" if bad else "finished",
                    rejected=4 if n == 0 else 0, user="maija", started_by="app" if n % 2 else "cli",
                )
            )  # fmt: skip
        add_problems(workspace, "r0")
        yield workspace


async def test_every_run_can_be_reached_and_opened(kept: Workspace) -> None:
    app = still_app(kept)
    async with shown(app, "4") as pilot:
        table = app.screen.query_one(Table)
        text = text_of(app)
        assert "Search 430 runs" in text
        assert "Since today 11:22: 2 more profiles, 4 more rejects" in text
        assert "maija, command line" in text
        assert "last 30 runs" in text
        assert (table.marked, table.row_count) == ("r0", 200)
        await pilot.press("end")
        await settle(app, pilot)
        assert (table.marked, table.row_count) == (f"r{MANY - 1}", 200)
        assert "There is no earlier run to compare it with." in text_of(app)
        # One by one over the end of the part that the table holds.
        table.move_cursor(row=1)
        await pilot.press("up")
        await settle(app, pilot)
        assert (table.marked, table.cursor_row) == ("r230", 100)
        assert table.scroll_y <= 100 < table.scroll_y + table.size.height
        await pilot.press("up", "enter")
        await settle(app, pilot)
        assert isinstance(app.screen, RunScreen)
        assert "9,771" in text_of(app)
        await pilot.press("escape", "home")
        await settle(app, pilot)
        assert table.marked == "r0"


async def test_runs_of_one_export_of_one_end_and_of_a_name(kept: Workspace) -> None:
    app = still_app(kept)
    async with shown(app, "4", "down", "f", "s", "s", size=WIDE) as pilot:
        text = text_of(app)
        assert "22 found" in text
        assert "Export: Win back" in text
        assert "State: failed" in text
        assert app.screen.query_one(Table).row_count == 22
        await pilot.press("f", *["s"] * 5, "slash", *"vip")
        await settle(app, pilot)
        assert "215 found" in text_of(app)
        await pilot.press("enter")
        text = text_of(app)
        for told in ("Started by", "maija, command line", "Rejects by reason", "Compared with"):
            assert told in text
        assert "+4" in text
        await pilot.press("slash", *"xyz", "enter")
        await settle(app, pilot)
        assert app.screen.query_one(Table).row_count == 0
        assert "No run is as asked for" in text_of(app)
        assert "last 30" not in text_of(app)


@pytest.mark.parametrize("width", [59, 65, 71, 79, 104, 105, 159, 300])
def test_rows_give_up_whole_columns_and_use_the_width_that_there_is(width: int) -> None:
    run = ended("VIP customers " * 9, 1_234_567, 1, rejected=41_200, user="maija" * 9)
    columns, row = past_columns(width), past_row(run, NOW, width)
    assert len(columns) == len(row.cells)
    assert 3 + sum(column.width for column in columns) <= width
    assert all(
        length(cell) <= column.width for cell, column in zip(row.cells, columns, strict=True)
    )
    told = plain(row.cells)
    assert "41,200" in told
    assert ("1,234,567" in told) is (width >= 71)
    assert ("0:40" in told) is (width >= 79)


def test_runs_of_another_kind_are_no_part_of_a_trend() -> None:
    whole, trial, rejects = (
        [ended("A", 10 + n, n + 1, run_id=f"{kind}{n}", options=options) for n in range(2)]
        for kind, options in (
            ("w", RunOptions()), ("t", RunOptions(limit=5)), ("r", RunOptions(only_rejects=True))
        )
    )  # fmt: skip
    for own in (whole, trial, rejects):
        points = trend(own[0], [*whole, *trial, *rejects])
        assert [point.run_id for point in points] == [own[1].run_id, own[0].run_id]


async def test_what_was_gathered_for_another_row_isnt_shown(kept: Workspace) -> None:
    app = still_app(kept)
    async with shown(app, "4", size=WIDE) as pilot:
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        late = screen.gather(app.view)
        await pilot.press("down", "down")
        await settle(app, pilot)
        marked = screen.query_one(Table).marked
        screen.present(app.view, late)
        assert screen.gathered is not None
        assert screen.gathered.marked is not None
        assert screen.gathered.marked.run.run_id == marked

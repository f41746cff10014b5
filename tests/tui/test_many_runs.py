"""Many exports at once on the home screen: real runs, what is painted of them, whose budget."""

import pytest
from msgspec.structs import replace
from textual.geometry import Region
from textual.widgets import DataTable

from omnisend_tui.config import store
from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.acts import row_keys
from omnisend_tui.tui.screens.export_budgets import brands
from omnisend_tui.tui.screens.export_pane import at_right, below
from omnisend_tui.tui.screens.export_rows import Widths, arranged, export_columns, export_row
from omnisend_tui.tui.widgets.paint import length, plain
from omnisend_tui.workspace import Workspace
from shops import MakeShop
from tui.rooms import NOW, ended, running, slug
from tui.screen_app import NARROW, settle, shown, still_app, text_of, told, until

HUGE = (200, 60)


def row_of(name: str, **changes: object) -> Row:
    run = running(name, **changes)
    return Row(Export(name=name, id=slug(name), connection=run.connection), run)


async def test_several_runs_are_watched_at_once(make_shop: MakeShop) -> None:
    shop = make_shop(people=900, latency_ms=300)
    workspace = shop.workspace
    first = workspace.export("E")
    for name in ("F", "G"):
        store.add_export(workspace.config_path, replace(first, name=name, id=name))
    welcoming = replace(first, name="Welcoming", id="w", send_welcome=True)
    store.add_export(workspace.config_path, welcoming)
    workspace.reload_config()
    app = OmnisendApp(workspace, environ={})
    async with app.run_test(size=HUGE, notifications=True) as pilot:
        await pilot.press("A")
        await until(pilot, lambda: "Together at most 2,700 profiles" in text_of(app))
        assert "3 run for the first time" in text_of(app)
        assert "Not among them: Welcoming." in text_of(app)
        assert not any(row.run for row in app.view.rows)
        await pilot.press("right", "enter")
        await until(pilot, lambda: "3 exports started." in told(app))
        await until(
            pilot, lambda: "3 running" in text_of(app) and text_of(app).count(" of 900") >= 3
        )

        def over() -> list[Snapshot]:
            return [row.run for row in app.view.rows if row.run is not None and row.run.ended]

        await until(pilot, lambda: len(over()) == 3 and text_of(app).count("✔ finished") >= 3)
        assert [run.read == run.closed == 900 for run in over()] == [True] * 3
        with pytest.raises(UsageError, match="changed meanwhile"):
            app.live.start(replace(welcoming, send_welcome=False))


async def test_only_changed_cells_are_painted(
    busy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app(busy)
    async with shown(app, size=NARROW) as pilot:
        painted: list[Region] = []
        refresh = DataTable.refresh

        def kept(self: DataTable[object], *regions: Region, **how: bool) -> DataTable[object]:
            painted.extend(regions or [self.size.region])
            return refresh(self, *regions, **how)

        monkeypatch.setattr(DataTable, "refresh", kept)
        busy.state.save_snapshot(running("VIP customers", rejected=7))
        await settle(app, pilot)
        assert painted == [Region(69, 3, 10, 1)]  # its rejects, in the third row
        assert " 7" in text_of(app).splitlines()[7]


def test_rows_stay_in_place_while_their_runs_wait() -> None:
    rows = tuple(row_of(name) for name in ("A", "B", "C"))
    waiting = (row_of("A", waiting_for="budget"), *rows[1:])
    names = [[row.export.name for row in arranged(each, "state")] for each in (rows, waiting)]
    assert names[0] == names[1]


@pytest.mark.parametrize("width", [59, 63, 64, 70, 79, 119, 120, 159, 300])
@pytest.mark.parametrize("run", [running("A"), ended("A", 10, 1)], ids=["running", "ended"])
def test_rows_use_the_width_that_there_is(width: int, run: Snapshot) -> None:
    widths = Widths.of(width)
    row = export_row(Row(Export(name="A" * 60, id="a", connection="Acme"), run), NOW, widths)
    columns = export_columns(widths)
    assert len(columns) == len(row.cells)
    assert 3 + sum(column.width for column in columns) <= width
    assert run.ended or "70 %" in plain(row.cells)
    for cell, column in zip(row.cells, columns, strict=True):
        assert length(cell) <= column.width
    figures = "29,000 of 41,200" in plain(row.cells)
    assert figures is (width >= 119 and not run.ended)


def test_the_budget_of_the_marked_brand_comes_first() -> None:
    one = row_of("A", connection="One", brand_id="1", budget_used=10, updated_at=5.0)
    again = row_of("B", connection="One", brand_id="1", budget_used=12, updated_at=6.0)
    other = row_of("C", connection="Two", brand_id="2", budget_used=99)
    rows = (one, again, other)
    shown_of = {row.export.name: [run.budget_used for run in brands(rows, row)] for row in rows}
    assert shown_of == {"A": [12, 99], "B": [12, 99], "C": [99, 12]}
    assert [run.budget_used for run in brands(rows, None)] == [12, 99]


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"status": "finished_with_rejects"}, True),
        ({"status": "finished", "rejected": 0}, False),
        ({"status": "interrupted"}, False),
        ({}, False),
    ],
)
def test_only_rejects_is_offered_where_there_are_some(
    changes: dict[str, object], offered: bool
) -> None:
    signs = [key.sign for key in row_keys(row_of("A", **changes))]
    assert ("R" in signs) is offered


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"waiting_for": "process"}, "(fg)"),
        ({"waiting_for": "network"}, "online"),
        ({"waiting_for": "export"}, "Another run of the same shop"),
        ({"status": "paused"}, "until p resumes it"),
        ({"cancelling": True}, "for 30 seconds at most"),
    ],
)
def test_the_pane_says_why_nothing_moves(changes: dict[str, object], told: str) -> None:
    row = row_of("VIP customers", **changes)
    for lines in (below(row, NOW, 78), at_right(row, [], NOW, 38)):
        assert told in " ".join(plain(lines).split())

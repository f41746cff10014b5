"""The lines of exports that can't run or rest."""

import pytest
from msgspec.structs import replace

from omnisend_tui.progress import RunError
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.export_pane import at_right, below
from omnisend_tui.tui.screens.export_rows import arranged, export_row
from omnisend_tui.tui.troubles import Wrong
from omnisend_tui.tui.widgets.paint import plain
from tui.rooms import NOW, VIP, ended


@pytest.mark.parametrize("columns", [1, 2, 4])
def test_what_is_wrong_is_told_to_its_end(columns: int) -> None:
    missing = " ".join(f"The source “People” has no column “column {n}” any more."
                       for n in range(columns))  # fmt: skip
    wrong = Wrong("the source has changed", RunError("", missing, "Mend it here and there."))
    row = Row(VIP, ended("VIP customers", 9, 1), wrong=wrong)
    for lines in (below(row, NOW, 78), at_right(row, [], NOW, 39)):
        told = " ".join(plain(lines).split())
        assert missing in told
        assert "Mend it here and there." in told
    assert len(below(row, NOW, 78)) <= 6


@pytest.mark.parametrize("ran", [True, False])
@pytest.mark.parametrize("schedule", ["", "daily 06:00 Europe/Helsinki"])
def test_a_detached_export_rests_and_says_so(ran: bool, schedule: str) -> None:
    export = replace(VIP, connection="", schedule=schedule)
    failed = ended("VIP customers", 9, 1, status="failed", error=RunError("x", "It broke.", ""))
    row = Row(export, failed if ran else None)
    cells = " ".join(plain([cell]) for cell in export_row(row, NOW).cells)
    assert "- detached" in cells
    assert "failed" not in cells
    working = Row(replace(VIP, name="Working"), ended("Working", 9, 9))
    assert arranged((row, working), "state") == [working, row]
    for lines in (below(row, NOW, 78), at_right(row, [], NOW, 39)):
        told = plain(lines)
        assert "next" not in told
        assert ("nothing runs then" in " ".join(told.split())) is bool(schedule)
    assert len(below(row, NOW, 78)) <= 6

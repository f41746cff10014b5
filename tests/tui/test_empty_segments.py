"""A segment that a column names and nobody is in now: told, and no reason not to run."""

import pytest

from omnisend_tui.tui.exporting.draft import ExportDraft, look_at
from omnisend_tui.tui.exporting.wizard import edit_export
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.acts import why_not_run
from omnisend_tui.tui.screens.export_pane import at_right, below
from omnisend_tui.tui.widgets.paint import plain
from omnisend_tui.workspace import Workspace
from tui.export_room import stored_export, workspace
from tui.rooms import NOW, ended
from tui.screen_app import NARROW, WIDE, settle, shown, still_app, text_of

__all__ = ["workspace"]

TOLD = "Nobody in the source “people” is in the segment “Oulu” now."


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("ran", [True, False])
async def test_an_export_of_nobody_can_be_run(
    workspace: Workspace, size: tuple[int, int], ran: bool
) -> None:
    export = stored_export(workspace, segments=("Oulu",))
    if ran:
        workspace.state.save_snapshot(ended("VIP", 9, 1, export_id=export.id))
    app = still_app(workspace)
    async with shown(app, size=size) as pilot:
        app.live.troubles.look(export)
        await settle(app, pilot)
        (row,) = app.view.rows
        pane = (line.rpartition("▏")[2] for line in text_of(app).splitlines())
        assert TOLD in " ".join(" ".join(pane).split())
        assert "can't run" not in text_of(app)
        assert why_not_run(row) == ""


def test_a_run_that_goes_on_says_what_it_does_instead(workspace: Workspace) -> None:
    export = stored_export(workspace)
    run = ended("VIP", 9, 1, export_id=export.id, status="running", finished_at=None)
    row = Row(export, run, note=TOLD)
    assert TOLD not in plain(below(row, NOW, 76)) + plain(at_right(row, (), NOW, 44))


def test_what_an_export_of_nobody_is_can_be_edited(workspace: Workspace) -> None:
    export = stored_export(workspace, segments=("Oulu",))
    app = still_app(workspace)
    app.live.troubles.look(export)
    known = app.live.troubles.known(export)
    assert [each.sentence for each in known] == [TOLD]
    screen = edit_export(workspace, export, lambda: None, known)
    assert screen.draft.wrong == {}
    screen.draft.take({"max_rejects": 3})
    assert "doesn't run" not in screen.draft.save()


def test_a_segment_of_nobody_counts_none_in_the_list(workspace: Workspace) -> None:
    export = stored_export(workspace, segments=("Oulu",))
    draft = ExportDraft(workspace, export, before=export, rows=export.mapping)
    source = workspace.source("people")
    looked = draft.looked[source.id] = look_at(workspace, source)
    assert draft.segments_fault() == ""
    assert not looked.lists_all
    draft.looked[source.id] = looked.__class__(looked.segments, looked.columns, (), looked.opened)
    assert "no segment “Oulu” any more" in draft.segments_fault()

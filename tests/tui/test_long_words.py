"""Words of languages longer than English, and sentences longer than a line, aren't cut."""

import pytest
from rich.cells import cell_len

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens import run_facts
from omnisend_tui.tui.screens.export_pane import below
from omnisend_tui.tui.screens.price_lines import _row
from omnisend_tui.tui.widgets.chrome import Key, fitting, footer
from omnisend_tui.tui.widgets.identity import accounts
from omnisend_tui.tui.widgets.paint import plain, wrapped
from omnisend_tui.workspace import Workspace
from tui.rooms import AT, NOW, VIP, running
from tui.screen_app import shop_with, shown, still_app, text_of

ENDED = {"status": "finished_with_rejects", "finished_at": AT, "tagged": 38_400, "rejected": 1_234}
ANSWERS = (("429", 14), ("502", 5), ("503", 4), ("network", 3))


def test_a_footer_gives_up_what_is_told_elsewhere_before_it_is_cut() -> None:
    keys = [Key("r", "Run", ""), Key("1-4", "Tabs", ""), Key("/", "Find", ""), Key("?", "Help", "")]
    for width, told in (
        (32, " r Run  1-4 Tabs  / Find  ? Help"),
        (31, " r Run  1-4 Tabs  ? Help"),
        (24, " r Run  1-4 Tabs  ? Help"),
        (23, " r Run  ? Help"),
        (14, " r Run  ? Help"),
        (13, " r Run  ? He…"),
    ):
        assert plain([footer(fitting(keys, width), width)]).rstrip() == told


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
@pytest.mark.parametrize("changes", [{"status": "paused"}, ENDED])
async def test_the_footer_of_a_run_ends_with_the_help(
    empty: Workspace, language: str, changes: dict[str, object]
) -> None:
    app = shop_with(empty, running("VIP customers", **changes))
    async with shown(app, "enter") as pilot:
        for key in ("g", "g", "2", "3"):
            await pilot.press(key)
            assert text_of(app).splitlines()[-1].endswith(f"? {_('Help')}")


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
def test_what_a_run_says_of_itself_is_told_whole(language: str) -> None:
    run = running("VIP customers", retries=26, answers=ANSWERS, **ENDED)
    for lines in (run_facts.narrow(run, NOW, 78), run_facts.wide(run, NOW, 118)):
        assert _("none removed") in plain(lines)
        text = " ".join(plain(lines).split())
        assert all(what in text for what in ("(429): 14", "502: 5", "503: 4", ": 3"))


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
async def test_that_a_part_is_listed_is_told_whole(empty: Workspace, language: str) -> None:
    app = shop_with(empty, running("VIP customers", **ENDED))
    many = [Problem(key=f"K{n}", field="email", reason="missing_email") for n in range(1_230)]
    empty.state.add_problems("run-VIP customers", "reject", many)
    told = _("The first {shown} of {count} are listed; x writes all to a CSV file.")
    async with shown(app, "enter"):
        assert told.rpartition("}")[2] in " ".join(text_of(app).split())


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
async def test_the_steps_of_an_empty_workspace_have_gaps(empty: Workspace, language: str) -> None:
    app = still_app(empty)
    async with shown(app):
        assert f"4 {_('First run')}  " in text_of(app)
        assert _("here, with the key r") in text_of(app)


def test_a_note_of_the_price_breaks_between_its_parts_only() -> None:
    parts = ["132 for contacts", "53 for tags", "3 to confirm"]
    for width in range(56, 80):
        told = plain(_row("Requests", "188", parts, width))
        assert "53 for tags" in told
        assert "3 to confirm" in told


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
def test_figures_are_whole_at_sixty_columns(language: str) -> None:
    row = Row(VIP, running("VIP customers", confirmed=28_903))
    (bars,) = [line for line in below(row, NOW, 58) if _("Confirmed") in plain([line])]
    assert number(28_903) in plain([bars])


@pytest.mark.parametrize("language", ["en", "fi"], indirect=True)
@pytest.mark.parametrize("width", [58, 66, 78])
def test_every_account_has_its_whole_label(language: str, width: int) -> None:
    run = running("VIP customers")
    labels = [label for label, _count, _ink in accounts(run)]
    for lines in (run_facts.narrow(run, NOW, width), below(Row(VIP, run), NOW, width)):
        assert len(lines) in (6, 13)
        text = plain(lines)
        assert [label for label in labels if label not in text] == []
        (figures,) = [line for line in text.splitlines() if " = " in line]
        ends = [figures.index(number(count)) + len(number(count)) for count in (41_200, 28_900)]
        found = [line for line in text.splitlines() if labels[1] in line and "+" not in line]
        assert any(line.index(labels[1]) + len(labels[1]) == ends[1] for line in found)
        assert all(cell_len(line) <= width for line in text.splitlines())


def test_no_line_breaks_inside_a_number() -> None:
    told = "jäljelle jääneet 2\N{NO-BREAK SPACE}300 profiilia"
    assert plain(wrapped(told, 19)) == "jäljelle jääneet\n2\N{NO-BREAK SPACE}300 profiilia"

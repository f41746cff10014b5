"""Data matching under the keys of a person: rows, dialogs, live preview and counts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from omnisend_tui.engine.examine import Counts
from omnisend_tui.i18n import use_language
from omnisend_tui.tui.exporting import matching_work
from omnisend_tui.tui.exporting.column_picker import ColumnPicker
from omnisend_tui.tui.exporting.matching_lines import (
    problems_of,
    whole_heading,
    whole_line,
)  # fmt: skip
from omnisend_tui.tui.exporting.row_dialog import AddDialog, RowDialog
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.paint import length, plain
from tui.matching_room import HEADER, PEOPLE, Matching, people
from tui.screen_app import NARROW, WIDE, Compare, settle, text_of, told, write

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


def complaint(matching: Matching) -> str:
    """What the open dialog says against what was entered."""
    dialog = matching.app.screen
    assert isinstance(dialog, RowDialog)
    assert "✖" in text_of(matching.app)
    return dialog.complaint


async def test_what_is_proposed_shown_and_counted(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        assert "emailaddress1" in matching.row("E-mail *")
        assert "1 invalid" in matching.row("E-mail *")  # as below the profiles
        assert "Suomi → FI" in matching.row("Country")
        assert "1 unknown" in matching.row("Country")
        assert "not matched" in matching.row("State")
        assert "→ +358401234567" in matching.row("Phone")
        assert "msdynci" not in matching.text
        assert "Anna Virtanen   Bulevardi 5, 00100 Helsinki, FI" in matching.text
        assert "not an e-mail address, two @ signs: left out" in matching.text
        assert "3 valid    1 no e-mail    1 invalid    1 duplicate" in matching.text
        assert "100 % checked" in matching.text
        assert len(matching.text.splitlines()) == 24


async def test_the_next_three_and_around(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.press("n")
        for words in ("! liisa@example.com", "missing e-mail", "the address of an earlier one"):
            assert words in matching.text
        await matching.press("n")
        assert "anna@example.com     Anna Virtanen" in matching.text


async def test_another_column_changes_the_preview_and_the_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching_work, "PAUSE", 60.0)
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.mark("first_name")
        await matching.press("enter")
        assert isinstance(matching.app.screen, ColumnPicker)
        await matching.press(*"loyal")
        picker = matching.app.screen
        assert picker._list.keys == ["7"]
        await matching.press("enter")
        assert "mine" in matching.row("First name")
        assert "gold Virtanen" in matching.text
        assert matching.page._work.counts is None  # counted anew
        matching.page._work._due = 0.0
        await matching.counted()
        assert "3 valid" in matching.text
        assert matching.fields["first_name"] == "msdynci_loyalty_level"


async def test_the_picker_has_the_proposed_first_and_can_end_without(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.mark("phone")
        await matching.press("enter")
        lines = text_of(matching.app).splitlines()
        first = next(at for at, line in enumerate(lines) if "▌ telephone1" in line)
        assert "50 %" in lines[first]
        await matching.press("escape")
        assert matching.fields["phone"] == "msdynci_telephone1"
        await matching.press("enter", "f8")
        assert "phone" not in matching.fields
        assert "Phone" not in matching.text.split("Preview")[0]


def picker_of(matching: Matching) -> ColumnPicker:
    picker = matching.app.screen
    assert isinstance(picker, ColumnPicker)
    return picker


async def test_arrows_step_over_the_rule_between(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.press("enter")
        picker = picker_of(matching)
        seen = []
        for _step in range(20):
            seen.append(picker._list.marked)
            await matching.press("down")
        assert "rule" not in seen
        assert len(set(seen)) == 10
        await matching.press(*["up"] * 20)
        assert picker._list.marked == "0"
        await matching.press(*"no such column", "enter")
        assert picker_of(matching) is picker
        assert "No column is called “no such column”." in text_of(matching.app)
        assert [key.sign for key in picker.footer_keys()] == ["Esc"]
        await matching.press("down", "escape")
        assert matching.app.screen is matching.screen


async def test_e_mail_stays_and_the_others_go(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW, notifications=True) as pilot:
        await matching.open(pilot)
        await matching.press("delete")
        assert "email" in matching.fields
        assert told(matching.app)[-1].startswith("Omnisend knows a contact by its e-mail")
        await matching.mark("country")
        await matching.press("delete")
        assert "not matched" in matching.row("Country")
        assert "Helsinki, FI" not in matching.text
        await matching.press("delete")
        assert told(matching.app)[-1].startswith("This field isn't matched")


async def test_a_custom_property_is_named_and_typed_by_its_column(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.press("a")
        assert isinstance(matching.app.screen, AddDialog)
        await matching.press("end", "enter", *"points", "enter")
        assert isinstance(matching.app.screen, RowDialog)
        await write(pilot, "loyalty points!")
        await matching.press("enter")
        assert "can't be the name of a custom property" in complaint(matching)
        await write(pilot, "loyalty_points")
        await matching.press("enter")
        added = matching.screen.draft.mapping()[-1]
        assert (added.field, added.type) == ("custom:loyalty_points", "number")
        assert "10" in matching.row("Custom: loyal")
        await matching.press("a", "end", "enter", *"points", "enter")
        await write(pilot, "loyalty_points")
        await matching.press("enter")
        assert "mapped 2 times" in complaint(matching)
        await matching.press("escape", "delete")
        assert "custom:loyalty_points" not in matching.fields


async def test_a_standard_field_is_added_by_a_column(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.mark("+")
        await matching.press("enter", "down", "enter", *"level", "enter")
        assert matching.fields["birthdate"] == "msdynci_loyalty_level"
        await matching.counted()
        assert "not read" in matching.row("Birthdate")


async def test_transform_changes_what_is_sent(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.mark("last_name")
        await matching.press("t", "tab", "tab", "down", "enter")
        assert "Anna virtanen" in matching.text
        await matching.mark("state")
        await matching.press("t", "enter")
        assert "either a column or a fixed value" in complaint(matching)
        await write(pilot, "Uusimaa [/b]")
        await matching.press("enter")
        assert "“Uusimaa [/b]”" in matching.row("State")
        await matching.mark("country")
        await matching.press("t")
        await write(pilot, "Atlantis")
        await matching.press("enter")
        assert "can't be used" in complaint(matching)
        await matching.press("escape")
        assert matching.fields["country"] == "msdynci_address1_country"
        assert told(matching.app) == []


async def test_without_e_mail_next_is_not_ready_and_says_why(tmp_path: Path) -> None:
    workspace = people(tmp_path, "Town,Level", ("Oulu,gold", "Espoo,silver"))
    matching = Matching(workspace)
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot, counted=False)
        await matching.until(lambda: "No column is matched" in matching.text)
        assert not matching.page.ready()
        await matching.press("f10")
        assert matching.screen.page is matching.page
        await matching.press("enter", "enter")
        await matching.counted()
        assert matching.page.ready()
        assert "2 invalid" in matching.text


async def test_an_older_counting_is_stopped_and_tells_nobody(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        work = matching.page._work
        await matching.mark("city")
        work._count()
        counting = work._counting
        assert counting is not None
        matching.page.do_remove()
        assert counting.stop.is_set()
        await matching.until(lambda: counting.done)
        await matching.counted()
        assert work.counts is not None
        assert work.counts.valid == 3


async def test_leaving_ends_what_goes_on_and_asks_first(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        work = matching.page._work
        await matching.mark("city")
        await matching.press("delete", "escape")
        assert "Leave without saving" in text_of(matching.app)
        await matching.press("escape")
        work._count()
        counting = work._counting
        assert counting is not None
        await matching.press("f9")
        await matching.until(lambda: matching.screen.at == 2)
        assert counting.stop.is_set()
        assert not matching.screen.has_class("-full")
        await matching.press("f10")
        await matching.until(lambda: matching.screen.at == 3 and matching.screen.page)
        await matching.until(lambda: matching.page._table.marked == "city")


async def test_a_source_that_vanishes_meanwhile_is_said(tmp_path: Path) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        (tmp_path / "people.csv").unlink()
        await matching.mark("city")
        await matching.press("delete")
        await matching.until(lambda: "There is no file" in matching.text)
        assert "0 % checked" in matching.text


async def test_a_source_that_is_gone_from_the_start_is_said(tmp_path: Path) -> None:
    workspace = people(tmp_path)
    (tmp_path / "people.csv").unlink()
    matching = Matching(workspace)
    async with matching.app.run_test(size=NARROW, notifications=True) as pilot:
        await matching.open(pilot, counted=False)
        await matching.until(lambda: "There is no file" in matching.text)
        await matching.press("enter", "a")
        assert matching.app.screen is matching.screen
        assert not matching.page.ready()


async def test_three_hundred_columns(tmp_path: Path) -> None:
    names = [f"field_{n}" for n in range(299)]
    workspace = people(tmp_path, ",".join(("mail", *names)), ["a@example.com" + ",x" * 299] * 3)
    matching = Matching(workspace)
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        await matching.mark("city")
        await matching.press("enter")
        assert "300" not in matching.row("E-mail *")
        await matching.press(*"_298")
        assert text_of(matching.app).count("field_298") == 1
        await matching.press("enter")
        assert matching.fields["city"] == "field_298"


async def test_hostile_names_and_values_are_only_shown(tmp_path: Path) -> None:
    bold, link = "a [/b] c", "[@click=app.quit]q"
    header = f'mail,"{bold}","{link}",\u202eevil,{"x" * 3000}'
    row = f'm@example.com,"{bold}","{link}",\u202e🎉,{"y" * 3000}'
    matching = Matching(people(tmp_path, header, [row]))
    async with matching.app.run_test(size=NARROW) as pilot:
        await matching.open(pilot)
        for name in (bold, link, "xxxx", "evil"):
            await matching.mark("city")
            await matching.press("enter")
            await write(pilot, name)
            assert "\u202e" not in text_of(matching.app)
            await matching.press("enter")
            assert all(cell_len(line) <= 80 for line in matching.text.splitlines())
        assert matching.fields["city"] == "\u202eevil"
        assert "🎉" in matching.row("City")


@pytest.mark.parametrize("language", ["en", "fi"])
def test_figures_of_a_million_fit(language: str) -> None:
    use_language(language)
    try:
        counts = Counts(
            total=1_000_000, checked=999_999, valid=900_000, missing=40_000, invalid=30_000,
            duplicates=29_999, warnings={("country", "unknown_country"): 123_456},
        )  # fmt: skip
        assert length(whole_line(counts, 78)) <= 78
        assert length(whole_heading(counts, 78)) == 78
        assert length(problems_of("country", counts, 11)) == 11
        assert "99 %" in plain([whole_heading(counts, 78)])
    finally:
        use_language("en")


@SIZES
async def test_the_footer_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    matching = Matching(people(tmp_path))
    async with matching.app.run_test(size=size) as pilot:
        await matching.open(pilot)
        for field in ("email", "state", "+"):
            await matching.mark(field)
            assert length(chrome.footer(matching.screen.footer_keys(), 500)) <= size[0]


# Pictures that were looked at.


def compare(
    snap_compare: Compare, folder: Path, size: tuple[int, int], *keys: str,
    mark: str = "country",
) -> None:  # fmt: skip
    matching = Matching(people(folder, HEADER, PEOPLE))

    async def before(pilot: Pilot[Any]) -> None:
        await matching.open(pilot)
        work = matching.page._work
        assert work.counts is not None
        work.counts = replace(work.counts, seconds=0.0)
        await matching.mark(mark)
        await pilot.press(*keys)
        await settle(matching.app, pilot)

    assert snap_compare(matching.app, terminal_size=size, run_before=before)


@SIZES
@pytest.mark.parametrize(
    ("keys", "mark"),
    [((), "country"), (("enter",), "country"), (("a",), "city"), (("t",), "first_name"),
     (("a", "end", "enter", "p", "o", "i", "enter"), "email")],
    ids=["page", "picker", "add", "transform", "custom"],
)  # fmt: skip
def test_picture(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...], mark: str
) -> None:
    compare(snap_compare, tmp_path, size, *keys, mark=mark)


@pytest.mark.parametrize("keys", [(), ("enter",)], ids=["page", "picker"])
def test_picture_without_colour(
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keys: tuple[str, ...],
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    compare(snap_compare, tmp_path, NARROW, *keys)

"""The sources: what the list and the pane show of real files, and what the keys do."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, Connection, Export, Source
from omnisend_tui.i18n import use_language
from omnisend_tui.permissions import Actor
from omnisend_tui.profiles import Column
from omnisend_tui.sources.paths import File, find_files
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens import sources
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.source_pane import facts
from omnisend_tui.tui.sourcing import looks
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import length, plain
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import add_export, workspace_in
from tui.screen_app import NARROW, WIDE, Compare, settle, shown, still_app, text_of, told, until

PEOPLE = (
    "id,E-mail,country,groups\n"
    "1,maija@example.com,FI,VIP;gold [/b]\n"
    "2,kalle@example.com,FI,VIP\n"
    "3,anna@example.com,SE,\n"
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(sources, "_PAUSE", 0.0)
    monkeypatch.setattr(sources, "_AGAIN", 0.0)
    with workspace_in(tmp_path) as opened:
        shop = Connection(name="Acme Store", id="acme", api_key="environment")
        store.add_connection(opened.config_path, shop)
        opened.reload_config()
        yield opened


def add(workspace: Workspace, path: Path | str, name: str = "CI Helsinki", **fields: Any) -> Source:
    source = Source(name=name, id=f"id-{len(workspace.config.sources)}", path=str(path), **fields)
    store.add_source(workspace.config_path, source)
    return workspace.reload_config().sources[name]


def people(folder: Path, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def said(app: OmnisendApp) -> str:
    """What stands on the screen, wherever its lines break."""
    return " ".join(text_of(app).replace("│", " ").split())


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_columns_samples_segments_and_exports_of_two_files(
    workspace: Workspace, tmp_path: Path, size: tuple[int, int]
) -> None:
    for name in ("people-1.csv", "people-2.csv"):
        people(tmp_path, name)
    add(workspace, tmp_path / "people-*.csv", key="id", segments_column="groups",
        segments={"Finns": "country = 'FI'"})  # fmt: skip
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "3", size=size) as pilot:
        await until(pilot, lambda: "2 files, .csv" in text_of(app))
        text = said(app)
        assert f"{ALL_PROFILES} 6" in text
        assert "Finns 4" in text
        assert "gold [/b] 2" in text
        assert "m***@example.com" in text
        assert "maija@" not in text
        assert "VIP customers" in text
        assert "✔ files" in text


async def test_parquet_too(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    duckdb.sql(f"COPY (SELECT 7 AS number, 'anna' AS \"first name\") TO '{path}' (FORMAT parquet)")
    add(workspace, path)
    app = still_app(workspace)
    async with shown(app, "3") as pilot:
        await until(pilot, lambda: "number (7), first name (anna)" in text_of(app))


async def test_a_file_that_goes_and_comes_back(workspace: Workspace, tmp_path: Path) -> None:
    path = people(tmp_path)
    add(workspace, path)
    app = still_app(workspace)
    async with shown(app, "3", size=WIDE) as pilot:
        await until(pilot, lambda: f"{ALL_PROFILES} 3" in said(app))
        path.unlink()
        await until(pilot, lambda: "✖ There is no file" in text_of(app))
        assert "✖ files" in text_of(app)
        assert "Key e opens it, to mend it." in text_of(app)
        assert "m***@" not in text_of(app)
        people(tmp_path)
        await until(pilot, lambda: f"{ALL_PROFILES} 3" in said(app))
        assert "✖" not in text_of(app)


async def test_a_file_is_opened_again_only_when_it_changed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = people(tmp_path)
    add(workspace, path)
    opened: list[str] = []
    asked: list[str] = []
    count = looks.count_segments

    def found(path: str) -> list[File]:
        asked.append(path)
        return find_files(path)

    def counted(workspace: Workspace, source: Source) -> looks.Found:
        opened.append(source.name)
        return count(workspace, source)

    monkeypatch.setattr(looks, "find_files", found)
    monkeypatch.setattr(looks, "count_segments", counted)
    app = still_app(workspace)
    async with shown(app, "3") as pilot:
        await until(pilot, lambda: len(asked) > 4)
        assert len(opened) == 1
        path.write_text(PEOPLE + "4,z@example.com,FI,\n", encoding="utf-8")
        await until(pilot, lambda: f"{ALL_PROFILES} 4" in said(app))
        assert len(opened) == 2


async def test_a_lost_column_and_a_wrong_condition_are_told_and_the_rest_shows(
    workspace: Workspace, tmp_path: Path
) -> None:
    add(workspace, people(tmp_path), key="customer", segments_column="lists",
        segments={"Good": "country = 'SE'", "Bad": "contry = 'SE'"})  # fmt: skip
    app = still_app(workspace)
    async with shown(app, "3", size=WIDE) as pilot:
        await until(pilot, lambda: "Good" in text_of(app))
        text = said(app)
        assert "The source has no column customer." in text
        assert "The source has no column lists." in text
        assert "Good 1" in text
        assert "Bad ✖" in text
        assert "! files" in text


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_hostile_names_are_text_in_their_line(
    workspace: Workspace, tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "odd [red].csv"
    odd = ("a [/b] c", "🎉 party", "\u202eevil", "x" * 9_000, "[@click=app.quit]q")
    path.write_text(
        ",".join(odd) + "\n" + ",".join(["[/b] 🎉 \u202e" + "y" * 500] * 5) + "\n", encoding="utf-8"
    )
    add(workspace, path, "S [bold]x[/nope]", segments_column="🎉 party",
        segments={"[@click=app.quit]seg": "true"})  # fmt: skip
    app = still_app(workspace)
    async with shown(app, "3", size=size) as pilot:
        await until(pilot, lambda: "[@click=app.quit]seg" in text_of(app))
        text = text_of(app)
        assert "S [bold]x[/nope]" in text
        assert "a [/b] c" in text
        assert "\u202e" not in text
        assert len(text.splitlines()) == size[1]
        assert all(cell_len(line) <= size[0] for line in text.splitlines())


async def test_the_end_of_a_long_path_stands_in_the_list(workspace: Workspace) -> None:
    add(workspace, "/" + "deep/" * 40 + "people.csv")
    app = still_app(workspace)
    async with shown(app, "3") as pilot:
        await until(pilot, lambda: "✖ files" in text_of(app))
        assert any(
            line.startswith(" ▌ CI Helsinki") and "…" in line and "deep/people.csv" in line
            for line in text_of(app).splitlines()
        )


async def test_removing_asks_and_leaves_the_file(workspace: Workspace, tmp_path: Path) -> None:
    path = people(tmp_path)
    add(workspace, path)
    app = still_app(workspace)
    async with shown(app, "3", "delete") as pilot:
        await until(pilot, lambda: isinstance(app.screen, Choice))
        assert "Its files stay where they are." in said(app)
        await pilot.press("enter")  # the safe answer
        await settle(app, pilot)
        assert "CI Helsinki" in workspace.config.sources
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, Choice))
        await pilot.press("right", "enter")
        await _until_told(app, pilot, "Source “CI Helsinki” is removed.")
        assert "n adds one" in said(app)
    assert store.load(workspace.config_path).sources == {}
    assert path.exists()


async def test_one_that_exports_use_isnt_removed(workspace: Workspace, tmp_path: Path) -> None:
    add(workspace, people(tmp_path))
    for name in ("VIP [/b]", "Second"):
        add_export(workspace, name)
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "3", "delete") as pilot:
        await until(pilot, lambda: isinstance(app.screen, Choice))
        text = said(app)
        assert "2 exports read it" in text
        assert "“VIP [/b]”" in text
        assert [str(button.label) for button in app.screen.query(Button)] == ["Keep source"]
        await pilot.press("enter")
        await settle(app, pilot)
    assert list(store.load(workspace.config_path).sources) == ["CI Helsinki"]


def field_of(app: OmnisendApp) -> TextInput:
    """That which is focused."""
    assert isinstance(app.focused, TextInput)
    return app.focused


async def test_enter_and_e_open_the_editor_which_mends_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = people(tmp_path)
    stored = add(workspace, tmp_path / "gone.csv", key="id", segments={"Finns": "country = 'FI'"})
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "3", "enter") as pilot:
        await until(pilot, lambda: isinstance(app.screen, WizardScreen))
        await until(pilot, partial(_ready, app, 1))
        assert "Ctrl+S To saving" in text_of(app)
        await pilot.press("x")  # at the end of what is stored
        assert field_of(app).value == f"{stored.path}x"
        await pilot.press("escape")
        await until(pilot, lambda: "Enter Stay  Tab Next answer  Esc Stay" in text_of(app))
        assert "F10" not in text_of(app)
        await pilot.press("enter", "backspace")
        # Its path may stay as it is.
        await pilot.press("f10")
        await until(pilot, partial(_ready, app, 2))
        assert "! There is no file" in said(app)
        await pilot.press("escape")  # nothing was entered, so nothing is asked
        await until(pilot, lambda: not isinstance(app.screen, WizardScreen))
        await pilot.press("e")
        await until(pilot, partial(_ready, app, 1))
        for step in (2, 3, 4):
            await pilot.press("f10")
            await until(pilot, partial(_ready, app, step))
        field_of(app).value = "CI Turku"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Wrong There is no file" in said(app))
        await pilot.press("f10")
        await _until_told(app, pilot, "Source “CI Turku” is saved.")
        await pilot.press("e")
        await until(pilot, partial(_ready, app, 1))
        field_of(app).value = str(path)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "1 export uses this source" in said(app))
        assert "Wrong" not in said(app)
        await pilot.press("f10")
        await until(pilot, lambda: workspace.config.sources["CI Turku"].path == str(path))
    known = store.load(workspace.config_path)
    assert known.sources == {"CI Turku": replace(stored, name="CI Turku", path=str(path))}
    assert known.exports["VIP customers"].source == "CI Turku"


def _ready(app: OmnisendApp, step: int) -> bool:
    if f"step {step} of" not in text_of(app):
        return False
    page = app.screen.page if isinstance(app.screen, WizardScreen) else None
    return page is not None and page.size.height > 0 and page in (app.focused or page).ancestors


async def test_a_contributor_looks_and_is_told_why_not_more(
    workspace: Workspace, tmp_path: Path
) -> None:
    add(workspace, people(tmp_path))
    workspace.actor = Actor("kalle", "contributor")
    app = still_app(workspace)
    async with shown(app, "3") as pilot:
        await until(pilot, lambda: f"{ALL_PROFILES} 3" in said(app))
        assert "Remove" not in text_of(app)
        for key in ("n", "e", "enter", "delete"):
            await pilot.press(key)
            assert "Only administrators" in told(app)[-1]


async def test_searching(workspace: Workspace, tmp_path: Path) -> None:
    people(tmp_path)
    add(workspace, tmp_path / "people.csv", "Helsinki")
    add(workspace, tmp_path / "other.csv", "Turku")
    app = still_app(workspace)
    async with shown(app, "3", "slash", *"other") as pilot:
        await settle(app, pilot)
        assert "Turku" in text_of(app)
        assert "Helsinki" not in text_of(app)


async def test_samples_stay_out_of_the_log(workspace: Workspace, tmp_path: Path) -> None:
    add(workspace, people(tmp_path), segments={"Bad": "TRY_CAST(id AS INTEGER) / country = 1"})
    app = still_app(workspace)
    async with shown(app, "3") as pilot:
        await until(pilot, lambda: "Bad ✖" in text_of(app))
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "people.csv"]
    assert kept
    assert not any(b"maija@example.com" in path.read_bytes() for path in kept)


async def test_the_footer_fits(workspace: Workspace, tmp_path: Path) -> None:
    add(workspace, people(tmp_path))
    app = still_app(workspace)
    async with shown(app, "3"):
        screen = app.screen
        assert isinstance(screen, sources.SourcesScreen)
        for code in ("en", "fi"):
            use_language(code)
            assert length(chrome.footer(screen.footer_keys(), 500)) <= NARROW[0]
            assert sum(column.width for column in screen.columns()) <= 76


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", ["good", "gone"])
def test_pictures_of_the_screen(
    snap_compare: Compare, workspace: Workspace, tmp_path: Path, size: tuple[int, int], state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # The same path wherever the test runs.
    monkeypatch.chdir(tmp_path)
    for name in ("people-1.csv", "people-2.csv"):
        people(tmp_path, name)
    path = "people-*.csv" if state == "good" else "gone.csv"
    add(workspace, path, key="id", segments_column="groups", segments={"Finns": "country = 'FI'"})
    add(workspace, "profiles/turku.parquet", "CI Turku")
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)
    shows = "2 files, .csv" if state == "good" else "There is no file"

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: shows in text_of(app))
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


async def _until_told(app: OmnisendApp, pilot: Pilot[int], text: str) -> None:
    for _turn in range(1000):
        await app.look()
        if any(text in message for message in told(app)):
            await settle(app, pilot)
            return
        await pilot.pause(0.01)
    raise AssertionError((told(app), text_of(app)))


@pytest.mark.parametrize(("height", "shown"), [(40, 9), (20, 7), (12, 3)])
def test_as_many_exports_as_there_is_room_for(height: int, shown: int) -> None:
    exports = [Export(name=f"Export {n}") for n in range(9)]
    columns = (Column("mail", ("a@example.com",)),)
    look = looks.Look(Source(name="CRM", path="/x.csv"), columns=columns)
    lines = plain(facts(look.source, look, exports, 39, height))
    assert lines.count("Export ") == shown
    assert ("more" in lines) == (shown < 9)
    assert "mail" in lines

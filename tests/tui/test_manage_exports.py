"""Managing exports: each key, who may use it, and what is told about one that can't run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Button, Input

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.i18n import use_language
from omnisend_tui.permissions import Actor, Role
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens.asking import AskName, AskOne
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.help import HelpScreen
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from shops import MakeShop
from tui.rooms import VIP, add_shop, ended, running, workspace_in
from tui.screen_app import (
    NARROW,
    WIDE,
    Compare,
    settle,
    shown,
    still_app,
    text_of,
    told,
    until,
    write,
)

MANAGED = ("e", "d", "t", "delete")


def people(workspace: Workspace) -> Path:
    return workspace.state_dir / "people.csv"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """One export of one file, two connections; contributors may use the second one."""
    with workspace_in(tmp_path) as opened:
        add_shop(opened)
        shared = Connection(
            name="Shared shop", id="shared", api_key="environment", for_contributors=True
        )
        store.add_connection(opened.config_path, shared)
        people(opened).write_text("mail,name\nanna@example.com,Anna\n")
        source = Source(name="People", id="people", path=str(people(opened)))
        store.add_source(opened.config_path, source)
        put(opened, VIP)
        yield opened


def put(workspace: Workspace, export: Export) -> None:
    store.add_export(workspace.config_path, export)
    workspace.reload_config()


def change(workspace: Workspace, **changes: Any) -> None:
    before = workspace.export("VIP customers")
    store.edit_export(workspace.config_path, before, replace(before, **changes))
    workspace.reload_config()


def words(app: OmnisendApp) -> str:
    """What stands on the screen as running text."""
    return " ".join(text_of(app).replace("│", " ").replace("▏", " ").split())


async def until_told(app: OmnisendApp, pilot: Pilot[int], sentence: str) -> None:
    await until(pilot, lambda: any(sentence in each for each in told(app)), pulls=True)


async def test_e_opens_the_editor(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app, "e"):
        assert isinstance(app.screen, WizardScreen)


async def test_d_asks_a_name_and_copies(workspace: Workspace) -> None:
    change(workspace, tags=("vip",), schedule="every 2 hours")
    put(workspace, replace(VIP, name="VIP customers copy", id="x"))
    app = still_app(workspace)
    async with shown(app, "slash", *"customers", "enter", "d") as pilot:
        assert isinstance(app.screen, AskName)
        field = app.screen.query_one(Input)
        assert field.value == "VIP customers copy 2"
        await write(pilot, "vip CUSTOMERS")
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, AskName)  # the name is taken, and that is said
        assert "Its first run" not in words(app)
        await write(pilot, "VIP of the north")
        await pilot.press("enter")
        await until_told(app, pilot, "“VIP of the north” is made; nothing has been sent.")
    made = workspace.export("VIP of the north")
    assert made.id not in (VIP.id, "x", "")
    assert (made.tags, made.mapping, made.schedule) == (("vip",), VIP.mapping, "")


async def test_a_copy_can_be_left_undone(workspace: Workspace) -> None:
    change(workspace, email_status="subscribed", consent_column="name", consent_source="shop")
    app = still_app(workspace)
    async with shown(app, "d", "escape") as pilot:
        await settle(app, pilot)
        await pilot.press("d")
        await settle(app, pilot)
        assert "subscribes everybody again who agreed by “name”." in words(app)
        await pilot.click("#cancel")
        await settle(app, pilot)
        assert not isinstance(app.screen, Choice)
    assert list(workspace.config.exports) == ["VIP customers"]


async def test_t_detaches_and_attaches(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app, "t") as pilot:
        await until_told(app, pilot, "is detached")
        assert workspace.export("VIP customers").connection == ""
        await settle(app, pilot)
        assert "no connection" in text_of(app)
        assert "t gives it one" in words(app)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, AskOne))
        assert "Acme Store" in text_of(app)
        await pilot.press("down", "enter")
        await until_told(app, pilot, "sends to “Shared shop” from now on")
    assert workspace.export("VIP customers").connection == "Shared shop"


async def test_one_of_many_connections_is_searched(workspace: Workspace) -> None:
    for number in range(30):
        shop = Connection(name=f"Shop {number}", id=f"s{number}", api_key="environment")
        store.add_connection(workspace.config_path, shop)
    change(workspace, connection="")
    app = still_app(workspace)
    async with shown(app, "t", *"hop 17", "enter") as pilot:
        await until_told(app, pilot, "sends to “Shop 17” from now on")


async def test_a_contributor_attaches_only_to_what_is_shared(workspace: Workspace) -> None:
    change(workspace, connection="")
    workspace.actor = Actor("matti", "contributor")
    app = still_app(workspace)
    async with shown(app, "t") as pilot:
        assert isinstance(app.screen, AskOne)
        assert "Shared shop" in text_of(app)
        assert "Acme Store" not in text_of(app)
        await pilot.click("#take")
        await until_told(app, pilot, "sends to “Shared shop” from now on")
    assert workspace.export("VIP customers").connection == "Shared shop"


@pytest.mark.parametrize("key", ["delete", "backspace"])
async def test_del_removes_after_asking(workspace: Workspace, key: str) -> None:
    app = still_app(workspace)
    async with shown(app, key) as pilot:
        assert isinstance(app.screen, Choice)
        assert "Remove the export “VIP customers”?" in words(app)
        assert "tags that it sent stay in Omnisend" in words(app)
        assert "cancelled first" not in words(app)
        assert isinstance(app.focused, Button)
        assert str(app.focused.label) == "Keep export"
        await pilot.press("enter")
        await settle(app, pilot)
        assert "VIP customers" in workspace.config.exports
        await pilot.press(key)
        await settle(app, pilot)
        await pilot.press("right")
        assert str(app.focused.label) == "Remove export"
        await pilot.press("enter")
        await until_told(app, pilot, "“VIP customers” is removed.")
        await settle(app, pilot)
        assert "2 of 4 done" in text_of(app)
    assert workspace.config.exports == {}


async def test_an_error_is_one_sentence(workspace: Workspace) -> None:
    put(workspace, replace(VIP, name="Other", id="other"))
    app = still_app(workspace)
    async with shown(app, "delete", "right") as pilot:
        seen = workspace.config_path.read_text()
        store.remove_export(workspace.config_path, workspace.export("Other"))
        store.remove_export(workspace.config_path, workspace.export("VIP customers"))
        assert workspace.config_path.read_text() != seen
        await pilot.press("enter")
        await until(pilot, lambda: len(told(app)) >= 2, pulls=True)
        assert "Somebody else removed it meanwhile." in told(app)[-1]
        assert "Traceback" not in told(app)[-1]


async def test_removing_cancels_what_runs(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, latency_ms=100)
    run = shop.launch()
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "p Pause" in text_of(app), pulls=True)
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(app.screen, Choice))
        assert "Its run is cancelled first" in words(app)
        await pilot.press("right", "enter")
        await until_told(app, pilot, "“E” is removed.")
    end = run.wait(30)
    assert end is not None
    assert end.status == "cancelled"
    assert shop.workspace.config.exports == {}


@pytest.mark.parametrize(
    ("role", "why"),
    [("viewer", "Your role in this workspace"), ("contributor", "isn't for contributors")],
)
async def test_who_may_not_is_told_so(workspace: Workspace, role: Role, why: str) -> None:
    workspace.actor = Actor("matti", role)
    app = still_app(workspace)
    async with shown(app, size=WIDE) as pilot:
        for key in MANAGED:
            app.clear_notifications()
            app._said.clear()  # else it would be said once for all of them
            await pilot.press(key)
            await settle(app, pilot)
            assert why in told(app)[-1], key
            assert not isinstance(app.screen, Choice | WizardScreen), key
        assert "e Edit" not in text_of(app)
        assert "Remove" not in [each.title for each in app.get_system_commands(app.screen)]
    assert workspace.export("VIP customers") == VIP


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_a_contributor_manages_what_uses_a_shared_one(workspace: Workspace, key: str) -> None:
    change(workspace, connection="Shared shop")
    workspace.actor = Actor("matti", "contributor")
    app = still_app(workspace)
    async with shown(app, key):
        assert isinstance(app.screen, Choice)


async def test_the_mouse_does_the_same(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app) as pilot:
        footer = text_of(app).splitlines()[-1]
        await pilot.click("#footer", offset=(footer.index("Del Remove"), 0))
        await settle(app, pilot)
        assert isinstance(app.screen, Choice)
        await pilot.click("#remove")
        await until_told(app, pilot, "“VIP customers” is removed.")
    assert workspace.config.exports == {}


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("state", ["never", "running", "ended", "detached"])
async def test_every_key_is_in_the_footer_or_the_palette(
    workspace: Workspace, state: str, size: tuple[int, int]
) -> None:
    put(workspace, replace(VIP, name="Other", id="other"))
    for name in ("VIP customers", "Other"):
        if state == "running":
            workspace.state.save_snapshot(running(name, export_id=workspace.export(name).id))
        elif state == "ended":
            workspace.state.save_snapshot(ended(name, 9, 1, export_id=workspace.export(name).id))
    if state == "detached":
        change(workspace, connection="")
    app = still_app(workspace)
    async with shown(app, "end", size=size):
        screen = app.screen
        assert isinstance(screen, ExportsScreen)
        for language in ("en", "fi"):
            use_language(language)
            footer = screen.footer_keys()
            assert sum(cell_len(f"{key.sign} {key.label}  ") for key in footer) <= size[0]
            signs = [key.sign for key in (*footer, *screen.palette_keys())]
            assert {"e", "d", "t", "Del", "s", "n", "/", "?"} <= set(signs)
            assert len(signs) == len(set(signs))
            always = {"e", "n", "/", "?"} | ({"t"} if state == "detached" else set())
            assert always <= {key.sign for key in footer}


async def test_the_help_has_every_key(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app, "question_mark", size=WIDE):
        assert isinstance(app.screen, HelpScreen)
        text = text_of(app)
        for key in ("e", "d", "t", "Del", "s", "r", "A", "P", "n", "/"):
            assert any(line.startswith(f" {key}  ") for line in text.splitlines()), key


# What is wrong with an export.


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize(
    ("changes", "row", "sentence"),
    [
        ({"connection": "Old shop"}, "the connection is gone",
         "t gives it another connection."),
        ({"source": "Old files"}, "the source is gone", "e gives it another source."),
    ],
    ids=["connection", "source"],
)  # fmt: skip
async def test_what_the_config_lacks_is_told_and_hinders(
    workspace: Workspace, changes: dict[str, str], row: str, sentence: str, size: tuple[int, int]
) -> None:
    text = workspace.config_path.read_text()
    for name, value in changes.items():
        text = text.replace(f'{name} = "{getattr(VIP, name)}"', f'{name} = "{value}"')
    workspace.config_path.write_text(text)
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "r", size=size) as pilot:
        line = next(each for each in text_of(app).splitlines() if "▌ VIP customers" in each)
        assert "✖ can't run" in line
        assert row in line
        assert sentence in words(app)
        assert next(iter(changes.values())) in words(app)
        assert sentence in told(app)[-1]
        for key in ("A", "P"):
            await pilot.press(key)
        await settle(app, pilot)
        assert not app.live.here()
        assert app.view.rows[0].run is None


async def look(app: OmnisendApp, pilot: Pilot[int]) -> None:
    app.live.troubles.look(app.view.rows[0].export)
    await settle(app, pilot)


async def test_a_column_that_vanished_is_told_until_it_is_back(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app) as pilot:
        await look(app, pilot)
        assert "can't run" not in text_of(app)
        people(workspace).write_text("email address,name\nanna@example.com,Anna\n")
        await look(app, pilot)
        assert "the source has changed" in text_of(app)
        assert "no column “mail” any more" in words(app)
        assert "e edits the export, 3 shows its source." in words(app)
        await pilot.press("r")
        assert "no column “mail” any more" in told(app)[-1]
        people(workspace).write_text("mail,name\nanna@example.com,Anna\nliisa@example.com,L\n")
        await look(app, pilot)
        assert "can't run" not in text_of(app)


async def test_an_edited_export_isnt_blamed_for_what_it_was(workspace: Workspace) -> None:
    people(workspace).write_text("email address,name\nanna@example.com,Anna\n")
    app = still_app(workspace)
    async with shown(app) as pilot:
        await look(app, pilot)
        assert "can't run" in text_of(app)
        change(workspace, mapping=(Attribute(field="email", column="email address"),))
        await settle(app, pilot)
        assert "can't run" not in text_of(app)


async def test_the_marked_export_is_looked_at_by_itself(workspace: Workspace) -> None:
    app = OmnisendApp(workspace, environ={}, pulse=0.01)
    async with app.run_test(size=NARROW) as pilot:
        people(workspace).unlink()
        await until(pilot, lambda: "the source is gone" in text_of(app))


def test_a_source_is_opened_again_only_when_its_file_changed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omnisend_tui import troubles as told_troubles
    from omnisend_tui.tui import troubles

    opened: list[str] = []

    def source_troubles(_workspace: Workspace, export: Export) -> list[Any]:
        opened.append(export.name)
        return []

    monkeypatch.setattr(told_troubles, "source_troubles", source_troubles)
    seen = troubles.Troubles(workspace)
    for _turn in range(3):
        seen.look(VIP)
    assert len(opened) == 1
    people(workspace).write_text("mail\nother@example.com\n")
    seen.look(VIP)
    seen.look(replace(VIP, tags=("more",)))
    assert len(opened) == 3


# Schedules.


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("ran", [True, False])
async def test_a_schedule_is_told_with_its_next_time(
    workspace: Workspace, size: tuple[int, int], ran: bool
) -> None:
    change(workspace, schedule="daily 06:00 Europe/Helsinki")
    if ran:
        workspace.state.save_snapshot(ended("VIP customers", 9, 1))
    app = still_app(workspace)
    async with shown(app, size=size):
        assert "Every day at 06:00" in words(app)
        assert "Nothing carries schedules out yet." in words(app)
        if size == WIDE or not ran:
            assert "next 26 Nov 06:00" in words(app)


# Pictures.


def compare(
    snap_compare: Compare, app: OmnisendApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await look(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("keys", [("delete",), ("d",)], ids=["remove", "duplicate"])
def test_dialogs(
    snap_compare: Compare, workspace: Workspace, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    workspace.state.save_snapshot(ended("VIP customers", 1_240, 1))
    compare(snap_compare, still_app(workspace), keys, size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_trouble(snap_compare: Compare, workspace: Workspace, size: tuple[int, int]) -> None:
    workspace.state.save_snapshot(ended("VIP customers", 1_240, 1))
    change(workspace, schedule="daily 06:00 Europe/Helsinki")
    people(workspace).write_text("email address,name\nanna@example.com,Anna\n")
    compare(snap_compare, still_app(workspace), (), size)


def test_attaching(snap_compare: Compare, workspace: Workspace) -> None:
    change(workspace, connection="")
    compare(snap_compare, still_app(workspace), ("t",), NARROW)

"""The price dialog, on real exports against a sandbox over loopback."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui.config.models import Export
from omnisend_tui.engine.forecast import Forecast
from omnisend_tui.records import Behaviour, LogLine
from omnisend_tui.sources.files import FilesSource
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.tui.screens.price import PriceDialog
from omnisend_tui.tui.screens.price_lines import harm, harmless
from omnisend_tui.tui.screens.run_all import RunAllDialog
from omnisend_tui.workspace import Workspace
from shops import MakeShop, Shop
from tui.rooms import add_export, add_shop
from tui.screen_app import NARROW, settle, text_of, told, until


def app_of(shop: Shop) -> OmnisendApp:
    return OmnisendApp(shop.workspace, environ={}, pulse=None)


async def open_dialog(app: OmnisendApp, pilot: Pilot[int], key: str = "r") -> None:
    """The dialog with its figures."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, PriceDialog), pulls=True)
    await until(pilot, lambda: "New contacts" in text_of(app), pulls=True)


def focused(app: OmnisendApp) -> str | None:
    assert isinstance(app.focused, Button)
    return app.focused.id


async def test_r_says_the_price_and_enter_runs(make_shop: MakeShop) -> None:
    shop = make_shop(people=250, segment_tag="vip")
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        text = text_of(app)
        assert "250 profiles" in text
        assert "at most 250" in text
        assert "Nobody is subscribed and no welcome message is sent." in text
        assert shop.sandbox.statistics()["requests"] == {}
        assert focused(app) == "run"
        assert " r Run" in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: "finished" in text_of(app), pulls=True)
        assert len(shop.sandbox.brand.contacts) == 250
        await pilot.press("r")
        await until(
            pilot,
            lambda: len(shop.workspace.state.runs(app.view.rows[0].export.id)) == 2,
            pulls=True,
        )
        assert not isinstance(app.screen, PriceDialog)
        await until(pilot, lambda: not app.view.running, pulls=True)


async def test_esc_leaves_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(people=20)
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        await pilot.press("escape")
        await settle(app, pilot)
        assert not isinstance(app.screen, PriceDialog)
    assert shop.workspace.state.latest_runs() == {}
    assert shop.sandbox.statistics()["requests"] == {}
    assert list(shop.workspace.temp_dir.iterdir()) == []


async def test_esc_while_reading_stops_it(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=20)
    stopped = Event()

    def read(
        _source: object, _selection: object, _columns: object, stop: Event, **_more: object
    ) -> Any:
        assert stop.wait(30)
        stopped.set()
        return iter(())

    monkeypatch.setattr(FilesSource, "read", read)
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: "0 of 20 profiles are read" in text_of(app), pulls=True)
        assert focused(app) == "stay"
        assert "r Run" not in text_of(app)
        await pilot.press("r", "d", "b")
        assert isinstance(app.screen, PriceDialog)
        await pilot.press("escape")
        await until(pilot, stopped.is_set, pulls=True)
        assert not isinstance(app.screen, PriceDialog)
    assert shop.workspace.state.latest_runs() == {}


async def test_a_source_that_cant_be_read_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    shop.source_path.unlink()
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: "✖" in text_of(app), pulls=True)
        assert "There is no file" in text_of(app)
        assert "Close" in text_of(app)
        assert not app.screen.query_one("#run").display
        await pilot.press("r", "enter")
        await settle(app, pilot)
        assert not isinstance(app.screen, PriceDialog)


async def test_a_dry_run_shows_the_accounts(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    shop.write(["A,anna@example.com,A", "B,anna@example.com,B", "C,nonsense,C"])
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        await pilot.press("d")
        await settle(app, pilot)
        text = text_of(app)
        for label, count in (("Would be sent", 1), ("Duplicates", 1), ("Rejected", 1)):
            assert f"{label} {count}" in " ".join(text.split()), text
        assert "not an e-mail address" in text
        assert "d Dry run" not in text
        await pilot.press("r")
        await until(pilot, lambda: "with rejects" in text_of(app), pulls=True)


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda shop: shop.change_connection(max_new=20), "more than 20 new contacts"),
        (
            lambda shop: shop.change_export(send_welcome=True),
            "at most 30 that are new here, and whoever was deleted in Omnisend",
        ),
    ],
    ids=["too many new", "welcome"],
)
async def test_what_is_not_harmless_needs_two_keys(
    make_shop: MakeShop, prepare: Callable[[Shop], None], says: str
) -> None:
    shop = make_shop(people=30)
    prepare(shop)
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        assert says in " ".join(text_of(app).replace("│", " ").split())
        assert focused(app) == "stay"
        assert "r, Enter Run" in text_of(app)
        await pilot.press("r")
        assert focused(app) == "run"
        assert isinstance(app.screen, PriceDialog)
        await pilot.press("enter")
        await until(pilot, lambda: "finished" in text_of(app), pulls=True)
        assert len(shop.sandbox.brand.contacts) == 30


async def test_with_the_welcome_message_nobody_new_is_no_promise(make_shop: MakeShop) -> None:
    """Who was deleted in Omnisend is known here, and is welcomed there."""
    shop = make_shop(people=3)
    shop.run()
    shop.change_export(send_welcome=True)
    shop.write([f"C{n},person{n}@example.com,Renamed {n}" for n in range(3)])
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot, "P")
        text = " ".join(text_of(app).replace("│", " ").split())
        assert "at most 0 that are new here, and whoever was deleted in Omnisend" in text
        assert "no welcome message" not in text
        assert focused(app) == "stay"
        await pilot.press("d")
        await settle(app, pilot)
        assert "no welcome message" not in text_of(app)
        assert "whoever was" in text_of(app)


@pytest.mark.parametrize("subscribed", [0, 1, 7])
@pytest.mark.parametrize("new", [0, 1, 7])
@pytest.mark.parametrize("welcome", [False, True])
def test_harm_follows_the_option(subscribed: int, new: int, welcome: bool) -> None:
    export = Export(name="E", id="e", send_welcome=welcome)
    found = Forecast(read=9, would_send=9, new=new, subscribed=subscribed)
    told = harm(found, export)
    assert ("no welcome message" in told) != welcome
    assert ("Nobody is subscribed" in told) == (not subscribed)
    assert not subscribed or f"{subscribed} pe" in told
    assert harmless(found, export) == (not subscribed and not welcome)


async def test_too_many_profiles_offer_no_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=30)
    shop.change_export(max_profiles=20)
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: "A run would stop" in text_of(app), pulls=True)
        assert not app.screen.query_one("#run").display
        await pilot.press("r", "d")
        assert isinstance(app.screen, PriceDialog)


async def test_big_p_says_the_price_of_any_export(make_shop: MakeShop) -> None:
    shop = make_shop(people=5)
    shop.run()
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot, "P")
        assert "nothing is to be sent" in text_of(app)


async def test_the_check_first_reads_anew_with_tags_for_free(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=5, segment_tag="vip")
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        assert "1 for tags" in text_of(app)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, Probe), pulls=True)
        behaviour = Behaviour(tags="add", unsubscribed="kept", at=1.0)
        connection = shop.workspace.connection("Shop")
        shop.workspace.state.save_behaviour(connection.id, behaviour)
        app.screen.dismiss(behaviour)
        await until(pilot, lambda: "0 for tags" in text_of(app), pulls=True)
        assert "b Behaviour" not in text_of(app)


async def test_it_says_why_the_reading_stands_still_and_where_nobody_is(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()

    def waiting(*_of: Any, stop: Event, hear: Callable[[LogLine], None], **_more: Any) -> Forecast:
        values: dict[str, str | int] = {"reason": "rate_limited", "seconds": 40}
        hear(LogLine(at=0.0, code="source_waits", parameters=values))
        while not (go_on.is_set() or stop.is_set()):
            go_on.wait(0.01)
        return Forecast(export="E", total=0, empty_segments=("Ei [b]ole",))

    monkeypatch.setattr("omnisend_tui.launch.dry_run", waiting)
    add_shop(empty)
    add_export(empty, "E")
    config = empty.reload_config()
    (connection,) = config.connections.values()
    app = OmnisendApp(empty, environ={}, pulse=None)
    async with app.run_test(size=NARROW) as pilot:
        app.push_screen(PriceDialog(config.exports["E"], connection))
        await until(pilot, lambda: "asks to wait 40 s; it is read on then." in text_of(app))
        go_on.set()
        await until(pilot, lambda: "New contacts" in text_of(app))
        assert "asks to wait" not in text_of(app)
        assert "Nobody is in the segment “Ei [b]ole”; look at its" in text_of(app)


async def test_without_consent_the_check_says_why_not(make_shop: MakeShop) -> None:
    shop = make_shop(people=5, segment_tag="vip")
    shop.change_connection(base_url="http://127.0.0.1:9/api")
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_dialog(app, pilot)
        await pilot.press("b")
        await settle(app, pilot)
        assert isinstance(app.screen, PriceDialog)
        assert told(app)


async def test_a_starts_all_at_once(make_shop: MakeShop) -> None:
    shop = make_shop(people=5)
    app = app_of(shop)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("A")
        await until(pilot, lambda: "at most 5 profiles" in text_of(app), pulls=True)
        await pilot.press("escape", "A")
        await until(pilot, lambda: "at most 5 profiles" in text_of(app), pulls=True)
        assert app.view.rows[0].run is None
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "finished" in text_of(app), pulls=True)


@pytest.mark.parametrize(
    ("change", "has_focus"),
    [({}, "run"), ({"send_welcome": True}, "stay"), ({"email_status": "subscribed"}, "stay")],
    ids=["harmless", "welcome", "subscribes"],
)
async def test_among_all_whoever_is_newly_told_has_cancel_focused(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], has_focus: str
) -> None:
    monkeypatch.setattr("omnisend_tui.launch.never_ran", lambda *_of: False)
    add_shop(empty)
    for name in ("E", "F"):
        add_export(empty, name)
    exports = list(empty.reload_config().exports.values())
    app = OmnisendApp(empty, environ={}, pulse=None)
    async with app.run_test(size=NARROW) as pilot:
        app.push_screen(RunAllDialog([exports[0], replace(exports[1], **change)]))
        await until(pilot, lambda: "All of them ran before" in text_of(app))
        assert app.screen.query_one("#run").display
        assert focused(app) == has_focus

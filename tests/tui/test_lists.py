"""Lists in the order that people expect, and what is new in them marked."""

import pytest
from msgspec.structs import replace
from textual import events

from omnisend_tui.config import store
from omnisend_tui.config.models import Source
from omnisend_tui.formats import natural
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.sources import SourcesScreen
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import VIP, add_export, add_shop
from tui.screen_app import settle, shown, still_app, text_of, until


def test_numbers_in_names_count() -> None:
    names = ["E 12", "e 2", "E", "10", "E 1 b10", "E 1 b9", "9", "E" + "7" * 40, "Ä", "E ٣"]
    assert sorted(names, key=natural) == [
        "9", "10", "E", "E" + "7" * 40, "E 1 b9", "E 1 b10", "e 2", "E ٣", "E 12", "Ä",
    ]  # fmt: skip


async def test_exports_stand_in_the_order_of_their_numbers(empty: Workspace) -> None:
    add_shop(empty)
    for number in (1, 10, 11, 2):
        add_export(empty, f"Store {number}")
    empty.reload_config()
    app = still_app(empty)
    async with shown(app):
        text = text_of(app)
        places = [text.index(f"Store {number} ") for number in (1, 2, 10, 11)]
        assert places == sorted(places)


@pytest.mark.parametrize("tab", ["1", "3"])
async def test_what_was_just_set_up_is_marked(busy: Workspace, tab: str) -> None:
    app = still_app(busy)
    async with shown(app, tab, "n") as pilot:
        stored = finished(app, busy)
        # Typed at once, it is for what was set up, not for what was marked before.
        app.post_message(events.Key("delete", None))
        await until(pilot, lambda: isinstance(app.screen, Choice))
        assert "“Zebra”" in text_of(app)
        await pilot.press("escape")
        assert isinstance(app.screen, (ExportsScreen, SourcesScreen))
        assert app.screen.query_one(Table).marked == stored


async def test_what_a_search_hides_isnt_marked(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "slash", *"cu", "enter", "down") as pilot:
        marked = app.screen.query_one(Table).marked
        assert marked
        await pilot.press("n")
        finished(app, busy)
        await app.workers.wait_for_complete()
        await settle(app, pilot)
        assert "Custom" in text_of(app)
        assert app.screen.query_one(Table).marked == marked


def finished(app: OmnisendApp, workspace: Workspace) -> str:
    """Ends the open wizard as if it had stored "Zebra", and somebody else others meanwhile.

    Returns the id of what is stored.
    """
    wizard = app.screen
    assert isinstance(wizard, WizardScreen)
    others, path = ("Custom", "Zzz"), workspace.config_path
    if isinstance(wizard.draft, ExportDraft):
        stored = wizard.draft.export.id
        for name in others:
            add_export(workspace, name)
        store.add_export(path, replace(VIP, name="Zebra", id=stored, source="CI Helsinki"))
    else:
        stored = wizard.draft.source.id
        for name in others:
            store.add_source(path, Source(name=name, id=name, path="/srv/o.csv"))
        store.add_source(path, Source(name="Zebra", id=stored, path="/srv/z.csv"))
    workspace.reload_config()
    wizard.finish()
    return stored

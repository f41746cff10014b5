"""Sources of Customer Insights in the list, signing in again, and the step of the export user."""

from datetime import UTC, datetime
from threading import Event

import pytest

from omnisend_tui import saved, sign_in
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import use_language
from omnisend_tui.permissions import Actor
from omnisend_tui.profiles import Column
from omnisend_tui.sandbox.dataverse.server import RunningDataverse
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.entra import MemoryStore
from omnisend_tui.sources.entra_errors import sign_in_needed
from omnisend_tui.tui.connecting.wizard import NEW
from omnisend_tui.tui.screens import sources
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.environment_pane import environment_facts
from omnisend_tui.tui.sourcing import looks
from omnisend_tui.tui.troubles import Troubles
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import length, plain
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.dataverse_room import (
    WHO,
    MemoryKeyring,
    export_user_step,
    memory,
    record,
    sandbox,
    workspace,
)
from tui.screen_app import NARROW, WIDE, shown, still_app, told, until
from tui.walks import Walk

__all__ = ["memory", "sandbox", "workspace"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_PAUSE", 0.0)


def add(workspace: Workspace, sandbox: RunningDataverse, *, signed: bool = True) -> Source:
    wanted = record(sandbox)
    if not signed:
        return saved.add_source(workspace, wanted)
    kept = MemoryStore()
    entra = sign_in.drafted(workspace.secrets, wanted, kept)
    assert entra.wait(entra.begin(), Event()) == WHO
    return saved.add_source(workspace, wanted, sign_in.Credentials(tokens=kept.load()))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_who_is_signed_in_segments_and_columns(
    workspace: Workspace, sandbox: RunningDataverse, size: tuple[int, int]
) -> None:
    add(workspace, sandbox)
    app = still_app(workspace)
    async with shown(app, "3", size=size) as pilot:
        steps = Walk(pilot)
        await steps.sees("✔ Customer Insights")
        for fact in (sandbox.url, f"signed in as {WHO[:20]}", "All profiles 3", "vip"):
            assert fact in steps.said
        assert "maija@" not in steps.text
        use_language("fi")
        screen = steps.app.screen
        assert isinstance(screen, sources.SourcesScreen)
        assert length(chrome.footer(screen.footer_keys(), 500)) <= size[0]


async def test_what_is_wrong_says_what_to_do(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(workspace, sandbox, signed=False)
    error = AppError("source_unreachable", "[/b] is away.", "Try again in a while.")
    monkeypatch.setattr(
        sources, "look_at", lambda *_what: looks.Look(source, errors=(error,), who=WHO)
    )
    async with shown(still_app(workspace), "3", size=WIDE) as pilot:
        steps = Walk(pilot)
        await steps.sees("✖ [/b] is away. Try again in a while.")
        assert "Key u asks again." in steps.said


async def test_an_environment_is_asked_once_and_again_by_a_key(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_AGAIN", 0.0)
    source = add(workspace, sandbox)
    asked: list[Source] = []

    def look(_workspace: Workspace, looked: Source, _known: object) -> looks.Look:
        asked.append(looked)
        return looks.Look(looked, errors=())

    monkeypatch.setattr(sources, "look_at", look)
    async with shown(still_app(workspace), "3") as pilot:
        steps = Walk(pilot)
        await steps.sees("✔ Customer Insights")
        screen = steps.app.screen
        assert isinstance(screen, sources.SourcesScreen)
        for _turn in range(4):
            screen._look()
        assert asked == [source]
        monkeypatch.setattr(sources, "_ASKED", 0.0)
        await steps.press("u")
        await steps.until(lambda: len(asked) == 3)


async def test_signing_in_again_is_kept_at_once(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    source = add(workspace, sandbox, signed=False)
    async with shown(still_app(workspace), "3") as pilot:
        steps = Walk(pilot)
        await steps.sees("sign-in needed")
        assert "✖ Customer Insights" in steps.text
        await steps.press("i")
        await steps.sees("CI Helsinki: Sign-in")
        await steps.sees("F10 Sign in")
        assert "Later" not in steps.text
        await steps.press("f10")
        await steps.until(lambda: told(steps.app)[-1:] == [
            f"“CI Helsinki” is read as {WHO} from now on."])  # fmt: skip
        await steps.sees("✔ Customer Insights")
    assert sign_in.signed_in(workspace, source) == WHO


async def test_a_sign_in_that_ran_out_is_not_shown_as_alive(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(workspace, sandbox)
    error = sign_in_needed(source.url, "source sign-in")
    monkeypatch.setattr(
        sources, "look_at", lambda *_what: looks.Look(source, errors=(error,), who=WHO)
    )
    async with shown(still_app(workspace), "3") as pilot:
        steps = Walk(pilot)
        await steps.sees("sign-in needed")
        await steps.press("i")
        await steps.sees(f"! The sign-in as {WHO} has run out; get a new code.")
        assert "✔" not in steps.text
        await steps.press("f10")
        await steps.until(lambda: f"“CI Helsinki” is read as {WHO} from now on." in told(steps.app))


async def test_a_variable_is_told_whole(workspace: Workspace, sandbox: RunningDataverse) -> None:
    saved.add_source(workspace, record(sandbox, "Customer Insights", sign_in="application"))
    async with shown(still_app(workspace), "3", size=WIDE) as pilot:
        steps = Walk(pilot)
        await steps.sees("There is no client secret")
        pane = steps.app.screen.query_one("#pane", Lines)
        shown_there = plain(pane._shown).replace("\n", "")
        assert "OMNISEND_TUI_CLIENT_SECRET_CUSTOMER_INSIGHTS," in shown_there


async def test_a_new_client_secret(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring
) -> None:
    wanted = record(sandbox, sign_in="application")
    saved.add_source(workspace, wanted, sign_in.Credentials(secret="an-old-one"))
    async with shown(still_app(workspace), "3") as pilot:
        steps = Walk(pilot)
        await steps.sees("✖ Customer Insights")
        await steps.press("i")
        await steps.sees("A client secret is stored")
        field = steps.app.screen.query_one("#client_secret", SecretInput)
        field.value = sandbox.client_secret
        await pilot.pause()
        await steps.press("f10")
        await steps.until(lambda: "“CI Helsinki” has a new client secret." in told(steps.app))
    assert memory.keys() == [sandbox.client_secret]


async def test_files_need_no_sign_in_and_contributors_may_not(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    saved.add_source(workspace, Source(name="A", id="a", path="/srv/a.csv"))
    add(workspace, sandbox, signed=False)
    workspace.actor = Actor("kalle", "contributor")
    async with shown(still_app(workspace), "3", "i") as pilot:
        steps = Walk(pilot)
        assert "there is nothing to sign in to" in told(steps.app)[-1]
        await steps.press("down", "i")
        assert "Only administrators" in told(steps.app)[-1]


async def test_removing_forgets_the_sign_in(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring
) -> None:
    add(workspace, sandbox)
    assert memory.kept
    app = still_app(workspace)
    async with shown(app, "3", "delete") as pilot:
        await until(pilot, lambda: isinstance(app.screen, Choice))
        assert "Its sign-in is forgotten." in Walk(pilot).said
        await pilot.press("right", "enter")
        await until(pilot, lambda: told(app), pulls=True)
    assert memory.kept == {}


def test_the_watch_of_exports_asks_no_environment(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    add(workspace, sandbox, signed=False)
    shop = Connection(name="Shop", id="shop", api_key="environment")
    store.add_connection(workspace.config_path, shop)
    mapping = (Attribute(field="email", column="gone"),)
    export = Export(name="E", id="e", connection="Shop", source="CI Helsinki", mapping=mapping)
    store.add_export(workspace.config_path, export)
    workspace.reload_config()
    before = sandbox.statistics()
    troubles = Troubles(workspace)
    troubles.look(workspace.export("E"))
    assert troubles.of(workspace.export("E")) is None
    assert sandbox.statistics() == before


async def test_the_export_user_step_leads_to_signing_in_and_back(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = add(workspace, sandbox, signed=False)
    app = still_app(workspace)
    async with shown(app) as pilot:
        steps = Walk(pilot)
        screen = export_user_step(workspace)
        app.push_screen(screen)
        await steps.sees("! nobody yet")
        await steps.press("f5")
        await steps.sees("F10 Sign in")
        await steps.press("f10")
        await steps.until(lambda: app.screen is screen)
        await steps.sees(f"CI Helsinki {WHO}")
        assert sign_in.signed_in(workspace, source) == WHO
        await steps.press("enter")  # goes on
        await steps.until(lambda: screen.at == len(NEW) - 1)


async def test_the_export_user_step_adds_a_source(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    app = still_app(workspace)
    async with shown(app) as pilot:
        steps = Walk(pilot)
        screen = export_user_step(workspace)
        app.push_screen(screen)
        await steps.sees("no source of it is here yet")
        await steps.press("f6")
        await steps.sees("● Customer Insights")
        add(workspace, sandbox)  # what the wizard does in the end
        assert isinstance(app.screen, WizardScreen)
        app.screen.finish()
        await steps.until(lambda: app.screen is screen)
        await steps.sees(f"CI Helsinki {WHO}")


@pytest.mark.parametrize("width", [50, 80])
def test_columns_without_labels_lose_the_prefix_that_all_share(width: int) -> None:
    columns = (Column("msdynci_customerid"), Column("msdynci_city", label="Town"))
    look = looks.Look(Source(), columns=columns, who=WHO)
    lines = environment_facts(Source(name="CI"), look, (), width, 30, datetime.now(UTC))
    text = " ".join(part for line in lines for part, _ink in line)
    assert "customerid" in text
    assert "Town" in text
    assert "msdynci_" not in text


def test_a_look_is_not_patient(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Access] = []

    def listed(_source: Source, access: Access) -> looks.Listed:
        asked.append(access)
        return looks.Listed((), ())

    monkeypatch.setattr(looks, "list_environment", listed)
    looks.look_at(workspace, add(workspace, sandbox, signed=False))
    assert [each.patience for each in asked] == [5.0]

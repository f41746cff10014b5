"""The steps of a Customer Insights source compared with pictures that were looked at."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui import sign_in
from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, CUSTOMER_ID, Source
from omnisend_tui.i18n import _, use_language
from omnisend_tui.profiles import Column
from omnisend_tui.sources.entra import DeviceCode
from omnisend_tui.sources.entra_errors import expired
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.screens import sources
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.looks import Counted, Listed, Look
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.sourcing.wizard import DATAVERSE, new_source
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.paint import length
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.dataverse_room import WHO, export_user_step, memory, workspace
from tui.rooms import AT, add_export
from tui.screen_app import NARROW, WIDE, Compare, settle, still_app, text_of, until

__all__ = ["memory", "workspace"]

CONTOSO = Source(
    name="CI Helsinki", id="ci", type="dataverse", key=CUSTOMER_ID,
    url="https://contoso.crm4.dynamics.com", tenant="contoso.onmicrosoft.com",
    client_id="6f1d2c8e-3b70-4a55-9a0e-0c6f7d1b2a34",
)  # fmt: skip
LISTED = Listed(
    columns=(
        Column("msdynci_customerid", label="Customer id"),
        Column("msdynci_emailaddress1", label="Email"),
        Column("msdynci_firstname", label="First name"),
        Column("msdynci_address1_country", label="Country"),
    ),
    segments=(
        Counted(ALL_PROFILES, "all", 412_300),
        Counted("vip_customers", "environment", 41_200, label="VIP customers", refreshed=AT - 9000),
        Counted("win_back_90", "environment", 12_034, label="Win back 90 days",
                refreshed=AT - 95_000),
        Counted("newsletter", "environment", None),
    ),
)  # fmt: skip
STEPS = ["Type", "Environment", "Sign-in", "Segments", "Name", "Save"]
Prepare = Callable[[WizardScreen[Any]], object]


def wizard(workspace: Workspace, step: str) -> WizardScreen[Any]:
    """The wizard of a new source with everything entered up to ``step``."""
    at = STEPS.index(step)
    screen = new_source(workspace, lambda: None, dataverse=True)
    draft = screen.draft
    assert isinstance(draft, DataverseDraft)
    draft.clock = lambda: AT
    if at > 1:
        draft.source = CONTOSO
        draft.proposed = CONTOSO.name
    if at > 2:
        draft.take_account(WHO, draft.store)
        draft.pass_sign_in()
        draft.listed = LISTED
        draft.source = replace(CONTOSO, segments={"win_back_2024": ""})
    screen.at = screen._done = at
    return screen


def _wait(waiting: Attempt[str | None]) -> None:
    waiting.stop.wait(30)


def wait_for_code(screen: WizardScreen[Any]) -> None:
    page = screen.page
    assert isinstance(page, SignInPage)
    page.signing.code = DeviceCode(
        "K7MP2QX9B", "https://microsoft.com/devicelogin", AT + 754, 900, {}, None
    )
    page.signing._waiting = Attempt(_wait)
    screen.renew()


def run_out(screen: WizardScreen[Any]) -> None:
    page = screen.page
    assert isinstance(page, SignInPage)
    page.signing.error = expired()
    screen.renew()


def take_application(screen: WizardScreen[Any]) -> None:
    screen.query_one("#way", Choices).action_move(1)


def compare(
    snap_compare: Compare, workspace: Workspace, screen: WizardScreen[Any], size: tuple[int, int],
    prepare: Prepare = lambda _screen: None,
) -> None:  # fmt: skip
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(screen)
        await until(pilot, lambda: ready(screen))
        prepare(screen)
        await settle(app, pilot)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)


def ready(screen: WizardScreen[Any]) -> bool:
    page = screen.page
    known = not isinstance(page, SignInPage) or page._knowing is None
    return page is not None and page.size.height > 0 and known


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("step", STEPS)
def test_step(
    snap_compare: Compare, workspace: Workspace, step: str, size: tuple[int, int]
) -> None:
    compare(snap_compare, workspace, wizard(workspace, step), size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_device_code(snap_compare: Compare, workspace: Workspace, size: tuple[int, int]) -> None:
    compare(snap_compare, workspace, wizard(workspace, "Sign-in"), size, wait_for_code)


def test_device_code_without_colour(
    snap_compare: Compare, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    compare(snap_compare, workspace, wizard(workspace, "Sign-in"), NARROW, wait_for_code)


@pytest.mark.parametrize("prepare", [run_out, take_application], ids=["expired", "application"])
def test_other_states_of_signing_in(
    snap_compare: Compare, workspace: Workspace, prepare: Prepare
) -> None:
    compare(snap_compare, workspace, wizard(workspace, "Sign-in"), NARROW, prepare)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_sources_screen(
    snap_compare: Compare, workspace: Workspace, size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(sources, "_PAUSE", 0.0)
    monkeypatch.setattr(sources, "_ASKED", 0.0)
    look = Look(CONTOSO, (), LISTED.columns, LISTED.segments, who=WHO)
    monkeypatch.setattr(sources, "look_at", lambda _workspace, source, _known: (
        look if source == CONTOSO else Look(source)
    ))  # fmt: skip
    store.add_source(workspace.config_path, CONTOSO)
    store.add_source(workspace.config_path, Source(name="Turku", id="t", path="/srv/turku.csv"))
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: "✔ Customer" in text_of(app))
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


def test_the_export_user_step(
    snap_compare: Compare, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sign_in, "signed_in", lambda _workspace, source: WHO if source.id == "ci" else ""
    )
    for source in (CONTOSO, replace(CONTOSO, name="CI Turku", id="turku")):
        store.add_source(workspace.config_path, source)
    workspace.reload_config()
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(export_user_step(workspace))
        await until(pilot, lambda: "nobody yet" in text_of(app))
        await pilot.press("down")
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=NARROW, run_before=before)


@pytest.mark.parametrize("step", STEPS)
async def test_steps_buttons_and_footers_fit(workspace: Workspace, step: str) -> None:
    screen = wizard(workspace, step)
    app = still_app(workspace)
    async with app.run_test(size=NARROW) as pilot:
        app.push_screen(screen)
        await until(pilot, lambda: ready(screen))
        for prepare in (lambda _screen: None, wait_for_code, run_out) if step == "Sign-in" else ():
            prepare(screen)
            await pilot.pause()
            for code in ("fi", "en"):
                use_language(code)
                assert length(chrome.footer(screen.footer_keys(), 500)) <= NARROW[0]
        for code in ("en", "fi"):
            use_language(code)
            screen.renew()
            await pilot.pause()
            assert length(chrome.footer(screen.footer_keys(), 500)) <= NARROW[0]
            assert length(chrome.steps(screen._labels(), screen.at, 500)[0]) <= NARROW[0]
            each_button = screen.query("#buttons Button").results(Button)
            buttons = [each for each in each_button if each.display]
            assert any(str(each.label) == _("Back") for each in buttons) or not screen.at
            assert sum(each.region.width + 1 for each in buttons) <= 79


def test_every_step_has_a_picture() -> None:
    assert [each.label for each in DATAVERSE] == STEPS[1:]

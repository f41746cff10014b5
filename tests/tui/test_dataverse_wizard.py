"""The wizard of a Customer Insights source: environment, sign-in, segments, saving and editing."""

import dataclasses
from collections.abc import Iterator
from threading import Event

import pytest
from msgspec.structs import replace
from textual import events

from omnisend_tui import saved, sign_in
from omnisend_tui.config import store
from omnisend_tui.config.models import CUSTOMER_ID
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.entra import MemoryStore
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.workspace import Workspace
from tui.dataverse_room import (
    PEOPLE,
    WHO,
    Answered,
    EnvironmentWalk,
    MemoryKeyring,
    memory,
    no_keyring,
    record,
    sandbox,
    walk,
    walk_at_sign_in,
    workspace,
)
from tui.screen_app import told

__all__ = ["memory", "no_keyring", "sandbox", "workspace"]


@pytest.fixture(scope="module")
def waiting() -> Iterator[RunningDataverse]:
    options = DataverseOptions(people=PEOPLE, device_seconds=None)
    with running_dataverse(options) as running:
        yield running


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Answered:
    return Answered(monkeypatch)


async def finish(steps: EnvironmentWalk) -> None:
    """From the segments to the end."""
    await steps.next(3)
    await steps.enter("CI Helsinki")
    await steps.next(4)
    await steps.press("f10")
    await steps.gone()


async def test_a_source_by_keyboard_and_device_code(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as steps:
        await steps.fill(sandbox)
        await steps.next(1)
        assert "F10 Sign in" in steps.text
        await steps.press("f10")
        await steps.at(2)  # by itself, once somebody signed in
        assert f"Signed in as {WHO}." in told(steps.app)
        await steps.sees("vip 2")
        assert "win_back 1" in steps.said
        assert memory.kept == {}
        await steps.next(3)
        assert steps.draft.source.name == "Customer Insights"
        await steps.enter("CI Helsinki")
        await steps.next(4)
        assert workspace.config.sources == {}
        for fact in ("CI Helsinki", sandbox.url, WHO, sandbox.client_id, "2 listed"):
            assert fact in steps.said
        await steps.press("f10")
        await steps.gone()
        assert "Source “CI Helsinki” is saved." in told(steps.app)
    kept = store.load(workspace.config_path).sources["CI Helsinki"]
    assert replace(kept, id="ci") == record(sandbox)
    assert kept.key == CUSTOMER_ID
    assert sign_in.signed_in(workspace, kept) == WHO
    assert workspace.open_source(kept).columns()


async def test_what_the_environment_can_be_is_checked_before_anybody_signs_in(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk(workspace) as steps:
        await steps.press("f10")
        await steps.sees("✖ The address of the environment is missing")
        await steps.press("f1")
        await steps.sees("In the Entra admin center: App registrations")
        await steps.press("escape")
        for fields, sentence, focused in (
            (
                {"url": "http://contoso.example"},
                "✖ The address of the environment starts with",
                "url",
            ),
            ({"url": "http://127.0.0.1:9"}, "127.0.0.1 refuses the connection", "url"),
            ({"tenant": "[/b]", "authority": ""}, "✖ A tenant is a GUID or a domain", "tenant"),
        ):
            await steps.focus("url")
            await steps.fill(sandbox, **fields)
            await steps.press("f10")
            await steps.sees(sentence)
            assert steps.step == 0
            await steps.stands_in(focused)


async def test_a_declined_an_expired_and_a_stopped_sign_in_can_be_tried_again(
    workspace: Workspace, waiting: RunningDataverse, answered: Answered,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    answered.answers = [waiting.decline, lambda _code: None, waiting.approve]
    async with walk_at_sign_in(workspace, waiting) as steps:
        await steps.press("f10")
        await steps.sees("✖ The sign-in was declined, so nobody is signed in.")
        assert steps.step == 1
        await steps.press("f10")
        await steps.sees("● Waiting for you")
        code = answered.codes[-1]
        assert " ".join(code.code) in steps.text
        assert code.address in steps.said
        assert "15:00" in steps.said or "14:5" in steps.said
        await steps.press("f5")
        assert steps.app.clipboard == f"{code.address}\n{code.code}"
        signing = steps.wizard.query_one(SignInPage).signing
        signing.code = dataclasses.replace(code, code="A\x1b[2J\nB")
        await steps.press("f5")
        assert steps.app.clipboard == f"{code.address}\nA [2J B"
        await steps.press("f10")  # there is nothing to go on with yet
        assert steps.step == 1
        await steps.press("escape")
        await steps.sees("■ Stopped; nobody signed in")
        assert not steps.draft.account
        await steps.press("f10")
        await steps.at(2)
        assert steps.draft.account == WHO


async def test_a_code_that_ran_out(workspace: Workspace, answered: Answered) -> None:
    late = [0.0]

    def run_out(_code: str) -> None:
        late[0] += 1000.0

    answered.answers = [run_out]
    options = DataverseOptions(people=PEOPLE, device_seconds=None)
    with running_dataverse(options, lambda: 1_800_000_000.0 + late[0]) as sandbox:
        async with walk_at_sign_in(workspace, sandbox) as steps:
            await steps.press("f10")
            await steps.sees("✖ The code ran out before anybody signed in with it")
            assert "F10 Sign in" in steps.said


async def test_going_back_stops_the_wait_and_choosing_another_way_does_not(
    workspace: Workspace, waiting: RunningDataverse, answered: Answered
) -> None:
    async with walk_at_sign_in(workspace, waiting) as steps:
        await steps.press("f10")
        await steps.sees("● Waiting for you")
        page = steps.wizard.page
        assert page is not None
        await steps.press("down")  # the code isn't dropped without a word
        assert page.busy()
        assert told(steps.app)[-1].startswith("The code waits for you")
        assert steps.draft.source.sign_in == "person"
        await steps.sees("● as yourself")
        steps.app.clear_notifications()
        steps.app._said.clear()
        await steps.press("f10")
        assert told(steps.app)[-1].startswith("The code waits for you")
        await steps.press("escape", "down")
        await steps.sees("Paste the value of the client secret")
        assert not page.busy()
        await steps.press("up", "f10")
        await steps.sees("● Waiting for you")
        await steps.press("f9")
        await steps.at(0)
        assert not page.busy()
        assert not steps.draft.account


async def test_a_place_to_sign_in_at_that_isnt_there(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk_at_sign_in(workspace, sandbox, authority="http://127.0.0.1:9/tenant") as steps:
        await steps.press("f10")
        await steps.sees("✖ 127.0.0.1:9 refuses the connection")
        assert steps.step == 1


async def test_an_account_without_a_role(workspace: Workspace) -> None:
    with running_dataverse(DataverseOptions(people=PEOPLE, member=False)) as sandbox:
        async with walk_at_sign_in(workspace, sandbox) as steps:
            await steps.press("f10")
            await steps.sees("Give it the Viewer role in Customer Insights")
            assert f"Signed in as {WHO}" in steps.said
            assert steps.step == 1
            assert "F10 Check again" in steps.said
            assert "F6 Sign in anew" in steps.said
            await steps.press("f10")
            await steps.sees("Give it the Viewer role")
            await steps.press("f8")
            await steps.at(2)


async def test_an_application_by_its_client_secret(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("down", "f10")
        await steps.sees("✖ Enter the client secret, or paste it.")
        await steps.enter("not-the-secret")
        await steps.press("f10")
        await steps.sees("refused the client secret")
        field = steps.wizard.query_one("#client_secret", SecretInput)
        field.value = ""
        field.post_message(events.Paste(f"\n {sandbox.client_secret} \n"))
        await steps.pilot.pause()
        assert sandbox.client_secret not in steps.text
        await steps.press("enter")
        await steps.at(2)
        assert sandbox.client_secret not in repr(steps.draft)
        await steps.sees("vip 2")
        await finish(steps)
    kept = store.load(workspace.config_path).sources["CI Helsinki"]
    assert kept.sign_in == "application"
    assert memory.keys() == [sandbox.client_secret]
    assert sandbox.client_secret not in workspace.config_path.read_text(encoding="utf-8")


async def test_a_secret_entered_on_the_choice_goes_into_its_field(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("x", "down")  # nothing asks for a secret at first
        steps.burst("k", "Q", "j", "8")
        await steps.pilot.pause()
        field = steps.wizard.query_one(SecretInput)
        await steps.until(lambda: field.value == "kQj8")
        assert steps.wizard.focused is field
        await steps.focus("way")
        steps.app.post_message(events.Paste(f"{sandbox.client_secret}\n"))
        await steps.until(lambda: field.value == sandbox.client_secret)


async def test_later_keeps_no_choice_without_a_secret(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("down", "f8")
        await steps.at(2)
        assert steps.draft.source.sign_in == "person"
        await steps.press("f9")
        await steps.at(1)
        await steps.press("down", "x", "f8")
        await steps.at(2)
        assert steps.draft.value("sign_in") == "application"


async def test_without_a_keyring_nobody_signs_in_for_nothing(
    workspace: Workspace, sandbox: RunningDataverse, no_keyring: None
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.sees("This machine has no keyring in which a sign-in could be kept.")
        assert "OMNISEND_TUI_CLIENT_SECRET_CUSTOMER_INSIGHTS" in steps.said
        # The source's name comes later, and the variable's with it.
        assert "So it is called for a source named “Customer Insights”; under another" in steps.said
        await steps.until(lambda: steps.wizard.focused is steps.wizard.query_one("#other"))
        await steps.press("f10")
        assert told(steps.app)[-1].startswith("Nobody can sign in here")
        await steps.press("enter")  # Later
        await steps.at(2)


async def test_a_client_secret_that_the_environment_has_is_asked_for_by_nobody(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    variable = "OMNISEND_TUI_CLIENT_SECRET_CUSTOMER_INSIGHTS"
    monkeypatch.setattr(workspace.secrets, "_environ", {variable: sandbox.client_secret})
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.sees(f"({variable})")
        assert not steps.wizard.query_one("#client_secret").region
        await steps.press("f10")
        await steps.at(2)
        await steps.next(3)
        await steps.enter("Another")
        await steps.press("f10")
        await steps.sees("has a client secret for “Customer Insights”, not for this name")
        await steps.enter("Customer Insights")
        await steps.next(4)
        assert f"Variable {variable}" in steps.said
        await steps.press("f10")
        await steps.gone()
    assert memory.kept == {}


async def test_signing_in_later_and_names_that_are_typed(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("f8")
        await steps.at(2)
        await steps.sees("Not signed in")
        for name in ("win [/b] 'x'", "gone", "gone"):
            await steps.focus("segment")
            await steps.enter(name)
            await steps.press("enter")
        await steps.sees("The segment “gone” is in the list already.")
        await steps.press("f10")
        assert "F5 adds the name" in steps.said
        await steps.enter("")
        await steps.press("tab", "end", "f7")
        await finish(steps)
    (kept,) = store.load(workspace.config_path).sources.values()
    assert kept.segments == {"win [/b] 'x'": ""}
    assert memory.kept == {}


async def test_where_nothing_is_listed_a_name_is_typed_at_once(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("f8")
        await steps.at(2)
        await steps.press("g", "enter")
        assert steps.draft.source.segments == {"g": ""}
        await steps.press("tab", "v", "enter")
        assert steps.draft.source.segments == {"g": "", "v": ""}
        assert steps.step == 2


async def test_letters_on_the_listed_segments_search_them(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk_at_sign_in(workspace, sandbox) as steps:
        await steps.press("f10")
        await steps.at(2)
        await steps.sees("win_back 1")
        steps.burst("v", "i")
        await steps.until(lambda: "win_back" not in steps.said)
        await steps.press("x", "enter")
        await steps.sees("✖ No segment here is called so")
        assert steps.step == 2
        await steps.press("backspace", "enter")
        await steps.at(3)


async def test_a_stored_source_keeps_its_sign_in_unless_it_moves(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    kept = MemoryStore()
    entra = sign_in.drafted(workspace.secrets, record(sandbox), kept)
    assert entra.wait(entra.begin(), Event()) == WHO
    before = saved.add_source(workspace, record(sandbox), sign_in.Credentials(tokens=kept.load()))
    async with walk(workspace, before) as steps:
        await steps.next(1)
        await steps.sees(f"✔ Signed in as {WHO}")
        await steps.next(2)
        await steps.sees("vip 2")
        await steps.next(3)
        await steps.enter("CI Turku")
        await steps.press("ctrl+s")
        await steps.sees("No export uses this source yet")
        await steps.press("f10")
        await steps.gone()
    stored = workspace.config.sources["CI Turku"]
    assert sign_in.signed_in(workspace, stored) == WHO
    other = "6f1d2c8e-3b70-4a55-9a0e-0c6f7d1b2a34"
    async with walk(workspace, stored) as steps:
        await steps.focus("client_id")
        await steps.enter(other)
        await steps.next(1)
        await steps.sees("You get a code")
        assert WHO not in steps.said
        await steps.press("f8")
        await steps.at(2)
        await steps.press("ctrl+s")
        await steps.sees("nobody yet")
        await steps.press("f10")
        await steps.gone()
    assert sign_in.signed_in(workspace, workspace.config.sources["CI Turku"]) == ""


async def test_what_was_entered_of_the_other_type_is_asked_about(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk(workspace) as steps:
        await steps.enter(sandbox.url)
        await steps.press("f9")
        steps.choices = 0
        await steps.at(0)
        await steps.press("up")
        await steps.sees("Next: files")
        await steps.press("escape")
        await steps.sees("Leave without saving?")

"""What the wizard of a Customer Insights source says of tenants, sign-ins and silence."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from keyring.errors import KeyringLocked

from keyrings import MemoryKeyring
from omnisend_tui import saved
from omnisend_tui.profiles import Column
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.entra import Entra
from omnisend_tui.tui.screens.environment_pane import environment_facts
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.looks import Counted, Look, look_at
from omnisend_tui.tui.sourcing.wizard import edit_source
from omnisend_tui.tui.widgets.paint import plain
from omnisend_tui.workspace import Workspace
from tui.dataverse_room import memory, record, sandbox, walk, walk_at_sign_in, workspace
from tui.rooms import NOW

__all__ = ["memory", "sandbox", "workspace"]


@pytest.fixture
def waiting() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=1, device_seconds=None)) as running:
        yield running


async def test_a_code_whose_server_is_away_says_so(
    workspace: Workspace, waiting: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    tells: list[Callable[[bool], None]] = []

    def wait(_entra: object, _code: object, stop: Event, tell: Callable[[bool], None]) -> None:
        tells.append(tell)
        tell(False)
        stop.wait()

    monkeypatch.setattr(Entra, "wait", wait)
    async with walk_at_sign_in(workspace, waiting) as steps:
        await steps.press("f10")
        await steps.sees("can't be reached just now; trying goes on until the code runs out.")
        assert "Waiting for you" not in steps.text
        tells[0](True)
        await steps.sees("● Waiting for you")


async def test_an_edit_says_who_signs_in_as_it_is(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    stored = saved.add_source(workspace, record(sandbox, sign_in="person"))
    draft = DataverseDraft(workspace, stored, before=stored)
    facts = dict(draft.facts())
    assert facts["Export user"] == draft.sign_in_fact() == "as it is stored"
    assert facts["Segments"] == "those that the environment lists"
    listed = Counted("VIP", "environment", None)
    look = Look(stored, (), (Column("a"),), (Counted("All profiles", "all", None), listed),
                who="maija@example.com")  # fmt: skip
    known = edit_source(workspace, stored, lambda: None, look).draft
    facts = dict(known.facts())
    assert (facts["Export user"], facts["Segments"]) == ("maija@example.com", "1 listed")
    # Another registration needs another sign-in.
    known.take({"client_id": "11111111-2222-3333-4444-555555555555"})
    assert "nobody yet" in dict(known.facts())["Export user"]


@pytest.mark.parametrize("way", ["person", "application"])
def test_a_locked_keyring_says_nothing_of_who_signs_in(
    workspace: Workspace, sandbox: RunningDataverse, memory: MemoryKeyring, way: str
) -> None:
    stored = saved.add_source(workspace, record(sandbox, sign_in=way))
    memory.error = KeyringLocked("no")
    look = look_at(workspace, stored)
    assert look.errors
    draft = edit_source(workspace, stored, lambda: None, look).draft
    assert draft.sign_in_fact() == "as it is stored"
    assert "as it is stored" in dict(draft.facts())["Export user"]
    told = plain(environment_facts(stored, look, (), 79, 60, NOW))
    assert "sign-in needed" not in told
    memory.error = None  # nobody is known to be signed in then
    draft = edit_source(workspace, stored, lambda: None, look_at(workspace, stored)).draft
    assert draft.sign_in_fact() == "later"


async def test_a_tenant_that_the_authority_contradicts_is_told(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    async with walk(workspace) as steps:
        await steps.focus("url")
        await steps.fill(sandbox, tenant="11111111-2222-3333-4444-555555555555")
        await steps.press("f10")
        await steps.sees("✖ The tenant and the authority name different tenants")
        field = steps.wizard.query_one("#tenant")
        await steps.until(lambda: steps.wizard.focused is field)
    # What is stored hinders nobody to change the rest.
    stored = record(sandbox, tenant="11111111-2222-3333-4444-555555555555")
    kept = DataverseDraft(workspace, stored, before=stored)
    assert kept.take({"url": stored.url, "tenant": stored.tenant}) == ""
    assert "different tenants" in kept.take({"tenant": "22222222-2222-3333-4444-555555555555"})
    assert kept.field_at_fault() == "tenant"
    doubtful = record(sandbox, tenant="contoso.example.com")
    draft = DataverseDraft(workspace, doubtful)
    assert draft.note().startswith("Whoever signs in does so at")
    assert not DataverseDraft(workspace, record(sandbox)).note().startswith("Whoever")

"""A shop whose export reads a sandbox of Customer Insights; both talk over real HTTP."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any

import msgspec
import pytest

from omnisend_tui import consent, sign_in
from omnisend_tui.config import store
from omnisend_tui.config.models import CUSTOMER_ID, Attribute, Connection, Export, Source
from omnisend_tui.keeping import MemoryKeeper
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.records import Brand
from omnisend_tui.sandbox.dataverse.options import Person
from omnisend_tui.sandbox.dataverse.server import RunningDataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import running_sandbox
from omnisend_tui.sources import odata
from omnisend_tui.sources.entra import Entra, MemoryStore, Registration
from omnisend_tui.workspace import Workspace
from shops import Shop

MOST = 400  # people whose contacts are told
PROFILES = "/msdynci_customerprofiles"


class Environment:
    """The workspace's way into the sandbox, and what is in it."""

    def __init__(self, sandbox: RunningDataverse, shop: Shop) -> None:
        self.sandbox = sandbox
        self.shop = shop

    @property
    def source(self) -> Source:
        return self.shop.workspace.source("CI")

    def contacts(self) -> dict[str, dict[str, Any]]:
        """Omnisend's contacts by address, as they were sent."""
        contacts = self.shop.sandbox.brand.contacts
        found = {}
        for number in range(MOST):
            email = person(number).email or ""
            if (at := contacts.find(email)) >= 0:
                body = contacts.get(at)
                tags = sorted(body.get("tags", []))
                found[email] = {"firstName": body.get("firstName"), "tags": tags}
        return found

    def told(self, run_id: str, code: str) -> list[dict[str, str | int]]:
        """The parameters of lines in a run's log."""
        lines = self.shop.workspace.state.log(run_id)
        return [dict(line.parameters) for line in lines if line.code == code]

    def asked(self) -> dict[str, int]:
        """Requests by kind, and answers by status."""
        counted = self.sandbox.statistics()
        return {**counted["requests"], **counted["answers"]}


def person(number: int, *segments: str, **values: Any) -> Person:
    # Ids are digests: they lie evenly, by which the reader guesses how many there are.
    key = hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest()
    fields = {"email": f"person{number}@example.com", "first_name": f"Person {number}"} | values
    return Person(customer_id=key, segments=segments, **fields)


@contextmanager
def environment_in(
    folder: Path,
    sandbox: RunningDataverse,
    people: Sequence[Person],
    *,
    sign_in_as: str = "application",
    **export: Any,
) -> Iterator[Environment]:
    """An export 'E' of segments of ``people``, with a shop of its own."""
    sandbox.misbehave(Faults())
    sandbox.change(people)
    with ExitStack() as stack:
        limits = SandboxOptions(requests_per_minute=100_000, batch_seconds=0.0)
        shop = stack.enter_context(running_sandbox(limits))
        environ = {"OMNISEND_TUI_API_KEY": shop.api_key}
        if sign_in_as == "application":
            environ["OMNISEND_TUI_CLIENT_SECRET_CI"] = sandbox.client_secret
        workspace = stack.enter_context(
            Workspace.open(
                folder / "workspace", environ, folder / "budget.sqlite", keeper=MemoryKeeper()
            )
        )
        _fill(workspace, sandbox, shop.url, shop.api_key, export)
        if sign_in_as == "person":
            sign_in_person(workspace, sandbox)
        yield Environment(sandbox, Shop(workspace, shop, folder / "none"))


def sign_in_person(workspace: Workspace, sandbox: RunningDataverse) -> None:
    """By device code, which the sandbox approves at once."""
    source, tokens = workspace.source("CI"), MemoryStore()
    entra = Entra(Registration.of(source), tokens)
    code = entra.begin()
    sandbox.approve(code.code)
    assert entra.wait(code, Event())
    sign_in.keep(workspace, source, sign_in.Credentials(tokens=tokens.load()))


def _fill(
    workspace: Workspace, sandbox: RunningDataverse, url: str, key: str, values: dict[str, Any]
) -> None:
    connection = Connection(
        name="Shop", base_url=url, api_key="environment", requests_per_minute=100_000,
        budget_share=100,
    )  # fmt: skip
    source = Source(
        name="CI", id="ci", type="dataverse", key=CUSTOMER_ID, url=sandbox.url,
        authority=sandbox.authority, client_id=sandbox.client_id,
    )  # fmt: skip
    mapping = (
        Attribute(field="email", column="msdynci_emailaddress1"),
        Attribute(field="first_name", column="msdynci_firstname"),
    )
    export = Export(name="E", connection="Shop", source="CI", mapping=mapping, max_rejects=100)
    store.add_connection(workspace.config_path, connection)
    store.add_source(workspace.config_path, source)
    store.add_export(workspace.config_path, msgspec.structs.replace(export, **values))
    workspace.reload_config()
    stored = workspace.connection("Shop")
    workspace.state.add_consent(consent.record(stored, "test", time.time()))
    workspace.state.save_brand(stored.id, Brand(id=brand_of_key(key)))


def small_pages(patch: pytest.MonkeyPatch, rows: int) -> None:
    """Dataverse is asked for so many rows at once, so that a few people are many pages."""
    patch.setitem(odata._HEADERS, "Prefer", f"odata.maxpagesize={rows}")
    patch.setattr(odata, "_SHORTEST", 0.02)  # seconds between tries


def at_page(patch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """Has ``act`` called right before a page of profiles is asked for, counted from 1."""
    answered, lock, asked = odata.ODataClient._answered, Lock(), [0]

    def counting(client: odata.ODataClient, question: Any, stop: Event) -> Any:
        # A page of a read asks for columns; neither a count nor a sample does that so.
        if "msdynci_firstname" in question.address and "$top" not in question.address:
            with lock:
                asked[0] += 1
                if asked[0] == number:
                    act()
        return answered(client, question, stop)

    patch.setattr(odata.ODataClient, "_answered", counting)


def fault(action: Any, *nth: int, **values: Any) -> Faults:
    """A plan for the requests of profiles."""
    return Faults(answers=(AnswerFault(action=action, nth=nth, **{"path": PROFILES} | values),))

"""Omnisend's API as this app uses it: one call is one attempt and takes one slot of the budget."""

import time
from collections.abc import Sequence
from threading import Event
from typing import TypeVar

import msgspec

from omnisend_tui import __version__
from omnisend_tui.errors import CredentialsError
from omnisend_tui.http import READ_TIMEOUT, Answer, Http, NetworkError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.budget import Budget, Kind
from omnisend_tui.omnisend.errors import NotOmnisend, Unreachable, host_of, refusal
from omnisend_tui.omnisend.models import (
    LISTED_BATCHES,
    LISTED_CONTACTS,
    VERSION,
    Batch,
    BatchAccepted,
    BatchItems,
    BatchList,
    Contact,
    ContactList,
)

_LATELY = 0.1  # the part of one answer in the average
POST_TIMEOUT = 30.0  # a batch is large and may be checked before it is answered

T = TypeVar("T")


class Stopped(Exception):
    """The run was told to stop while a request waited for its slot."""


def headers(api_key: str) -> dict[str, str]:
    """Raises ``CredentialsError`` for a key with signs that no request can carry."""
    if not (api_key.isascii() and api_key.isprintable()):
        raise CredentialsError(
            "key_malformed",
            _("The API key holds signs that no key of Omnisend has."),
            _("Copy it again from app.omnisend.com/integrations/api-keys."),
        )
    return {
        "Authorization": f"Omnisend-API-Key {api_key}",
        "Omnisend-Version": VERSION,
        "X-INTEGRATION-NAME": "omnisend-tui",
        "X-INTEGRATION-VERSION": __version__,
    }


def decode(answer: Answer, type_: type[T], host: str) -> T:
    """The body of a success; raises ``Refusal`` or ``NotOmnisend``."""
    if answer.status >= 400:
        raise refusal(answer)
    try:
        return msgspec.json.decode(answer.body, type=type_)
    except msgspec.MsgspecError:
        raise NotOmnisend(host) from None


class OmnisendClient:
    """Every method raises ``Unreachable``, ``Refusal``, ``NotOmnisend`` or ``Stopped``."""

    def __init__(self, base_url: str, api_key: str, budget: Budget, connections: int) -> None:
        self.budget = budget
        self._host = host_of(base_url)
        self._http = Http(base_url.rstrip("/"), headers(api_key), connections)
        self.latency = 0.0
        """How long a batch takes to be answered, in seconds: of late, on the average."""

    def post_batch(self, origin: str, bodies: Sequence[bytes], stop: Event, remaining: int) -> str:
        """Sends up to 100 encoded contacts; returns the batch's id.

        ``remaining`` are the batch requests that the run still has to make, this one included.
        """
        head = b'{"method":"POST","endpoint":"contacts","origin":' + msgspec.json.encode(origin)
        content = b"".join((head, b',"items":[', b",".join(bodies), b"]}"))
        return self._call(
            "POST",
            "/batches",
            BatchAccepted,
            stop,
            content=content,
            kind="batch",
            remaining=remaining,
        ).batch_id

    def list_batches(self, offset: int, since: str, stop: Event) -> list[Batch]:
        """Up to 250 contact batches from ``offset`` on, created on the day ``since`` or later."""
        parameters: dict[str, str | int] = {
            "endpoint": "contacts",
            "dateFrom": since,
            "offset": offset,
            "limit": LISTED_BATCHES,
        }
        return self._call("GET", "/batches", BatchList, stop, parameters=parameters).batches or []

    def batch_items(self, batch_id: str, stop: Event) -> BatchItems:
        return self._call("GET", f"/batches/{batch_id}/items", BatchItems, stop)

    def find_contact(self, email: str, stop: Event) -> Contact | None:
        """The contact with this address; None where Omnisend lists none for it."""
        found = self._call(
            "GET", "/contacts", ContactList, stop, parameters={"email": email}
        ).contacts
        if not found:
            return None
        return next((one for one in found if email.lower() in one.emails), found[0])

    def upsert_contact(self, body: bytes, stop: Event) -> None:
        """Sends one encoded contact."""
        self._tell("POST", "/contacts", body, stop)

    def add_tags(self, tags: Sequence[str], emails: Sequence[str], stop: Event) -> None:
        """Gives up to 100 tags to up to 250 contacts; Omnisend does it some time later."""
        body = msgspec.json.encode({"tags": tags, "emails": emails})
        self._tell("POST", "/contacts/tags", body, stop)

    def remove_tags(self, tags: Sequence[str], emails: Sequence[str], stop: Event) -> None:
        """Takes up to 100 tags from up to 250 contacts; Omnisend does it some time later."""
        body = msgspec.json.encode({"tags": tags, "emails": emails})
        self._tell("DELETE", "/contacts/tags", body, stop)

    def list_unsubscribed(self, after: str, stop: Event) -> ContactList:
        """Up to 250 contacts that left, from the cursor ``after`` on ('' for the first page)."""
        parameters: dict[str, str | int] = {"status": "unsubscribed", "limit": LISTED_CONTACTS}
        if after:
            parameters["after"] = after
        return self._call("GET", "/contacts", ContactList, stop, parameters=parameters)

    def close(self) -> None:
        self._http.close()

    def _tell(self, method: str, path: str, content: bytes, stop: Event) -> None:
        """A request whose success says enough: its answer may be empty, but no proxy's page."""
        answer = self._ask(method, path, stop, content=content, kind="work")
        if answer.status >= 400:
            raise refusal(answer)
        if answer.status >= 300 or answer.body.lstrip()[:1] == b"<":
            raise NotOmnisend(self._host)

    def _call(
        self,
        method: str,
        path: str,
        type_: type[T],
        stop: Event,
        *,
        parameters: dict[str, str | int] | None = None,
        content: bytes | None = None,
        kind: Kind = "other",
        remaining: int = 1,
    ) -> T:
        answer = self._ask(
            method,
            path,
            stop,
            parameters=parameters,
            content=content,
            kind=kind,
            remaining=remaining,
        )
        return decode(answer, type_, self._host)

    def _ask(
        self,
        method: str,
        path: str,
        stop: Event,
        *,
        parameters: dict[str, str | int] | None = None,
        content: bytes | None = None,
        kind: Kind = "other",
        remaining: int = 1,
    ) -> Answer:
        slot = self.budget.take(kind, stop, remaining)
        if slot is None:
            raise Stopped
        began = time.monotonic()
        try:
            answer = self._http.request(
                method,
                path,
                parameters=parameters,
                content=content,
                read_timeout=POST_TIMEOUT if kind == "batch" else READ_TIMEOUT,
            )
            if kind == "batch":
                took = time.monotonic() - began
                self.latency += (took - self.latency) * (_LATELY if self.latency else 1.0)
            return answer
        except NetworkError as error:
            raise Unreachable(self._host, error) from None
        finally:
            self.budget.done(slot)

"""The behaviour check: what Omnisend doesn't document, measured with one contact of the user's own.

Two questions (contracts/omnisend.md): do an upsert's tags add to a contact's tags or replace them,
and does an upsert without a channel leave an unsubscribed contact alone?
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec

from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.log import log_exception
from omnisend_tui.omnisend.client import OmnisendClient, Stopped
from omnisend_tui.omnisend.errors import NotOmnisend, Refusal, Unreachable
from omnisend_tui.omnisend.models import Contact
from omnisend_tui.records import Behaviour

Step = Literal["unknown", "created", "tagged", "measured", "left_unsubscribed"]

TAGS = ("omnisend-tui check 1", "omnisend-tui check 2")

T = TypeVar("T")


def _nothing(_step: Step) -> None:
    pass


def check_behaviour(
    client: OmnisendClient,
    address: str,
    stop: threading.Event,
    *,
    told: Callable[[Step], None] = _nothing,
    clock: Callable[[], float] = time.time,
    wait: float = 60.0,
    poll: float = 2.0,
) -> Behaviour:
    """Creates a contact that Omnisend doesn't know yet, as unsubscribed, and upserts it again.

    ``told`` hears each step once it is done. Each change is awaited for ``wait`` seconds and looked
    for every ``poll`` seconds. The contact stays, unsubscribed and without the check's tags:
    ``told`` hears 'left_unsubscribed' where Omnisend took that, also after a failure.

    Raises ``UsageError`` (address_invalid, address_known) with nothing changed; ``AppError``
    (check_unclear) where the answers can't be told; ``Unreachable``, ``Refusal``, ``NotOmnisend``;
    ``Stopped`` once ``stop`` is set.
    """
    email = _normalised(address)
    if client.find_contact(email, stop) is not None:
        raise UsageError(
            "address_known",
            _("Omnisend knows this address already, so the check leaves it alone."),
            _("Name an address of your own that isn't among the shop's contacts."),
        )
    told("unknown")
    check = _Check(client, email, stop, clock, wait, poll)
    with check.leaving_unsubscribed(told):
        check.create()
        told("created")
        check.upsert_again()
        told("tagged")
        behaviour = check.measure()
        told("measured")
    return behaviour


class _Check:
    """One contact, its changes and what is read of it."""

    def __init__(
        self,
        client: OmnisendClient,
        email: str,
        stop: threading.Event,
        clock: Callable[[], float],
        wait: float,
        poll: float,
    ) -> None:
        self._client = client
        self._email = email
        self._stop = stop
        self._clock = clock
        self._wait = wait
        self._poll = poll
        self._created = False
        self._kept = False

    def create(self) -> None:
        """Creates the contact and waits until it is there as it was sent."""
        self._patiently(lambda: self._upsert(self._stop, TAGS[0], leave=True))
        self._created = True
        for status, tags in self._readings():
            if status == "unsubscribed" and TAGS[0] in tags:
                return

    def upsert_again(self) -> None:
        """The upsert that is measured: another tag, no channel."""
        self._patiently(lambda: self._upsert(self._stop, TAGS[1]))

    def measure(self) -> Behaviour:
        """Waits until the second tag is there and two readings in a row are the same."""
        before: tuple[str, frozenset[str]] | None = None
        for reading in self._readings():
            status, tags = reading
            if status and TAGS[1] in tags and reading == before:
                break
            before = reading
        self._kept = status == "unsubscribed"
        return Behaviour(
            at=self._clock(),
            tags="add" if TAGS[0] in tags else "replace",
            unsubscribed="kept" if self._kept else "revived",
        )

    @contextmanager
    def leaving_unsubscribed(self, told: Callable[[Step], None]) -> Iterator[None]:
        """Whatever happens within, the contact is left unsubscribed and without the tags.

        A failure of that hides neither an answer that was measured nor the error before it.
        """
        try:
            yield
        finally:
            # A stop ends the check and not its cleaning; only time does.
            over = threading.Event()
            timer = threading.Timer(self._wait, over.set)
            timer.daemon = True
            timer.start()
            try:
                self._clean(over)
                if self._created:
                    told("left_unsubscribed")
            except Stopped:
                pass
            except AppError as error:
                log_exception(error)
            finally:
                timer.cancel()

    def _clean(self, over: threading.Event) -> None:
        if self._created and not self._kept:
            self._patiently(lambda: self._upsert(over, leave=True), over)
        self._patiently(lambda: self._client.remove_tags(TAGS, [self._email], over), over)

    def _upsert(self, stop: threading.Event, *tags: str, leave: bool = False) -> None:
        identifier: dict[str, object] = {
            "type": "email",
            "id": self._email,
            "sendWelcomeMessage": False,
        }
        if leave:
            now = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
            channel = {"status": "unsubscribed", "statusChangedAt": now.replace("+00:00", "Z")}
            identifier["channels"] = {"email": channel}
        body: dict[str, object] = {"identifiers": [identifier]}
        if tags:
            body["tags"] = tags
        self._client.upsert_contact(msgspec.json.encode(body), stop)

    def _readings(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The contact's e-mail status and the check's tags, again and again for a limited time."""
        until = self._clock() + self._wait
        while True:
            contact = self._patiently(lambda: self._client.find_contact(self._email, self._stop))
            yield self._reading(contact)
            if self._clock() >= until:
                raise _unclear()
            if self._stop.wait(self._poll):
                raise Stopped

    def _reading(self, contact: Contact | None) -> tuple[str, frozenset[str]]:
        if contact is None:
            return "", frozenset()
        status = contact.email_status(self._email)
        known = status in ("subscribed", "nonSubscribed", "unsubscribed")
        return status if known else "", frozenset(contact.tags or ()).intersection(TAGS)

    def _patiently(self, request: Callable[[], T], stop: threading.Event | None = None) -> T:
        """``request`` until it succeeds, fails for good, or the time is over.

        All requests of the check may be repeated: they read, or say the same again.
        """
        stop = stop or self._stop
        until = self._clock() + self._wait
        while True:
            try:
                return request()
            except (Refusal, Unreachable, NotOmnisend) as error:
                pause = self._pause(error)
                if pause is None or self._clock() + pause > until:
                    raise
            if stop.wait(pause):
                raise Stopped

    def _pause(self, error: AppError) -> float | None:
        """Seconds until another try is worth it, None where it never is."""
        if not isinstance(error, Refusal):
            return self._poll
        if error.status not in (408, 429) and error.status < 500:
            return None
        pause = self._poll if error.retry_after is None else error.retry_after
        if error.status == 429:
            self._client.budget.hold(pause)
        return pause


def _normalised(address: str) -> str:
    # The mapping's own check is out of reach: the client and the mapping don't know each other.
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(
            address.strip(), allow_smtputf8=False, strict=True, check_deliverability=False
        )
    except EmailNotValidError:
        checked = None
    if checked is None or not checked.ascii_email:
        raise UsageError(
            "address_invalid",
            _("This is no e-mail address that Omnisend can take."),
            _("Name an address of your own, such as name@shop.com."),
        )
    return checked.ascii_email.lower()


def _unclear() -> AppError:
    return AppError(
        "check_unclear",
        _("The check found no clear answer: Omnisend didn't show the contact as expected in time."),
        _("Try again later with another address. Until then runs take the safe way."),
    )

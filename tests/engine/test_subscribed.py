"""The e-mail status ``subscribed``: sent once for who agreed, never to who unsubscribed."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from omnisend_tui.config import store
from omnisend_tui.engine import statuses, unsubscribed
from omnisend_tui.engine.ledger import Closed, Consent, Item, Ledger, Sending
from omnisend_tui.errors import CredentialsError
from omnisend_tui.launch import dry_run
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.errors import Refusal
from omnisend_tui.omnisend.models import Batch, Contact, ProblemDocument
from omnisend_tui.sandbox.faults import AnswerFault, BatchStop, Faults, ItemFault
from shops import QUICK, MakeShop, Shop

KEY = bytes(range(64))
A, B, C = "a@example.com", "b@example.com", "c@example.com"
HEADER = "id,mail,name,ok"
LOOKUPS = "GET /contacts"
CUT = AnswerFault(action="cut", method="POST", path="/batches", nth=(1,))
CUT_DONE = msgspec.structs.replace(CUT, processed=True)


class Spy:
    """A shop whose export subscribes; ``sent`` has each status that reached Omnisend."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.sent: list[tuple[str, str]] = []
        self.upserts: list[str] = []
        self.rows("1,a@example.com,A,yes", "2,b@example.com,B,no", "3,c@example.com,C,2026-01-31")
        before = shop.workspace.export("E")
        after = msgspec.structs.replace(
            before, email_status="subscribed", consent_column="ok", consent_source="shop"
        )
        store.edit_export(shop.workspace.config_path, before, after)
        shop.workspace.reload_config()
        contacts = shop.sandbox.brand.contacts
        real = contacts.upsert

        def upsert(body: bytes) -> tuple[int, bool]:
            identifier = msgspec.json.decode(body)["identifiers"][0]
            done = real(body)
            self.upserts.append(identifier["id"])
            if channel := identifier.get("channels"):
                self.sent.append((identifier["id"], channel["email"]["status"]))
            return done

        monkeypatch.setattr(contacts, "upsert", upsert)
        self.put = real

    def rows(self, *rows: str) -> None:
        self.shop.write(rows, HEADER)

    def status(self, email: str) -> str:
        contacts = self.shop.sandbox.brand.contacts
        identifier = contacts.get(contacts.find(email))["identifiers"][0]
        return str(identifier.get("channels", {}).get("email", {}).get("status", ""))

    def leave(self, *emails: str) -> None:
        for email in emails:
            channels = {"email": {"status": "unsubscribed"}}
            identifier = {"type": "email", "id": email, "channels": channels}
            self.put(msgspec.json.encode({"identifiers": [identifier], "firstName": "Left"}))

    def consents(self) -> dict[str, int]:
        workspace = self.shop.workspace
        run = workspace.state.runs(workspace.export("E").id, 1)[0]
        ledger = Ledger(workspace.ledger_path(run.export_id, run.brand_id), workspace.ledger_key())
        found = ledger.lookup([ledger.seal(email) for email in (A, B, C)])
        ledger.close()
        return {ledger.unseal(sealed): one.status for sealed, one in found.items()}


@pytest.fixture
def make_spy(make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda **options: Spy(make_shop(people=0, **options), monkeypatch)


def both() -> list[tuple[str, str]]:
    return [(A, "subscribed"), (C, "subscribed")]


def test_it_is_sent_once_for_who_agreed(make_spy: Any) -> None:
    spy = make_spy()
    end = spy.shop.run()
    assert (end.status, end.subscribed, end.left_unsubscribed) == ("finished", 2, 0)
    assert spy.sent == both()
    contacts = spy.shop.sandbox.brand.contacts
    identifier = contacts.get(contacts.find(C))["identifiers"][0]
    assert identifier["channels"]["email"]["statusChangedAt"] == "2026-01-31T00:00:00Z"
    assert identifier["consent"] == {"source": "shop", "createdAt": "2026-01-31T00:00:00Z"}
    assert spy.status(B) == ""
    again = spy.shop.run()
    assert (again.unchanged, again.batches) == (3, 0)
    spy.rows("1,a@example.com,New,yes", "2,b@example.com,B,no", "3,c@example.com,C,2026-02-01")
    spy.leave(C)
    assert spy.shop.run().accepted == 1
    full = spy.shop.run(full=True)
    assert (full.accepted, full.subscribed) == (3, 0)
    assert spy.shop.run(resume=True).unchanged == 3
    assert spy.sent == both()
    assert spy.status(C) == "unsubscribed"


def test_a_yes_that_comes_later_is_sent_though_nothing_else_changed(make_spy: Any) -> None:
    spy = make_spy()
    spy.rows("2,b@example.com,B,no")
    spy.shop.run()
    spy.rows("2,b@example.com,B,yes")
    end = spy.shop.run()
    assert (end.accepted, end.subscribed) == (1, 1)
    assert spy.sent == [(B, "subscribed")]


@pytest.mark.parametrize("known", [False, True])
def test_who_is_unsubscribed_is_never_turned_back(make_spy: Any, known: bool) -> None:
    spy = make_spy()
    if known:
        spy.rows("1,a@example.com,A,no", "3,c@example.com,C,")
        spy.shop.run()
        spy.rows("1,a@example.com,A,yes", "3,c@example.com,C,yes")
    spy.leave(A)
    end = spy.shop.run()
    assert (end.status, end.subscribed, end.left_unsubscribed) == ("finished", 1, 1)
    lines = {line.code: line.parameters for line in spy.shop.workspace.state.log(end.run_id)}
    assert lines["status_withheld"] == {"count": 1}
    assert lines["opt_ins_found"] == {"count": 1}
    assert spy.sent == [(C, "subscribed")]
    assert spy.status(A) == "unsubscribed"
    assert spy.consents()[A] == Consent.SETTLED
    # Settled: not even when the list forgets the person.
    spy.put(
        msgspec.json.encode(
            {"identifiers": [{"type": "email", "id": A,
                              "channels": {"email": {"status": "nonSubscribed"}}}]}
        )
    )  # fmt: skip
    spy.shop.run(full=True)
    assert spy.sent == [(C, "subscribed")]


def test_a_brand_that_revives_is_sent_nothing_for_them(make_spy: Any) -> None:
    spy = make_spy(faults=Faults(revive_unsubscribed=True))
    spy.shop.measured()
    spy.leave(A, B)
    end = spy.shop.run()
    assert (end.unchanged, end.accepted, end.left_unsubscribed) == (2, 1, 1)
    assert (spy.upserts, spy.status(A), spy.status(B)) == ([C], "unsubscribed", "unsubscribed")
    assert spy.consents() == {A: Consent.SETTLED, C: Consent.SETTLED}


def test_who_was_refused_gets_it_the_next_time(make_spy: Any) -> None:
    spy = make_spy(faults=Faults(items=(ItemFault(email=A),)))
    assert spy.shop.run().rejected == 1
    assert (spy.sent, spy.consents().get(A)) == ([(C, "subscribed")], None)
    spy.shop.sandbox.brand.contacts._plan.faults = Faults()
    assert spy.shop.run().subscribed == 1
    assert spy.sent == [(C, "subscribed"), (A, "subscribed")]
    assert LOOKUPS in spy.shop.sandbox.statistics()["requests"]
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 2, "the two lists alone"


def test_a_refusal_that_is_not_certain_is_looked_up(make_spy: Any) -> None:
    spy = make_spy(faults=Faults(items=(ItemFault(email=A, status=500),)))
    assert spy.shop.run().rejected == 1
    assert spy.consents()[A] == Consent.UNCLEAR
    spy.shop.sandbox.brand.contacts._plan.faults = Faults()
    assert spy.shop.run().subscribed == 1
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 3
    assert spy.consents()[A] == Consent.SETTLED


def test_what_a_stopped_batch_left_is_sent_with_it(make_spy: Any) -> None:
    spy = make_spy(faults=Faults(stops=(BatchStop(after=1, nth=(1,)),)))
    end = spy.shop.run()
    assert (end.status, end.subscribed) == ("finished", 2)
    assert spy.sent == both()
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 1


def test_a_batch_that_is_refused_as_a_whole_keeps_it_in_its_halves(make_spy: Any) -> None:
    refusal = AnswerFault(
        action="server_error", method="POST", path="/batches", status=400, nth=(1,)
    )
    spy = make_spy(faults=Faults(answers=(refusal,)))
    assert spy.shop.run().subscribed == 2
    assert sorted(spy.sent) == both()
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 1


def test_tags_and_a_status_ride_together(make_spy: Any) -> None:
    spy = make_spy(segment_tag="segment: {segment}")
    spy.shop.measured("kept")
    assert spy.shop.run().subscribed == 2
    contacts = spy.shop.sandbox.brand.contacts
    for email, status in ((A, "subscribed"), (B, ""), (C, "subscribed")):
        assert contacts.get(contacts.find(email))["tags"] == ["segment: All profiles"]
        assert spy.status(email) == status
    assert spy.shop.run().unchanged == 3


# After an answer that was lost.


@pytest.mark.parametrize("echo", [True, False])
def test_a_lost_batch_that_is_found_is_not_sent_again(make_spy: Any, echo: bool) -> None:
    spy = make_spy(faults=Faults(echo_origin=echo, answers=(CUT_DONE,)))
    end = spy.shop.run()
    assert (end.status, end.subscribed) == ("finished", 2)
    assert spy.sent == both()


@pytest.mark.parametrize("left", [False, True])
def test_one_that_never_arrived_is_sent_with_it_after_a_look(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    spy = make_spy(faults=Faults(answers=(CUT,)))
    if left:
        before_lookups(monkeypatch, lambda: spy.leave(A))
    end = spy.shop.run()
    assert (end.status, end.accepted) == ("finished", 3)
    assert (end.subscribed, end.left_unsubscribed) == ((1, 1) if left else (2, 0))
    assert spy.sent == (both()[1:] if left else both())
    assert spy.status(A) == ("unsubscribed" if left else "subscribed")
    assert spy.consents()[A] == Consent.SETTLED


@pytest.mark.parametrize("left", [False, True])
def test_one_that_arrived_unseen_is_sent_without_it(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    spy = make_spy(faults=Faults(echo_origin=False, answers=(CUT_DONE,)))
    hide_batches(monkeypatch, spy, until=6)
    if left:
        before_lookups(monkeypatch, lambda: spy.leave(A))
    end = spy.shop.run()
    assert (end.status, end.accepted) == ("finished", 3)
    assert spy.sent == both(), "by the first post alone"
    assert len(spy.upserts) == 6
    assert spy.status(A) == ("unsubscribed" if left else "subscribed")
    assert set(spy.consents().values()) == {Consent.SETTLED, Consent.OPEN}


@pytest.mark.parametrize("status", [408, 503])
def test_a_timeout_is_no_certain_refusal(make_spy: Any, status: int) -> None:
    fault = msgspec.structs.replace(CUT, action="server_error", status=status)
    spy = make_spy(faults=Faults(answers=(fault,)))
    assert spy.shop.run().subscribed == 2
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 3


def test_a_full_window_is_a_certain_refusal(make_spy: Any) -> None:
    fault = msgspec.structs.replace(CUT, action="rate_limit", retry_after=0)
    spy = make_spy(faults=Faults(answers=(fault,)))
    assert spy.shop.run().subscribed == 2
    assert spy.sent == both()
    assert spy.shop.sandbox.statistics()["requests"][LOOKUPS] == 1


@pytest.mark.parametrize("left", [False, True])
def test_after_a_run_that_died_people_are_looked_up(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    """The batch arrived, Omnisend never lists it, and its run was cancelled."""
    spy = make_spy(faults=Faults(answers=(CUT_DONE,)))
    with monkeypatch.context() as patched:
        hide_batches(patched, spy, until=6)
        run = spy.shop.launch(replace(QUICK, lost=60.0))
        while not run.snapshot().retries:
            assert run.wait(0.01) is None
        run.cancel()
        assert run.wait(20) is not None
        assert spy.sent == both()
        if left:
            before_lookups(patched, lambda: spy.leave(A))
        end = spy.shop.run()
    assert end.status == "finished"
    assert spy.sent == both(), "nobody gets it twice"
    assert spy.status(A) == ("unsubscribed" if left else "subscribed")
    assert spy.consents() == {A: Consent.SETTLED, B: Consent.OPEN, C: Consent.SETTLED}


def test_someone_that_an_upsert_would_revive_is_taken_out_after_the_look(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = make_spy(faults=Faults(revive_unsubscribed=True, answers=(CUT,)))
    spy.shop.measured()
    before_lookups(monkeypatch, lambda: spy.leave(A))
    end = spy.shop.run()
    assert (end.status, end.accepted, end.unchanged, end.left_unsubscribed) == (
        "finished", 2, 1, 1,
    )  # fmt: skip
    assert (spy.status(A), spy.sent) == ("unsubscribed", both()[1:])
    assert spy.shop.run().unchanged == 3


def test_who_can_not_be_looked_up_is_a_reject(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = make_spy(faults=Faults(answers=(CUT,)))
    with monkeypatch.context() as patched:

        def refuses(_client: OmnisendClient, email: str, _stop: object) -> None:
            if email == A:
                raise Refusal(400, ProblemDocument(title="Bad"), None)

        patched.setattr(OmnisendClient, "find_contact", refuses)
        end = spy.shop.run()
    assert (end.status, end.accepted, end.rejected) == ("finished_with_rejects", 2, 1)
    assert spy.sent == both()[1:]
    assert spy.shop.run().subscribed == 1


@pytest.mark.parametrize("told", ["bounced", "unsubscribed"])
def test_a_status_that_is_not_understood_subscribes_nobody(told: str) -> None:
    document = {"identifiers": [{"type": "email", "id": "A@example.com",
                                 "channels": {"email": {"status": told}}}]}  # fmt: skip
    found = msgspec.convert(document, Contact)
    assert statuses._status(found, A) == told
    assert statuses._status(found, B) not in ("nonSubscribed", "subscribed")


def test_a_list_that_is_old_is_asked_for_again(
    make_spy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = make_spy()
    real = unsubscribed.still_listed

    def leaves_first(context: Any) -> Any:
        spy.leave(A)
        context.fresh_until = context.ticks() - 1
        return real(context)

    monkeypatch.setattr(statuses, "still_listed", leaves_first)
    end = spy.shop.run()
    assert (end.subscribed, end.left_unsubscribed) == (1, 1)
    assert (spy.sent, spy.status(A)) == (both()[1:], "unsubscribed")
    assert spy.consents()[A] == Consent.SETTLED


def test_under_another_key_nothing_is_sent(make_spy: Any) -> None:
    spy = make_spy()
    workspace = spy.shop.workspace
    assert spy.shop.run().status == "finished"
    (workspace.state_dir / "ledger.key").write_bytes(bytes(64).hex().encode())
    for act in (spy.shop.run, lambda: dry_run(workspace, "E")):
        with pytest.raises(CredentialsError) as raised:
            act()
        assert raised.value.code == "ledger_key_other"
    assert spy.sent == both()
    assert not list(workspace.temp_dir.iterdir())


def test_long_sources_stay_within_a_request(make_spy: Any) -> None:
    spy = make_spy()
    spy.rows(*(f"{n},p{n}@example.com,{'x' * 9700},yes" for n in range(110)))
    end = spy.shop.run()
    assert (end.status, end.subscribed, end.batches) == ("finished", 110, 2)


# The ledger.


def test_a_dropped_batch_leaves_its_statuses_unclear(tmp_path: Any) -> None:
    ledger = Ledger(tmp_path / "e.sqlite", KEY)
    ledger.begin("r1")
    sealed = [ledger.seal(email) for email in (A, B, C)]
    sendings = (Sending.CARRIED, Sending.NOTHING, Sending.WITHHELD)
    items = [Item(each, b"h", 0, 0, status) for each, status in zip(sealed, sendings, strict=True)]
    ledger.record([(1, items)])
    ledger.drop([ledger.row_of(1)])
    assert {each: one.status for each, one in ledger.lookup(sealed).items()} == {
        sealed[0]: Consent.UNCLEAR
    }
    ledger.record([(2, items)])
    ledger.close_batches([Closed(ledger.row_of(2), "confirmed")])
    ledger.merge()
    assert [ledger.lookup(sealed)[each].status for each in sealed] == [1, 0, 1]
    ledger.record([(3, [Item(sealed[0], b"i")])])
    ledger.close_batches([Closed(ledger.row_of(3), "confirmed")])
    ledger.merge()
    assert ledger.lookup(sealed)[sealed[0]].status == Consent.SETTLED


def before_lookups(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """``act`` happens right before each look at a person."""
    real = OmnisendClient.find_contact

    def find(client: OmnisendClient, email: str, stop: Any) -> Contact | None:
        act()
        return real(client, email, stop)

    monkeypatch.setattr(OmnisendClient, "find_contact", find)


def hide_batches(monkeypatch: pytest.MonkeyPatch, spy: Spy, until: int) -> None:
    """Omnisend lists no batch before so many upserts."""
    real = OmnisendClient.list_batches

    def listed(client: OmnisendClient, offset: int, since: str, stop: Any) -> list[Batch]:
        found = real(client, offset, since, stop)
        return found if len(spy.upserts) >= until else []

    monkeypatch.setattr(OmnisendClient, "list_batches", listed)

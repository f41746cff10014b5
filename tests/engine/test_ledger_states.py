"""The ledger in any order of events, against an Omnisend of which it sees only some answers.

What it calls known must be so, and what Omnisend may have must not be forgotten.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from engine.ledger_rows import contacts, tags_left
from omnisend_tui.engine.ledger import Closed, Fate, Item, Ledger, TagRow

KEY = bytes(range(64))
EMAILS = [f"p{n}@example.com" for n in range(2)]
TAGS = st.sets(st.sampled_from("ab"))
PICK = st.integers(0, 1000)
UNPROCESSED = -1
FATES = st.sampled_from([*Fate, UNPROCESSED])


@dataclass
class Batch:
    """``fates`` is empty until Omnisend has the batch."""

    row: int
    run_id: str
    number: int
    emails: list[str]
    items: list[Item]
    riding: bool
    adds: list[set[str]]
    fates: list[int] = field(default_factory=list)


class LedgerStates(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.open_ledger()
        self.runs: dict[str, int] = {}
        self.run_id = ""
        self.number = 0
        self.batches: list[Batch] = []
        self.in_log: set[str] = set()  # a run meets each address once before the next merge
        self.has: dict[str, tuple[bytes, set[str]]] = {}  # what Omnisend really has
        self.expected: dict[str, tuple[bytes, int, int]] = {}
        self.refusals: dict[str, str] = {}

    def open_ledger(self) -> None:
        self.ledger = Ledger(self.folder / "e.sqlite", KEY)
        self.ledger._store.database.execute("PRAGMA synchronous=OFF")

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    # What a run does.

    @initialize()
    def first_run(self) -> None:
        self.begin(same=False)

    @rule(same=st.booleans())
    def begin(self, same: bool) -> None:
        if not same:
            self.run_id = f"r{len(self.runs)}"
            self.refusals.clear()
        self.number = self.ledger.begin(self.run_id)
        assert self.runs.setdefault(self.run_id, self.ledger.run) == self.ledger.run
        assert self.ledger.leaving.counts() == {}

    @rule(
        emails=st.lists(st.sampled_from(EMAILS), unique=True, min_size=1, max_size=3),
        body=st.binary(min_size=1, max_size=1),
        wanted=TAGS,
        riding=st.booleans(),
    )
    def record(self, emails: list[str], body: bytes, wanted: set[str], riding: bool) -> None:
        emails = [email for email in emails if email not in self.in_log]
        if not emails:
            return
        rows = [self.tag_row(email, wanted) for email in emails]
        items = [Item(row.sealed, body, row.tags, row.result) for row in rows]
        self.record_items(emails, items, riding)

    def record_items(self, emails: list[str], items: list[Item], riding: bool) -> None:
        self.number += 1
        self.ledger.record([(self.number, items)], riding=riding)
        row = self.ledger.row_of(self.number)
        adds = [set(self.ledger.tags(item.adds)) for item in items]
        self.batches.append(Batch(row, self.run_id, self.number, emails, items, riding, adds))
        self.in_log.update(emails)

    @precondition(lambda self: self.batches)
    @rule(pick=PICK, fates=st.lists(FATES, min_size=3, max_size=3), answered=st.booleans())
    def arrives(self, pick: int, fates: list[int], answered: bool) -> None:
        batch = self.batches[pick % len(self.batches)]
        if answered:
            self.ledger.found(batch.row, f"id{batch.row}")
        if batch.fates:
            return
        batch.fates = fates[: len(batch.items)]
        for place, fate in enumerate(batch.fates):
            if fate in (UNPROCESSED, Fate.REFUSED):
                continue
            email = batch.emails[place]
            _hash, tags = self.has.get(email, (b"", set()))
            rode = batch.adds[place] if batch.riding else set()
            self.has[email] = (batch.items[place].hash, tags | rode)

    @rule(
        email=st.sampled_from(EMAILS),
        body=st.binary(min_size=1, max_size=1),
        wanted=TAGS,
        riding=st.booleans(),
        fate=FATES,
        end=st.sampled_from(["confirmed", "dropped", "open"]),
    )
    def sent(
        self, email: str, body: bytes, wanted: set[str], riding: bool, fate: int, end: str
    ) -> None:
        """A batch's whole life at once, so that contacts soon have a past."""
        if email in self.in_log:
            return
        self.record([email], body, wanted, riding)
        last = len(self.batches) - 1
        self.arrives(last, [fate], True)
        if end == "confirmed":
            self.confirmed(sum(bool(batch.fates) for batch in self.batches) - 1, False)
        elif end == "dropped":
            self.drop(last)
        self.merge()

    @precondition(lambda self: any(batch.fates for batch in self.batches))
    @rule(pick=PICK, again=st.booleans())
    def confirmed(self, pick: int, again: bool) -> None:
        arrived = [batch for batch in self.batches if batch.fates]
        batch = arrived[pick % len(arrived)]
        self.batches.remove(batch)
        places: dict[int, list[int]] = {fate: [] for fate in (*Fate, UNPROCESSED)}
        for place, fate in enumerate(batch.fates):
            places[fate].append(place)
        dropped = places[UNPROCESSED]
        self.in_log -= {batch.emails[place] for place in dropped}
        if dropped and again and batch.run_id == self.run_id:
            self.record_items(
                [batch.emails[place] for place in dropped],
                [batch.items[place] for place in dropped],
                batch.riding,
            )
        self.ledger.close_batches(
            [
                Closed(
                    batch.row,
                    "confirmed",
                    refused=dict.fromkeys(places[Fate.REFUSED], f"no {batch.row}"),
                    created=places[Fate.CREATED],
                    updated=places[Fate.UPDATED],
                    dropped=dropped,
                )
            ]
        )
        for place, fate in enumerate(batch.fates):
            if fate == Fate.REFUSED and batch.run_id == self.run_id:
                self.refusals[batch.emails[place]] = f"no {batch.row}"
            elif fate in (Fate.ACCEPTED, Fate.CREATED, Fate.UPDATED):
                run = self.runs[batch.run_id]
                self.expected[batch.emails[place]] = (batch.items[place].hash, run, fate)

    @precondition(lambda self: self.batches)
    @rule(pick=PICK)
    def unconfirmed(self, pick: int) -> None:
        self.ledger.close_batches(
            [Closed(self.batches[pick % len(self.batches)].row, "unconfirmed")]
        )

    @precondition(lambda self: self.batches)
    @rule(pick=PICK)
    def drop(self, pick: int) -> None:
        batch = self.batches.pop(pick % len(self.batches))
        self.ledger.drop([batch.row])
        self.in_log.difference_update(batch.emails)
        for email, adds in zip(batch.emails, batch.adds, strict=True):
            if email in self.expected or (adds and batch.riding):
                self.expected[email] = (b"", *self.expected.get(email, (b"", 0, 0))[1:])

    # Tags.

    @rule(email=st.sampled_from(EMAILS), wanted=TAGS)
    def owe(self, email: str, wanted: set[str]) -> None:
        if email in self.expected and email not in self.in_log:
            row = self.tag_row(email, wanted)
            if row.tags:
                self.ledger.tag_log.owe([row])
                self.in_log.add(email)

    @rule(email=st.sampled_from(EMAILS), unwanted=TAGS)
    def leave(self, email: str, unwanted: set[str]) -> None:
        one = self.known(email)
        if one is None or email in self.in_log:
            return
        has = self.ledger.tags(one.given)
        removes = (has | self.ledger.tags(one.owed)) & unwanted
        if removes:
            number = self.ledger.tag_set
            row = TagRow(self.ledger.seal(email), number(removes), number(has - removes))
            self.ledger.leaving.note([row])

    @rule()
    def take_from_leavers(self) -> None:
        leaving = {
            self.ledger.unseal(row.sealed) for rows in self.ledger.leaving.noted() for row in rows
        }
        self.ledger._store.database.executemany(
            "DELETE FROM leaving WHERE sealed = ?",
            [(self.ledger.seal(email),) for email in leaving & self.in_log],
        )
        self.ledger.leaving.take()
        self.in_log |= leaving

    @rule(verb=st.sampled_from(["give", "take"]), most=st.integers(1, 3), end=st.integers(0, 2))
    def asks_for_tags(self, verb: Any, most: int, end: int) -> None:
        """``end``: 0 never arrives, 1 arrives and its answer is lost, 2 is answered."""
        left = tags_left(self.ledger, verb)
        work = self.ledger.tag_log.next(verb, most)
        assert (work is None) == (left == 0)
        if work is None or end == 0:
            return
        for sealed in work.sealed:
            body, tags = self.has.get(self.ledger.unseal(sealed), (b"", set()))
            changed = tags | work.tags if verb == "give" else tags - work.tags
            self.has[self.ledger.unseal(sealed)] = (body, set(changed))
        if end == 2:
            self.ledger.tag_log.done(work)
            assert tags_left(self.ledger, verb) == left - len(work.sealed)

    @rule(email=st.sampled_from(EMAILS), wanted=TAGS, end=st.integers(0, 2))
    def given(self, email: str, wanted: set[str], end: int) -> None:
        self.owe(email, wanted)
        self.asks_for_tags("give", 3, end)
        self.merge()

    @rule(email=st.sampled_from(EMAILS), unwanted=TAGS, end=st.integers(0, 2))
    def taken(self, email: str, unwanted: set[str], end: int) -> None:
        self.leave(email, unwanted)
        self.take_from_leavers()
        self.asks_for_tags("take", 3, end)
        self.merge()

    # What must hold.

    @rule()
    def merge(self) -> None:
        self.ledger.merge()
        self.in_log = {email for batch in self.batches for email in batch.emails}
        self.check()

    @rule(same=st.booleans())
    def crash(self, same: bool) -> None:
        self.ledger.close()
        self.open_ledger()
        self.in_log = {email for batch in self.batches for email in batch.emails}
        self.begin(same)
        self.check()

    def check(self) -> None:
        ledger = self.ledger
        opened = {(each.row, each.run_id, each.number) for each in ledger.open_batches()}
        assert opened == {(each.row, each.run_id, each.number) for each in self.batches}
        for batch in self.batches:
            assert ledger.sealed_in(batch.row) == [item.sealed for item in batch.items]
        refusals = {ledger.unseal(sealed): words for sealed, words in ledger.refusals().items()}
        assert refusals == self.refusals
        assert contacts(ledger) == len(self.expected)
        for email in EMAILS:
            one = self.known(email)
            assert (one and (one.hash, one.run, one.fate)) == self.expected.get(email)
            body, tags = self.has.get(email, (b"", set()))
            given, owed = self.tags_of(email)
            if email not in self.in_log:
                assert not (one and one.hash) or one.hash == body
                assert given <= tags
                assert tags <= given | owed
        assert tags_left(ledger, "give") == tags_left(ledger, "take") == 0

    def known(self, email: str) -> Any:
        sealed = self.ledger.seal(email)
        return self.ledger.lookup([sealed]).get(sealed)

    def tags_of(self, email: str) -> tuple[set[str], set[str]]:
        one = self.known(email)
        if one is None:
            return set(), set()
        return set(self.ledger.tags(one.given)), set(self.ledger.tags(one.owed))

    def tag_row(self, email: str, wanted: set[str]) -> TagRow:
        given, _owed = self.tags_of(email)
        number = self.ledger.tag_set
        return TagRow(self.ledger.seal(email), number(wanted - given), number(wanted | given))


LedgerStates.TestCase.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, database=None
)
TestLedgerStates = LedgerStates.TestCase

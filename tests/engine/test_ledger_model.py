"""Any order of events on the ledger, after each of which it must say what the model says.

So must another export that reads the file all the time.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from functools import partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from engine.ledger_model import NONE, Batch, Model, Sent, Tagging, Tags
from engine.ledger_rows import contacts, tags_left
from omnisend_tui.engine.ledger import Closed, Fate, Item, Ledger, TagRow, TagWork, read_batches
from omnisend_tui.engine.ledger.others import Others

KEY = bytes(range(64))
EMAILS = [f"p{n}@example.com" for n in range(3)]
ALL_TAGS = "abc"
PLACES = 3  # contacts of a batch at most
EMAIL = st.sampled_from(EMAILS)
# One draw each, since Hypothesis takes longer to draw than the ledger and the model to act.
TAGS = st.sampled_from(
    [frozenset(tags) for most in range(3) for tags in combinations(ALL_TAGS, most)]
)
PICK = st.integers(0, 1000)
VERB = st.sampled_from(["give", "take"])
FATES = st.tuples(*[st.sampled_from(list(Fate))] * PLACES)
SENT_TO = st.sampled_from(
    [to for most in range(1, PLACES + 1) for to in permutations(EMAILS, most)]
)
BODY = st.sampled_from([bytes([n]) for n in range(256)])
Content = tuple[str, bytes, Tags, Tags]
CONTENT = st.builds(
    lambda to, content: [(email, *each) for email, each in zip(to, content, strict=False)],
    SENT_TO,
    st.tuples(*[st.tuples(BODY, TAGS, TAGS)] * PLACES),
)


class _Hasty(sqlite3.Connection):
    """Doesn't wait for the disk: what is tried here is a crash of the process alone."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute(sql.replace("synchronous=FULL", "synchronous=OFF"), *values)


class LedgerAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "e.sqlite"
        self.open_ledger()
        self.model = Model()
        self.number = 0
        self.others = Others(lambda: [self.path, self.folder / "none.sqlite"])
        self.sealed = {email: self.ledger.seal(email) for email in EMAILS}

    def open_ledger(self) -> None:
        with mock.patch("sqlite3.connect", partial(sqlite3.connect, factory=_Hasty)):
            self.ledger = Ledger(self.path, KEY)

    def teardown(self) -> None:
        self.others.close()
        self.ledger.close()
        shutil.rmtree(self.folder)

    # A run.

    @initialize(content=CONTENT)
    def first_run(self, content: list[Content]) -> None:
        self.begin(same=False)
        self.sent(content, True, [Fate.ACCEPTED] * PLACES)
        self.merge(again=False)

    @rule(same=st.booleans())
    def begin(self, same: bool) -> None:
        run_id = self.model.run_id if same else f"r{len(self.model.runs)}"
        self.number = self.model.begin(run_id)
        assert self.ledger.begin(run_id) == self.number
        assert self.ledger.run == len(self.model.runs)

    @rule(content=CONTENT, riding=st.booleans(), gap=st.integers(0, 1))
    def record(self, content: list[Content], riding: bool, gap: int) -> None:
        self.recorded(content, riding, gap)

    def recorded(self, content: list[Content], riding: bool, gap: int = 0) -> Batch:
        self.number += 1 + gap  # numbers that a crash left unused
        sent = [Sent(email, body, adds, adds | has) for email, body, adds, has in content]
        set_number = self.ledger.tag_set
        items = [
            Item(
                self.sealed[each.email], each.hash,
                adds=set_number(each.adds), result=set_number(each.result),
            )
            for each in sent
        ]  # fmt: skip
        self.ledger.record([(self.number, items)], riding=riding)
        batch = self.model.record(self.number, sent, riding)
        assert self.ledger.row_of(self.number) == batch.row
        return batch

    @precondition(lambda self: self.model.batches)
    @rule(pick=PICK)
    def found(self, pick: int) -> None:
        """Its id is known, for who looks once the next transaction was written."""
        batch = self.model.batches[pick % len(self.model.batches)]
        batch_id = f"id{pick}"
        self.model.posted.append((batch_id, batch.row))
        if batch.run_id == self.model.run_id and batch.row == self.ledger.row_of(batch.number):
            self.ledger.posted(batch.number, batch_id)
        else:
            self.ledger.found(batch.row, batch_id)

    @precondition(lambda self: self.model.open_batches())
    @rule(pick=PICK, fates=FATES, dropped=st.sets(st.integers(0, PLACES - 1), max_size=1))
    def confirmed(self, pick: int, fates: Sequence[Fate], dropped: set[int]) -> None:
        batch = self.picked(pick)
        fates = [
            Fate.ACCEPTED if place in dropped else fate
            for place, fate in enumerate(fates[: len(batch.items)])
        ]
        dropped = {place for place in dropped if place < len(batch.items)}
        details = [f"no {batch.row}" if fate == Fate.REFUSED else "" for fate in fates]
        places = {each: [at for at, fate in enumerate(fates) if fate == each] for each in Fate}
        self.ledger.close_batches(
            [
                Closed(
                    batch.row,
                    "confirmed",
                    refused={place: details[place] for place in places[Fate.REFUSED]},
                    created=places[Fate.CREATED],
                    updated=places[Fate.UPDATED],
                    dropped=sorted(dropped),
                )
            ]
        )
        self.model.close(batch, "confirmed", fates, details, dropped)

    @rule(content=CONTENT, riding=st.booleans(), fates=FATES)
    def sent(self, content: list[Content], riding: bool, fates: Any) -> None:
        """A batch's whole life at once, so that contacts soon have a past."""
        batch = self.recorded(content, riding)
        self.confirmed(self.model.open_batches().index(batch), fates, set())

    @rule(content=CONTENT)
    def rides_and_is_lost(self, content: list[Content]) -> None:
        batch = self.recorded(content, True)
        self.drop(self.model.open_batches().index(batch))

    @precondition(lambda self: self.model.open_batches())
    @rule(pick=PICK, state=st.sampled_from(["unconfirmed", "replaced", "dropped"]))
    def not_confirmed(self, pick: int, state: str) -> None:
        """Replaced or taken back ones hold nobody any more."""
        batch = self.picked(pick)
        count = len(batch.items)
        gone = range(0 if state == "unconfirmed" else count)
        self.ledger.close_batches([Closed(batch.row, state, dropped=gone)])
        self.model.close(batch, state, [0] * count, [""] * count, gone)

    @precondition(lambda self: self.model.open_batches())
    @rule(pick=PICK)
    def drop(self, pick: int) -> None:
        batch = self.picked(pick)
        self.ledger.drop([batch.row])
        self.model.drop(batch)

    # Tags.

    @rule(email=EMAIL, tags=TAGS, result=TAGS)
    def owe(self, email: str, tags: Tags, result: Tags) -> None:
        self.ledger.tag_log.owe([self.tag_row(email, tags, result)])
        self.model.tagging.append(Tagging("give", email, tags, result))

    @rule(verb=VERB, most=st.integers(1, 3), pick=PICK)
    def asks_for_tags(self, verb: Any, most: int, pick: int) -> None:
        """Some of a request are answered, beginning anywhere among those that wait."""
        waiting = self.waiting(verb)
        if not waiting:
            assert self.ledger.tag_log.next(verb, most) is None
            return
        # Ids grow in the order of the log.
        _number, first = waiting[pick % len(waiting)]
        after = self.first_id() + _number - 1
        work = self.ledger.tag_log.next(verb, most, after)
        assert work is not None
        same = [each for at, each in waiting if at >= _number and each.tags == first.tags][:most]
        assert (work.verb, work.tags) == (verb, first.tags)
        assert list(work.sealed) == [self.sealed[each.email] for each in same]
        self.ledger.tag_log.done(work)
        for each in same:
            each.done = True

    @rule(
        email=EMAIL,
        rows=st.lists(st.tuples(VERB, TAGS, TAGS, st.booleans()), min_size=1, max_size=3),
        merged=st.booleans(),
    )
    def rows_of_one(self, email: str, rows: list[Any], merged: bool) -> None:
        """Several rows of one contact, some of them answered."""
        for verb, tags, result, answered in rows:
            if verb == "give":
                self.owe(email, tags, result)
            else:
                self.leave(email, tags, result)
                self.take_from_leavers()
            if answered:
                self.asks_for_tags(verb, 1, len(self.waiting(verb)) - 1)
        if merged:
            self.merge(again=False)

    @rule(tags=TAGS)
    def segment_tags(self, tags: Tags) -> None:
        self.model.segment_tags |= tags
        assert self.ledger.leaving.segment_tags(tags) == self.model.segment_tags

    # Who leaves.

    @rule(email=EMAIL, tags=TAGS, result=TAGS)
    def leave(self, email: str, tags: Tags, result: Tags) -> None:
        self.ledger.leaving.note([self.tag_row(email, tags, result)])
        self.model.leaving[email] = (tags, result)

    @rule(email=EMAIL)
    def stay(self, email: str) -> None:
        self.ledger.leaving.stay([self.sealed[email]])
        self.model.leaving.pop(email, None)

    @rule()
    def take_from_leavers(self) -> None:
        self.ledger.leaving.take()
        for email in self.by_key(self.model.leaving):
            self.model.tagging.append(Tagging("take", email, *self.model.leaving[email]))
        self.model.leaving.clear()

    # Its end.

    @rule(again=st.booleans())
    def merge(self, again: bool) -> None:
        for _time in range(1 + again):
            self.ledger.merge()
        self.model.merge()

    @rule(same=st.booleans())
    def crash(self, same: bool) -> None:
        """The file is opened again by another process; what was in memory is gone."""
        self.ledger._store.database.close()
        self.open_ledger()
        self.model.crash()
        self.agrees()
        self.begin(same)

    # What must hold.

    @invariant()
    def agrees(self) -> None:
        self.batches_agree()
        self.contacts_agree()
        self.tags_agree()
        self.others_agree()

    def batches_agree(self) -> None:
        ledger, model = self.ledger, self.model
        assert [
            (each.row, each.run_id, each.number, each.batch_id, each.contacts)
            for each in ledger.open_batches()
        ] == [
            (each.row, each.run_id, each.number, each.batch_id, each.size)
            for each in model.open_batches()
        ]
        settled = [each for each in model.batches if each not in model.open_batches()]
        for since in (0, *(each.row for each in model.batches[-2:])):
            ids = {each.batch_id for each in settled if each.row >= since}
            assert ledger.ended_ids(since) == ids - {""}
        for batch in model.batches[-3:]:
            sealed = [self.sealed[item.email] for item in batch.items]
            assert ledger.sealed_in(batch.row) == sealed
        newest = [each for each in model.batches if each.run_id == model.run_id][::-1][:2]
        assert [
            (row.number, row.contacts, row.state, row.batch_id, row.errors)
            for row in read_batches(self.path, model.run_id, 2)
        ] == [(each.number, each.size, each.state, each.batch_id, each.errors) for each in newest]

    def contacts_agree(self) -> None:
        ledger, model = self.ledger, self.model
        found = ledger.lookup(list(self.sealed.values()))
        assert {
            ledger.unseal(sealed): (
                one.hash, one.run, one.fate, ledger.tags(one.given), ledger.tags(one.owed),
                one.first_run,
            )
            for sealed, one in found.items()
        } == {
            email: (one.hash, one.run, one.fate, one.given, one.owed, one.first)
            for email, one in model.contacts.items()
        }  # fmt: skip
        assert contacts(ledger) == len(model.contacts)
        assert ledger.empty == (not model.contacts)
        refused = {ledger.unseal(sealed): words for sealed, words in ledger.refusals().items()}
        assert refused == model.refused

    def tags_agree(self) -> None:
        ledger, model = self.ledger, self.model
        assert tags_left(ledger, "give") == len(self.waiting("give"))
        assert tags_left(ledger, "take") == len(self.waiting("take"))
        counts: dict[Tags, int] = {}
        for tags, _result in model.leaving.values():
            counts[tags] = counts.get(tags, 0) + 1
        assert {ledger.tags(number): n for number, n in ledger.leaving.counts().items()} == counts
        held = {
            (ledger.tags(given), ledger.tags(owed)): people
            for given, owed, people in ledger.leaving.held()
        }
        assert held == model.held
        for chunk in (1, 1000):
            leavers = [row for rows in ledger.leaving.noted(chunk) for row in rows]
            assert [
                (ledger.unseal(row.sealed), ledger.tags(row.tags), ledger.tags(row.result))
                for row in leavers
            ] == [(email, *model.leaving[email]) for email in self.by_key(model.leaving)]
            holders = [row for rows in ledger.leaving.holders(chunk) for row in rows]
            assert [
                (ledger.unseal(sealed), ledger.tags(given), ledger.tags(owed))
                for sealed, given, owed in holders
            ] == [
                (email, model.contacts[email].given, model.contacts[email].owed)
                for email in self.by_key(model.contacts)
                if model.contacts[email].given or model.contacts[email].owed
            ]

    def others_agree(self) -> None:
        sealed = list(self.sealed.values())
        known = {self.ledger.unseal(each) for each in self.others.known(sealed)}
        assert known == self.model.known()
        for tag in ALL_TAGS:
            wanting = {self.ledger.unseal(each) for each in self.others.wanting(sealed, tag)}
            assert wanting == self.model.wanting(tag)

    # What the rules share.

    def picked(self, pick: int) -> Batch:
        batches = self.model.open_batches()
        return batches[pick % len(batches)]

    def by_key(self, emails: Any) -> list[str]:
        return sorted(emails, key=self.sealed.__getitem__)

    def tag_row(self, email: str, tags: Tags, result: Tags) -> TagRow:
        number = self.ledger.tag_set
        return TagRow(self.sealed[email], number(tags), number(result))

    def waiting(self, verb: str) -> list[tuple[int, Tagging]]:
        """Rows of the log that aren't answered, with their place in it."""
        return [
            (place, each)
            for place, each in enumerate(self.model.tagging)
            if each.verb == verb and not each.done
        ]

    def first_id(self) -> int:
        """The id of the first row of the log."""
        (first,) = self.ledger._store.database.execute("SELECT min(id) FROM tagging").fetchone()
        return int(first)


def test_a_request_takes_what_is_the_same_up_to_its_size(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "e.sqlite", KEY)
    tags = ledger.tag_set("a")
    ledger.tag_log.owe([TagRow(ledger.seal(f"p{n}@example.com"), tags, tags) for n in range(1001)])
    work = ledger.tag_log.next("give", 250)
    assert isinstance(work, TagWork)
    assert len(work.ids) == len(work.sealed) == 250
    assert ledger.tag_log.next("give", 250, work.ids[-1]) != work
    assert ledger.tags(0) == NONE


LedgerAgainstModel.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, database=None
)
TestLedgerAgainstModel = LedgerAgainstModel.TestCase

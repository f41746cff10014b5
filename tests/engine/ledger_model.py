"""What the ledger must hold, in plain Python: lists and dictionaries instead of SQL.

Addresses are plain here, sets of tags are sets.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from omnisend_tui.engine.ledger import Fate

Tags = frozenset[str]
NONE: Tags = frozenset()
OPEN = ("recorded", "posted", "unconfirmed")


@dataclass
class Sent:
    """An item of a batch."""

    email: str
    hash: bytes
    adds: Tags
    result: Tags
    fate: int = Fate.ACCEPTED
    detail: str = ""

    @property
    def there(self) -> bool:
        return self.fate < Fate.REFUSED


@dataclass
class Batch:
    row: int
    run_id: str
    number: int
    size: int
    riding: bool
    items: list[Sent]
    state: str = "recorded"
    batch_id: str = ""
    errors: int = 0


@dataclass
class Contact:
    hash: bytes = b""
    run: int = 0
    fate: int = 0
    given: Tags = NONE
    owed: Tags = NONE
    first: int = 0

    @property
    def confirmed(self) -> bool:
        return bool(self.run or self.hash)


@dataclass
class Tagging:
    """A row of the log of tags."""

    verb: str
    email: str
    tags: Tags
    result: Tags
    done: bool = False


@dataclass
class Model:
    runs: list[str] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    contacts: dict[str, Contact] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    tagging: list[Tagging] = field(default_factory=list)
    leaving: dict[str, tuple[Tags, Tags]] = field(default_factory=dict)
    held: Counter[tuple[Tags, Tags]] = field(default_factory=Counter)
    segment_tags: set[str] = field(default_factory=set)
    first: int = 0
    posted: list[tuple[str, int]] = field(default_factory=list)

    # A run.

    @property
    def run_id(self) -> str:
        return self.runs[-1] if self.runs else ""

    def begin(self, run_id: str) -> int:
        """The last number of a batch of this run; ``run_id`` is the last run's or a new one."""
        self.leaving.clear()
        if run_id != self.run_id:
            self.refused.clear()
            self.held = Counter((one.given, one.owed) for one in self.contacts.values())
            self.runs.append(run_id)
        last = max((batch.number for batch in self.batches if batch.run_id == run_id), default=0)
        self.first = max((batch.row for batch in self.batches), default=0) - last
        return last

    def record(self, number: int, items: list[Sent], riding: bool) -> Batch:
        self._write_posted()
        batch = Batch(self.first + number, self.run_id, number, len(items), riding, items)
        self.batches.append(batch)
        return batch

    def close(
        self, batch: Batch, state: str, fates: Sequence[int], details: Sequence[str],
        dropped: Iterable[int],
    ) -> None:  # fmt: skip
        self._write_posted()
        batch.state = state
        batch.errors = sum(fate == Fate.REFUSED for fate in fates)
        for item, fate, detail in zip(batch.items, fates, details, strict=True):
            item.fate, item.detail = fate, detail
        gone = set(dropped)
        batch.items = [item for place, item in enumerate(batch.items) if place not in gone]
        if state == "confirmed" and not batch.riding:
            self.tagging += [
                Tagging("give", item.email, item.adds, item.result)
                for item in batch.items
                if item.adds and item.there
            ]

    def drop(self, batch: Batch) -> None:
        """Nobody knows what Omnisend has of these any more."""
        self._write_posted()
        for item in batch.items:
            if item.email in self.contacts:
                self.contacts[item.email].hash = b""
        for item in batch.items:
            if batch.riding and item.adds:
                self.contacts.setdefault(item.email, Contact()).owed |= item.result
        batch.items, batch.state = [], "dropped"

    def open_batches(self) -> list[Batch]:
        return [batch for batch in self.batches if batch.state in OPEN]

    def crash(self) -> None:
        """Opened again: what was in memory alone is gone, what ended is merged."""
        self.posted.clear()
        self.merge()

    # Its end.

    def merge(self) -> None:
        self._write_posted()
        for batch in self._confirmed():
            for item in batch.items:
                self._merge_item(batch, item)
            batch.items = []
        self._merge_answered()
        self._merge_asked("give")
        self._merge_asked("take")
        self.tagging.clear()

    def _merge_item(self, batch: Batch, item: Sent) -> None:
        if not item.there:
            if batch.run_id == self.run_id:
                self.refused[item.email] = item.detail
            return
        contact = self.contacts.setdefault(item.email, Contact())
        run = self.runs.index(batch.run_id) + 1
        if not contact.confirmed:
            contact.first = run
        contact.hash, contact.run, contact.fate = item.hash, run, item.fate
        if batch.riding and item.result:
            contact.given = item.result
            contact.owed -= item.result

    def _merge_answered(self) -> None:
        """The last row that was answered tells what a contact has."""
        last = {each.email: each for each in self.tagging if each.done}
        for email, each in last.items():
            if email in self.contacts:
                contact = self.contacts[email]
                contact.given = each.result
                contact.owed -= each.result | each.tags

    def _merge_asked(self, verb: str) -> None:
        """What was asked for without an answer may have happened, or not."""
        last = {each.email: each for each in self.tagging if each.verb == verb and not each.done}
        for email, each in last.items():
            if email not in self.contacts:
                continue
            contact = self.contacts[email]
            contact.owed |= each.result if verb == "give" else each.tags
            if verb == "take":
                contact.given -= each.tags

    def _confirmed(self) -> list[Batch]:
        return [batch for batch in self.batches if batch.state == "confirmed"]

    def _write_posted(self) -> None:
        for batch_id, row in self.posted:
            for batch in self.batches:
                if batch.row == row:
                    batch.batch_id = batch_id
                    batch.state = "posted" if batch.state == "recorded" else batch.state
        self.posted.clear()

    # What another export sees.

    def known(self) -> set[str]:
        sent = {item.email for batch in self._confirmed() for item in batch.items if item.there}
        return sent | {email for email, one in self.contacts.items() if one.confirmed}

    def wanting(self, tag: str) -> set[str]:
        has = {
            email for email, one in self.contacts.items() if tag in one.given or tag in one.owed
        }  # fmt: skip
        for email, last in {each.email: each for each in self.tagging if each.done}.items():
            has.discard(email)
            if tag in last.result:
                has.add(email)
        asked = {
            e.email for e in self.tagging if e.verb == "give" and not e.done if tag in e.result
        }
        sent = {
            item.email
            for batch in self.batches
            if batch.state in (*OPEN, "confirmed")
            for item in batch.items
            if item.there and tag in item.result
        }
        return has | asked | sent

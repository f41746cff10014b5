"""Asynchronous batches: accepted at once, processed one after another at the sandbox's pace."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from omnisend_tui.sandbox.answers import Refusal
from omnisend_tui.sandbox.checks import not_valid
from omnisend_tui.sandbox.compact import Arena
from omnisend_tui.sandbox.contacts import Contacts
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.models import BatchRequest

_Outcome = dict[str, object]


@dataclass(slots=True)
class Batch:
    """One batch; what became of its items is kept on disk once it ended."""

    batch_id: str
    total: int
    origin: str
    created_at: str
    items: list[msgspec.Raw] = field(repr=False)
    status: str = "pending"
    finished: int = 0
    errors: int = 0
    started_at: str | None = None
    ended_at: str | None = None
    outcomes: tuple[int, int] | None = None

    def document(self) -> dict[str, object]:
        answer: dict[str, object] = {
            "batchID": self.batch_id,
            "status": self.status,
            "method": "POST",
            "endpoint": "contacts",
            "totalCount": self.total,
            "finishedCount": self.finished,
            "errorsCount": self.errors,
            "createdAt": self.created_at,
            "startedAt": self.started_at,
            "endedAt": self.ended_at,
        }
        if self.origin:
            answer["origin"] = self.origin
        return answer


class Batches:
    """All batches in the order of their acceptance, and the task that processes them."""

    def __init__(self, contacts: Contacts, plan: FaultPlan, seconds: float) -> None:
        self._contacts = contacts
        self._plan = plan
        self._seconds = seconds
        self._arena = Arena()
        self._all: list[Batch] = []
        self._by_id: dict[str, Batch] = {}
        self._queue: asyncio.Queue[Batch] = asyncio.Queue()

    def __len__(self) -> int:
        return len(self._all)

    def accept(self, request: BatchRequest) -> Batch:
        batch = Batch(
            batch_id=f"{len(self._all) + 1:024x}",
            total=len(request.items),
            origin=request.origin if self._plan.faults.echo_origin else "",
            created_at=_now(),
            items=request.items,
        )
        self._all.append(batch)
        self._by_id[batch.batch_id] = batch
        self._queue.put_nowait(batch)
        return batch

    def get(self, batch_id: str) -> Batch:
        batch = self._by_id.get(batch_id)
        if batch is None:
            raise Refusal(404, "There is no such batch.")
        return batch

    def page(
        self, *, status: str, since: str, until: str, offset: int, limit: int, oldest_first: bool
    ) -> tuple[list[Batch], bool]:
        """A page, and whether more follow; without filters it costs no more than its length."""
        if (
            not status
            and not until
            and (not since or not self._all or self._all[0].created_at >= since)
        ):
            size = len(self._all)
            places = range(offset, min(offset + limit, size))
            chosen = [self._all[i if oldest_first else size - 1 - i] for i in places]
            return chosen, offset + limit < size
        matching = [
            batch
            for batch in (self._all if oldest_first else reversed(self._all))
            if (not status or batch.status == status)
            and (not since or batch.created_at[:10] >= since)
            and (not until or batch.created_at[:10] <= until)
        ]
        return matching[offset : offset + limit], offset + limit < len(matching)

    def items(self, batch: Batch) -> dict[str, object]:
        """The batch with ``errors`` and ``responses``."""
        outcomes: dict[str, Any] = {"errors": [], "responses": []}
        if batch.outcomes:
            outcomes = msgspec.json.decode(self._arena.read(*batch.outcomes))
        return batch.document() | outcomes

    async def work(self) -> None:
        """Processes for ever; cancelled when the sandbox ends."""
        while True:
            batch = await self._queue.get()
            batch.status, batch.started_at = "inProgress", _now()
            if self._seconds:
                await asyncio.sleep(self._seconds)
            self._process(batch)
            await asyncio.sleep(0)

    def close(self) -> None:
        self._arena.close()

    def _process(self, batch: Batch) -> None:
        stop_after = self._plan.stop_after()
        errors: list[_Outcome] = []
        responses: list[_Outcome] = []
        for place, item in enumerate(batch.items[:stop_after]):
            status, response = self._apply(item)
            outcome: _Outcome = {
                "itemID": f"{batch.batch_id}-{place}",
                "request": item,
                "response": response,
                "responseCode": status,
                "status": "error" if status >= 400 else "success",
            }
            (errors if status >= 400 else responses).append(outcome)
        # Nobody may rely on an order: errors come last to first.
        document = msgspec.json.encode({"errors": errors[::-1], "responses": responses})
        batch.outcomes = self._arena.append(document), len(document)
        batch.finished, batch.errors = len(errors) + len(responses), len(errors)
        batch.status = "finished" if stop_after is None else "stopped"
        batch.ended_at = _now()
        batch.items = []

    def _apply(self, item: msgspec.Raw) -> tuple[int, object]:
        try:
            if self._plan.faults.items and (refusal := self._refused(item)):
                raise refusal
            number, created = self._contacts.upsert(item)
        except Refusal as refusal:
            return refusal.status, refusal.document()
        except msgspec.DecodeError as error:
            return 400, not_valid(error).document()
        return 201 if created else 200, {"contactID": f"{number:024x}"}

    def _refused(self, item: msgspec.Raw) -> Refusal | None:
        document = msgspec.json.decode(item)
        for identifier in document.get("identifiers", []):
            rule = self._plan.refused(str(identifier.get("id", "")))
            if rule is not None:
                return Refusal(rule.status, rule.message)
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

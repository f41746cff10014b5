"""Asynchronous batches: accepted at once, processed one after another at the sandbox's pace."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from omnisend_tui.sandbox.answers import Refusal
from omnisend_tui.sandbox.checks import not_valid
from omnisend_tui.sandbox.compact import Arena
from omnisend_tui.sandbox.contacts import Contacts
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.models import BatchRequest

# An item's status, and the number of its contact or the problem.
_Outcome = tuple[int, int | dict[str, object]]
_encode = msgspec.json.Encoder().encode
_decode_requests = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_outcomes = msgspec.json.Decoder(list[_Outcome]).decode


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
    requests: tuple[int, int] = (0, 0)
    outcomes: tuple[int, int] = (0, 0)

    def document(self) -> dict[str, object]:
        """The batch as Omnisend lists it."""
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
        """The batch with ``errors`` and ``responses``, put together anew as few ask."""
        lists: dict[str, list[dict[str, object]]] = {"errors": [], "responses": []}
        requests = _decode_requests(self._arena.read(*batch.requests)) if batch.finished else []
        outcomes = _decode_outcomes(self._arena.read(*batch.outcomes)) if batch.finished else []
        for place, (request, (status, found)) in enumerate(zip(requests, outcomes, strict=False)):
            response = {"contactID": f"{found:024x}"} if isinstance(found, int) else found
            refused = status >= 400
            lists["errors" if refused else "responses"].append(
                {
                    "itemID": f"{batch.batch_id}-{place}",
                    "request": request,
                    "response": response,
                    "responseCode": status,
                    "status": "error" if refused else "success",
                }
            )
        # Nobody may rely on an order: errors come last to first.
        lists["errors"].reverse()
        return batch.document() | lists

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
        outcomes = [self._apply(item) for item in batch.items[:stop_after]]
        batch.requests = self._keep(batch.items)
        batch.outcomes = self._keep(outcomes)
        batch.finished = len(outcomes)
        batch.errors = sum(status >= 400 for status, _ in outcomes)
        batch.status = "finished" if stop_after is None else "stopped"
        batch.ended_at = _now()
        batch.items = []

    def _keep(self, document: object) -> tuple[int, int]:
        encoded = _encode(document)
        return self._arena.append(encoded), len(encoded)

    def _apply(self, item: msgspec.Raw) -> _Outcome:
        try:
            number, created = self._contacts.upsert(bytes(item))
        except Refusal as refusal:
            return refusal.status, refusal.document()
        except msgspec.DecodeError as error:
            return 400, not_valid(error).document()
        return 201 if created else 200, number


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""What a run tells about itself: an immutable snapshot, pulled by whoever looks."""

from typing import Literal

import msgspec

from omnisend_tui.errors import AppError
from omnisend_tui.records import RunOptions

Status = Literal[
    "queued", "waiting", "running", "paused",
    "finished", "finished_with_rejects", "failed", "cancelled", "interrupted",
]  # fmt: skip
Stage = Literal["reading", "sending", "confirming", "tagging", "leaving"]
ENDED = frozenset({"finished", "finished_with_rejects", "failed", "cancelled", "interrupted"})


class RunError(msgspec.Struct, frozen=True):
    """Why a run failed: a stable code, a sentence and a hint in the language of its start."""

    code: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: AppError) -> "RunError":
        return cls(error.code, error.message, error.hint)


class Keyed(msgspec.Struct, frozen=True):
    """What the keys of a run's rejects mean: a ``column`` of a source (its id) at a path.

    Without a column they are the numbers of rows.
    """

    source_id: str
    column: str
    path: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A run at one moment. Times are seconds since the epoch (UTC), counts are profiles.

    Always ``read`` is created + updated + accepted + unchanged + duplicates + rejected + those on
    their way.
    ``sent`` are profiles in posted batches; ``total`` is None until the source was counted.
    ``throughput`` is contacts a minute in equal slices of the run so far, oldest first, at most 60.
    ``seconds_left`` is None where it can't be told. ``budget_used`` are the brand's requests in the
    last 60 seconds, of ``budget_limit`` that this app takes now; it is lower for a while
    (``budget_lowered``) when others were seen to use the limit too. ``new`` are contacts that no
    ledger of the workspace has for the brand. ``tagged`` of ``tags_owed`` contacts got their
    tags; once it has ended, none are owed to whom Omnisend doesn't have. ``leavers`` of
    ``leavers_found`` lost theirs. ``subscribed`` were sent as such and confirmed;
    ``left_unsubscribed`` agreed too, and weren't since Omnisend lists them as unsubscribed.

    ``batches`` don't count those that were replaced before Omnisend took them, nor those that the
    run ended without sending. ``batches_lost`` were posted, their answer was lost, and they are
    looked for. ``retries`` are requests that were repeated, to Omnisend or the source.

    ``started_by`` is app, cli or agent, ``user`` the operating system's user who started it; both
    and ``started_at`` stay when it is resumed. ``resumed_at`` is when that was last, by
    ``resumed_user``, and ``seconds_before`` what its parts until then took, without the time
    between them.
    ``stages`` are those entered, in order, each with when; a resumed run enters them again.
    ``waiting_for`` is budget, or export where other runs have taken the brand's requests; tags
    where the limit for tags is reached, which opens again in ``waits_seconds`` where nobody else
    waits for it; asked where Omnisend said how long to wait; source where that can't go on yet;
    network or retry where no usable answer came; lost where batches are looked for whose answer
    was lost, which are sent again in ``waits_seconds`` if they aren't found; recovery; and process
    where whoever looks sees that the run's own gives no sign of life.
    ``cancelling``: it goes on only until what is out is confirmed.
    ``requests_chart`` are the brand's requests in the last 60 seconds, per second, oldest first.
    ``answers`` is what came instead of a usable answer, and how often: a status such as "429", or
    network. ``empty_segments`` are those in which the source has nobody, where that may be a
    misspelling. ``keyed`` is None for a run of an older version.
    """

    run_id: str
    export_id: str
    export: str
    connection: str = ""
    connection_id: str = ""
    brand_id: str = ""
    source: str = ""
    keyed: Keyed | None = None
    segments: tuple[str, ...] = ()
    started_by: str = ""
    user: str = ""
    options: RunOptions = RunOptions()
    status: Status = "queued"
    stage: Stage = "reading"
    cancelling: bool = False
    waiting_for: str = ""  # "" or one of the reasons above: why nothing moves just now
    waits_seconds: float | None = None
    stages: tuple[tuple[Stage, float], ...] = ()
    total: int | None = None
    read: int = 0
    created: int = 0
    updated: int = 0
    accepted: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    new: int = 0
    tags_owed: int = 0
    tagged: int = 0
    leavers_found: int = 0
    leavers: int = 0
    subscribed: int = 0
    left_unsubscribed: int = 0
    warnings: int = 0
    to_send: int = 0
    sent: int = 0
    confirmed: int = 0
    batches: int = 0
    batches_open: int = 0
    batches_lost: int = 0
    batches_confirmed: int = 0
    batches_unconfirmed: int = 0
    batches_with_errors: int = 0
    requests: int = 0
    retries: int = 0
    answers: tuple[tuple[str, int], ...] = ()
    rate_per_minute: int = 0
    seconds_left: float | None = None
    throughput: tuple[int, ...] = ()
    requests_chart: tuple[int, ...] = ()
    budget_used: int = 0
    budget_limit: int = 0
    budget_lowered: bool = False
    started_at: float = 0.0
    resumed_at: float | None = None
    resumed_user: str = ""
    seconds_before: float = 0.0
    reading_done_at: float | None = None
    updated_at: float = 0.0
    finished_at: float | None = None
    error: RunError | None = None
    empty_segments: tuple[str, ...] = ()

    @property
    def closed(self) -> int:
        """Profiles whose account is closed: what the progress bar shows, of ``total``."""
        return (
            self.created + self.updated + self.accepted
            + self.unchanged + self.duplicates + self.rejected
        )  # fmt: skip

    @property
    def time_left(self) -> float | None:
        """``seconds_left`` as it is told: None too while it waits for what may take any time, and
        once it is cancelled. Limits and the other runs of the brand are reckoned with.
        """
        known = self.status == "running" and self.waiting_for in ("", "budget", "export", "tags")
        return self.seconds_left if known and not self.cancelling else None

    @property
    def on_their_way(self) -> int:
        return self.read - self.closed

    @property
    def refused(self) -> int:
        """Rejects that were to be sent: the others never were."""
        by_source = max(0, self.read - self.to_send - self.unchanged - self.duplicates)
        return max(0, self.rejected - by_source)

    @property
    def unanswered(self) -> int:
        """Profiles in posted batches whose outcome isn't known."""
        return max(0, self.sent - self.confirmed - self.refused)

    @property
    def unread(self) -> int:
        """Profiles that it didn't come to, as far as they were counted."""
        return max(0, (self.total or 0) - self.read) if self.reading_done_at is None else 0

    @property
    def untagged(self) -> int:
        """Contacts that have yet to get their tags."""
        return max(0, self.tags_owed - self.tagged)

    @property
    def perhaps_sent(self) -> bool:
        """Whether some of those on their way may be in Omnisend."""
        return bool(self.unanswered or self.batches_lost) or self.status == "interrupted"

    @property
    def began(self) -> float:
        """When it was started or last resumed."""
        return self.started_at if self.resumed_at is None else self.resumed_at

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def ended_well(self) -> bool:
        """Whether all was done that could be."""
        return self.status in ("finished", "finished_with_rejects")

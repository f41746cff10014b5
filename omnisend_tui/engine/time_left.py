"""How long a run has yet to go: worked out from what is left and what holds it up.

Whichever needs longest decides: reading, the brand's window (``omnisend/budget.py``), Omnisend's
answers, the limit for tags. After the last batch comes the time until Omnisend has processed it.
Everything here is a function of the moments that it is given, so that recorded runs can be played
again.
"""

import math
from collections import deque
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from omnisend_tui.engine.outbox import SENDERS
from omnisend_tui.engine.slots import Share, until
from omnisend_tui.omnisend.budget import budget_reserve
from omnisend_tui.omnisend.models import BATCH_ITEMS, TAGGED
from omnisend_tui.omnisend.share import WINDOW

EVERY = 1.0  # seconds between moments
_REMEMBERED = 180  # moments: longer than any batch should take
_MEASURED = 5  # of the latest batches
_POLLING = 2.0  # seconds after which the end of a batch is seen
_STEPS = 3  # times that batches were seen to end, to measure it by
_SLOWER = 0.8  # of what is sent: less that ends is a sign of slow processing
_SETTLING = 0.1  # of what is left: in this time the estimate follows what was worked out
_OF_ITS_AGE = 0.2  # of the time that it ran: nor does it take longer than this
_SHORTEST, _LONGEST = 2.0, 30.0  # seconds of that


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """A run at ``at`` seconds since its start; counts are profiles.

    ``unsent`` are to be sent and weren't yet, ``answered`` have their outcome. ``blocked``: reading
    waits for sending. ``latency`` is how long Omnisend takes to answer a batch, in seconds.
    ``window`` has what batches may use, ``tags`` the limit for tags. Among those who weren't read
    yet are at least so many ``newcomers``, who are to be sent, and of them ``newcomers_owed`` tags.
    """

    at: float
    total: int | None
    read: int
    done_reading: bool
    blocked: bool
    to_send: int
    unsent: int
    sent: int
    answered: int
    tags_owed: int
    tagged: int
    leavers: int
    latency: float
    window: Share
    tags: Share
    newcomers: int = 0
    newcomers_owed: int = 0


class TimeLeft:
    """Told a moment about every second, it keeps a steady estimate."""

    def __init__(self) -> None:
        self._moments: deque[Moment] = deque(maxlen=_REMEMBERED)
        self._processing: deque[float] = deque(maxlen=_MEASURED)
        self._left: float | None = None

    def see(self, moment: Moment) -> float | None:
        """Seconds; None while nobody can tell."""
        before = self._moments[-1] if self._moments else None
        self._moments.append(moment)
        if before is not None and moment.answered > before.answered:
            self._processing.append(processing(self._moments))
        left = seconds_left(
            moment,
            reading(self._moments),
            self._tail(moment),
            processed(self._moments),
            self._next_look(moment),
        )
        passed = moment.at - before.at if before else 0.0
        self._left = left if left is None else steadied(self._left, moment.at, passed, left)
        return self._left

    def _tail(self, moment: Moment) -> float:
        """Seconds from the last batch to its end, as far as they aren't over."""
        # Each is how long it took at most.
        takes = min(self._processing, default=_POLLING)
        if moment.sent == moment.answered and not moment.unsent:
            return 0.0
        waited = 0.0
        if moment.done_reading and not moment.unsent:
            since = next((m.at for m in self._moments if m.sent >= moment.sent), moment.at)
            waited = moment.at - since
        return max(_POLLING, takes + _POLLING - waited)

    def _next_look(self, moment: Moment) -> float:
        """Seconds until batches are seen to have ended: while they use up the window, polling has
        few slots.
        """
        posts = _to_send(moment) / BATCH_ITEMS
        if posts <= SENDERS or moment.window.used + posts < moment.window.allowed:
            return 0.0
        every = WINDOW / max(1, budget_reserve(moment.window.allowed))
        looked = next(
            (
                after.at
                for after, before in pairwise(reversed(self._moments))
                if after.answered > before.answered
            ),
            0.0,
        )
        return max(0.0, every - (moment.at - looked))


def seconds_left(
    moment: Moment, speed: float, tail: float, processing: float, next_look: float
) -> float | None:
    """``speed`` is that of reading, in profiles a second (0: not known); ``tail`` are the seconds
    until Omnisend has processed the last batch; ``processing`` is how many profiles it does in a
    second where that holds the run up, else 0. In ``next_look`` seconds more contacts are known to
    be there, which can get their tags then.
    """
    if moment.total is None or not (moment.read or moment.done_reading):
        return None
    unread = _unread(moment)
    if unread and not speed:
        return None
    to_send = _to_send(moment)
    posts = math.ceil(to_send / BATCH_ITEMS)
    owed = moment.tags_owed + _of_unread(moment, moment.tags_owed, moment.newcomers_owed)
    untagged = max(0.0, owed - moment.tagged)
    asking = moment.tags.under_way
    tags = max(0, math.ceil(untagged / TAGGED) + math.ceil(moment.leavers / TAGGED) - asking)
    sending = max(unread / speed if unread else 0.0, _sending(moment, posts)) + tail
    if tags:
        given = tags + moment.tags.first
        sending = max(sending, _in_window(moment, _posting(moment, posts) + given))
    if processing:
        unprocessed = to_send + moment.sent - moment.answered
        sending = max(sending, unprocessed / processing)
    there = moment.answered / moment.to_send if moment.to_send else 1.0
    ready = max(0, int(moment.tags_owed * there - moment.tagged) // TAGGED - asking)
    # Polling needn't be thrifty for the last ones, which are with the senders.
    later = min(next_look, _sending(moment, max(0, posts - SENDERS)))
    tagging = until(tags, moment.tags, paced=False, ready=ready, later=later)
    return max(sending + (moment.latency if tags or asking else 0.0), tagging)


def _unread(moment: Moment) -> int:
    return 0 if moment.done_reading else max(0, (moment.total or 0) - moment.read)


def _of_unread(moment: Moment, count: int, at_least: int) -> float:
    """How many of those who weren't read yet, where ``count`` are of those who were.

    Newcomers often come last, as they do where a source is in the order of its keys.
    """
    unread = _unread(moment)
    return max(count * unread / moment.read, at_least) if unread and moment.read else 0.0


def _to_send(moment: Moment) -> float:
    return moment.unsent + _of_unread(moment, moment.to_send, moment.newcomers)


def _sending(moment: Moment, posts: int) -> float:
    """Seconds for so many batches."""
    return _in_window(moment, _posting(moment, posts))


def _posting(moment: Moment, posts: int) -> int:
    """Requests of the brand's window that are yet to be made for so many batches."""
    return max(0, posts - max(0, moment.window.under_way - moment.tags.under_way))


def _in_window(moment: Moment, requests: int) -> float:
    """Seconds until so many are made."""
    at_once = SENDERS / moment.latency if moment.latency else math.inf
    return until(requests, moment.window, at_once=at_once)


def reading(moments: Iterable[Moment]) -> float:
    """Profiles a second while sending didn't hold it up, lately; 0 where nothing was read.

    Where it always was, sending decides.
    """
    recent = list(moments)
    freely = [(a, b) for a, b in pairwise(recent) if not (a.blocked or b.blocked)]
    seconds = sum(after.at - before.at for before, after in freely)
    read = sum(after.read - before.read for before, after in freely)
    if read:
        return read / seconds
    return math.inf if any(moment.blocked for moment in recent) else 0.0


def processing(moments: Iterable[Moment]) -> float:
    """How old the batches are that were confirmed last: what Omnisend takes for one, in seconds.

    Batches end in the order in which they were posted, as good as always.
    """
    recent = list(moments)
    now = recent[-1]
    return now.at - next(moment.at for moment in recent if moment.sent >= now.answered)


def processed(moments: Iterable[Moment]) -> float:
    """Profiles that Omnisend processes in a second where that is slower than sending, else 0."""
    recent = list(moments)
    now = recent[-1]
    if now.sent == now.answered:
        return 0.0
    still = now.unsent == 0 and now.done_reading
    steps = [
        (before, after)
        for before, after in pairwise(recent)
        if after.answered > before.answered and (not still or before.sent == now.sent)
    ]
    if len(steps) < _STEPS:
        return 0.0
    (before_first, first), (before_last, last) = steps[0], steps[-1]
    answered = last.answered - first.answered
    # What was sent since the look before can't have ended.
    sent = min(last.sent - first.sent, before_last.sent - before_first.sent)
    if not still and answered > _SLOWER * sent:
        return 0.0
    return answered / (last.at - first.at)


def steadied(before: float | None, at: float, passed: float, left: float) -> float:
    """The estimate counts down and follows ``left``, what was worked out at ``at``, in a while."""
    if before is None:
        return left
    expected = max(0.0, before - passed)
    settling = max(_SHORTEST, min(_LONGEST, _SETTLING * left, _OF_ITS_AGE * at))
    return max(0.0, expected + (left - expected) * min(1.0, passed / settling))

"""Gives and takes tags: 250 contacts a request, within the brand's own limit for tags.

One tag in a brand is given and taken under one lock of the operating system: whoever takes it must
see what others are about to give. The lock is held for one request.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

from omnisend_tui.config.files import create_private_file, take_lock
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import TagWork
from omnisend_tui.engine.retry import pause_after, with_retries, worth_another
from omnisend_tui.errors import AppError, StateError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.errors import Refusal
from omnisend_tui.omnisend.models import TAGGED

_GLANCE = 0.1  # seconds between looks at what is owed
_MANY = 1000  # rows behind the oldest: as far as the ledger looks for a full request
_LOCK_GLANCE = 0.02

T = TypeVar("T")


class Tagger:
    """Gives the tags that are owed, in a thread of its own while batches are still sent."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._after = 0  # everything up to this row is given

    def work(self, no_more: threading.Event) -> None:
        """Until ``no_more`` is set and nothing is owed, or the run stops: then the rest stays owed.

        Raises ``Stopped`` and ``AppError``.
        """
        context = self._context
        requests = TagRequests(context)
        while not context.stop.is_set():
            last = no_more.is_set()  # before the look: what came until then is seen
            work = self._next(last)
            if work is not None:
                self._after = work.ids[0] - 1
                requests.give(work)
            elif last:
                return
            else:
                no_more.wait(_GLANCE)

    def _next(self, last: bool) -> TagWork | None:
        """A full request; one that isn't only when nothing can fill it up."""
        log = self._context.ledger.tag_log
        work = log.next("give", TAGGED, self._after)
        if work is None or last or len(work.ids) == TAGGED:
            return work
        behind = log.next("give", 1, work.ids[0] + _MANY)
        return work if behind is not None else None


class TagRequests:
    """The requests of one run. Each may be repeated, since it says the same again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = context.stop
        self._halt = context.outbox.halt
        self._budget = context.tag_budget

    def give(self, work: TagWork) -> None:
        """One request. Raises ``Stopped`` once the run stops, and what the client does."""
        self.ask(work, partial(self._give, work))
        self._context.counters.add(tagged=len(work.ids))

    def ask(self, work: TagWork, request: Callable[[], T]) -> T:
        """``request`` until it succeeds, each time with a slot and under the locks of the tags.

        A pause lets go of all of them.
        """
        while True:
            self._halt.outlast()
            try:
                return self._ask(work, request)
            except Stopped:
                if self._stop.is_set():
                    raise

    def _ask(self, work: TagWork, request: Callable[[], T]) -> T:
        try:
            return with_retries(
                self._context, partial(self._attempt, work, request), worth_another, self._stop
            )
        except AppError as error:
            if self._stop.is_set():  # a cancelled run didn't fail
                raise Stopped from None
            if isinstance(error, Refusal) and error.status < 500:
                # What is in flight can still be confirmed.
                self._context.fail(error, abandon=error.status in (401, 403, 410))
                raise Stopped from None
            raise

    def _give(self, work: TagWork) -> None:
        context = self._context
        emails = [context.ledger.unseal(each) for each in work.sealed]
        context.counters.add(requests=1)
        context.client.add_tags(sorted(work.tags), emails, self._halt)
        context.ledger.tag_log.done(work)

    def _attempt(self, work: TagWork, request: Callable[[], T]) -> T:
        for attempt in count(1):
            # The lock first: while it is waited for, a slot would age.
            with self._locks(work.tags):
                remaining = self._context.tag_requests_left()
                slot = self._budget.take("tag", self._halt, max(1, remaining))
                if slot is None:
                    raise Stopped
                try:
                    return request()
                except Refusal as error:
                    if error.status != 429:
                        raise
                    self._hold(pause_after(error, attempt))
                finally:
                    self._budget.done(slot)
        raise AssertionError("unreachable")

    def _hold(self, seconds: float) -> None:
        """Most likely it is the limit for tags, so batches don't wait."""
        context = self._context
        self._budget.hold(seconds)
        context.answered()
        context.counters.add(retries=1)
        context.counters.answer("429")
        context.log_folded("rate_limited", seconds=round(seconds))

    @contextmanager
    def _locks(self, tags: Iterable[str]) -> Iterator[None]:
        """Sorted, so that two processes never wait for each other."""
        job = self._context.job
        with ExitStack() as stack:
            for path in sorted(tag_lock(job.lock_path.parent, job.brand.id, tag) for tag in tags):
                stack.enter_context(_locked(path, self._halt))
            yield


def tag_lock(folder: Path, brand_id: str, tag: str) -> Path:
    """The file whose lock is held while a tag is given or taken in a brand."""
    name = hashlib.blake2b(f"{brand_id}\0{tag}".encode(), digest_size=16).hexdigest()
    return folder / f"tag-{name}.lock"


@contextmanager
def _locked(path: Path, stop: threading.Event) -> Iterator[None]:
    """As ``config.files.exclusive``, but the wait ends with ``stop``."""
    create_private_file(path)
    lock = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        _wait_for(lock, path, stop)
        yield
    finally:
        lock.close()


def _wait_for(lock: sqlite3.Connection, path: Path, stop: threading.Event) -> None:
    """As long as it takes: who holds it may wait for the brand, and a crash lets it go."""
    while not stop.is_set():
        try:
            take_lock(lock)
            return
        except sqlite3.Error as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StateError(
                    "lock_unusable",
                    _("The lock {path} of a tag can't be taken.").format(path=path),
                    _("Look at the owner and the rights of the file and of its folder."),
                ) from None
        stop.wait(_LOCK_GLANCE)
    raise Stopped

"""Takes items from a slow iterator in a thread, one ahead of whoever works on them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

from omnisend_tui.sources.odata_errors import Stopped

_LOOKS = 0.05  # seconds between two looks at ``stop``

T = TypeVar("T")


def ahead(make: Callable[[Event], Iterator[T]], stop: Event) -> Generator[T, None, None]:
    """The items of what ``make`` gives, which runs in a thread and ends once its event is set.

    While one item is worked on, the next is made. What it raises is raised here. Ends quietly with
    ``stop``, without waiting for an item that is under way; its thread ends with that one.
    """
    if stop.is_set():
        return
    halt = Event()
    wanted = Semaphore(1)
    made: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()

    def work() -> None:
        try:
            wanted.acquire()
            for item in make(halt):
                made.put((item,))
                wanted.acquire()
                if halt.is_set():
                    return
            made.put(None)
        except BaseException as error:
            made.put(error)

    Thread(target=work, name="source-ahead", daemon=True).start()
    try:
        while not stop.is_set():
            try:
                item = made.get(timeout=_LOOKS)
            except Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            wanted.release()
            yield item[0]
    finally:
        halt.set()
        wanted.release()


def alone(make: Callable[[Event], T], stop: Event) -> T:
    """What ``make`` gives, which runs in a thread; raises ``Stopped`` soon after ``stop`` is set.

    A thread that is still under way then ends with what it waits for, and nobody hears of it.
    """

    def only(halt: Event) -> Iterator[T]:
        yield make(halt)

    with closing(ahead(only, stop)) as found:
        for item in found:
            return item
    raise Stopped

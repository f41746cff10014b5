"""A cache for readers whose texts repeat."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

Value = TypeVar("Value")
Read = Callable[[str], tuple[Value | None, str]]

LONGEST = 60  # no date, number or word that a reader knows is longer


def remembered(size: int, too_long: str) -> Callable[[Read[Value]], Read[Value]]:
    """Remembers ``size`` texts of a reader; what is over ``LONGEST`` is None and ``too_long``.

    So a column of long texts that was mapped by mistake doesn't fill the memory.
    """

    def decorate(read: Read[Value]) -> Read[Value]:
        known = lru_cache(maxsize=size)(read)

        def guarded(text: str) -> tuple[Value | None, str]:
            return known(text) if len(text) <= LONGEST else (None, too_long)

        return guarded

    return decorate

"""What every source offers, what it is given to be opened, and the records that leave it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Protocol

from omnisend_tui.profiles import Chunk, Column, UnreadableRow

__all__ = [
    "MOST_MEMBERSHIPS",
    "Access",
    "Chunk",
    "Column",
    "ProfileSource",
    "Segment",
    "Selection",
    "Tokens",
    "UnreadableRow",
]

_HURRIED = 15.0  # seconds
MOST_MEMBERSHIPS = 60  # segments whose bits fit a BIGINT of SQL


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment and its number of profiles.

    None where counting would cost a full read, or where its condition can't be used. ``label`` is
    what people call it, ``refreshed`` when it was made last (seconds since the epoch), where the
    source knows.
    """

    name: str
    profiles: int | None
    label: str = ""
    refreshed: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Profiles in any of ``segments`` and in none of ``except_segments``."""

    segments: tuple[str, ...]
    except_segments: tuple[str, ...] = ()


class Tokens(Protocol):
    """Signs the requests to a source; called from any thread, takes a while."""

    def token(self, *, fresh: bool = False) -> str:
        """An access token; ``fresh``: the last one was refused.

        Raises ``CredentialsError`` where somebody has to sign in or to give a secret, ``AppError``
        where the place to sign in at can't be reached.
        """
        ...


def _unlisted(_segments: Sequence[Segment]) -> None:
    pass


def _unheard(*_event: str, **_fields: str | int | float) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a source needs beyond its record.

    ``tell`` hears what belongs into the log of a run: an event and its fields, never personal
    data. ``repeated`` is called whenever a request is made again. ``listed`` hears of the segments
    whenever a service lists them with what people call them; ``labels`` are these by the segments'
    names, as far as they were heard of before.
    ``patience`` is how long a source that gives no answer is asked again, ``silence`` how long one
    answer is waited for, ``hurry`` how long one that has no profiles: who is signed in, and lists
    of columns and segments. All are in seconds; a page of 5,000 profiles is worked out before it
    comes.
    """

    tokens: Tokens | None = None
    tell: Callable[..., None] = _unheard
    repeated: Callable[[], object] = _unheard
    listed: Callable[[Sequence[Segment]], None] = _unlisted
    labels: Mapping[str, str] = field(default_factory=dict)
    patience: float = 15.0
    silence: float = 60.0
    hurry: float = 60.0

    def hurried(self) -> "Access":
        """For somebody before a screen, who is told soon of an environment that doesn't answer."""
        return replace(self, hurry=_HURRIED)


class ProfileSource(Protocol):
    """Errors are ``SourceError`` with a sentence; each method may be called from any thread.

    ``unlisted``: there may be segments that ``segments`` doesn't name, known once that was called.
    ``unclear``: how many of the selection the last ``read`` can't tell about, known once it came to
    its end; 0 where only its unreadable rows hide somebody.
    """

    unlisted: bool
    unclear: int

    def columns(self) -> list[Column]: ...

    def segments(self) -> list[Segment]:
        """'All profiles' first."""
        ...

    def count(
        self, selection: Selection, stop: Event | None = None, *, limit: int | None = None
    ) -> int:
        """Profiles in ``selection``, each once (rows that can't be parsed may be missing).

        It may be off by a few percent where an exact one costs a full read, unless that matters
        for ``limit``. Once ``stop`` is set the number says nothing.
        """
        ...

    def version(self, selection: Selection, stop: Event | None = None) -> str:
        """A text that stays the same until the profiles in ``selection`` are refreshed."""
        ...

    def read(
        self,
        selection: Selection,
        columns: Sequence[str],
        stop: Event,
        chunk_rows: int = 2000,
        *,
        memberships: bool = False,
    ) -> Iterator[Chunk]:
        """Streams the selection; ends early and quietly once ``stop`` is set.

        With ``memberships`` each chunk says which of ``selection.segments`` (``MOST_MEMBERSHIPS``
        of them, else ``ValueError``) each of its rows is in. A row isn't in a segment whose
        condition is NULL for it.

        A column that isn't there is a ``SourceError`` 'column_missing' before the first chunk; a
        file that changed meanwhile is 'source_changed' at the end.
        """
        ...

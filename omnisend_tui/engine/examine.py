"""What an export would make of its whole selection, before there is one: counts and few examples.

Nothing here is stored: the values that are shown are forgotten with the screen that shows them.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from msgspec import structs

from omnisend_tui.config.models import Attribute, Export, Source
from omnisend_tui.engine.seen import Seen
from omnisend_tui.engine.turns import take_short_turns
from omnisend_tui.mapping.convert import Converted, compile_mapping
from omnisend_tui.mapping.fields import CUSTOM
from omnisend_tui.profiles import Chunk
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.columns import require_column

EXAMPLES = 3  # values of each kind that are shown
_CHUNK = 1000  # rows; more at once make the screen wait
_TELL = 0.1  # seconds between two figures
_MAY_FAIL = ("email", "country", "phone", "birthdate", "gender")  # the others take any text


@dataclass(frozen=True, slots=True)
class Counts:
    """A segment so far: ``checked`` is the sum of the five after it; ``total`` may be unknown.

    ``agreed`` are those of the valid ones whose consent column says yes; 0 where the export sends
    no status; ``mixed`` are the addresses whose rows say both, of which the first one holds.
    ``warnings`` are by field and reason. ``examples`` are up to three cells by field and reason,
    addresses among them: to be shown, never stored. ``seconds`` are since it began.
    """

    total: int | None = None
    checked: int = 0
    valid: int = 0
    missing: int = 0
    invalid: int = 0
    duplicates: int = 0
    unreadable: int = 0
    agreed: int = 0
    mixed: int = 0
    warnings: dict[tuple[str, str], int] = field(default_factory=dict)
    examples: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    done: bool = False


def examine(
    source: Source,
    export: Export,
    temp_dir: Path,
    stop: threading.Event,
    tell: Callable[[Counts], None] = lambda _counts: None,
    access: Access | None = None,
) -> Counts:
    """Reads and converts the whole selection of ``export``, and sends nothing.

    ``tell`` gets the figures some times a second. Once ``stop`` is set it ends with what it has.
    Raises ``UsageError`` for a mapping that no run would take, ``SourceError`` for a column that
    isn't there and for a source that changed meanwhile.
    """
    take_short_turns()
    return _Examination(export, stop, tell).work(source, temp_dir, access)


def _may_fail(attribute: Attribute) -> bool:
    if not attribute.column:
        return False
    typed = attribute.field.startswith(CUSTOM) and attribute.type != "text"
    return typed or attribute.field in _MAY_FAIL


class _Examination:
    def __init__(
        self, export: Export, stop: threading.Event, tell: Callable[[Counts], None]
    ) -> None:
        self._wanted = compile_mapping(export).columns
        # What can't fail isn't read: that halves the time.
        kept = tuple(each for each in export.mapping if _may_fail(each))
        status = export.email_status if export.consent_column else ""
        self._export = structs.replace(export, mapping=kept, email_status=status)
        self._converter = compile_mapping(self._export)
        columns = self._converter.columns
        self._places = {each.field: columns.index(each.column) for each in kept}
        self._stop = stop
        self._tell = tell
        self._seen = Seen()
        self._yes = Seen()  # whose first row agreed
        self._mixed = Seen()
        self._counts: Counter[str] = Counter()
        self._warnings: Counter[tuple[str, str]] = Counter()
        self._examples: dict[tuple[str, str], dict[str, None]] = {}
        self._total: int | None = None
        self._began = time.monotonic()

    def work(self, source: Source, temp_dir: Path, access: Access | None) -> Counts:
        export = self._export
        opened = open_source(source, temp_dir, access)
        names = [column.name for column in opened.columns()]
        for name in self._wanted:
            require_column(names, name)
        selection = Selection(export.segments, export.except_segments)
        self._total = opened.count(selection, self._stop)
        self._tell(self._figures())
        due = 0.0
        for chunk in opened.read(selection, self._converter.columns, self._stop, _CHUNK):
            self._add(chunk, self._converter.convert(chunk))
            if (now := time.monotonic()) >= due:
                self._tell(self._figures())
                due = now + _TELL
        final = replace(self._figures(), done=not self._stop.is_set())
        self._tell(final)
        return final

    def _add(self, chunk: Chunk, done: Converted) -> None:
        counts, seen = self._counts, self._seen
        counts["checked"] += len(chunk.rows) + len(chunk.unreadable)
        counts["unreadable"] += len(chunk.unreadable)
        keys = [blake2b(email.encode(), digest_size=16).digest() for email in done.emails]
        twice = {index for index, key in enumerate(keys) if not seen.add(key)}
        counts["duplicates"] += len(twice)
        counts["valid"] += len(done.emails) - len(twice)
        for index, agreed in enumerate(done.opt_ins):
            address = keys[index]
            if index in twice:
                mixed = bool(agreed) != (address in self._yes)
                counts["mixed"] += mixed and self._mixed.add(address)
            elif agreed:
                counts["agreed"] += self._yes.add(address)
        self._rejects(chunk, done)
        for index, problem in done.warnings:
            if index in twice:
                continue
            key = (problem.field, problem.reason)
            self._warnings[key] += 1
            self._example(key, chunk.rows[done.places[index]][self._places[problem.field]])

    def _rejects(self, chunk: Chunk, done: Converted) -> None:
        rejects = done.rejects[len(chunk.unreadable) :]
        if not rejects:
            return
        good = set(done.places)
        email = self._places["email"]
        left = (row for place, row in enumerate(chunk.rows) if place not in good)
        for row, problem in zip(left, rejects, strict=True):
            self._counts["missing" if problem.reason == "missing_email" else "invalid"] += 1
            if problem.reason != "missing_email":
                self._example(("email", problem.reason), row[email])

    def _example(self, key: tuple[str, str], cell: str | None) -> None:
        kept = self._examples.setdefault(key, {})
        if cell and len(kept) < EXAMPLES:
            kept[cell] = None

    def _figures(self) -> Counts:
        counts = self._counts
        return Counts(
            total=self._total,
            checked=counts["checked"],
            valid=counts["valid"],
            missing=counts["missing"],
            invalid=counts["invalid"],
            duplicates=counts["duplicates"],
            unreadable=counts["unreadable"],
            agreed=counts["agreed"],
            mixed=counts["mixed"],
            warnings=dict(self._warnings),
            examples={key: tuple(cells) for key, cells in self._examples.items()},
            seconds=time.monotonic() - self._began,
        )

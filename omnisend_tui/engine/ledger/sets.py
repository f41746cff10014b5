"""Sets of tags by number: few exist, however many contacts there are."""

import json
import sqlite3
from collections.abc import Iterable

from omnisend_tui.engine.ledger.database import tags_of


class TagSets:
    """The table ``tag_set``, and two functions over numbers for SQL: ``united`` and ``without``.

    What those make lies in the table after ``store``, in the transaction that ``load`` began in.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._numbers: dict[frozenset[str], int] = {}
        self._tags: dict[int, frozenset[str]] = {}
        self._made: list[frozenset[str]] = []
        database.create_function("united", 2, self._united, deterministic=True)
        database.create_function("without", 3, self._without, deterministic=True)

    def number(self, tags: Iterable[str]) -> int:
        wanted = frozenset(tags)
        if wanted not in self._numbers:
            text = _text(wanted)
            self._database.execute("INSERT OR IGNORE INTO tag_set (tags) VALUES (?)", (text,))
            (number,) = self._database.execute(
                "SELECT id FROM tag_set WHERE tags = ?", (text,)
            ).fetchone()
            self._keep(number, wanted)
        return self._numbers[wanted]

    def tags(self, number: int) -> frozenset[str]:
        if number not in self._tags:
            (text,) = self._database.execute(
                "SELECT tags FROM tag_set WHERE id = ?", (number,)
            ).fetchone()
            self._keep(number, tags_of(text))
        return self._tags[number]

    def load(self) -> None:
        """All of the table, so that the functions need no query."""
        self.forget()
        for number, text in self._database.execute("SELECT id, tags FROM tag_set").fetchall():
            self._keep(number, tags_of(text))

    def store(self) -> None:
        rows = [(self._numbers[tags], _text(tags)) for tags in self._made]
        self._database.executemany("INSERT INTO tag_set (id, tags) VALUES (?, ?)", rows)
        self._made.clear()

    def forget(self) -> None:
        """After a transaction that failed: nobody knows any number."""
        self._numbers.clear()
        self._tags.clear()
        self._made.clear()

    def _keep(self, number: int, tags: frozenset[str]) -> None:
        self._numbers[tags] = number
        self._tags[number] = tags

    def _united(self, one: int, other: int) -> int:
        return self._made_number(self._tags[one] | self._tags[other])

    def _without(self, one: int, other: int, third: int) -> int:
        return self._made_number(self._tags[one] - self._tags[other] - self._tags[third])

    def _made_number(self, tags: frozenset[str]) -> int:
        if tags not in self._numbers:
            self._keep(max(self._tags) + 1, tags)
            self._made.append(tags)
        return self._numbers[tags]


def _text(tags: frozenset[str]) -> str:
    return json.dumps(sorted(tags), ensure_ascii=False)

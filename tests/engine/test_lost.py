"""Lost batches in a listing: known by origin, by id, or by their contacts."""

from collections import Counter
from dataclasses import dataclass

import pytest

from omnisend_tui.engine.lost import Lost, LostBatches, candidates, is_part
from omnisend_tui.omnisend.models import Batch, BatchItems, ItemOutcome

POSTED = 1795608000.0  # 2026-11-25T12:00:00Z
LATER = "2026-11-25T12:00:30Z"


@dataclass(frozen=True)
class Contacts:
    """A batch of a few addresses."""

    addresses: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.addresses)

    def emails(self) -> list[str]:
        return list(self.addresses)


AB, CD = Contacts(("a@example.com", "b@example.com")), Contacts(("c@example.com", "d@example.com"))


class Omnisend:
    """Tells the items of batches by their ids, and counts how often it is asked."""

    def __init__(self, **shown: tuple[str, ...]) -> None:
        self.shown = shown
        self.asked: Counter[str] = Counter()

    def items(self, batch_id: str) -> BatchItems:
        self.asked[batch_id] += 1
        outcomes = [
            ItemOutcome(request={"identifiers": [{"type": "email", "id": email}]})
            for email in self.shown.get(batch_id, ())
        ]
        return BatchItems(errors=outcomes[:1], responses=outcomes[1:])


def lost(omnisend: Omnisend, **batches: Contacts) -> LostBatches[Contacts]:
    found: LostBatches[Contacts] = LostBatches(omnisend.items)
    for origin, batch in batches.items():
        found.add(origin, Lost(batch, since=POSTED, created=POSTED))
    return found


def listed(
    batch_id: str, status: str = "finished", *, total: int | None = 2, at: str | None = LATER,
    origin: str | None = None, done: int | None = 2,
) -> Batch:  # fmt: skip
    return Batch(
        batch_id=batch_id, status=status, total_count=total, created_at=at, origin=origin,
        finished_count=done,
    )  # fmt: skip


def test_by_origin_nothing_is_asked() -> None:
    omnisend = Omnisend()
    batches = lost(omnisend, one=AB, two=CD)
    search = batches.search()
    assert search.recognise(listed("x", origin="two")) == CD
    assert search.recognise(listed("y", origin="another's")) is None
    assert (len(search), len(batches), omnisend.asked) == (1, 1, {})


def test_by_id_where_that_was_known() -> None:
    omnisend = Omnisend()
    batches = lost(omnisend)
    batches.add("one", Lost(AB, POSTED, POSTED), "x")
    assert batches.search().recognise(listed("x")) == AB
    assert omnisend.asked == {}


def test_by_contacts_each_batch_is_asked_once() -> None:
    omnisend = Omnisend(x=("C@Example.com ", "d@example.com"), y=("e@example.com",))
    batches = lost(omnisend, one=AB, two=CD)
    for _listing in range(2):
        search = batches.search()
        assert search.recognise(listed("y")) is None
    assert search.recognise(listed("x")) == CD
    assert omnisend.asked == {"x": 1, "y": 1}


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (listed("x", "stopped"), AB),
        (listed("x", "finished"), None),
        (listed("x", "inProgress"), None),
    ],
)
def test_a_part_is_enough_where_the_batch_was_stopped(state: Batch, found: Contacts | None) -> None:
    assert lost(Omnisend(x=("b@example.com",)), one=AB).search().recognise(state) == found


def test_one_under_way_is_asked_again_once_it_moved() -> None:
    omnisend = Omnisend(x=("a@example.com",))
    batches = lost(omnisend, one=AB)
    for _listing in range(2):
        assert batches.search().recognise(listed("x", "inProgress", done=1)) is None
    assert omnisend.asked["x"] == 1
    omnisend.shown["x"] = AB.addresses
    assert batches.search().recognise(listed("x")) == AB


@pytest.mark.parametrize(
    ("state", "gives_up"),
    [
        (listed("x", "inProgress", done=0), False),  # shows nobody yet
        (listed("y", "inProgress", done=1), False),  # shows a part
        (listed("z", "inProgress", done=1), True),  # shows others
        (listed("x", "finished"), True),  # never shows anybody
    ],
)
def test_nobody_is_given_up_who_may_still_show(state: Batch, gives_up: bool) -> None:
    batches = lost(Omnisend(y=("a@example.com",), z=("c@example.com",)), one=AB)
    search = batches.search()
    assert search.recognise(state) is None
    search.end()
    assert batches.give_up(POSTED) == ([AB] if gives_up else [])
    assert len(batches) == (0 if gives_up else 1)


def test_giving_up_takes_a_whole_listing_and_time() -> None:
    batches = lost(Omnisend(), one=AB)
    search = batches.search()
    batches.add("two", Lost(CD, POSTED, POSTED))  # lost while the list is read
    assert batches.give_up(POSTED) == []
    search.end()
    assert batches.give_up(POSTED - 1) == []
    assert batches.give_up(POSTED) == [AB]
    batches.search().end()
    assert batches.give_up(POSTED) == [CD]


def test_all_are_given_up_when_nothing_moves() -> None:
    batches = lost(Omnisend(), one=AB, two=CD)
    assert batches.give_up_all() == [AB, CD]
    assert len(batches) == 0


def test_a_page_before_all_posts_ends_the_search() -> None:
    search = lost(Omnisend(), one=AB).search()
    new, old = listed("x"), listed("y", at="2026-11-25T11:58:59Z")
    assert search.listed_by([new, old])
    assert not search.listed_by([old, new])
    assert not search.listed_by([new])
    search.recognise(listed("z", origin="one"))
    assert search.listed_by([new])


@pytest.mark.parametrize(
    ("state", "may_be"),
    [
        (listed("x"), True),
        (listed("x", total=None, at=None), True),
        (listed("x", at="2026-11-25T11:59:30Z"), True),  # a clock that is behind
        (listed("x", at="2026-11-25T11:58:30Z"), False),
        (listed("x", total=3), False),
        (listed("x", origin="another's"), False),
    ],
)
def test_candidates(state: Batch, may_be: bool) -> None:
    assert candidates(state, {"one": Lost(AB, POSTED, POSTED)}) == (["one"] if may_be else [])


def test_parts_count_each_address() -> None:
    assert is_part(Counter("ab"), Counter("abc"))
    assert is_part(Counter(), Counter("a"))
    assert not is_part(Counter("aa"), Counter("ab"))

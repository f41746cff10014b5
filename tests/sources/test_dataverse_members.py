"""Who is in which segment: packed members against a plain dict."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.sources.base import Selection
from omnisend_tui.sources.members import Members, names_in

SEGMENTS = ("a", "b", ALL_PROFILES, 'c "d"')
IDS = st.sampled_from(
    [f"{number * 7919:032x}" for number in range(6)]
    + [f"{number * 7919 << 90:032X}" for number in range(3)]
    + ["", "x", "aB" * 16, "0123456789abcdef 123456789abcde ", "ä" * 32, "\ud800"]
)
NAMES = st.lists(st.sampled_from([*SEGMENTS, "A", "other"]), max_size=4)
ROWS = st.lists(st.tuples(IDS, NAMES), max_size=30)
SELECTIONS = st.builds(
    lambda chosen, out: Selection(tuple(chosen), tuple(each for each in out if each not in chosen)),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, unique=True),
    st.lists(st.sampled_from(["a", "b", 'c "d"']), unique=True),
)


def filled(selection: Selection, rows: list[tuple[str, list[str]]]) -> Members:
    members = Members(selection)
    assert members.add([(id_, json.dumps(names)) for id_, names in rows]) == 0
    return members


@given(SELECTIONS, ROWS)
def test_members_are_those_of_a_dict(
    selection: Selection, rows: list[tuple[str, list[str]]]
) -> None:
    everybody = ALL_PROFILES in selection.segments
    sets: dict[str, set[str]] = {}
    for id_, names in rows:
        if id_:
            sets.setdefault(id_, set()).update(names)
    masks, out = {}, set()
    for id_, names_of in sets.items():
        chosen = names_of - {ALL_PROFILES} | ({ALL_PROFILES} if everybody else set())
        if not names_of.isdisjoint(selection.except_segments):
            out.add(id_)
        elif mask := sum(1 << at for at, s in enumerate(selection.segments) if s in chosen):
            masks[id_] = mask
    members = filled(selection, rows)
    assert members.left_out == len(out)
    if not everybody:
        assert members.size == len(masks)
        assert sorted(members.ids()) == sorted(masks)
    ids = [*sets, "f" * 32, None, ""]
    default = members.everybody
    expected = [masks.get(id_, 0) for id_ in sets]
    assert members.take(ids) == [*expected, default, 0, 0]
    known = set(members.wanted)
    again = [default if known.isdisjoint(names) else 0 for names in sets.values()]
    assert members.take(list(sets)) == again


@given(SELECTIONS, ROWS, st.randoms())
def test_a_digest_does_not_depend_on_the_order(selection, rows, chance) -> None:
    before = filled(selection, rows)
    again = list(rows)
    chance.shuffle(again)
    after = filled(selection, again)
    list(after.take(list(after.ids())))
    assert before.digest() == after.digest()


def test_a_digest_changes_with_the_members() -> None:
    selection = Selection(("a", "b"))
    digests = {
        filled(selection, rows).digest()
        for rows in (
            [],
            [("1" * 32, ["a"])],
            [("1" * 32, ["b"])],
            [("2" * 32, ["a"])],
            [("1" * 32, ["a"]), ("2" * 32, ["a"])],
        )
    }
    assert len(digests) == 5


def test_ids_come_in_their_order() -> None:
    rows = [(f"{number * 7919 << 64:032x}", ["a"]) for number in range(50)]
    assert list(filled(Selection(("a",)), rows[::-1]).ids()) == [id_ for id_, _names in rows]


def test_more_segments_than_bits_are_one() -> None:
    names = [f"s{number}" for number in range(70)]
    members = filled(Selection(tuple(names)), [("1" * 32, ["s65", "s3"]), ("2" * 32, ["t"])])
    assert members.size == 1
    assert members.take(["1" * 32, "2" * 32]) == [1, 0]


def test_names_that_cannot_be_read_are_counted_and_nobody_is_in_them() -> None:
    members = Members(Selection(("a",)))
    odd = ["a", '["a"', "[1]", '{"a": 1}', "null", '["a", null]']
    assert members.add([("1" * 32, text) for text in odd]) == len(odd)
    assert members.add([("1" * 32, None), (None, '["a"]')]) == 0
    assert members.size == 0
    assert members.missing == ["a"]


@pytest.mark.parametrize("text", ['["a","b \\"c\\""]', json.dumps('["a","b \\"c\\""]')])
def test_names_are_read_with_and_without_escapes(text: str) -> None:
    assert names_in(text) == {"a", 'b "c"'}
    assert names_in('[\\"a\\"]') == {"a"}


def test_only_the_exact_name_counts() -> None:
    members = filled(Selection(("VIP",)), [("1" * 32, ["vip"]), ("2" * 32, ["VIP "])])
    assert members.size == 0

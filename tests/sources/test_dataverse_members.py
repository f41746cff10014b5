"""Who is in which segment: packed members against a plain dict."""

import json
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.errors import SourceError
from omnisend_tui.sources.base import Selection
from omnisend_tui.sources.members import Members, names_in

SEGMENTS = ("a", "b", ALL_PROFILES, 'c "d"')
IDS = st.sampled_from(
    [f"{number * 7919:032x}" for number in range(6)]
    + [f"{number * 7919 << 90:032X}" for number in range(3)]
    + [
        f"{7919 << 90:032x}",
        f"{7919:032x} ",
        str(UUID(int=7919)),
        str(UUID(int=7919 << 90)).upper(),
    ]
    + ["", " ", "x", " X", "aB" * 16, "0123456789abcdef 123456789abcde ", "ä" * 32, "\ud800"]
)
NAMES = st.lists(st.sampled_from([*SEGMENTS, "A", "other"]), max_size=4)
ROWS = st.lists(st.tuples(IDS, NAMES), max_size=30)
ODD = ["a", '["a"', "[1]", '{"a": 1}', "null", '["a", null]']
SELECTIONS = st.builds(
    lambda chosen, out: Selection(tuple(chosen), tuple(each for each in out if each not in chosen)),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, unique=True),
    st.lists(st.sampled_from(["a", "b", 'c "d"']), unique=True),
)


def filled(selection: Selection, rows: list[tuple[str, list[str]]]) -> Members:
    members = Members(selection)
    members.add([(id_, json.dumps(names)) for id_, names in rows])
    return members


def plain(id_: str) -> str:
    """What is the same of ids that are one."""
    text = id_.strip().casefold()
    return UUID(text).hex if text.count("-") == 4 else text


@given(SELECTIONS, ROWS)
def test_members_are_those_of_a_dict(
    selection: Selection, rows: list[tuple[str, list[str]]]
) -> None:
    everybody = ALL_PROFILES in selection.segments
    sets: dict[str, set[str]] = {}
    written: dict[str, str] = {}
    nameless = 0
    for id_, names in rows:
        left_out = not set(names).isdisjoint(selection.except_segments)
        wanted = not set(names).isdisjoint({*selection.segments} - {ALL_PROFILES})
        if plain(id_):
            sets.setdefault(plain(id_), set()).update(names)
            if left_out or wanted:
                written.setdefault(plain(id_), id_)
        elif left_out:
            with pytest.raises(SourceError, match="doesn't say who"):
                filled(selection, rows)
            return
        else:
            nameless += wanted
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
        assert sorted(members.ids()) == sorted(written[id_] for id_ in masks)
    assert members.unread == nameless
    ids = [*(written.get(id_, id_) for id_ in sets), "f" * 32, None, "", " "]
    default = members.everybody
    expected = [masks.get(id_, 0) for id_ in sets]
    assert members.take(ids) == [*expected, default, 0, 0, 0]
    known = set(members.wanted)
    again = [default if known.isdisjoint(names) else 0 for names in sets.values()]
    assert members.take(list(sets)) == again


@given(SELECTIONS, ROWS, st.randoms())
def test_a_digest_does_not_depend_on_the_order(
    selection: Selection, rows: list[tuple[str, list[str]]], chance: Random
) -> None:
    rows = [(id_, names) for id_, names in rows if id_.strip()]
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
    members.add([("1" * 32, text) for text in ODD])
    assert members.unread == len(ODD)
    assert members.missing == ["a"]
    members.add([("1" * 32, None), (None, '["a"]'), (None, "["), (None, '["b"]')])
    assert members.unread == len(ODD) + 3
    assert members.size == 0


@pytest.mark.parametrize("text", [*ODD, None, '["a", "ou'])
def test_whose_names_cannot_be_read_is_left_out(text: str | None) -> None:
    members = Members(Selection(("a",), ("out",)))
    members.add([("1" * 32, '["a"]'), ("2" * 32, '["a"]'), ("1" * 32, text)])
    assert (members.size, members.left_out, members.unread) == (1, 1, 1)
    assert list(members.ids()) == ["2" * 32]
    for id_ in (None, "", " "):
        with pytest.raises(SourceError) as caught:
            members.add([(id_, text)])
        assert caught.value.code == "members_nameless"


def test_ids_that_are_written_in_several_ways_are_one() -> None:
    guid = str(UUID("aabbccdd-0000-1111-2222-333344445555"))
    for first, other in (
        (guid, guid.upper()),
        ("aB" * 16, "ab" * 16),
        ("ö-1", " Ö-1 "),
        ("a", "A "),
    ):
        for there, here in ((first, other), (other, first)):
            members = filled(Selection(("a",), ("out",)), [(there, ["a"])])
            assert list(members.ids()) == [there]
            members.add([(here, '["out"]')])
            assert (members.size, members.left_out) == (0, 1)
            assert members.take([there, here]) == [0, 0]


@pytest.mark.parametrize("text", ['["a","b \\"c\\""]', json.dumps('["a","b \\"c\\""]')])
def test_names_are_read_with_and_without_escapes(text: str) -> None:
    assert names_in(text) == frozenset({"a", 'b "c"'})
    assert names_in('[\\"a\\"]') == frozenset({"a"})


def test_only_the_exact_name_counts() -> None:
    members = filled(Selection(("VIP",)), [("1" * 32, ["vip"]), ("2" * 32, ["VIP "])])
    assert members.size == 0

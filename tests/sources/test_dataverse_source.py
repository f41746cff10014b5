"""Customer Insights over real HTTP: who is in which segment, both ways of reading, columns."""

from collections.abc import Iterator, Sequence
from threading import Event
from typing import Any

import pytest

from environments import Told, open_environment
from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.errors import SourceError
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.base import ProfileSource, Selection

HOSTILE = (
    "VIP",
    "vip",
    "VIP Finland",
    "O'Brien's \\ \"best\"",
    "[A-Z]%_",
    "100% sure",
    "Ä ö 🌞",
    "a[b",
    "comma, (and) or'",
    "x&y=1#?+ /",
    "\\",
    '"',
)


def people() -> tuple[Person, ...]:
    """300 of them; person n is in segment i where n is a multiple of i + 2."""
    return tuple(
        Person(
            customer_id=f"{n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}",
            email=f"p{n}@example.com",
            segments=tuple(name for i, name in enumerate(HOSTILE) if n % (i + 2) == 0),
            values={"msdynci_number": n, "msdynci_yes": n % 2 == 0},
        )
        for n in range(1, 301)
    )


PEOPLE = people()
Found = list[tuple[str, int]]


@pytest.fixture(scope="module")
def listed() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(people=PEOPLE)) as sandbox:
        yield sandbox


def read(source: ProfileSource, selection: Selection, rows: int = 70, **options: Any) -> Found:
    """Addresses and masks of what is read."""
    found = []
    for chunk in source.read(
        selection, ["msdynci_emailaddress1"], Event(), rows, memberships=True, **options
    ):
        assert 0 < len(chunk.rows) <= rows
        assert not chunk.unreadable
        found += [(row[0], mask) for row, mask in zip(chunk.rows, chunk.memberships, strict=True)]
    return found


def expected(selection: Selection) -> Found:
    found = []
    for person in PEOPLE:
        if not set(selection.except_segments) & set(person.segments):
            mask = sum(
                1 << bit
                for bit, name in enumerate(selection.segments)
                if name in person.segments or name == ALL_PROFILES
            )
            if mask:
                found.append((str(person.email), mask))
    return sorted(found)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_segment_of_any_name(listed: RunningDataverse, name: str) -> None:
    told = Told()
    source = open_environment(listed, told)
    selection = Selection((name,))
    found = read(source, selection)
    assert found
    assert sorted(found) == expected(selection)
    assert source.count(selection) == len(found)
    assert told.of("source_way")[0]["members"] == len(found)


@pytest.mark.parametrize(
    ("segments", "left_out"),
    [
        (("VIP", "vip", "[A-Z]%_"), ()),
        (("vip", "VIP Finland"), ("VIP", '"')),
        ((ALL_PROFILES,), ()),
        ((ALL_PROFILES,), ("VIP", "vip")),
        (("vip", ALL_PROFILES, "\\"), ("a[b",)),
        (("VIP",), ("VIP",)),
    ],
)
def test_several_segments_and_some_left_out(
    listed: RunningDataverse, segments: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    source = open_environment(listed)
    selection = Selection(segments, left_out)
    assert source.count(selection) == len(expected(selection))
    assert sorted(read(source, selection)) == expected(selection)
    plain = source.read(selection, ["msdynci_emailaddress1"], Event(), 2000)
    chunks = list(plain)
    assert not any(chunk.memberships for chunk in chunks)
    assert sorted(row[0] for chunk in chunks for row in chunk.rows) == [
        address for address, _mask in expected(selection)
    ]


def test_cells_are_text_and_the_key_comes_last(listed: RunningDataverse) -> None:
    source = open_environment(listed)
    columns = ["msdynci_Number", "msdynci_yes", "msdynci_number", "msdynci_lastname"]
    (chunk,) = source.read(Selection((ALL_PROFILES,)), columns, Event())
    by_id = {person.customer_id: person.values["msdynci_number"] for person in PEOPLE}
    assert len(chunk.rows) == len(PEOPLE)
    for number, yes, again, name, key in chunk.rows:
        assert number == again == str(by_id[key])
        assert yes == ("true" if int(number) % 2 == 0 else "false")
        assert name is None


def requests_of(sandbox: RunningDataverse, kinds: Sequence[str]) -> list[int]:
    counted = sandbox.statistics()["requests"]
    return [counted.get(kind, 0) for kind in kinds]


def test_few_members_are_read_by_their_ids(listed: RunningDataverse) -> None:
    kinds = ("profiles", "profiles_by_id", "memberships")
    before = requests_of(listed, kinds)
    told = Told()
    source = open_environment(listed, told)
    selection = Selection(("VIP Finland",))
    assert source.count(selection) == 75
    found = read(source, selection)
    after = requests_of(listed, kinds)
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 1, 1]
    assert told.of("source_way") == [
        {"way": "ids", "members": 75, "profiles": 0, "requests": 1, "instead": 0}
    ]
    keys = {str(person.email): person.customer_id for person in PEOPLE}
    assert [keys[address] for address, _mask in found] == sorted(
        keys[address] for address, _mask in found
    )


def test_many_members_are_read_with_everybody(listed: RunningDataverse) -> None:
    told = Told()
    source = open_environment(listed, told)
    read(source, Selection(("VIP",)))
    assert told.of("source_way") == [
        {"way": "full", "members": 150, "profiles": 300, "requests": 1, "instead": 2}
    ]


def test_what_was_counted_is_not_asked_for_again_for_a_minute(listed: RunningDataverse) -> None:
    now = [0.0]
    source = open_environment(listed, ticks=lambda: now[0])
    selection = Selection(("VIP",))

    def asked() -> int:
        before = requests_of(listed, ["memberships"])[0]
        source.count(selection)
        read(source, selection)
        return requests_of(listed, ["memberships"])[0] - before

    assert asked() == 1
    source.count(selection)
    now[0] = 61.0
    assert asked() == 1
    source.count(selection)
    now[0] = 100.0
    assert asked() == 0
    assert asked() == 1  # whom a read took is gone


def test_too_many_segments_to_say_who_is_where(listed: RunningDataverse) -> None:
    source = open_environment(listed)
    names = ("VIP", *(f"s{n}" for n in range(60)))
    with pytest.raises(ValueError, match="too many"):
        next(source.read(Selection(names), [], Event(), memberships=True))


def test_a_column_that_is_gone(listed: RunningDataverse) -> None:
    source = open_environment(listed)
    with pytest.raises(SourceError, match="no column msdynci_emailadress1") as caught:
        next(source.read(Selection(("VIP",)), ["msdynci_emailadress1"], Event()))
    assert caught.value.code == "column_missing"
    assert "msdynci_emailaddress1" in caught.value.hint


def test_a_segment_that_is_gone_is_told(listed: RunningDataverse) -> None:
    for selection in (Selection(("Vip",)), Selection((ALL_PROFILES,), ("gone",))):
        with pytest.raises(SourceError) as caught:
            open_environment(listed).count(selection)
        assert caught.value.code == "segment_missing"
    typed = open_environment(listed, segments={"Vip": ""})
    with pytest.raises(SourceError, match="no segment Vip"):
        typed.count(Selection(("VIP",), ("Vip",)))
    assert typed.count(Selection(("Vip",))) == 0
    assert read(typed, Selection(("Vip",))) == []


def test_columns_have_labels_and_samples(listed: RunningDataverse) -> None:
    columns = {column.name: column for column in open_environment(listed).columns()}
    assert columns["msdynci_emailaddress1"].label == "E-mail"
    assert len(columns["msdynci_emailaddress1"].samples) == 5
    assert columns["msdynci_yes"].samples == ("true", "false") or columns[
        "msdynci_yes"
    ].samples == ("false", "true")
    assert columns["msdynci_lastname"].samples == ()
    system = {"modifiedon", "createdon", "versionnumber", "statecode", "ownerid", "createdby"}
    assert not system & columns.keys()
    assert not {"msdynci_contactid", "statecodename"} & columns.keys()


def test_segments_from_their_metadata(listed: RunningDataverse) -> None:
    found = open_environment(listed, segments={"typed": "", "VIP": ""}).segments()
    assert (found[0].name, found[0].profiles) == (ALL_PROFILES, 300)
    assert {each.name for each in found[1:-1]} == set(HOSTILE)
    assert (found[-1].name, found[-1].profiles) == ("typed", None)
    vip = next(each for each in found if each.name == "VIP")
    assert vip.profiles == 150
    assert vip.refreshed == pytest.approx(1795143600.0)  # 2026-11-20T03:00:00Z


@pytest.mark.parametrize("metadata", ["no_segments", "no_table", "none"])
def test_without_metadata(metadata: Any) -> None:
    options = DataverseOptions(people=PEOPLE[:60], metadata=metadata)
    with running_dataverse(options) as sandbox:
        source = open_environment(sandbox, segments={"typed": ""})
        found = source.segments()
        assert [each.name for each in found] == [
            ALL_PROFILES, *sorted(sorted(HOSTILE), key=str.casefold), "typed"
        ]  # fmt: skip
        assert not any(each.profiles for each in found[1:])
        columns = {column.name: column for column in source.columns()}
        assert "msdynci_number" in columns
        assert "modifiedon" not in columns
        assert bool(columns["msdynci_emailaddress1"].label) == (metadata != "none")
        assert len(read(source, Selection(("VIP",)))) == 30
        for again in (source, open_environment(sandbox)):
            with pytest.raises(SourceError, match="no column msdynci_gone") as caught:
                list(again.read(Selection(("VIP",)), ["msdynci_gone"], Event()))
            assert caught.value.code == "column_missing"
        told = Told()
        assert open_environment(sandbox, told).count(Selection(("gone",))) == 0
        assert told.of("source_segment_empty") == [{"name": "gone"}]
        for segments in ({}, {"gone": ""}):
            doubtful = open_environment(sandbox, segments=segments)
            with pytest.raises(SourceError, match="Nobody is in the segment gone") as caught:
                doubtful.count(Selection(("VIP",), ("gone",)))
            assert caught.value.code == "segment_empty"


def test_an_empty_environment() -> None:
    with running_dataverse(DataverseOptions(people=(), metadata="none")) as sandbox:
        source = open_environment(sandbox)
        assert source.count(Selection((ALL_PROFILES,))) == 0
        assert list(source.read(Selection((ALL_PROFILES,)), [], Event())) == []
        with pytest.raises(SourceError) as caught:
            source.columns()
        assert caught.value.code == "no_columns"


@pytest.mark.parametrize(
    ("refreshed", "metadata"), [(True, "full"), (False, "full"), (True, "none")]
)
def test_the_version_changes_with_a_refresh(refreshed: bool, metadata: Any) -> None:
    options = DataverseOptions(people=PEOPLE[:60], refreshed=refreshed, metadata=metadata)
    with running_dataverse(options) as sandbox:
        source = open_environment(sandbox)
        selections = [
            Selection((ALL_PROFILES,)),
            Selection(("VIP", "vip"), ('"',)),
            Selection((ALL_PROFILES,), ("VIP",)),
        ]
        before = [source.version(each) for each in selections]
        assert before == [open_environment(sandbox).version(each) for each in selections]
        sandbox.refresh_data()
        after = [source.version(each) for each in selections]
        assert all(now != then for now, then in zip(after, before, strict=True))


def test_a_role_that_is_missing() -> None:
    with running_dataverse(DataverseOptions(people=PEOPLE[:5], member=False)) as sandbox:
        source = open_environment(sandbox)
        for call in (source.segments, source.columns, lambda: source.count(Selection(("VIP",)))):
            with pytest.raises(SourceError) as caught:
                call()
            assert caught.value.code == "no_role"

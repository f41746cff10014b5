"""What data matching says before an export exists: first profiles as contacts, counts of all."""

import io
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from omnisend_tui.config.models import ALL_PROFILES, Attribute, Export, Source
from omnisend_tui.engine import apart
from omnisend_tui.engine.apart import examine_apart
from omnisend_tui.engine.examine import EXAMPLES, Counts, examine
from omnisend_tui.engine.preview import Rows, read_rows, samples
from omnisend_tui.errors import AppError, CredentialsError, SourceError, UsageError
from omnisend_tui.mapping.convert import compile_mapping
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Selection

HEADER = ("mail", "First", "Maa", "Puh", "tier", "points")
PEOPLE = (
    ("Anna@Example.com", " Anna ", "Suomi", "+358 40 1234567", "gold", "1,5"),
    ("kari@@example", "Kari", "FI", "", "gold", "1"),
    ("", "Ville", "FI", "", "", ""),
    ("bo@example.com", "", "Atlantis", "call me", "", "many"),
    ("anna@example.com", "Again", "Atlantis", "", "", "many"),
)
MAPPING = (
    Attribute(field="email", column="mail"),
    Attribute(field="first_name", column="first"),  # in another case than the file
    Attribute(field="country", column="Maa"),
    Attribute(field="phone", column="Puh"),
    Attribute(field="custom:tier", column="tier", default="none"),
    Attribute(field="custom:points", column="points", type="number"),
)
EXPORT = Export(name="VIP", mapping=MAPPING)
ALL = Selection((ALL_PROFILES,))
Make = Callable[..., Source]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def written(people: Sequence[Sequence[str]] = PEOPLE, header: Sequence[str] = HEADER) -> Source:
        path = tmp_path / "people.csv"
        lines = [",".join(f'"{cell}"' for cell in row) for row in (header, *people)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Source(name="people", path=str(path))

    return written


def rows_of(source: Source, tmp_path: Path) -> Rows:
    return read_rows(source, ALL, tmp_path, threading.Event())


def count(source: Source, export: Export, tmp_path: Path) -> Counts:
    return examine(source, export, tmp_path, threading.Event())


def test_samples_are_what_a_run_would_send(make: Make, tmp_path: Path) -> None:
    anna, kari, ville, bo, again = samples(rows_of(make(), tmp_path), EXPORT)
    assert anna.email == "anna@example.com"
    assert anna.contact == (
        ("firstName", "Anna"), ("country", "Suomi"), ("countryCode", "FI"),
        ("phone", "+358401234567"), ("custom:points", "1.5"), ("custom:tier", "gold"),
    )  # fmt: skip
    assert anna.given["country"] == "Suomi"
    assert anna.sent["country_code"] == "FI"
    assert kari.email == "kari@@example"
    assert kari.reject is not None
    assert ville.reject is not None
    assert kari.reject.detail == "two_at_signs"
    assert ville.reject.reason == "missing_email"
    assert [problem.field for problem in bo.warnings] == ["country", "phone", "custom:points"]
    assert dict(bo.contact) == {"country": "Atlantis", "custom:tier": "none"}
    assert (bo.duplicate, again.duplicate) == (False, True)


def test_samples_follow_the_mapping(make: Make, tmp_path: Path) -> None:
    rows = rows_of(make(), tmp_path)
    mapping = (MAPPING[0], Attribute(field="city", value="Oulu"))
    found = samples(rows, structs.replace(EXPORT, mapping=mapping))
    assert found[0].contact == (("city", "Oulu"),)


def test_a_mapping_that_cannot_be_is_said(make: Make, tmp_path: Path) -> None:
    rows = rows_of(make(), tmp_path)
    with pytest.raises(UsageError) as nothing:
        samples(rows, structs.replace(EXPORT, mapping=MAPPING[1:]))
    assert nothing.value.code == "email_not_mapped"
    gone = (*MAPPING, Attribute(field="city", column="town"))
    with pytest.raises(SourceError) as missing:
        samples(rows, structs.replace(EXPORT, mapping=gone))
    assert missing.value.code == "column_missing"
    with pytest.raises(SourceError):
        count(make(), structs.replace(EXPORT, mapping=gone), tmp_path)


def test_counts_of_the_whole_selection(make: Make, tmp_path: Path) -> None:
    told: list[Counts] = []
    counts = examine(make(), EXPORT, tmp_path, threading.Event(), told.append)
    assert (counts.total, counts.checked, counts.valid) == (5, 5, 2)
    assert (counts.missing, counts.invalid, counts.duplicates) == (1, 1, 1)
    # The duplicate isn't sent, so nothing about it warns.
    assert counts.warnings == {
        ("country", "unknown_country"): 1,
        ("phone", "invalid_phone"): 1,
        ("custom:points", "invalid_type"): 1,
    }
    assert counts.examples[("email", "invalid_email")] == ("kari@@example",)
    assert counts.examples[("country", "unknown_country")] == ("Atlantis",)
    assert counts.done
    assert told[0].total == 5
    assert not told[0].done
    assert told[-1] == counts


@pytest.mark.parametrize("country", ["", "FI"])
def test_counts_are_those_of_a_full_conversion(make: Make, tmp_path: Path, country: str) -> None:
    people = [
        (
            f"p{n % 90}@example.com" if n % 7 else "x" * (n % 2),
            "A",
            "Suomi",
            f"040 12{n:04}",
            "",
            "",
        )
        for n in range(300)
    ]
    source, export = make(people), structs.replace(EXPORT, country=country)
    converter = compile_mapping(export)
    opened = open_source(source, tmp_path)
    valid = rejects = 0
    met: set[str] = set()
    for chunk in opened.read(ALL, converter.columns, threading.Event()):
        done = converter.convert(chunk)
        valid += len(set(done.emails) - met)
        met |= set(done.emails)
        rejects += len(done.rejects)
    counts = count(source, export, tmp_path)
    assert (counts.valid, counts.missing + counts.invalid) == (valid, rejects)
    assert counts.checked == 300 == counts.valid + rejects + counts.duplicates
    assert bool(counts.warnings) is not bool(country)


def test_few_examples_are_kept(make: Make, tmp_path: Path) -> None:
    people = [(f"no address {n}", "", "", "", "", "") for n in range(20)]
    counts = count(make(people), EXPORT, tmp_path)
    assert counts.invalid == 20
    assert len(counts.examples[("email", "invalid_email")]) == EXAMPLES


def test_it_stops_when_told(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnisend_tui.engine.examine._CHUNK", 1)
    monkeypatch.setattr("omnisend_tui.engine.examine._TELL", 0.0)
    stop = threading.Event()

    def tell(counts: Counts) -> None:
        if counts.checked == 2:
            stop.set()

    counts = examine(make(), EXPORT, tmp_path, stop, tell)
    assert counts.checked == 2
    assert not counts.done


def test_an_unreadable_row_is_counted_and_shown(make: Make, tmp_path: Path) -> None:
    source = make()
    with Path(source.path).open("a", encoding="utf-8") as file:
        file.write("a,b,c,d,e,f,g,h,i\n")
    counts = count(source, EXPORT, tmp_path)
    assert (counts.unreadable, counts.checked) == (1, 6)
    found = samples(rows_of(source, tmp_path), EXPORT)
    assert next(each.reject.reason for each in found if each.reject) == "unreadable_row"
    assert len(found) == 6


def test_how_full_a_column_is(make: Make, tmp_path: Path) -> None:
    rows = rows_of(make(), tmp_path)
    assert (rows.filled("mail"), rows.filled("Puh")) == (80, 40)
    assert rows_of(make([]), tmp_path).filled("mail") is None


def test_many_columns_are_read_in_parts(make: Make, tmp_path: Path) -> None:
    header = [f"c{at}" for at in range(1000)]
    people = [[f"{row}-{at}" for at in range(1000)] for row in range(5)]
    rows = rows_of(make(people, header), tmp_path)
    assert [column.name for column in rows.columns] == header
    assert rows.chunk.rows == [(*cells, row) for row, cells in enumerate(people, 1)]


def test_an_empty_selection_has_no_samples(make: Make, tmp_path: Path) -> None:
    rows = rows_of(make([]), tmp_path)
    assert samples(rows, EXPORT) == []
    counts = count(make([]), EXPORT, tmp_path)
    assert (counts.total, counts.checked, counts.done) == (0, 0, True)


def test_a_source_that_is_gone_is_said(make: Make, tmp_path: Path) -> None:
    source = make()
    Path(source.path).unlink()
    with pytest.raises(SourceError):
        rows_of(source, tmp_path)
    with pytest.raises(SourceError):
        count(source, EXPORT, tmp_path)


def test_a_process_of_its_own_counts_the_same(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make()
    # Nothing is taken from the folder that somebody happens to be in.
    (tmp_path / "msgspec.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    told: list[Counts] = []
    counts = examine_apart(source, EXPORT, tmp_path, threading.Event(), told.append)
    assert untimed(counts) == untimed(count(source, EXPORT, tmp_path))
    assert told[-1] == counts
    Path(source.path).unlink()
    with pytest.raises(AppError, match="There is no file"):
        examine_apart(source, EXPORT, tmp_path, threading.Event())


def test_a_process_of_its_own_ends_when_told(make: Make, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert not examine_apart(make(), EXPORT, tmp_path, stop).done


def test_why_there_is_no_token_goes_through_the_pipe() -> None:
    refused = CredentialsError("sign_in_needed", "Nobody is signed in.", "Sign in.")
    heard = io.BytesIO(pickle.dumps(apart.granted(Refusing(refused), apart.Wish(fresh=True))))
    told = io.BytesIO()
    with pytest.raises(CredentialsError) as caught:
        apart.Parent(told, heard).token(fresh=True)
    assert (caught.value.code, str(caught.value), caught.value.hint) == (
        "sign_in_needed", "Nobody is signed in.", "Sign in.",
    )  # fmt: skip
    assert pickle.loads(told.getvalue()) == apart.Wish(fresh=True)


class Refusing:
    def __init__(self, error: AppError) -> None:
        self._error = error

    def token(self, *, fresh: bool = False) -> str:
        assert fresh
        raise self._error


def untimed(counts: Counts) -> Counts:
    return replace(counts, seconds=0.0)

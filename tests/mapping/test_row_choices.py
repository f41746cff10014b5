import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.errors import UsageError
from omnisend_tui.mapping.cases import title_case
from omnisend_tui.mapping.convert import compile_mapping
from omnisend_tui.mapping.fields import FIELDS, check_mapping, takes_case
from omnisend_tui.profiles import Chunk

TODAY = date(2026, 11, 25)
EMAIL = Attribute(field="email", column="email")


def body(cell: str | None, *mapping: Attribute, **options: Any) -> dict[str, Any]:
    """The contact of one row; every attribute is fed from the column 'c'."""
    made = compile_mapping(Export(mapping=(EMAIL, *mapping), **options), TODAY)
    row = {"email": "maija@example.com", "c": cell}
    done = made.convert(Chunk([(*(row[name] for name in made.columns), 1)]))
    return {name: value for name, value in json.loads(done.bodies[0]).items() if name[0] != "i"}


@pytest.mark.parametrize(
    ("text", "titled"),
    [
        ("VON NUMMI-ÅKERBLOM", "von Nummi-Åkerblom"),
        ("von", "Von"),
        ("georg henrik von wright", "Georg Henrik von Wright"),
        ("o'brien", "O'Brien"),
        ("O\u2019BRIEN", "O\u2019Brien"),
        ("mcdonald", "Mcdonald"),
        ("McDonald", "McDonald"),
        ("mAIJA", "Maija"),
        ("ÄITI ÖÖ", "Äiti Öö"),
        ("õie ŠMIDT-žuk", "Õie Šmidt-Žuk"),
        ("A\u030aKERBLOM", "A\u030akerblom"),
        ("antti's", "Antti's"),
        ("mannerheimintie 5B c", "Mannerheimintie 5B C"),
        ("1ST avenue", "1st Avenue"),
        ("", ""),
    ],
)
def test_title_case(text: str, titled: str) -> None:
    assert title_case(text) == titled


# Two letters are left out whose upper case is that of another one, or is two letters.
@given(st.text(st.characters(max_codepoint=0x17F, exclude_characters="\u0131\u0149")))
def test_title_case_changes_only_case_and_once_is_enough(text: str) -> None:
    titled = title_case(text)
    assert titled.casefold() == text.casefold()
    assert title_case(titled) == titled


def test_a_row_may_change_case() -> None:
    first = Attribute(field="first_name", column="c", case="title")
    city = Attribute(field="city", column="c", case="lower")
    plain = Attribute(field="last_name", column="c")
    custom = Attribute(field="custom:t", column="c", case="lower")
    assert body(" ANNA-LIISA\u00a0", first, city, plain, custom) == {
        "firstName": "Anna-Liisa", "lastName": "ANNA-LIISA", "city": "anna-liisa",
        "customProperties": {"t": "anna-liisa"},
    }  # fmt: skip


def test_defaults_and_constants_stay_as_they_were_written() -> None:
    default = Attribute(field="city", column="c", default="HELSINKI", case="title")
    constant = Attribute(field="state", value="UUSIMAA", case="title")
    assert body(" ", default, constant) == {"city": "HELSINKI", "state": "UUSIMAA"}
    assert body(None, default) == {"city": "HELSINKI"}
    assert body("TURKU", default) == {"city": "Turku"}


def test_a_row_has_its_own_date_format() -> None:
    born = Attribute(field="birthdate", column="c", date_format="MM/DD/YYYY")
    since = Attribute(field="custom:since", column="c", type="date")
    assert body("05/01/1990", born, since, date_format="DD/MM/YYYY") == {
        "birthdate": "1990-05-01", "customProperties": {"since": "1990-01-05"},
    }  # fmt: skip
    own = Attribute(field="custom:since", column="c", type="date", date_format="%d-%m-%y")
    assert body("05-01-26", own) == {"customProperties": {"since": "2026-01-05"}}
    default = Attribute(field="birthdate", column="c", default="5/1/1990", date_format="D/M/YYYY")
    assert body("", default) == {"birthdate": "1990-01-05"}


def test_which_fields_take_a_case() -> None:
    standard = {field for field in FIELDS if takes_case(Attribute(field=field))}
    assert standard == {"first_name", "last_name", "address", "state", "city"}
    assert takes_case(Attribute(field="custom:a"))
    assert not takes_case(Attribute(field="custom:a", type="date"))


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        (Attribute(field="email", column="c", case="lower"), "case_not_for_field"),
        (Attribute(field="phone", column="c", case="title"), "case_not_for_field"),
        (Attribute(field="country", column="c", case="title"), "case_not_for_field"),
        (Attribute(field="postal_code", column="c", case="lower"), "case_not_for_field"),
        (Attribute(field="birthdate", column="c", case="lower"), "case_not_for_field"),
        (Attribute(field="gender", column="c", case="lower"), "case_not_for_field"),
        (
            Attribute(field="custom:n", column="c", type="number", case="lower"),
            "case_not_for_field",
        ),
        (Attribute(field="city", column="c", case="upper"), "bad_case"),  # type: ignore[arg-type]
        (Attribute(field="city", column="c", date_format="DD.MM.YYYY"), "no_date_field"),
        (Attribute(field="custom:n", column="c", date_format="DD.MM.YYYY"), "no_date_field"),
        (Attribute(field="birthdate", column="c", date_format="soon"), "bad_date_format"),
        (Attribute(field="birthdate", column="c", date_format="%d.%m"), "bad_date_format"),
        (Attribute(field="birthdate", column="c", date_format=" "), "bad_date_format"),
        (
            Attribute(field="birthdate", column="c", default="5/13/1990", date_format="D/M/YYYY"),
            "bad_value",
        ),
    ],
)
def test_choices_that_are_refused(attribute: Attribute, code: str) -> None:
    mapping = (attribute,) if attribute.field == "email" else (EMAIL, attribute)
    with pytest.raises(UsageError) as caught:
        check_mapping(Export(mapping=mapping))
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")

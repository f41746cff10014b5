import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.mapping.suggest import custom_field_name, infer_type, ranked
from omnisend_tui.profiles import Column


@pytest.mark.parametrize(
    ("samples", "found"),
    [
        (("1", "2,5", "1 234"), "number"),
        (("-3", ""), "number"),
        (("0", "1"), "number"),
        (("00120", "33100"), "text"),
        (("0401234567",), "text"),
        (("+358401234567",), "text"),
        (("1234567890123456789",), "text"),
        (("yes", "no"), "boolean"),
        (("Kyllä",), "boolean"),
        (("TRUE", " "), "boolean"),
        (("Y", "N"), "boolean"),
        (("K",), "text"),
        (("2026-01-31", "31.1.2026"), "date"),
        (("2026-01-31T10:11:12Z",), "date"),
        (("20260131", "19991231"), "date"),
        (("20260131", "20269931"), "number"),
        (("5/1/1990", "13/1/1990"), "text"),
        (("gold", "1"), "text"),
        (("yes", "1"), "text"),
        ((), "text"),
        (("", " "), "text"),
    ],
)
def test_types(samples: tuple[str, ...], found: str) -> None:
    assert infer_type(Column("c", samples)) == found


@given(st.lists(st.text()).map(tuple))
def test_any_samples_have_a_type(samples: tuple[str, ...]) -> None:
    assert infer_type(Column("c", samples)) in ("text", "number", "boolean", "date")


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Loyalty points", "Loyalty_points"),
        ("loyaltyPoints", "loyaltyPoints"),
        (" Lemmikin nimi (koira) ", "Lemmikin_nimi_koira"),
        ("Tyytyväisyys %", "Tyytyvaisyys"),
        ("größe/Ørn", "grosse_Orn"),
        ("1st", "1st"),
        ("a__b", "a_b"),
        ("名前", "property"),
        ("", "property"),
        ("x" * 200, "x" * 128),
    ],
)
def test_names(heading: str, name: str) -> None:
    assert custom_field_name(heading) == name


@given(st.text(max_size=300))
def test_any_heading_makes_a_valid_name(heading: str) -> None:
    name = custom_field_name(heading)
    assert re.fullmatch(r"[a-zA-Z0-9_]{1,128}", name)
    email = Attribute(field="email", column="e")
    check_mapping(Export(mapping=(email, Attribute(field="custom:" + name, column="c"))))


def test_the_picker_has_fitting_columns_first_then_the_others_by_name() -> None:
    columns = [
        Column("Zone"),
        Column("Emial", ("a@example.com",)),
        Column("apple"),
        Column("Work email", ("b@example.com",)),
        Column("Email", ("c@example.com",)),
        Column("mail", ("yes",)),
    ]
    found = [(column.name, confidence) for column, confidence in ranked("email", columns)]
    assert found == [
        ("Email", "sure"), ("Work email", "likely"), ("Emial", "likely"), ("mail", "guess"),
        ("apple", None), ("Zone", None),
    ]  # fmt: skip
    others = ranked("custom:x", columns)
    assert [column.name for column, _ in others] == [
        "apple", "Email", "Emial", "mail", "Work email", "Zone",
    ]  # fmt: skip
    assert {confidence for _, confidence in others} == {None}

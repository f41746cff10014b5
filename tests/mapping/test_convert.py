import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.mapping.convert import Converted, Converter, compile_mapping
from omnisend_tui.mapping.countries import _names, sendable_code
from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.problems import Problem
from omnisend_tui.profiles import Chunk, UnreadableRow
from omnisend_tui.sandbox.checks import COUNTRY_CODES

TODAY = date(2026, 11, 25)
CUSTOM = (
    Attribute(field="custom:tier", column="tier"),
    Attribute(field="custom:1st", column="spent", type="number"),
    Attribute(field="custom:class", column="vip", type="boolean"),
    Attribute(field="custom:since", column="since", type="date"),
)
EVERYTHING = Export(
    mapping=(*(Attribute(field=field, column=field) for field in FIELDS), *CUSTOM), country="FI"
)
PROPERTIES = {
    "firstName", "lastName", "address", "city", "state", "postalCode", "country", "countryCode",
    "birthdate", "gender",
}  # fmt: skip


def converter(*mapping: Attribute, **options: Any) -> Converter:
    return compile_mapping(Export(mapping=mapping, **options), TODAY)


def convert(made: Converter, *rows: Mapping[str, str | None], key: Any = "CID-1") -> Converted:
    chunk = Chunk([(*(row.get(name) for name in made.columns), key) for row in rows])
    return made.convert(chunk)


def bodies(done: Converted) -> list[dict[str, Any]]:
    return [json.loads(body) for body in done.bodies]


FULL = {
    "email": " Maija@Example.com", "first_name": "Maija", "last_name": "O'Brien ",
    "address": "Bulevardi 5", "country": "Suomi", "state": "Uusimaa", "city": "Helsinki",
    "postal_code": "00120", "phone": "040 123 4567", "birthdate": "5.1.1990", "gender": "nainen",
    "tier": "gold", "spent": "1 234,5", "vip": "kyllä", "since": "2020-02-03",
}  # fmt: skip


def test_a_whole_profile() -> None:
    done = convert(compile_mapping(EVERYTHING, TODAY), FULL)
    assert done.emails == ["maija@example.com"]
    assert done.keys == ["CID-1"]
    assert (done.rejects, done.warnings) == ([], [])
    assert bodies(done) == [
        {
            "identifiers": [
                {"type": "email", "id": "maija@example.com", "sendWelcomeMessage": False},
                {"type": "phone", "id": "+358401234567", "sendWelcomeMessage": False},
            ],
            "firstName": "Maija", "lastName": "O'Brien", "address": "Bulevardi 5",
            "country": "Suomi", "countryCode": "FI", "state": "Uusimaa", "city": "Helsinki",
            "postalCode": "00120", "birthdate": "1990-01-05", "gender": "f",
            "customProperties": {
                "1st": 1234.5, "class": True, "since": "2020-02-03", "tier": "gold",
            },
        }
    ]  # fmt: skip


def test_the_body_does_not_depend_on_the_order_of_the_mapping() -> None:
    backwards = Export(mapping=EVERYTHING.mapping[::-1], country="FI")
    one = convert(compile_mapping(EVERYTHING, TODAY), FULL)
    other = convert(compile_mapping(backwards, TODAY), FULL)
    assert one.bodies == other.bodies


def test_empty_values_are_left_out() -> None:
    blank = dict.fromkeys(FULL, " \u00a0") | {"email": "a@example.com", "tier": None}
    done = convert(compile_mapping(EVERYTHING, TODAY), blank)
    assert bodies(done) == [
        {"identifiers": [{"type": "email", "id": "a@example.com", "sendWelcomeMessage": False}]}
    ]
    assert done.warnings == []


def test_welcome_only_where_asked_for() -> None:
    made = converter(
        Attribute(field="email", column="email"),
        Attribute(field="phone", column="phone"),
        send_welcome=True,
    )
    (body,) = bodies(convert(made, {"email": "a@example.com", "phone": "+358401234567"}))
    assert [identifier["sendWelcomeMessage"] for identifier in body["identifiers"]] == [True, True]


def test_constants_and_defaults() -> None:
    made = converter(
        Attribute(field="email", column="email"),
        Attribute(field="city", column="city", default="Turku"),
        Attribute(field="country", value="Finland"),
        Attribute(field="custom:n", value="1,5", type="number"),
    )
    first, second = bodies(
        convert(
            made,
            {"email": "a@example.com", "city": " "},
            {"email": "b@example.com", "city": "Oulu"},
        )
    )
    assert (first["city"], second["city"]) == ("Turku", "Oulu")
    assert first["countryCode"] == "FI"
    assert first["customProperties"] == second["customProperties"] == {"n": 1.5}


def test_rejects_name_the_row_and_never_the_address() -> None:
    made = converter(Attribute(field="email", column="email"))
    chunk = Chunk(
        [(None, 1), (" ", 2), ("kari@@example.com", 3), ("maija@example.com", 4)],
        [UnreadableRow("9", "quote")],
    )
    done = made.convert(chunk)
    assert done.emails == ["maija@example.com"]
    assert done.keys == ["4"]
    found = [(p.key, p.field, p.reason, p.detail, p.email_masked) for p in done.rejects]
    assert found == [
        ("9", "", "unreadable_row", "quote", ""),
        ("1", "email", "missing_email", "column_empty", ""),
        ("2", "email", "missing_email", "column_empty", ""),
        ("3", "email", "invalid_email", "two_at_signs", "k***@example.com"),
    ]
    assert all(re.fullmatch("[0-9a-f]{16}", p.row_hash) for p in done.rejects[1:])
    assert len({p.row_hash for p in done.rejects[1:]}) == 3
    assert convert(made, {"email": "x"}, key="CID-2").rejects[0].row_hash == ""


def test_warnings_keep_the_person() -> None:
    bad = FULL | {
        "country": "Atlantis", "phone": "12", "birthdate": "5/1/1990", "gender": "muu",
        "spent": "lots", "vip": "maybe", "since": "soon",
    }  # fmt: skip
    done = convert(compile_mapping(EVERYTHING, TODAY), {"email": "x"}, FULL, bad, key=7)
    assert {index for index, _ in done.warnings} == {1}
    assert [(p.field, p.reason, p.detail) for _, p in done.warnings] == [
        ("country", "unknown_country", "name_kept"),
        ("phone", "invalid_phone", "not_valid"),
        ("birthdate", "invalid_birthdate", "day_or_month_first"),
        ("gender", "invalid_gender", "other_word"),
        ("custom:1st", "invalid_type", "not_a_number"),
        ("custom:class", "invalid_type", "not_a_boolean"),
        ("custom:since", "invalid_type", "not_a_date"),
    ]
    body = bodies(done)[1]
    assert body["country"] == "Atlantis"
    assert body["customProperties"] == {"tier": "gold"}
    assert not {"countryCode", "birthdate", "gender"} & set(body)
    assert len(body["identifiers"]) == 1


def test_a_code_that_iso_has_not_is_not_sent() -> None:
    mapping = Attribute(field="email", column="e"), Attribute(field="country", column="c")
    done = convert(converter(*mapping), {"e": "a@example.com", "c": "Kosovo"})
    (body,) = bodies(done)
    assert body.keys() == {"identifiers", "country"}
    assert body["country"] == "Kosovo"
    assert [problem.reason for _, problem in done.warnings] == ["unknown_country"]


def test_every_code_that_is_sent_is_one_of_the_sandbox() -> None:
    assert {sendable_code(code) for code in set(_names().values())} - {None} <= COUNTRY_CODES


CELL = (
    st.none()
    | st.text(max_size=30)
    | st.sampled_from(["", " ", "maija@example.com", *FULL.values()])
)
ROWS = st.lists(
    st.tuples(*[CELL] * len(FULL), st.integers(1, 10**9) | st.text(max_size=9)), max_size=6
)


def check_contract(body: bytes) -> None:
    contact = json.loads(body.decode("utf-8"), parse_constant=lambda _: 1 / 0)
    identifiers = contact.pop("identifiers")
    assert [found["type"] for found in identifiers] in (["email"], ["email", "phone"])
    assert all(found.keys() == {"type", "id", "sendWelcomeMessage"} for found in identifiers)
    assert not any(found["sendWelcomeMessage"] for found in identifiers)
    properties = contact.pop("customProperties", {"some": True})
    assert properties
    assert all(value not in (None, "") for value in properties.values())
    assert contact.keys() <= PROPERTIES
    assert all(isinstance(value, str) and value for value in contact.values())


@given(ROWS)
def test_any_row_ends_as_one_contact_or_one_reject(rows: list[tuple[Any, ...]]) -> None:
    made = compile_mapping(EVERYTHING, TODAY)
    done = made.convert(Chunk(rows))
    assert len(done.emails) == len(done.bodies) == len(done.keys)
    assert len(done.emails) + len(done.rejects) == len(rows)
    for email, body in zip(done.emails, done.bodies, strict=True):
        check_contract(body)
        assert json.loads(body)["identifiers"][0]["id"] == email
    for problem in [*done.rejects, *(warning for _, warning in done.warnings)]:
        assert isinstance(problem, Problem)
        problem.key.encode()
        problem.email_masked.encode()
    assert all(index < len(done.emails) for index, _ in done.warnings)


@given(ROWS)
def test_no_row_leaves_a_trace_in_another(rows: list[tuple[Any, ...]]) -> None:
    made = compile_mapping(EVERYTHING, TODAY)
    together = made.convert(Chunk(rows))
    alone = [made.convert(Chunk([row])) for row in rows]
    assert together.bodies == [body for done in alone for body in done.bodies]
    assert together.rejects == [problem for done in alone for problem in done.rejects]
    assert together == made.convert(Chunk(rows))


@given(ROWS)
def test_what_was_sent_converts_to_itself(rows: list[tuple[Any, ...]]) -> None:
    made = converter(
        *EVERYTHING.mapping[:6], Attribute(field="phone", column="phone"), country="FI"
    )
    names = {"first_name": "firstName", "last_name": "lastName"}
    done = made.convert(Chunk([(*row[: len(made.columns)], row[-1]) for row in rows]))
    again = []
    for body in bodies(done):
        cells = {name: body.get(names.get(name, name)) for name in made.columns}
        identifiers = {found["type"]: found["id"] for found in body["identifiers"]}
        cells |= {name: identifiers.get(name) for name in ("email", "phone")}
        again += convert(made, cells).bodies
    assert again == done.bodies

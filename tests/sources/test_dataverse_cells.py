"""Values of JSON as text, and pages as rows."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.sources.odata_cells import (
    decode_count,
    decode_objects,
    mended,
    rows_decoder,
    text,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("x", "x"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (12345678901234567890123, "12345678901234567890123"),
        (-5, "-5"),
        (Decimal("1.50"), "1.5"),
        (Decimal("12.0"), "12"),
        (Decimal("1E16"), "10000000000000000"),
        (Decimal("1e-7"), "0.0000001"),
        (Decimal("-0.0"), "-0"),
        (Decimal("0e999999"), "0"),
        (Decimal("1e400"), "1E+400"),
        ([Decimal("1.50")], "[1.50]"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_a_value_as_text(value: object, expected: str | None) -> None:
    assert text(value) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(value: Decimal) -> None:
    found = text(value)
    assert found is not None
    assert Decimal(found) == value
    if 1e-30 < abs(value) < 1e30:
        assert "E" not in found


def test_numbers_come_to_the_last_digit() -> None:
    numbers = ["100000000000.1234567891", "1e400", "123456789012345678901234567890", "7"]
    body = '{"value":[' + ",".join(f'{{"a":{each}}}' for each in numbers) + "]}"
    found = [cell for (cell,) in rows_decoder(["a"])(body.encode()).rows]
    assert found == [numbers[0], "1E+400", *numbers[2:]]


@pytest.mark.parametrize(
    "more",
    [
        {"error": {"message": "broke off"}},
        {"error": "broke off"},
        {"@odata.nextLink": ""},
        {"value": None},
    ],
)
def test_a_page_that_broke_off_is_none(more: dict[str, object]) -> None:
    whole: dict[str, object] = {"value": [], "@odata.count": 1}
    body = json.dumps({**whole, "error": None}).encode()
    broken = json.dumps({**whole, **more}).encode()
    for decode in (rows_decoder(["a"]), decode_objects):
        assert len(decode(body)) == 0
        with pytest.raises(msgspec.ValidationError):
            decode(broken)
    assert decode_count(body) == 1
    if "error" in more:
        with pytest.raises(msgspec.ValidationError):
            decode_count(broken)


def test_cells_come_in_the_order_asked_for_and_twice_where_asked_twice() -> None:
    decode = rows_decoder(["b", "a", "b", "id"])
    found = decode(b'{"value":[{"a":1,"b":"x","id":"k","c":[]},{"id":"l"}],"@odata.nextLink":"n"}')
    assert found.rows == [("x", "1", "x", "k"), (None, None, None, "l")]
    assert found.next == "n"
    assert len(found) == 2


def test_one_column_alone_makes_rows_too() -> None:
    assert rows_decoder(["id"])(b'{"value":[{"id":"k"},{}]}').rows == [("k",), (None,)]
    assert rows_decoder(["class", "@x"])(b'{"value":[{"class":"k"}]}').rows == [("k", None)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"x\\ud83dy", "x?y"),
        (b"x\\uDE00y", "x?y"),
        (b"\\ud83d\\ude00 \\ud83d", "😀 ?"),
        (b"\\\\ud83d \\ud83d", "\\ud83d ?"),
        (b'\\"\\\\\\ud83d', '"\\?'),
        (b"\xed\xa0\xbd", "?"),
    ],
)
def test_halves_of_surrogates_do_not_spoil_a_page(written: bytes, meant: str) -> None:
    body = b'{"value":[{"a":"' + written + b'","b":1.10e1}]}'
    with pytest.raises((ValueError, msgspec.DecodeError)):
        rows_decoder(["a"])(body)
    found = rows_decoder(["a", "b"])(mended(body)).rows
    assert found == [(meant, "11")]


def test_a_mark_of_byte_order_is_taken_off() -> None:
    assert mended(b'\xef\xbb\xbf{"a":1}') == b'{"a":1}'


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"value":[{"a":1', b'{"a":"\xff"}'])
def test_where_nothing_can_be_mended_it_says_so(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        mended(body)


def test_a_count() -> None:
    assert decode_count(b'{"@odata.count":5000,"value":[{}]}') == 5000

"""Values of JSON as text, and pages as rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.sources.odata_cells import decode_count, mended, rows_decoder, text


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
        (1.5, "1.5"),
        (12.0, "12"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "-0"),
        (1e300, "1e+300"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_a_value_as_text(value: object, expected: str | None) -> None:
    assert text(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(value: float) -> None:
    found = text(value)
    assert found is not None
    assert float(found) == value
    if 1e-30 < abs(value) < 1e30:
        assert "e" not in found


def test_cells_come_in_the_order_asked_for_and_twice_where_asked_twice() -> None:
    decode = rows_decoder(["b", "a", "b", "id"])
    found = decode(b'{"value":[{"a":1,"b":"x","id":"k","c":[]},{"id":"l"}],"@odata.nextLink":"n"}')
    assert found.rows == [("x", "1", "x", "k"), (None, None, None, "l")]
    assert found.next == "n"
    assert len(found) == 2


def test_one_column_alone_makes_rows_too() -> None:
    assert rows_decoder(["id"])(b'{"value":[{"id":"k"},{}]}').rows == [("k",), (None,)]
    assert rows_decoder(["class", "@x"])(b'{"value":[{"class":"k"}]}').rows == [("k", None)]


def test_halves_of_surrogates_do_not_spoil_a_page() -> None:
    body = b'{"value":[{"a":"x\\ud83dy"}]}'
    with pytest.raises(ValueError, match="truncated"):
        rows_decoder(["a"])(body)
    assert rows_decoder(["a"])(mended(body)).rows == [("x?y",)]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"value":[{"a":1', b"[" * 100_000])
def test_what_is_no_json_is_not_mended(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        mended(body)


def test_a_count() -> None:
    assert decode_count(b'{"@odata.count":5000,"value":[{}]}') == 5000

"""Addresses of Customer Insights: names of segments in filters, and how long an address gets."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.sources.dataverse_queries import (
    IDS,
    LONGEST,
    address,
    by_ids,
    fitting,
    in_segment,
    members,
    named,
)

ROOT = "https://contoso.crm4.dynamics.com/api/data/v9.2/"
NAMES = st.text(st.sampled_from("aB'\"\\[]%_^- \nä🌞") | st.characters(codec="utf-8"), min_size=1)


def unescaped(text: str) -> str:
    """The rule of the contract read backwards: '' is ', a backslash stands before \" and \\."""
    text = text.replace("''", "'")
    assert re.fullmatch(r'(?:[^"\\]|\\["\\])*', text, re.DOTALL)
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def literals(where: str) -> list[str]:
    found = re.findall(r"contains\(msdynci_segments,'((?:[^']|'')*)'\)", where)
    assert where == " and ".join(f"contains(msdynci_segments,'{each}')" for each in found)
    return found


def like(needle: str) -> re.Pattern[str]:
    """What SQL's LIKE finds; there is no opening bracket in it."""
    assert "[" not in needle
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(one, re.escape(one)) for one in needle), re.DOTALL)


def test_a_plain_name_stands_between_escaped_quotation_marks() -> None:
    assert in_segment("VIP") == ["contains(msdynci_segments,'\\\"VIP\\\"')"]


@given(NAMES, st.booleans())
def test_a_name_comes_out_of_its_escapes_as_it_went_in(name: str, escaped: bool) -> None:
    assert json.loads(unescaped(named(name, escaped=escaped))) == name


@given(NAMES, st.lists(NAMES, max_size=3), st.booleans())
def test_every_row_of_a_segment_is_found_by_patterns(
    name: str, others: list[str], escaped: bool
) -> None:
    row = json.dumps([*others, name], ensure_ascii=escaped)
    filters = in_segment(name)
    assert len(filters) == (1 if name.isascii() else 2)
    asked = [literals(where) for where in filters]
    assert all(asked)
    assert any(all(like(unescaped(piece)).search(row) for piece in pieces) for pieces in asked)


@given(NAMES)
def test_a_name_passes_through_an_address(name: str) -> None:
    queries = [parse_qs(urlsplit(each).query, strict_parsing=True) for each in members(name)]
    assert [query["$filter"] for query in queries] == [[where] for where in in_segment(name)]


def test_a_hundred_ids_fit_into_an_address() -> None:
    ids = [f"{number:032x}" for number in range(250)]
    found, size = by_ids(["msdynci_customerid", "msdynci_emailaddress1"], ids, ROOT)
    assert size == IDS
    assert len(ROOT) + len(found) <= LONGEST


def test_fewer_ids_are_asked_for_where_a_hundred_do_not_fit() -> None:
    ids = ["ä'" * 40 for _ in range(100)]
    found, size = by_ids([], ids, ROOT)
    assert 0 < size < IDS
    assert len(ROOT) + len(found) <= LONGEST
    assert by_ids([], ["ä" * 5000], ROOT)[1] == 1


def test_columns_that_do_not_fit_are_all_asked_for() -> None:
    assert fitting(["a", "b"], ROOT) == ["a", "b"]
    assert fitting([f"msdynci_column{number}" for number in range(300)], ROOT) == ()


def test_a_column_is_selected_once() -> None:
    assert address("t", select=["a", "b", "a"], top=1) == "t?%24select=a,b&%24top=1".replace(
        "%24", "$"
    )

"""One request for rows: its options, its page, and the token of the page after it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from itertools import islice
from urllib.parse import parse_qsl, quote

import msgspec

from omnisend_tui.sandbox.dataverse.filters import filtered, unknown_column
from omnisend_tui.sandbox.dataverse.odata import not_valid
from omnisend_tui.sandbox.dataverse.population import Population
from omnisend_tui.sandbox.dataverse.schema import CUSTOMER_ID, PROFILES, Table

MOST_ROWS = 5000  # of a page, and of what $count tells
_OPTIONS = ("$select", "$filter", "$top", "$count", "$orderby", "$skiptoken")
_PAGE_SIZE = re.compile(r"odata\.maxpagesize\s*=\s*\"?(-?[0-9]+)\"?", re.IGNORECASE)
_ORDERS = (f"{CUSTOMER_ID} asc", "modifiedon desc", "versionnumber desc")


class Query(msgspec.Struct, frozen=True):
    """The options of a request; ``top`` None is no limit. ``given`` are all but the token."""

    entity_set: str
    columns: tuple[str, ...]
    given: tuple[tuple[str, str], ...] = ()
    where: str = ""
    top: int | None = None
    count: bool = False
    order: str = ""
    token: str = ""


class Page(msgspec.Struct, frozen=True):
    """The ranks of a page; ``after`` is where the next one begins, None after the last."""

    ranks: Sequence[int]
    after: int | None
    count: int | None


def read_query(text: str, table: Table) -> Query:
    """The options in the query of an address; ODataError where one can't be."""
    pairs = parse_qsl(text, keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs):
        raise not_valid("A query option is given twice.")
    for name in given:
        if name == "$skip":
            raise not_valid("Skip Clause is not supported in CRM")
        if name not in _OPTIONS:
            raise not_valid(f"The query parameter {name} is not supported")
    count = given.get("$count", "false").lower()
    if count not in ("true", "false"):
        raise not_valid("Invalid value for $count.")
    return Query(
        table.entity_set,
        _columns(given.get("$select"), table),
        tuple((name, value) for name, value in pairs if name != "$skiptoken"),
        given.get("$filter", ""),
        _whole(given["$top"]) if "$top" in given else None,
        count == "true",
        _order(given["$orderby"], table) if "$orderby" in given else "",
        given.get("$skiptoken", ""),
    )


def page_size(preference: str) -> int:
    """Rows a page by the header ``Prefer``; what is out of bounds is ignored."""
    found = _PAGE_SIZE.search(preference)
    size = int(found[1]) if found else MOST_ROWS
    return size if 0 < size <= MOST_ROWS else MOST_ROWS


def page_of(
    query: Query, size: int, table: Table, population: Population, generation: int, secret: bytes
) -> Page:
    """The page that a query asks for."""
    start = _read_token(query, secret) if query.token else 0
    if query.where == "" and any(name == "$filter" for name, _value in query.given):
        raise not_valid("Expression expected in $filter.")
    ranks: Sequence[int] = range(population.size)
    patterns: tuple[re.Pattern[str], ...] = ()
    if query.where:
        found = filtered(query.where, table, population)
        ranks, patterns = found.ranks, found.patterns
    if query.order and not query.order.startswith(CUSTOMER_ID):
        ranks = _newest(ranks, table, population, generation, _looked_at(query))
    limit = size if query.top is None else min(size, query.top)
    count = None
    if query.count:
        count = _number(ranks, patterns, table, population)
    # One more than the page tells whether another one follows.
    wanted = limit + (query.top is None)
    picked = _picked(ranks[start:], patterns, table, population, wanted)
    if len(picked) <= limit:
        return Page(picked, None, count)
    after = picked[limit]
    place = after - ranks.start if isinstance(ranks, range) else ranks.index(after)
    return Page(picked[:limit], place, count)


def next_query(query: Query, after: int, secret: bytes) -> str:
    """The query of the next page's address, as it is sent."""
    pairs = [*query.given, ("$skiptoken", _token(query, after, secret))]
    return "&".join(f"{name}={quote(value, safe='(),$')}" for name, value in pairs)


def _picked(
    ranks: Sequence[int],
    patterns: tuple[re.Pattern[str], ...],
    table: Table,
    population: Population,
    most: int,
) -> list[int]:
    if table.entity_set == PROFILES.entity_set:
        return list(ranks[:most])
    left = population.members(patterns[0] if patterns else None, ranks)
    for pattern in patterns[1:]:
        left = population.members(pattern, left)
    return list(islice(left, most))


def _number(
    ranks: Sequence[int],
    patterns: tuple[re.Pattern[str], ...],
    table: Table,
    population: Population,
) -> int:
    return len(_picked(ranks, patterns, table, population, MOST_ROWS))


def _looked_at(query: Query) -> int | None:
    """How many rows of an order are needed, where that is known."""
    return None if query.where or query.count or query.token else query.top


def _newest(
    ranks: Sequence[int],
    table: Table,
    population: Population,
    generation: int,
    most: int | None,
) -> Sequence[int]:
    inside = ranks if isinstance(ranks, range) else set(ranks)
    newest = (rank for rank in population.newest(generation) if rank in inside)
    if table.entity_set != PROFILES.entity_set:
        newest = (rank for rank in population.members(None, newest))
    return list(islice(newest, most))


def _columns(selected: str | None, table: Table) -> tuple[str, ...]:
    if selected is None:
        return table.columns
    names = tuple(dict.fromkeys(name.strip() for name in selected.split(",")))
    for name in names:
        if name not in table.columns:
            raise unknown_column(name, table)
    # Dataverse answers the key whether it is asked for or not.
    return names if table.key in names else (*names, table.key)


def _order(text: str, table: Table) -> str:
    name, _, direction = " ".join(text.split()).partition(" ")
    order = f"{name} {direction or 'asc'}"
    if name not in table.columns:
        raise unknown_column(name, table)
    if order not in _ORDERS:
        raise not_valid(f"The sandbox can't order by '{order}'.")
    return order


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise not_valid(f"Invalid value '{text[:20]}' for $top query option found.")
    return int(text)


def _token(query: Query, after: int, secret: bytes) -> str:
    rest = "&".join(f"{name}={value}" for name, value in query.given)
    seal = hmac.new(
        secret, f"{after}/{query.entity_set}/{rest}".encode(), hashlib.sha256
    ).hexdigest()[:24]
    cookie = f'<cookie pagenumber="2" last="{after}" seal="{seal}" istracking="False" />'
    return base64.urlsafe_b64encode(cookie.encode()).decode()


def _read_token(query: Query, secret: bytes) -> int:
    try:
        cookie = base64.urlsafe_b64decode(query.token.encode()).decode()
    except ValueError:
        cookie = ""
    found = re.search(r'last="([0-9]{1,18})"', cookie)
    if found is None or not hmac.compare_digest(_token(query, int(found[1]), secret), query.token):
        raise not_valid("Malformed XML in the paging cookie.")
    return int(found[1])

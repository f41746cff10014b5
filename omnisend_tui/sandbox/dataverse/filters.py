"""``$filter`` as far as the sandbox knows it: ids compared, and a segment's name looked for.

What a name looked for means isn't documented in full. The sandbox takes it so: an OData literal
(its ' doubled) in which a backslash escapes " and itself, and every " is escaped; the text is then
looked for as SQL's LIKE does it, which is documented for Dataverse: in any case, with the
wildcards % _ and [..], each of which stands for itself in brackets.
"""

import re
from collections.abc import Sequence

import msgspec

from omnisend_tui.sandbox.dataverse.odata import ODataError, not_valid
from omnisend_tui.sandbox.dataverse.population import Population
from omnisend_tui.sandbox.dataverse.schema import CUSTOMER_ID, SEGMENTS, Table

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[(),]))"
)
_DEEPEST = 50  # brackets in brackets
_NOTHING = "(?!)"  # an expression that fits no text
_COMPARISONS = ("eq", "lt", "le", "gt", "ge")


class Found(msgspec.Struct, frozen=True):
    """What a filter leaves: places in the order of ids, and texts that a row must hold."""

    ranks: Sequence[int]
    patterns: tuple[re.Pattern[str], ...] = ()


def filtered(text: str, table: Table, population: Population) -> Found:
    """What ``$filter`` leaves of ``table``; ODataError where it isn't understood."""
    return _Reading(text, table, population).all()


def like(needle: str) -> re.Pattern[str]:
    """The expression for what LIKE would find anywhere in a text."""
    parts, place = [], 0
    while place < len(needle):
        sign = needle[place]
        if sign == "[":
            inside, closed, _rest = needle[place + 1 :].partition("]")
            place += len(inside) + 1
            parts.append(_one_of(inside) if closed else _NOTHING)
        else:
            parts.append({"%": ".*", "_": "."}.get(sign, re.escape(sign)))
        place += 1
    flags = re.IGNORECASE | re.DOTALL
    try:
        return re.compile("".join(parts), flags)
    except re.error:  # a range from a later sign to an earlier one
        return re.compile(_NOTHING)


def _one_of(inside: str) -> str:
    """A set of LIKE as one of expressions; a hyphen between two signs is a range in both."""
    signs = re.sub(r"([\\\[^&~|])", r"\\\1", inside.removeprefix("^"))
    if not signs:
        return _NOTHING
    return f"[^{signs}]" if inside.startswith("^") else f"[{signs}]"


class _Reading:
    """Reads one filter from left to right: or of ands of comparisons."""

    def __init__(self, text: str, table: Table, population: Population) -> None:
        self._tokens = _tokens(text)
        self._table = table
        self._population = population
        self._place = 0
        self._depth = 0

    def all(self) -> Found:
        found = self._any_of()
        if self._place < len(self._tokens):
            raise _syntax(self._tokens[self._place])
        return found

    def _any_of(self) -> Found:
        parts = [self._all_of()]
        while self._next_is("or"):
            parts.append(self._all_of())
        if len(parts) == 1:
            return parts[0]
        if any(part.patterns for part in parts):
            raise ODataError(501, "0x80060888", "The sandbox knows 'or' between ids only.")
        return Found(sorted({rank for part in parts for rank in part.ranks}))

    def _all_of(self) -> Found:
        found = self._one()
        while self._next_is("and"):
            other = self._one()
            found = Found(_both(found.ranks, other.ranks), found.patterns + other.patterns)
        return found

    def _one(self) -> Found:
        if self._next_is("("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise not_valid("$filter is nested too deeply.")
            found = self._any_of()
            self._expect(")")
            self._depth -= 1
            return found
        name = self._word()
        if name == "contains":
            return self._contains()
        if name != CUSTOMER_ID:
            if name not in self._table.columns:
                raise unknown_column(name, self._table)
            raise ODataError(501, "0x80060888", f"The sandbox can't filter by '{name}'.")
        comparison = self._word()
        if comparison not in _COMPARISONS:
            raise _syntax(comparison)
        return Found(self._compared(comparison, self._literal().lower()))

    def _contains(self) -> Found:
        self._expect("(")
        name = self._word()
        if name not in self._table.columns:
            raise unknown_column(name, self._table)
        if name != SEGMENTS:
            raise ODataError(501, "0x80060888", f"The sandbox can't look into '{name}'.")
        self._expect(",")
        pattern = like(_unescaped(self._literal()))
        self._expect(")")
        return Found(range(self._population.size), (pattern,))

    def _compared(self, comparison: str, value: str) -> range:
        size = self._population.size
        low = self._population.rank(value)
        there = low < size and self._population.customer_id(low).lower() == value
        after = low + there
        return {
            "eq": range(low, after),
            "lt": range(0, low),
            "le": range(0, after),
            "gt": range(after, size),
            "ge": range(low, size),
        }[comparison]

    def _next_is(self, token: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place] == token:
            self._place += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._next_is(token):
            raise _syntax(token)

    def _take(self) -> str:
        if self._place == len(self._tokens):
            raise not_valid("Expression expected at the end of $filter.")
        self._place += 1
        return self._tokens[self._place - 1]

    def _word(self) -> str:
        token = self._take()
        if not token[0].isalpha():
            raise _syntax(token)
        return token

    def _literal(self) -> str:
        token = self._take()
        if token[0] != "'":
            raise _syntax(token)
        return token[1:-1].replace("''", "'")


def unknown_column(name: str, table: Table) -> ODataError:
    """What Dataverse says of a column that isn't there."""
    return ODataError(
        400,
        "0x0",
        f"Could not find a property named '{name}' on type"
        f" 'Microsoft.Dynamics.CRM.{table.logical_name}'.",
    )


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _syntax(text[place:])
        tokens.append(found[found.lastgroup or 0])
        place = found.end()
    return tokens


def _unescaped(literal: str) -> str:
    """The text that a literal looks for: \\" and \\\\ without their backslash."""
    if re.search(r'(?<!\\)(\\\\)*"|(?<!\\)(\\\\)*\\(?![\\"])', literal):
        raise not_valid('A " or \\ in the text that contains() looks for is not escaped.')
    return re.sub(r"\\(.)", r"\1", literal)


def _both(one: Sequence[int], other: Sequence[int]) -> Sequence[int]:
    if isinstance(one, range) and isinstance(other, range):
        return range(max(one.start, other.start), min(one.stop, other.stop))
    if isinstance(one, range):
        return [rank for rank in other if rank in one]
    return [rank for rank in one if rank in other]


def _syntax(token: str) -> ODataError:
    return not_valid(f"Syntax error near '{token[:40]}' in $filter.")

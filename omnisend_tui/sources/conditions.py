"""What a segment's condition may be: one expression over a row, the same at each call."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from omnisend_tui.i18n import _
from omnisend_tui.sources.query import Relation, boolean, said, wrong_condition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What DuckDB calls volatile, but error(): people would leave a segment by dice.
VOLATILE = frozenset(
    """
    currval current_connection_id current_query current_query_id current_transaction_id
    gen_random_uuid nextval random setseed setval sleep_ms stats uuid uuidv4 uuidv7 vector_type
    write_log
    """.split()  # noqa: SIM905
)


def check_expression(
    connection: "DuckDBPyConnection", relation: Relation, segment: str, condition: str
) -> None:
    """``SourceError`` unless ``condition`` is one expression over the columns of ``relation``."""
    import duckdb

    try:
        row = connection.execute("SELECT json_serialize_sql(?)", ["SELECT " + condition]).fetchone()
        parsed = json.loads(row[0]) if row else {}
        if parsed.get("error"):
            raise wrong_condition(segment, str(parsed.get("error_message", "")))
        if not _is_one_expression(parsed.get("statements", [])):
            raise wrong_condition(segment, _("It is more than one expression."))
        if dice := sorted(set(_functions(parsed)) & VOLATILE):
            raise wrong_condition(
                segment, _("{function}() gives another result each time.").format(function=dice[0])
            )
        if _has_columns(parsed):
            raise wrong_condition(segment, _("COLUMNS() stands for more than one column."))
        # As segments are counted: what may stand after SELECT may be refused here.
        counted = f"count(*) FILTER (WHERE {boolean(condition)})"
        connection.execute(f"SELECT {counted} FROM ({relation.sql}) LIMIT 0")
    except duckdb.Error as error:
        raise wrong_condition(segment, said(error)) from error


def _is_one_expression(statements: Sequence[Mapping[str, object]]) -> bool:
    if len(statements) != 1:
        return False
    node = statements[0].get("node")
    if not isinstance(node, dict) or node.get("type") != "SELECT_NODE":
        return False
    listed = node.get("select_list") or []
    clauses = ("where_clause", "having", "sample", "qualify")
    return (
        len(listed) == 1
        and listed[0].get("class") != "STAR"
        and not listed[0].get("alias")
        and not node.get("modifiers")
        and not node.get("group_expressions")
        and not (node.get("cte_map") or {}).get("map")
        and (node.get("from_table") or {}).get("type") == "EMPTY"
        and not any(node.get(clause) for clause in clauses)
    )


def _nodes(parsed: object) -> Iterator[Mapping[str, object]]:
    """All objects of a parsed statement, at any depth."""
    waiting = [parsed]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _functions(parsed: object) -> Iterator[str]:
    return (str(node.get("function_name", "")).casefold() for node in _nodes(parsed))


def _has_columns(parsed: object) -> bool:
    return any(node.get("class") == "STAR" and node.get("columns") for node in _nodes(parsed))

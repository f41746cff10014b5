"""How many rows a ledger's tables hold, which no part of the app asks for."""

from omnisend_tui.engine.ledger import Ledger


def contacts(ledger: Ledger) -> int:
    """How many contacts were confirmed so far."""
    return _count(ledger, "contact")


def tags_left(ledger: Ledger, verb: str) -> int:
    """How many contacts still wait for their tags."""
    return _count(ledger, f"tagging WHERE verb = '{verb}' AND done = 0")


def _count(ledger: Ledger, rows: str) -> int:
    ((count,),) = ledger._store.rows(f"SELECT count(*) FROM {rows}")
    return int(count)

"""The data privacy consent of a connection: its text, its record, and whether it still holds."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from omnisend_tui import i18n
from omnisend_tui.errors import ConsentError
from omnisend_tui.i18n import _

if TYPE_CHECKING:
    from omnisend_tui.config.models import Connection
    from omnisend_tui.records import Consent
    from omnisend_tui.state import State

VERSION = "1"
"""Of the text in all languages. Raise it whenever the meaning changes: consent is asked again."""

_TEXTS = Path(__file__).parent / "locale"


def text(language: str) -> str:
    """The whole text in ``language``, English where there is none.

    Paragraphs are lines, separated by empty ones; the first line of a paragraph of several is its
    heading.
    """
    chosen = language if language in i18n.LANGUAGES else "en"
    return (_TEXTS / f"privacy.{chosen}.txt").read_text(encoding="utf-8")


def sha256(language: str) -> str:
    """The SHA-256 (hex) of the text in ``language``, as UTF-8."""
    return hashlib.sha256(text(language).encode()).hexdigest()


def record(connection: "Connection", who: str, now: float) -> "Consent":
    """The record that ``who`` agreed at ``now`` (seconds since the epoch) to the text in use."""
    from omnisend_tui.records import Consent

    shown = i18n.language()
    return Consent(
        connection_id=connection.id,
        who=who,
        at=now,
        version=VERSION,
        language=shown,
        sha256=sha256(shown),
        base_url=connection.base_url,
    )


def holds(state: "State", connection: "Connection") -> bool:
    """Whether somebody agreed to this version for this base URL."""
    given = state.consents(connection.id)
    return any(c.version == VERSION and _same_url(c.base_url, connection.base_url) for c in given)


def require(state: "State", connection: "Connection") -> None:
    """Raises ``ConsentError`` unless the consent of ``connection`` holds."""
    if holds(state, connection):
        return
    hint = _('Run `omnisend-tui connection agree "{name}"`.').format(name=connection.name)
    if not state.consents(connection.id):
        raise ConsentError(
            "consent_missing",
            _("Nobody has agreed to the data privacy text for “{name}”.").format(
                name=connection.name
            ),
            hint,
        )
    raise ConsentError(
        "consent_outdated",
        _(
            "The data privacy text or the address of “{name}” has changed since it was agreed to."
        ).format(name=connection.name),
        hint,
    )


def _same_url(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")

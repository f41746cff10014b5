"""Brings the Finnish catalogue up to the texts in the code, and compiles it.

    python tests/make_catalogue.py

New texts are added with an empty translation, texts that are gone are dropped.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parent.parent / "omnisend_tui"
FINNISH = PACKAGE / "locale/fi/LC_MESSAGES/omnisend_tui.po"
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_DATE = datetime(2026, 11, 25, tzinfo=UTC)  # fixed: the same texts make the same file
_TEAM = "the omnisend-tui team"


def texts_in_code() -> Catalog:
    """Every text that goes through gettext, without the places where it stands."""
    catalog = Catalog(
        locale="fi",
        header_comment="# Finnish texts of PROJECT.\n# Copyright (C) YEAR ORGANIZATION",
        project="omnisend-tui",
        version="1",
        copyright_holder=_TEAM,
        creation_date=_DATE,
        revision_date=_DATE,
        charset="utf-8",
        fuzzy=False,
    )
    # Babel puts placeholders where its constructor gets nothing.
    catalog.msgid_bugs_address = catalog.last_translator = ""
    catalog.language_team = "Finnish"
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=_KEYWORDS)
    for _file, _line, message, _comments, _context in found:
        catalog.add(message, flags=())
    return catalog


def finnish() -> Catalog:
    with FINNISH.open("rb") as file:
        return read_po(file, locale="fi")


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> None:
    catalog = texts_in_code()
    if FINNISH.exists():
        known = finnish()
        for message in catalog:
            old = known.get(message.id) if message.id else None
            # A text that counts has several forms now, or no longer.
            if old is not None and isinstance(old.string, str) == isinstance(message.id, str):
                message.string = old.string
    FINNISH.parent.mkdir(parents=True, exist_ok=True)
    with FINNISH.open("wb") as file:
        write_po(file, catalog, omit_header=False, sort_output=True, width=100)
    FINNISH.with_suffix(".mo").write_bytes(compiled(finnish()))
    missing = [message for message in catalog if message.id and not message.string]
    print(f"{len(catalog)} texts, {len(missing)} without a translation")


if __name__ == "__main__":
    main()

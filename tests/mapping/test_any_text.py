"""Any text in, a contact or a reject out, and the sandbox takes every contact."""

from datetime import UTC, date, datetime
from typing import Any, get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from omnisend_tui.config.models import Attribute, Case, CustomType, Export
from omnisend_tui.errors import UsageError
from omnisend_tui.mapping.contacts import with_status
from omnisend_tui.mapping.convert import compile_mapping
from omnisend_tui.mapping.fields import FIELDS, check_mapping, takes_case
from omnisend_tui.mapping.readers import takes_date_format
from omnisend_tui.profiles import Chunk, UnreadableRow
from omnisend_tui.sandbox.checks import check
from omnisend_tui.sandbox.models import Contact

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
decode = msgspec.json.Decoder(Contact).decode

# Lone surrogates and control characters too: a source may hand over anything.
ANY_TEXT = st.text(st.characters(codec=None), max_size=30)
TRICKY = st.sampled_from(
    [
        "\ud800", "\x00", "\u200b", "\ufeff", "\u202e", "ß", "İ", "ŉ", "ǆ", "A\u030a", "'", "-",
        "''a", "NaN", "Infinity", "1e400", "9" * 40, "٣", "²", "1,234", "0x10", "1_000",
        "29.2.1900", "31.2.2020", "00000000", "2026-01-31T25:00", "29/02/24", "0001-01-01",
        "9999-12-31T23:59:59+14:00", "+358401234567", "040 123 4567", "+0", "x" * 5000, "@",
        "xn--@example.com", "maija@example.com", "Maija.Öberg@example.com", "a@b", "Türkiye", "XK",
        "Kosovo", "an", "N", "kyllä", '"', "\\", "</script>", "{segment}",
    ]
)  # fmt: skip
CELL = st.none() | ANY_TEXT | TRICKY
ADDRESS = CELL | st.emails() | st.just("maija@example.com")
FORMATS = st.sampled_from(["", "DD.MM.YYYY", "MM/DD/YY", "%Y-%m-%d", "%d %B %Y", "%d.%m.%Y %H:%M"])


@st.composite
def attributes(draw: st.DrawFn, field: str) -> Attribute:
    """A mapped field with choices that it takes, from its own column or a constant."""
    custom_type = draw(st.sampled_from(get_args(CustomType)))
    bare = Attribute(field=field, type=custom_type if field.startswith("custom:") else "text")
    case = draw(st.sampled_from(get_args(Case))) if takes_case(bare) else ""
    date_format = draw(FORMATS) if takes_date_format(bare) else ""
    chosen = replace(bare, case=case, date_format=date_format)
    given = draw(st.just("") | ANY_TEXT | TRICKY)
    if field in ("email", "phone") or not given or draw(st.booleans()):
        default = "" if field in ("email", "phone") else given
        return replace(chosen, column=field, default=default)
    return replace(chosen, value=given)


@st.composite
def exports(draw: st.DrawFn) -> Export:
    fields = (*FIELDS, "custom:a", "custom:class", "custom:1st")
    mapping = [draw(attributes(field)) for field in fields]
    options: dict[str, Any] = {
        "country": draw(st.sampled_from(["", "FI", "US"])), "date_format": draw(FORMATS),
        "send_welcome": draw(st.booleans()),
    }  # fmt: skip
    if draw(st.booleans()):
        options |= {
            "email_status": "subscribed", "consent_column": "consent", "consent_source": "Shop",
        }  # fmt: skip
    bare = Export(mapping=(Attribute(field="email", column="email"),), **options)
    return replace(bare, mapping=tuple(_sound(bare, attribute) for attribute in mapping))


def _sound(bare: Export, attribute: Attribute) -> Attribute:
    """The attribute, without a constant or default that can't be used in this export."""
    others = bare.mapping if attribute.field != "email" else ()
    try:
        check_mapping(replace(bare, mapping=(*others, attribute)))
    except UsageError as refused:
        if refused.code != "bad_value":
            raise
        return replace(attribute, column=attribute.field, value="", default="")
    return attribute


@settings(deadline=None)  # the first example reads what is known of phone numbers
@given(st.data(), exports())
def test_every_row_is_a_contact_that_omnisend_takes_or_a_reject(
    data: st.DataObject, export: Export
) -> None:
    made = compile_mapping(export, TODAY, NOW)
    cells = [ADDRESS if name == "email" else CELL for name in made.columns]
    keys = st.integers(1, 10**9) | ANY_TEXT
    rows = data.draw(st.lists(st.tuples(*cells, keys), max_size=4))
    done = made.convert(Chunk(rows, [UnreadableRow("9", "quote")]))
    assert len(done.bodies) + len(done.rejects) == len(rows) + 1
    opt_ins = done.opt_ins or [b""] * len(done.bodies)
    for email, body, members in zip(done.emails, done.bodies, opt_ins, strict=True):
        for sent in (body, with_status(body, members)):
            known, phone = check(decode(sent))
            assert known == email
            assert (b'"phone"' in sent.split(b"]", 1)[0]) == bool(phone)
    for problem in [*done.rejects, *(warning for _, warning in done.warnings)]:
        msgspec.json.encode(problem)

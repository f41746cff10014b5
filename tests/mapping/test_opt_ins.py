"""Consent columns: only the listed words and past times say yes, and what is sent for them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unicodedata import normalize

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.mapping.contacts import with_status
from omnisend_tui.mapping.convert import compile_mapping
from omnisend_tui.mapping.opt_ins import OptIns
from omnisend_tui.mapping.texts import trim
from omnisend_tui.profiles import Chunk

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OPT_INS = OptIns('"Kassa" \\ ä', NOW)


def members(cell: str | None) -> dict[str, Any]:
    (read,) = OPT_INS.read([cell])
    found: dict[str, Any] = msgspec.json.decode(b"{" + read + b"}")
    return found


def moment(cell: str) -> object:
    """The opt-in's time as it is sent, '' for a yes without one, None for a no."""
    found = members(cell)
    if not found:
        return None
    channel = found["channels"]["email"]
    assert channel["status"] == "subscribed"
    assert found["consent"].get("createdAt") == channel.get("statusChangedAt")
    return channel.get("statusChangedAt", "")


@pytest.mark.parametrize(
    "cell",
    [
        "yes",
        "YES",
        "true",
        "True",
        "1",
        "kyllä",
        "KYLLÄ",
        "kylla\u0308",
        "\u00a0yes\u2003",
        "\tyes\n",
    ],
)
def test_words_that_say_yes(cell: str) -> None:
    assert members(cell) == {
        "channels": {"email": {"status": "subscribed"}},
        "consent": {"source": '"Kassa" \\ ä'},
    }


@pytest.mark.parametrize(
    ("cell", "sent"),
    [
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T10:20", "2026-01-31T10:20:00Z"),
        ("2026-01-31 10:20:30", "2026-01-31T10:20:30Z"),
        (" 2026-01-31 10:20:30.123456 ", "2026-01-31T10:20:30Z"),
        ("2026-01-31T10:20:30Z", "2026-01-31T10:20:30Z"),
        ("2026-01-31t10:20:30z", "2026-01-31T10:20:30Z"),
        ("2026-01-31T01:20:30+02:00", "2026-01-30T23:20:30Z"),
        ("2026-01-31 01:20:30+02", "2026-01-30T23:20:30Z"),
        ("2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"),
        ("2026-11-25T13:00:00+02:00", "2026-11-25T11:00:00Z"),
    ],
)
def test_times_that_say_yes(cell: str, sent: str) -> None:
    assert moment(cell) == sent


@pytest.mark.parametrize(
    "cell",
    [
        None, "", " ", "no", "0", "false", "ei", "y", "on", "ok", "x", "2", "1.0", "yes!", "oui",
        "not yes", "1 1", "subscribed", "null", "2026-11-26", "2026-11-25T12:00:01Z",
        "2026-11-25T12:00:00-01:00", "9999-12-31T23:59:59-10:00", "2026-02-30", "2026-13-01",
        "0001-01-01", "0001-01-01T00:00:00+14:00", "1753-01-01", "1900-01-01", "1970-01-01",
        "20260131", "31.1.2026", "2026-W05-1", "2026-01-31T25:00", "2026-01-31T10:00+99:00",
        "\u0661", "yes" + " " * 100,
    ],
)  # fmt: skip
def test_everything_else_says_no(cell: str | None) -> None:
    assert OPT_INS.read([cell]) == [b""]


@given(st.text() | st.sampled_from(["yes", "1"]).flatmap(lambda word: st.text().map(word.__add__)))
def test_no_text_raises_and_few_say_yes(text: str) -> None:
    (read,) = OPT_INS.read([text])
    word = normalize("NFC", trim(text)).casefold()
    if not word[:4].isdigit():
        assert bool(read) == (word in ("yes", "true", "1", "kyllä") and len(text) <= 60)


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2100, 1, 1)),
    st.none() | st.integers(-14 * 60, 14 * 60),
    st.sampled_from("T "),
)
def test_a_time_says_yes_only_when_it_is_past(
    when: datetime, minutes: int | None, between: str
) -> None:
    zone = None if minutes is None else timezone(timedelta(minutes=minutes))
    told = when.replace(tzinfo=zone)
    sent = moment(told.isoformat(sep=between))
    instant = told if zone else told.replace(tzinfo=UTC)
    if instant > NOW:
        assert sent is None
    else:
        assert sent == f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def export(**changes: object) -> Export:
    mapping = (
        Attribute(field="email", column="mail"),
        Attribute(field="first_name", column="name"),
        Attribute(field="phone", column="phone"),
    )
    return msgspec.structs.replace(
        Export(mapping=mapping, country="FI", email_status="subscribed", consent_column="ok",
               consent_source="shop"),
        **changes,
    )  # fmt: skip


def test_bodies_never_hold_the_status_and_are_the_same_without_it() -> None:
    rows = [
        ("a@example.com", "A", "yes", None, 1),
        ("nobody", "B", "yes", None, 2),
        ("c@example.com", 'C "{[', "no", "+358401234567", 3),
        ("d@example.com", "D", "2026-01-31", "+358401234568", 4),
    ]
    made = compile_mapping(export(), now=NOW)
    assert made.columns == ("mail", "name", "ok", "phone")
    done = made.convert(Chunk(rows))
    plain = compile_mapping(export(email_status="", consent_column="", consent_source=""))
    assert plain.columns == ("mail", "name", "phone")
    bare = plain.convert(Chunk([(*row[:2], *row[3:]) for row in rows]))
    assert (done.bodies, bare.opt_ins) == (bare.bodies, [])
    assert [bool(one) for one in done.opt_ins] == [True, False, True]
    assert with_status(done.bodies[1], done.opt_ins[1]) is done.bodies[1]
    for body, opt_in in zip(done.bodies, done.opt_ins, strict=True):
        sent, before = msgspec.json.decode(with_status(body, opt_in)), msgspec.json.decode(body)
        if opt_in:
            added = {key: sent["identifiers"][0].pop(key) for key in ("channels", "consent")}
            assert added == msgspec.json.decode(b"{" + opt_in + b"}")
        assert sent == before
        assert sent["identifiers"][0]["sendWelcomeMessage"] is False


def test_what_is_no_body_gets_no_status() -> None:
    with pytest.raises(ValueError, match="body"):
        with_status(b'{"tags":[],"identifiers":[{}]}', b'"x":1')


def test_the_consent_column_may_be_matched_too() -> None:
    both = (*export().mapping, Attribute(field="custom:agreed", column="ok"))
    done = compile_mapping(export(mapping=both), now=NOW).convert(
        Chunk([("a@example.com", "A", "yes", None, 1)])
    )
    assert done.opt_ins[0]
    assert msgspec.json.decode(done.bodies[0])["customProperties"] == {"agreed": "yes"}

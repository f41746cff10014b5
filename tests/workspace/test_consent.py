"""The data privacy text and the consent to it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from omnisend_tui import consent
from omnisend_tui.config.models import Connection
from omnisend_tui.errors import ConsentError, Exit
from omnisend_tui.i18n import LANGUAGES, use_language
from omnisend_tui.state import State

ACME = Connection(name="Acme", id="c1")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path / "state.sqlite")
    yield opened
    opened.close()
    use_language("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_whole_text(language: str) -> None:
    shown = consent.text(language)
    assert "https://privacy.microsoft.com/privacystatement" in shown
    assert "https://www.omnisend.com/privacy/" in shown
    assert shown.count("\n\n") == consent.text("en").count("\n\n")
    assert "!" not in shown


def test_another_language_is_english() -> None:
    assert consent.text("sv") == consent.text("en") != consent.text("fi")


def test_the_record_says_who_when_and_to_what() -> None:
    use_language("fi")
    given = consent.record(ACME, "maija", 12.5)
    use_language("en")
    assert (given.connection_id, given.who, given.at) == ("c1", "maija", 12.5)
    assert (given.version, given.language) == (consent.VERSION, "fi")
    assert given.sha256 == hashlib.sha256(consent.text("fi").encode()).hexdigest()
    assert given.base_url == ACME.base_url


def code_of(state: State, connection: Connection) -> str:
    with pytest.raises(ConsentError) as refused:
        consent.require(state, connection)
    assert refused.value.exit_code == Exit.CONSENT
    return refused.value.code


def test_consent_is_required_and_holds_in_every_language(state: State) -> None:
    assert code_of(state, ACME) == "consent_missing"
    use_language("fi")
    state.add_consent(consent.record(ACME, "maija", 1))
    use_language("en")
    consent.require(state, ACME)
    consent.require(state, msgspec.structs.replace(ACME, name="Renamed"))
    assert code_of(state, msgspec.structs.replace(ACME, id="c2")) == "consent_missing"


def test_another_address_or_version_asks_again(state: State) -> None:
    given = consent.record(ACME, "maija", 1)
    state.add_consent(msgspec.structs.replace(given, version="0"))
    assert code_of(state, ACME) == "consent_outdated"
    state.add_consent(given)
    consent.require(state, ACME)
    moved = msgspec.structs.replace(ACME, base_url="http://127.0.0.1:1/api")
    assert code_of(state, moved) == "consent_outdated"

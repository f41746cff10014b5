"""The ledger key: made once, private, never anew over a ledger."""

import stat
import threading
from pathlib import Path

import pytest

from omnisend_tui.errors import CredentialsError, Exit
from omnisend_tui.ledger_key import ledger_key

KEY = bytes(range(64))


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    folder = tmp_path / "ledgers"
    folder.mkdir()
    return folder


def code_of(state: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(CredentialsError) as refused:
        ledger_key(state, state / "ledgers", environ or {})
    assert refused.value.exit_code == Exit.CREDENTIALS
    return refused.value.code


def test_it_is_made_once_and_private(tmp_path: Path, ledgers: Path) -> None:
    key = ledger_key(tmp_path, ledgers, {})
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "ledger.key").stat().st_mode) == 0o600
    (ledgers / "e1.sqlite").write_bytes(b"x")
    assert ledger_key(tmp_path, ledgers, {}) == key


def test_it_is_never_made_over_a_ledger(tmp_path: Path, ledgers: Path) -> None:
    (ledgers / "e1.sqlite").write_bytes(b"x")
    assert code_of(tmp_path) == "ledger_key_missing"
    assert not (tmp_path / "ledger.key").exists()


@pytest.mark.parametrize(
    "content",
    [KEY, KEY.hex().encode(), KEY.hex().upper().encode() + b"\r\n", b" " + KEY.hex().encode()],
)
def test_the_credentials_folder_wins(tmp_path: Path, ledgers: Path, content: bytes) -> None:
    own = ledger_key(tmp_path, ledgers, {})
    folder = tmp_path / "credentials"
    folder.mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(folder)}
    assert ledger_key(tmp_path, ledgers, environ) == own
    (folder / "ledger.key").write_bytes(content)
    (ledgers / "e1.sqlite").write_bytes(b"x")
    assert ledger_key(tmp_path, ledgers, environ) == KEY


@pytest.mark.parametrize(
    "content",
    [b"", KEY[:63], KEY + b"\n", KEY.hex().encode()[:64], b"g" * 128, KEY.hex().encode() + b"00"],
)
def test_a_wrong_length_is_refused_and_left(tmp_path: Path, ledgers: Path, content: bytes) -> None:
    (tmp_path / "ledger.key").write_bytes(content)
    assert code_of(tmp_path) == "ledger_key_invalid"
    assert (tmp_path / "ledger.key").read_bytes() == content


def test_ledgers_that_cannot_be_looked_into_count(tmp_path: Path) -> None:
    (tmp_path / "ledgers").write_text("no folder")
    assert code_of(tmp_path) == "ledger_key_missing"


def test_an_unreadable_key_is_told(tmp_path: Path, ledgers: Path) -> None:
    (tmp_path / "ledger.key").mkdir()
    assert code_of(tmp_path) == "ledger_key_unreadable"


def test_all_that_ask_at_once_get_the_same(tmp_path: Path, ledgers: Path) -> None:
    keys: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: keys.append(ledger_key(tmp_path, ledgers, {})))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1

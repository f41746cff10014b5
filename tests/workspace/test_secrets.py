"""Where API keys come from, and what is said where none can be had."""

from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import InitError, KeyringLocked

from keyrings import MemoryKeyring, memory
from omnisend_tui.config.models import Connection
from omnisend_tui.errors import CredentialsError, Exit
from omnisend_tui.secrets import Secret, Secrets, variable_names

__all__ = ["memory"]

KEY = "5f1e-verysecret"
ACME = Connection(name="Acme Store", id="c1")


@pytest.fixture(autouse=True)
def _in_memory(memory: MemoryKeyring) -> None:
    """Nothing reaches the machine's own keyring."""


def code_of(secrets: Secrets, connection: Connection = ACME) -> str:
    with pytest.raises(CredentialsError) as refused:
        secrets.api_key(connection)
    assert refused.value.exit_code == Exit.CREDENTIALS
    assert KEY not in refused.value.message + refused.value.hint
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("Acme Store", "OMNISEND_TUI_API_KEY_ACME_STORE"),
        ("acme - B2B!", "OMNISEND_TUI_API_KEY_ACME_B2B_"),
        ("Hämeen", "OMNISEND_TUI_API_KEY_H_MEEN"),
    ],
)
def test_the_variable_of_a_connection(name: str, variable: str) -> None:
    assert variable_names(name) == (variable, "OMNISEND_TUI_API_KEY")


def test_the_order_of_places(memory: MemoryKeyring, tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    secrets = Secrets(environ)
    assert code_of(secrets) == "no_key"
    secrets.store_api_key(ACME, "from keyring")
    assert memory.kept == {("omnisend-tui", "c1"): "from keyring"}
    assert secrets.api_key(ACME) == Secret("from keyring", "keyring")
    (tmp_path / "OMNISEND_TUI_API_KEY").write_text("for all\n")
    assert secrets.api_key(ACME) == Secret("for all", "credentials")
    (tmp_path / "OMNISEND_TUI_API_KEY_ACME_STORE").write_text("own\n")
    assert secrets.api_key(ACME) == Secret("own", "credentials")
    environ["OMNISEND_TUI_API_KEY"] = " \tenvironment for all\n"
    assert secrets.api_key(ACME) == Secret("environment for all", "environment")
    environ["OMNISEND_TUI_API_KEY_ACME_STORE"] = "own environment"
    assert secrets.api_key(ACME) == Secret("own environment", "environment")


def test_a_blank_variable_is_none(memory: MemoryKeyring) -> None:
    memory.kept["omnisend-tui", "c1"] = KEY
    assert Secrets({"OMNISEND_TUI_API_KEY": " \n"}).api_key(ACME).origin == "keyring"


def test_from_environment_never_touches_the_keyring() -> None:
    keyring.set_keyring(MemoryKeyring(AssertionError("touched")))
    connection = Connection(name="Acme", id="c1", api_key="environment")
    assert code_of(Secrets({}), connection) == "no_key_in_environment"


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(KEY, "keyring")
    assert KEY not in repr(secret) + str(secret) + f"{secret}"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InitError(f"Prompt dismissed {KEY}"), "keyring_locked"),
        (KeyringLocked("Failed to unlock"), "keyring_locked"),
        (FileNotFoundError(KEY), "keyring_failed"),
        (ValueError(KEY), "keyring_failed"),
    ],
)
def test_what_a_keyring_says_becomes_a_sentence(error: Exception, code: str) -> None:
    keyring.set_keyring(MemoryKeyring(error))
    secrets = Secrets({})
    assert code_of(secrets) == code
    calls: tuple[Callable[[], object], ...] = (
        lambda: secrets.store_api_key(ACME, KEY),
        lambda: secrets.delete_api_key(ACME),
    )
    for call in calls:
        with pytest.raises(CredentialsError) as refused:
            call()
        assert refused.value.code == code
        assert KEY not in refused.value.message + refused.value.hint


def test_no_keyring_on_this_machine() -> None:
    keyring.set_keyring(fail.Keyring())
    assert code_of(Secrets({})) == "no_keyring"
    with pytest.raises(CredentialsError) as refused:
        Secrets({}).store_api_key(ACME, KEY)
    assert refused.value.code == "no_keyring"


def test_a_keyring_that_drops_what_it_is_given_is_none() -> None:
    keyring.set_keyring(null.Keyring())
    with pytest.raises(CredentialsError) as refused:
        Secrets({}).store_api_key(ACME, KEY)
    assert refused.value.code == "no_keyring"


def test_a_key_is_deleted_once_and_again(memory: MemoryKeyring) -> None:
    secrets = Secrets({})
    secrets.store_api_key(ACME, KEY)
    secrets.delete_api_key(ACME)
    secrets.delete_api_key(ACME)
    assert memory.kept == {}


def test_an_unreadable_credential_is_told(tmp_path: Path) -> None:
    (tmp_path / "OMNISEND_TUI_API_KEY").mkdir()
    assert code_of(Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)})) == "credential_unreadable"
    (tmp_path / "OMNISEND_TUI_API_KEY_ACME_STORE").write_bytes(b"\xff\xfe")
    assert code_of(Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)})) == "credential_unreadable"

"""A keyring in memory, in the place of the machine's own."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.errors import PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """With ``error`` every call raises it, with ``undeletable`` only deletions do."""

    priority = 1
    name = "Secret Service"  # as it is called in pictures

    def __init__(
        self, error: Exception | None = None, undeletable: Exception | None = None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.error = error
        self.undeletable = undeletable

    def get_password(self, service: str, username: str) -> str | None:
        if self.error:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error:
            raise self.error
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if error := self.error or self.undeletable:
            raise error
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")

    def keys(self) -> list[str]:
        return list(self.kept.values())


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    """A machine without a keyring, whatever was looked at before."""
    before = keyring.get_keyring()
    keyring.set_keyring(FailKeyring())
    yield
    keyring.set_keyring(before)

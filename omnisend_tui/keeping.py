"""Where secrets are kept by an id: the keyring of the machine, or memory alone for the demo."""

import os
import re
from collections.abc import Callable
from typing import Literal, NoReturn, Protocol, TypeVar

SERVICE = "omnisend-tui"

_SHORT = 1000  # characters: Windows keeps 2,560 bytes a value, in UTF-16
_SLOTS = 8
_HEAD = re.compile(r"([0-7]) ([0-9]{1,4}) ([0-9a-f]{32})")
_UNLIMITED = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.kwallet": "KWallet",
}
_NAMES = {**_UNLIMITED, "keyring.backends.Windows": "Windows Credential Manager"}
_NONE = ("keyring.backends.fail", "keyring.backends.null")
Given = TypeVar("Given")


class KeeperFailed(Exception):
    """``kind`` is the type of what a keyring raised; its own words may hold anything."""

    def __init__(
        self, code: Literal["no_keyring", "keyring_locked", "keyring_failed"], kind: str = ""
    ) -> None:
        super().__init__(code, kind)
        self.code = code
        self.kind = kind


class Keeper(Protocol):
    """Values by id. Each method may raise ``KeeperFailed``."""

    def name(self) -> str:
        """What it is called, without opening it."""
        ...

    def longest(self) -> int | None:
        """The most characters of a value, None where nothing limits them."""
        ...

    def get(self, secret_id: str) -> str | None: ...

    def put(self, secret_id: str, value: str) -> None: ...

    def delete(self, secret_id: str) -> None:
        """It need not be there."""
        ...


class MemoryKeeper:
    """Keeps them as long as this object lives."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def name(self) -> str:
        return "memory"

    def longest(self) -> None:
        return None

    def get(self, secret_id: str) -> str | None:
        return self._kept.get(secret_id)

    def put(self, secret_id: str, value: str) -> None:
        self._kept[secret_id] = value

    def delete(self, secret_id: str) -> None:
        self._kept.pop(secret_id, None)


class KeyringKeeper:
    """The keyring of the machine. A call takes up to 30 ms: not for the event loop."""

    def name(self) -> str:
        """Such as ``Secret Service``; one that is locked is told by the first use."""

        def look() -> str:
            import keyring

            backend = keyring.get_keyring()
            kind = type(backend)
            if kind.__module__ in _NONE:
                raise KeeperFailed("no_keyring")
            name = str(getattr(backend, "name", "")) or kind.__qualname__
            return _NAMES.get(kind.__module__, name)

        return _told(look)

    def longest(self) -> int | None:
        def look() -> int | None:
            import keyring

            return None if type(keyring.get_keyring()).__module__ in _UNLIMITED else _SHORT

        return _told(look)

    def get(self, secret_id: str) -> str | None:
        def look() -> str | None:
            import keyring

            return keyring.get_password(SERVICE, secret_id)

        return _told(look)

    def put(self, secret_id: str, value: str) -> None:
        """Makes sure that it stays there."""

        def keep() -> bool:
            import keyring

            keyring.set_password(SERVICE, secret_id, value)
            return keyring.get_password(SERVICE, secret_id) == value

        if not _told(keep):
            # The null backend drops what it is given without a word.
            raise KeeperFailed("no_keyring")

    def delete(self, secret_id: str) -> None:
        def drop() -> None:
            import keyring
            from keyring.errors import PasswordDeleteError

            try:
                keyring.delete_password(SERVICE, secret_id)
            except PasswordDeleteError:
                # It says the same for 'not there' and for 'not allowed'.
                if keyring.get_password(SERVICE, secret_id) is not None:
                    raise

        _told(drop)


def put_long(keeper: Keeper, secret_id: str, text: str) -> None:
    """Keeps a text of any length: where values are limited, in chunks, and a head says where.

    The old text holds until the new one is complete, whatever breaks off and whoever else writes.
    """
    old = _HEAD.fullmatch(keeper.get(secret_id) or "")
    length = keeper.longest()
    if length is None:
        keeper.put(secret_id, text)
    else:
        # Chosen by chance: two processes that write at once rarely take the same.
        chance = os.urandom(1)[0]
        slot = (int(old[1]) + 1 + chance % (_SLOTS - 1)) % _SLOTS if old else chance % _SLOTS
        chunks = [text[at : at + length] for at in range(0, len(text), length)]
        for place, chunk in enumerate(chunks):
            keeper.put(_chunk_id(secret_id, slot, place), chunk)
        keeper.put(secret_id, f"{slot} {len(chunks)} {_digest(text)}")
    if old:
        for place in reversed(range(int(old[2]))):
            keeper.delete(_chunk_id(secret_id, int(old[1]), place))


def get_long(keeper: Keeper, secret_id: str) -> str:
    """The text that ``put_long`` kept, '' where there is none that is whole."""
    head = keeper.get(secret_id)
    for _try in range(3):
        found = _HEAD.fullmatch(head or "")
        if found is None:
            return head or ""
        ids = (_chunk_id(secret_id, int(found[1]), place) for place in range(int(found[2])))
        text = "".join(keeper.get(each) or "" for each in ids)
        if _digest(text) == found[3]:
            return text
        before, head = head, keeper.get(secret_id)
        if head == before:  # nobody is writing: it is broken
            return ""
    return ""


def delete_long(keeper: Keeper, secret_id: str) -> None:
    """Takes away all that is kept below an id, also what an interrupted writer left."""
    # From the last to the first, so that what breaks off here is found another time.
    for each in reversed(ids_below(keeper, secret_id)):
        keeper.delete(each)


def ids_below(keeper: Keeper, secret_id: str) -> list[str]:
    """The ids of all values that are kept for ``secret_id``."""
    found = []
    head = keeper.get(secret_id)
    if head is not None:
        found.append(secret_id)
    if keeper.longest() is not None or _HEAD.fullmatch(head or ""):
        for slot in range(_SLOTS):
            place = 0
            while keeper.get(_chunk_id(secret_id, slot, place)) is not None:
                found.append(_chunk_id(secret_id, slot, place))
                place += 1
    return found


def _chunk_id(secret_id: str, slot: int, place: int) -> str:
    return f"{secret_id}.{slot}.{place}"


def _digest(text: str) -> str:
    from hashlib import blake2b  # brings OpenSSL

    return blake2b(text.encode(), digest_size=16).hexdigest()


def _told(call: Callable[[], Given]) -> Given:
    try:
        return call()
    except KeeperFailed:
        raise
    except Exception as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(error, NoKeyringError):
        raise KeeperFailed("no_keyring") from None
    if isinstance(error, InitError | KeyringLocked):
        raise KeeperFailed("keyring_locked") from None
    raise KeeperFailed("keyring_failed", type(error).__name__) from None

"""Long texts in keyrings that take short values only."""

import keyring
import pytest

from keyrings import MemoryKeyring, memory
from omnisend_tui import keeping
from omnisend_tui.keeping import (
    KeyringKeeper,
    MemoryKeeper,
    delete_long,
    get_long,
    ids_below,
    put_long,
)

__all__ = ["memory"]

TEXT = "".join(chr(33 + number % 90) for number in range(3456))
ID = "source.tokens.s1"


class Short(MemoryKeyring):
    """As Windows: no more than 2,560 bytes of UTF-16 a value."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise ValueError("too long")
        super().set_password(service, username, password)


@pytest.fixture
def short(memory: MemoryKeyring) -> Short:
    keyring.set_keyring(backend := Short())
    return backend


def test_a_long_text_lies_in_chunks(short: Short) -> None:
    keeper = KeyringKeeper()
    put_long(keeper, ID, TEXT)
    assert get_long(keeper, ID) == TEXT
    assert len(short.kept) == 5  # a head and four chunks
    assert max(map(len, short.kept.values())) == 1000
    assert ids_below(keeper, ID) == [name for _service, name in sorted(short.kept)]
    # The same with other characters: as many as Windows counts.
    put_long(keeper, ID, "€" * 1001)
    assert get_long(keeper, ID) == "€" * 1001
    assert len(short.kept) == 3
    delete_long(keeper, ID)
    assert short.kept == {}
    assert get_long(keeper, ID) == ""
    delete_long(keeper, ID)


def test_a_new_text_breaks_off_and_the_old_one_holds(
    short: Short, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = KeyringKeeper()
    put_long(keeper, ID, TEXT)
    put = keeper.put

    def fail(secret_id: str, value: str) -> None:
        if secret_id.endswith(".2") or secret_id == ID:
            raise keeping.KeeperFailed("keyring_failed")
        put(secret_id, value)

    monkeypatch.setattr(keeper, "put", fail)
    with pytest.raises(keeping.KeeperFailed):
        put_long(keeper, ID, "x" * 2500)
    assert get_long(keeper, ID) == TEXT
    assert len(ids_below(keeper, ID)) == 7
    delete_long(keeper, ID)
    assert short.kept == {}


def test_a_text_that_is_not_whole_is_none(short: Short) -> None:
    keeper = KeyringKeeper()
    put_long(keeper, ID, TEXT)
    chunk = next(name for _service, name in short.kept if name.endswith(".1"))
    keeper.put(chunk, "another's")
    assert get_long(keeper, ID) == ""
    delete_long(keeper, ID)
    assert short.kept == {}


def test_a_reader_meets_a_writer(short: Short) -> None:
    keeper = KeyringKeeper()
    put_long(keeper, ID, TEXT)

    class Reader(KeyringKeeper):
        asked = 0

        def get(self, secret_id: str) -> str | None:
            self.asked += 1
            if self.asked == 3:
                put_long(keeper, ID, TEXT[::-1])
            return super().get(secret_id)

    assert get_long(Reader(), ID) == TEXT[::-1]


def test_without_a_limit_it_is_one_value() -> None:
    keeper = MemoryKeeper()
    put_long(keeper, ID, TEXT)
    assert keeper.get(ID) == TEXT
    assert ids_below(keeper, ID) == [ID]
    assert get_long(keeper, ID) == TEXT
    delete_long(keeper, ID)
    assert keeper.get(ID) is None


def test_chunks_of_another_machine_give_way(short: Short) -> None:
    put_long(KeyringKeeper(), ID, TEXT)

    class Unlimited(KeyringKeeper):
        def longest(self) -> None:
            return None

    keeper = Unlimited()
    assert get_long(keeper, ID) == TEXT
    put_long(keeper, ID, "short")
    assert short.kept == {("omnisend-tui", ID): "short"}

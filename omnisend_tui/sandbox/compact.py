"""Where a million contacts are kept in little memory: bytes in a file, addresses as hashes."""

import os
import tempfile
from array import array

_FREE = 0
_RELEASED = 0xFFFF_FFFF
_WRITE_BYTES = 1 << 20


class Arena:
    """Bytes that are only ever appended, in a temporary file without a name.

    What was appended last waits in memory, so that a batch of contacts costs one write.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed by close()
        self._written = 0
        self._waiting = bytearray()

    def append(self, data: bytes) -> int:
        """Keeps ``data`` and gives its offset; OSError where the disk is full."""
        offset = self._written + len(self._waiting)
        self._waiting += data
        if len(self._waiting) >= _WRITE_BYTES:
            self._write()
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` on, which were appended together."""
        start = offset - self._written
        if start >= 0:
            return bytes(self._waiting[start : start + length])
        return os.pread(self._file.fileno(), length, offset)

    def close(self) -> None:
        """Gives the file back."""
        self._file.close()

    def _write(self) -> None:
        with memoryview(self._waiting) as waiting:
            done = 0
            while done < len(waiting):
                done += self._file.write(waiting[done:])
        self._written += done
        self._waiting.clear()


class Records:
    """Documents by number, each with its place in an arena and two moments: 28 bytes a document.

    Moments are seconds since 1970.
    """

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._offsets = array("Q")
        self._lengths = array("I")
        self.created = array("d")
        self.updated = array("d")

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, document: bytes, now: float) -> int:
        """Keeps a new document: its number."""
        self._offsets.append(self._arena.append(document))
        self._lengths.append(len(document))
        self.created.append(now)
        self.updated.append(now)
        return len(self._offsets) - 1

    def read(self, number: int) -> bytes:
        """The latest form of a document."""
        return self._arena.read(self._offsets[number], self._lengths[number])

    def replace(self, number: int, document: bytes) -> None:
        """Gives a document a new form."""
        self._offsets[number] = self._arena.append(document)
        self._lengths[number] = len(document)


class KeyIndex:
    """From text to a number below 2**32 - 1, by the text's 64-bit hash: 12 bytes a slot.

    Two texts with one hash can't be told apart; among a million that happens once in 30 million
    runs.
    """

    def __init__(self) -> None:
        self._hashes = array("Q", bytes(8 << 10))
        self._values = array("I", bytes(4 << 10))
        self._count = 0

    def get(self, key: str) -> int:
        """The number of ``key``, or -1."""
        slot = self._slot(_hash_of(key))
        if self._hashes[slot] == _FREE:
            return -1
        value = self._values[slot]
        return -1 if value == _RELEASED else value

    def set(self, key: str, value: int) -> None:
        """Gives ``key`` a number."""
        hashed = _hash_of(key)
        slot = self._slot(hashed)
        if self._hashes[slot] == _FREE:
            self._hashes[slot] = hashed
            self._count += 1
        self._values[slot] = value
        if self._count * 3 > len(self._hashes) * 2:
            self._grow()

    def release(self, key: str) -> None:
        """Takes the number of ``key`` away."""
        if self.get(key) >= 0:
            self.set(key, _RELEASED)

    def _slot(self, hashed: int) -> int:
        hashes = self._hashes
        mask = len(hashes) - 1
        slot = hashed & mask
        while (found := hashes[slot]) != hashed and found != _FREE:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        old_hashes, old_values = self._hashes, self._values
        size = len(old_hashes) * 2
        self._hashes = array("Q", bytes(8 * size))
        self._values = array("I", bytes(4 * size))
        for slot, hashed in enumerate(old_hashes):
            if hashed != _FREE:
                target = self._slot(hashed)
                self._hashes[target] = hashed
                self._values[target] = old_values[slot]


def _hash_of(key: str) -> int:
    return hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1

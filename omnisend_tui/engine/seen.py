"""Which addresses a run has met, in 16 bytes each: a million fit into 20 MB."""

_BUCKETS = 1 << 14
_WIDTH = 16


class Seen:
    """A set of 16-byte keys that are spread evenly, such as the SIV of a sealed address."""

    def __init__(self) -> None:
        self._buckets: list[bytearray | None] = [None] * _BUCKETS

    def __bool__(self) -> bool:
        return any(self._buckets)

    def __contains__(self, key: bytes) -> bool:
        bucket = self._buckets[_number(key)]
        return bucket is not None and _in(bucket, key)

    def add(self, key: bytes) -> bool:
        """Adds ``key``; False when it was there."""
        number = _number(key)
        bucket = self._buckets[number]
        if bucket is None:
            self._buckets[number] = bytearray(key)
            return True
        if _in(bucket, key):
            return False
        bucket += key
        return True


def _number(key: bytes) -> int:
    return int.from_bytes(key[:2], "big") >> 2


def _in(bucket: bytearray, key: bytes) -> bool:
    at = bucket.find(key)
    while at >= 0 and at % _WIDTH:  # a match across two keys is none
        at = bucket.find(key, at + 1)
    return at >= 0

"""Bytes and texts of a file: unpacked, decoded, in pieces of bounded size."""

import codecs
import gzip
import io
import itertools
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, cast

from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources.paths import damaged, file_error

Compression = Literal["none", "gzip", "zstd"]
Encoding = Literal["utf-8", "utf-8-damaged", "utf-16-le", "utf-16-be", "cp1252"]

_BLOCK = 1 << 20
_TELLING_BLOCKS = 8
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


class _Blocks(io.RawIOBase):
    """The unpacked bytes of a file as a raw stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = block
        part = self._left[: len(view)]
        view[: len(part)] = part
        self._left = self._left[len(part) :]
        return len(part)


def compression_of(start: bytes) -> Compression:
    """By a file's first bytes, whatever its name says."""
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if start.startswith(b"\x28\xb5\x2f\xfd") else "none"


def blocks(path: Path, compression: Compression) -> Iterator[bytes]:
    """The unpacked bytes; ``SourceError`` 'source_damaged' where they break off or don't add up."""
    with path.open("rb") as file:
        try:
            if compression == "gzip":
                with gzip.GzipFile(fileobj=file) as unpacked:
                    while block := unpacked.read(_BLOCK):
                        yield block
            elif compression == "zstd":
                yield from _zstd_blocks(file, path)
            else:
                while block := file.read(_BLOCK):
                    yield block
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(path) from error
        except OSError as error:
            raise file_error(path, error) from error


def _zstd_blocks(file: IO[bytes], path: Path) -> Iterator[bytes]:
    import zstandard

    frame = None
    try:
        while packed := file.read(_BLOCK >> 3):
            while packed:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(packed)
                packed = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        raise damaged(path) from error
    if frame is not None:
        raise damaged(path)


def detect_encoding(path: Path, compression: Compression) -> Encoding:
    """Reads the whole file: a byte order mark, strict UTF-8, else CP1252.

    A file of UTF-8 with a few broken bytes is 'utf-8-damaged': more of its bytes make sense as
    UTF-8 than not, and reading it as CP1252 would garble every name in it.
    """
    stream = blocks(path, compression)
    first = next(stream, b"")
    if first.startswith(codecs.BOM_UTF16_LE) or _looks_wide(first, 1):
        return "utf-16-le"
    if first.startswith(codecs.BOM_UTF16_BE) or _looks_wide(first, 0):
        return "utf-16-be"
    if _is_utf8(first, stream):
        return "utf-8"
    if first.startswith(codecs.BOM_UTF8):
        return "utf-8-damaged"
    whole = broken = 0
    telling = (each for each in blocks(path, compression) if not each.isascii())
    for block in itertools.islice(telling, _TELLING_BLOCKS):
        rest, found = _SEQUENCE.subn(b"", block)
        whole += found
        broken += len(_HIGH.findall(rest))
    return "utf-8-damaged" if whole > broken else "cp1252"


def _looks_wide(start: bytes, zero_at: int) -> bool:
    """UTF-16 without a mark: every other byte of a header in Latin letters is zero."""
    head = start[: min(len(start) & ~1, 400)]
    zeros, others = head[zero_at::2], head[1 - zero_at :: 2]
    return len(zeros) > 3 and zeros.count(0) > 0.7 * len(zeros) and others.count(0) == 0


def _is_utf8(first: bytes, rest: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = False
    try:
        block: bytes | None = first
        while block is not None:
            if pending or not block.isascii():
                decoder.decode(block)
                pending = bool(decoder.getstate()[0])
            block = next(rest, None)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def text_stream(path: Path, compression: Compression, encoding: Encoding) -> io.TextIOWrapper:
    """The text without a byte order mark, line ends kept. Broken bytes become lone surrogates."""
    raw = io.BufferedReader(_Blocks(blocks(path, compression)), _BLOCK)
    name, broken = _CODECS[encoding]
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding)
    if mark and raw.peek(2)[:2] == mark:
        raw.read(2)
    return io.TextIOWrapper(raw, encoding=name, errors=broken, newline="")


_CODECS = {
    "utf-8": ("utf-8-sig", "surrogateescape"),
    "utf-8-damaged": ("utf-8-sig", "surrogateescape"),
    "utf-16-le": ("utf-16-le", "replace"),
    "utf-16-be": ("utf-16-be", "replace"),
    "cp1252": ("cp1252", "surrogateescape"),
}


@contextmanager
def temporary_file(temp_dir: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file for the time of the block, mode 0600; a full disk is ``SourceError`` 'disk_full'."""
    try:
        temp_dir.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="source-", suffix=".csv", dir=temp_dir)
    except OSError as error:
        raise disk_error(temp_dir, error) from error
    try:
        with os.fdopen(handle, "wb", buffering=_BLOCK) as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


def disk_error(temp_dir: Path, error: OSError) -> SourceError:
    return SourceError(
        "disk_full" if error.errno in (28, 122) else "temporary_file",
        _("A temporary copy of the source can't be written to {path}: {reason}.").format(
            path=temp_dir, reason=os.strerror(error.errno or 5)
        ),
        _("Make room on that disk; the copy is as large as the unpacked source."),
    )

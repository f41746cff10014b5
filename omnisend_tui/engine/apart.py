"""Counting a segment in a process of its own: reading a million rows would make typing stutter.

The parent writes one pickled job; the child answers with pickled counts, an error, or the wish for
a token, to which the parent writes one or why there is none.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from omnisend_tui.config.models import Export, Source
from omnisend_tui.engine.examine import Counts, examine
from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.i18n import _, language, use_language
from omnisend_tui.sources.base import Access, Tokens

_NICE = 5  # the app comes first
_LOOK = 0.05  # seconds between two looks at ``stop``


@dataclass(frozen=True, slots=True)
class _Failed:
    """An error as it goes through a pipe; ``signing``: a ``CredentialsError``."""

    signing: bool
    said: tuple[str, str, str]

    @classmethod
    def of(cls, error: AppError) -> "_Failed":
        signing = isinstance(error, CredentialsError)
        return cls(signing, (error.code, error.message, error.hint))

    def error(self) -> AppError:
        return CredentialsError(*self.said) if self.signing else AppError(*self.said)


@dataclass(frozen=True, slots=True)
class Wish:
    """The child's for a token; ``fresh``: the last one was refused."""

    fresh: bool


def examine_apart(
    source: Source,
    export: Export,
    temp_dir: Path,
    stop: threading.Event,
    tell: Callable[[Counts], None] = lambda _counts: None,
    access: Access | None = None,
) -> Counts:
    """As ``examine``. The child ends at once when ``stop`` is set, and when its parent is gone.

    It has no keyring: it asks for tokens, which go through the pipe.
    """
    tokens = access.tokens if access is not None else None
    process = subprocess.Popen(
        # -P: nothing is taken from the folder that somebody happens to be in.
        [sys.executable, "-P", "-m", "omnisend_tui.engine.apart"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    threading.Thread(target=_end_with, args=(process, stop), daemon=True).start()
    counts = Counts()
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            job = (source, export, str(temp_dir), tokens is not None, language())
            _write(process.stdin, job)
            while not counts.done and not stop.is_set():
                answer = pickle.load(process.stdout)
                if isinstance(answer, _Failed):
                    raise answer.error()
                if isinstance(answer, Counts):
                    counts = answer
                    tell(counts)
                elif tokens is not None:
                    _write(process.stdin, granted(tokens, answer))
        except (EOFError, pickle.UnpicklingError, OSError):
            if not stop.is_set():
                raise AppError(
                    "counting_ended",
                    _("Counting the segment ended by itself."),
                    _("Change the matching to count it anew; the export can be saved without."),
                ) from None
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()
    return counts


def granted(tokens: Tokens, wish: Wish) -> str | _Failed:
    """What the parent writes: a token, or why there is none."""
    try:
        return tokens.token(fresh=wish.fresh)
    except AppError as error:
        return _Failed.of(error)


def _write(pipe: IO[bytes], value: object) -> None:
    pickle.dump(value, pipe)
    pipe.flush()


def _end_with(process: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
    while process.poll() is None:
        if stop.wait(_LOOK):
            process.kill()
            return


class Parent:
    """What the child says to its parent, and the ``Tokens`` that the parent has."""

    def __init__(self, told: IO[bytes], heard: IO[bytes]) -> None:
        self._told = told
        self._heard = heard
        self._telling = threading.Lock()
        self._asking = threading.Lock()

    def tell(self, answer: object) -> None:
        with self._telling:
            _write(self._told, answer)

    def token(self, *, fresh: bool = False) -> str:
        with self._asking:
            self.tell(Wish(fresh))
            answer: Any = pickle.load(self._heard)
        if isinstance(answer, _Failed):
            raise answer.error()
        return str(answer)


def main() -> None:
    """The child."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    heard = sys.stdin.buffer
    parent = Parent(sys.stdout.buffer, heard)
    source, export, temp_dir, signs_in, words = pickle.load(heard)
    use_language(words)
    access = Access(tokens=parent if signs_in else None)
    try:
        examine(source, export, Path(temp_dir), threading.Event(), parent.tell, access)
    except AppError as error:
        parent.tell(_Failed.of(error))


if __name__ == "__main__":
    # By its name: what is pickled here is to be found there.
    from omnisend_tui.engine import apart

    with suppress(BrokenPipeError, EOFError):
        apart.main()

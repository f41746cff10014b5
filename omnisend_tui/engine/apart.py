"""Counting a segment in a process of its own: reading a million rows would make typing stutter.

The parent writes one pickled job; the child answers with pickled counts, and an error or none.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from omnisend_tui.config.models import Export, Source
from omnisend_tui.engine.preview import Counts, examine
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _, language, use_language
from omnisend_tui.sources.base import Access, GivenToken

_NICE = 5  # the app comes first
_LOOK = 0.05  # seconds between two looks at ``stop``


def examine_apart(
    source: Source,
    export: Export,
    temp_dir: Path,
    stop: threading.Event,
    tell: Callable[[Counts], None] = lambda _counts: None,
    access: Access | None = None,
) -> Counts:
    """As ``examine``. The child ends at once when ``stop`` is set, and when its parent is gone.

    It has no keyring: a token goes with the job, through the pipe.
    """
    token = access.tokens.token() if access is not None and access.tokens is not None else None
    process = subprocess.Popen(
        [sys.executable, "-m", "omnisend_tui.engine.apart"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    threading.Thread(target=_end_with, args=(process, stop), daemon=True).start()
    counts = Counts()
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with suppress(BrokenPipeError), process.stdin as pipe:
                pickle.dump((source, export, str(temp_dir), token, language()), pipe)
            while not counts.done and not stop.is_set():
                answer = pickle.load(process.stdout)
                if not isinstance(answer, Counts):
                    raise AppError(*answer)
                counts = answer
                tell(counts)
        except (EOFError, pickle.UnpicklingError, OSError):
            if not stop.is_set():
                raise AppError(
                    "counting_ended",
                    _("Counting the segment ended by itself."),
                    _("Change the matching to count it anew; the export can be saved without."),
                ) from None
        finally:
            process.kill()
    return counts


def _end_with(process: "subprocess.Popen[bytes]", stop: threading.Event) -> None:
    while process.poll() is None:
        if stop.wait(_LOOK):
            process.kill()
            return


def main() -> None:
    """The child."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    out = sys.stdout.buffer

    def tell(answer: object) -> None:
        pickle.dump(answer, out)
        out.flush()

    source, export, temp_dir, token, words = pickle.load(sys.stdin.buffer)
    use_language(words)
    access = Access(tokens=None if token is None else GivenToken(token))
    try:
        examine(source, export, Path(temp_dir), threading.Event(), tell, access)
    except AppError as error:
        tell((error.code, error.message, error.hint))


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()

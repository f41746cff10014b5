"""The log file of a workspace: what happened, for those who help. No personal data, no secret."""

import logging
import os
import traceback
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from omnisend_tui.config.files import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = "omnisend_tui"

_SIZE = 1_000_000
_FILES = 3
_PACKAGE = Path(__file__).parent


def start_log(path: Path) -> logging.Handler:
    """Lets the app's messages go to ``path`` (mode 0600, three files of 1 MB); undo: `stop_log`.

    The file appears with the first message. A file that can't be written is no error.
    """
    from logging.handlers import RotatingFileHandler

    class PrivateFile(RotatingFileHandler):
        def _open(self) -> TextIOWrapper:
            handle = os.open(
                self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, PRIVATE_FILE
            )
            return TextIOWrapper(os.fdopen(handle, "ab"), encoding="utf-8")

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
            """A full disk must not write tracebacks over the screen."""

    handler = PrivateFile(path, maxBytes=_SIZE, backupCount=_FILES - 1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(process)d %(message)s"))
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # What other packages hang on the root logger would write over the screen.
    logger.propagate = False
    return handler


def stop_log(handler: logging.Handler) -> None:
    """Ends what `start_log` began."""
    logging.getLogger(LOGGER).removeHandler(handler)
    handler.close()


def log_exception(error: BaseException) -> None:
    """Logs types and places of ``error`` and of what led to it.

    Never the message nor a local variable: they may hold addresses or the key.
    """
    logging.getLogger(LOGGER).error("%s", "; after ".join(_told(error)))


def _told(error: BaseException) -> "Iterator[str]":
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        frames = " < ".join(_frames(one))
        kind = type(one)
        yield f"{kind.__module__}.{kind.__qualname__}" + (f" at {frames}" if frames else "")
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        below = one.__cause__ or one.__context__
        if below is not None:
            waiting.append(below)


def _frames(error: BaseException) -> "Iterator[str]":
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        yield f"{_short(frame.filename)}:{frame.lineno} {frame.name}"


def _short(file: str) -> str:
    """The file within its package; the folders above may hold a user's name."""
    path = Path(file)
    if path.is_relative_to(_PACKAGE):
        return path.relative_to(_PACKAGE.parent).as_posix()
    return "/".join(path.parts[-2:])

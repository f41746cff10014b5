"""The log file: places of errors, never what they say."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from omnisend_tui.log import LOGGER, log_exception, start_log, stop_log

SECRET = "maija@example.com"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "app.log"
    handler = start_log(path)
    yield path
    stop_log(handler)


def failing(address: str) -> None:
    try:
        raise KeyError(address)
    except KeyError as error:
        raise ValueError(address) from error


def test_an_exception_leaves_types_and_places_only(path: Path) -> None:
    with pytest.raises(ValueError, match="maija") as caught:
        failing(SECRET)
    log_exception(caught.value)
    log_exception(ExceptionGroup(SECRET, [caught.value]))
    text = path.read_text()
    assert SECRET not in text
    assert "builtins.ValueError at workspace/test_log.py:" in text
    assert "failing" in text
    assert "after builtins.KeyError" in text
    assert str(Path(__file__).parent.parent) not in text
    assert len(text.splitlines()) == 2


def test_the_file_is_private_and_appears_with_the_first_message(path: Path) -> None:
    assert not path.exists()
    logging.getLogger(LOGGER).info("begun")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_does_not_grow_for_ever(path: Path) -> None:
    for _ in range(35):
        logging.getLogger(LOGGER).info("x" * 100_000)
    files = sorted(file.name for file in path.parent.iterdir())
    assert files == ["app.log", "app.log.1", "app.log.2"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_log_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = start_log(tmp_path)
    logging.getLogger(LOGGER).error("lost")
    stop_log(handler)
    assert capsys.readouterr() == ("", "")

"""An exception that nobody foresaw becomes a sentence; its message reaches neither user nor log."""

from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui.workspace import Workspace


def test_a_surprise_is_one_sentence_and_a_line_in_the_log(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_workspace: Workspace) -> None:
        raise KeyError("anna@example.com")

    monkeypatch.setattr(Workspace, "close", fail)
    answer = cli("status")
    log = (tmp_path / "workspace" / "omnisend-tui.log").read_text()
    assert answer.code == 1
    assert "KeyError" in answer.err
    assert "KeyError" in log
    for text in (answer.err, answer.out, log):
        assert "Traceback" not in text
        assert "anna" not in text


def test_it_is_still_a_sentence_where_no_log_can_be_written(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> Workspace:
        (tmp_path / "workspace").write_text("in the way")
        raise RuntimeError

    monkeypatch.setattr(Workspace, "open", fail)
    answer = cli("status")
    assert answer.code == 1
    assert "Traceback" not in answer.err
    assert "RuntimeError" in answer.err

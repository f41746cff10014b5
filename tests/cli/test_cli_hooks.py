"""Hooks on the command line: ``run`` waits for them, tells those that fail, and ends as ever."""

import json
import sys
from pathlib import Path

from cli.command_lines import Cli

NOTE = "import shutil, sys; shutil.copyfileobj(sys.stdin, open(sys.argv[1], 'w'))"


def hook(*command: str) -> str:
    return f"\n[[hooks]]\ncommand = {json.dumps(command)}\n"


def test_run_waits_for_its_hooks_and_tells_which_failed(ready: Cli, tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    with (tmp_path / "workspace" / "config.toml").open("a") as config:
        config.write(hook(sys.executable, "-c", NOTE, str(note)))
        config.write(hook(sys.executable, "-c", "raise SystemExit(9)"))
        config.write('\n[[hooks]]\nurl = "https://example.com/SECRET"\non = ["failed"]\n')
    answer = ready("run", "News", "--json", "--no-progress")
    assert answer.code == 3  # with rejects, whatever a hook does
    told = json.loads(note.read_text())
    assert told == answer.json
    assert answer.err.count("News: Hook 2 (python") == 1
    assert "failed: it ended with exit code 9." in answer.err
    assert "example.com" not in answer.err + note.read_text()  # nor anybody's address


def test_doctor_looks_at_hooks_without_calling_them(ready: Cli, tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("no program")
    with (tmp_path / "workspace" / "config.toml").open("a") as config:
        config.write(hook("true") + hook(str(plain)) + hook("no-such-program"))
        config.write('\n[[hooks]]\nurl = "https://example.com/SECRET"\nseconds = 5\n')
    answer = ready("doctor")
    assert answer.code == 1
    lines = {line.split("  ")[-1].strip() for line in answer.out.splitlines()}
    assert "true, at most 30 s, on: finished, finished_with_rejects, failed" in lines
    assert "plain.txt isn't there, or can't be executed" in lines
    assert "no-such-program isn't there, or can't be executed" in lines
    assert "example.com, at most 5 s, on: finished, finished_with_rejects, failed" in lines
    assert "SECRET" not in answer.out

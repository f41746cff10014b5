"""Whole processes: the demo, the sandbox, and signals in the middle of a run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from cli.command_lines import Cli

_COMMAND = (sys.executable, "-m", "omnisend_tui")


def test_the_demo_without_a_terminal_runs_headless(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path), "LANGUAGE": "en"}
    answer = subprocess.run(
        [*_COMMAND, "demo", "--profiles", "150"], capture_output=True, text=True, env=environ
    )
    assert answer.returncode == 3, answer.stderr
    assert "read 150:" in answer.stdout
    assert "sending" in answer.stderr or "confirming" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_demo_of_customer_insights_signs_in_by_a_code(tmp_path: Path) -> None:
    environ = {
        **os.environ, "TMPDIR": str(tmp_path), "LANGUAGE": "en",
        # Whoever touched the keyring would fail.
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }  # fmt: skip
    answer = subprocess.run(
        [*_COMMAND, "demo", "--source", "dataverse", "--profiles", "120", "--json"],
        capture_output=True, text=True, env=environ,
    )  # fmt: skip
    assert answer.returncode == 3, answer.stderr
    result = json.loads(answer.stdout)
    assert (result["status"], result["read"]) == ("finished_with_rejects", 120)
    assert "Open this page: http://127.0.0.1:" in answer.stderr
    assert "Enter this code: " in answer.stderr
    assert "Signed in as aino.korhonen@example.com." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_sandbox_tells_its_address_and_ends_on_sigterm() -> None:
    with subprocess.Popen(
        [*_COMMAND, "sandbox", "--json", "--api-key", "brand-key"],
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["url"].startswith("http://127.0.0.1:")
        assert told["api_key"] == "brand-key"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)


def test_sigterm_cancels_a_run_and_confirms_what_is_in_flight(
    ready: Cli, people: Path, tmp_path: Path
) -> None:
    rows = [f"person{number}@example.com;P;;;Club" for number in range(40_000)]
    people.write_text("Email;First name;City;Phone;Segments\n" + "\n".join(rows) + "\n")
    with subprocess.Popen(
        [*_COMMAND, "--workspace", str(tmp_path / "workspace"), "run", "News", "--json", "--plain"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(("News: reading", "News: sending")):
                break
        process.send_signal(signal.SIGTERM)
        out, _err = process.communicate(timeout=45)
    assert process.returncode == 130
    run = json.loads(out)
    assert run["status"] == "cancelled"
    assert run["read"] < 40_000 or run["accepted"] < 40_000


def test_json_results_stay_on_stdout_alone(ready: Cli) -> None:
    answer = ready("run", "News", "--json", "--plain")
    assert len(answer.out.splitlines()) == 1
    assert "News: " in answer.err


def test_the_demo_ended_by_sigterm_leaves_nothing(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path), "LANGUAGE": "en"}
    with subprocess.Popen(
        [*_COMMAND, "demo", "--profiles", "1500"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "confirming" in line:
                break
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=45)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []

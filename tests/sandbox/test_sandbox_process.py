"""The sandbox as a process of its own."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from omnisend_tui.errors import AppError
from omnisend_tui.sandbox.process import SandboxProcess

SERVE = (
    "from omnisend_tui.sandbox.options import SandboxOptions as O;"
    "from omnisend_tui.sandbox.server import serve;"
    "serve(O(port={port}, api_key={key!r}), as_json={as_json})"
)


def start(*, port: int = 0, key: str = "", as_json: bool = False) -> subprocess.Popen[str]:
    code = SERVE.format(port=port, key=key, as_json=as_json)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_one_line_and_ends_with_0(number: signal.Signals) -> None:
    child = start(key="0123456789abcdef01234567-made-up")
    line = first_line(child)
    url = line.split()[3].rstrip(",")
    assert line == f"Omnisend sandbox on {url}, API key 0123456789abcdef01234567-made-up\n"
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/api")
    assert httpx.get(f"{url}/contacts").status_code == 401
    child.send_signal(number)
    out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (0, "", "")


def test_serve_prints_json() -> None:
    child = start(as_json=True)
    assert set(json.loads(first_line(child))) == {"url", "api_key"}
    child.terminate()
    child.communicate(timeout=10)
    assert child.returncode == 0


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        child = start(port=taken.getsockname()[1])
        out, _ = child.communicate(timeout=10)
    assert child.returncode != 0
    assert out == ""


def test_process_serves_until_it_is_left() -> None:
    with SandboxProcess() as sandbox:
        headers = {
            "Authorization": f"Omnisend-API-Key {sandbox.api_key}",
            "Omnisend-Version": "2026-03-15",
        }
        assert httpx.get(f"{sandbox.url}/contacts", headers=headers).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.url}/contacts")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_one_line_and_ends_with_0(number: signal.Signals) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "omnisend_tui", "sandbox", "--port", "0", "--api-key", "ab-made-up"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = first_line(child)
    port = line.split("127.0.0.1:")[1].split("/")[0]
    assert line == f"Omnisend sandbox on http://127.0.0.1:{port}/api, API key ab-made-up\n"
    with httpx.Client() as waiting:  # an open connection doesn't hold it up
        waiting.get(f"http://127.0.0.1:{port}/api/contacts")
        child.send_signal(number)
        out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (0, "", "")


def test_process_takes_a_fault_plan_and_nothing_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    plan = tmp_path / "plan.json"
    plan.write_text('{"retired": true}')
    with SandboxProcess(faults=str(plan)) as sandbox:
        headers = {"Authorization": f"Omnisend-API-Key {sandbox.api_key}"}
        assert httpx.get(f"{sandbox.url}/contacts", headers=headers).status_code == 410


def test_process_says_when_the_sandbox_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="didn't start"), SandboxProcess(faults=str(tmp_path / "no")):
        pass

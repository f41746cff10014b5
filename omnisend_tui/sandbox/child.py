"""A sandbox in a process of its own: begun, read from, and ended."""

import os
import subprocess
import sys
from collections.abc import Sequence


def command_of(module: str, *words: str) -> list[str]:
    # -P: nothing is taken from the folder that somebody happens to be in.
    return [sys.executable, "-P", "-m", module, *words]


def begun(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A child needs none of the secrets that this process may have been given.
        env={k: v for k, v in os.environ.items() if not k.startswith("OMNISEND_TUI_")},
        start_new_session=True,  # Ctrl+C in the terminal is for the app, which ends it
    )


def first_line(child: "subprocess.Popen[bytes]", told: bytes = b"") -> bytes:
    """What the child says once it listens, b'' where it ended; ``told`` is its whole input.

    Raises ``OSError`` where it ended before it read that.
    """
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(told)
    child.stdin.close()
    return child.stdout.readline()


def ended(child: "subprocess.Popen[bytes]") -> int:
    """Ends the child: its exit code."""
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout:
        child.stdout.close()
    return child.returncode

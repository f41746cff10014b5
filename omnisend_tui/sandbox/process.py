"""A sandbox in a process of its own, for the demo and the benchmarks."""

import json
import os
import subprocess
import sys
from types import TracebackType

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _


class SandboxProcess:
    """Runs while it is entered. The key is made up by the child and read from its first line."""

    def __init__(
        self,
        *,
        requests_per_minute: int = 400,
        tag_requests_per_minute: int = 60,
        batch_seconds: float = 0.0,
        latency_ms: int = 0,
        faults: str = "",
    ) -> None:
        self._command = [
            # -P: nothing is taken from the folder that somebody happens to be in.
            sys.executable, "-P", "-m", "omnisend_tui", "sandbox", "--json", "--port", "0",
            "--requests-per-minute", str(requests_per_minute),
            "--tag-requests-per-minute", str(tag_requests_per_minute),
            "--batch-seconds", str(batch_seconds),
            "--latency", str(latency_ms),
        ]  # fmt: skip
        if faults:
            self._command += ["--faults", faults]
        self.url = ""
        self.api_key = ""

    def __enter__(self) -> "SandboxProcess":
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A child needs none of the keys that this process may have been given.
            env={k: v for k, v in os.environ.items() if not k.startswith("OMNISEND_TUI_")},
            start_new_session=True,  # Ctrl+C in the terminal is for the app, which ends it
        )
        assert self._child.stdout is not None
        try:
            line = json.loads(self._child.stdout.readline())
        except ValueError:
            self.stop()
            raise AppError(
                "sandbox_failed",
                _("The sandbox of Omnisend didn't start."),
                _("Try `omnisend-tui sandbox` to see why."),
            ) from None
        self.url, self.api_key = line["url"], line["api_key"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()

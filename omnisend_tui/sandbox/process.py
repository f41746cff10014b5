"""A sandbox in a process of its own, for the demo and the benchmarks."""

import json
from types import TracebackType

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.sandbox.child import begun, command_of, ended, first_line


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
        self._command = command_of(
            "omnisend_tui", "sandbox", "--json", "--port", "0",
            "--requests-per-minute", str(requests_per_minute),
            "--tag-requests-per-minute", str(tag_requests_per_minute),
            "--batch-seconds", str(batch_seconds),
            "--latency", str(latency_ms),
        )  # fmt: skip
        if faults:
            self._command += ["--faults", faults]
        self.url = ""
        self.api_key = ""

    def __enter__(self) -> "SandboxProcess":
        self._child = begun(self._command)
        try:
            line = json.loads(first_line(self._child))
        except (OSError, ValueError):
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
        ended(self._child)

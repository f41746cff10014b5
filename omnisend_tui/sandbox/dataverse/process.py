"""A sandbox of Dataverse in a process of its own, for the demo and the benchmarks."""

import shlex
from types import TracebackType

import msgspec

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.sandbox.child import begun, command_of, ended, first_line
from omnisend_tui.sandbox.dataverse.options import DataverseOptions


class _Line(msgspec.Struct, frozen=True):
    url: str
    authority: str
    tenant: str
    client_id: str
    client_secret: str


class DataverseProcess:
    """Runs while it is entered; what was made up is read from the child's first line."""

    def __init__(self, options: DataverseOptions) -> None:
        self._options = options
        self.url = self.authority = self.tenant = self.client_id = self.client_secret = ""

    def __enter__(self) -> "DataverseProcess":
        command = command_of("omnisend_tui.sandbox.dataverse")
        self._child = begun(command)
        try:
            # Not as an argument: the list of processes would show the secret.
            told = first_line(self._child, msgspec.json.encode(self._options))
            line = msgspec.json.decode(told, type=_Line)
        except (OSError, ValueError):
            self.stop()
            raise AppError(
                "sandbox_failed",
                _("The sandbox of Customer Insights didn't start."),
                _("To see why: {command}").format(command=shlex.join(command)),
            ) from None
        self.url, self.authority, self.tenant = line.url, line.authority, line.tenant
        self.client_id, self.client_secret = line.client_id, line.client_secret
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Of the child, for whoever measures it."""
        return self._child.pid

    def stop(self) -> int:
        """Ends the child: its exit code."""
        return ended(self._child)

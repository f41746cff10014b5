"""Serves a sandbox of Dataverse and Entra on loopback, in a thread or as a process of its own."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from omnisend_tui.sandbox.dataverse.app import application
from omnisend_tui.sandbox.dataverse.entra import Entra
from omnisend_tui.sandbox.dataverse.environment import Environment
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.faults import Faults
from omnisend_tui.sandbox.server import HOST, listen, server_of

Clock = Callable[[], float]


class Dataverse:
    """A sandbox that listens, and is served once ``run`` is called.

    ``url`` is the organization's address, ``authority`` where to sign in, tenant included; both
    are http on loopback. Every method may be called from any thread.
    """

    def __init__(self, options: DataverseOptions, clock: Clock) -> None:
        self._listening = listen(options.port)
        self.url = f"http://{HOST}:{self._listening.getsockname()[1]}"
        self._environment = Environment(options, clock)
        self._entra = Entra(options, self.url, clock)
        self.tenant = self._entra.tenant
        self.authority = f"{self.url}/{self.tenant}"
        self.client_id = self._entra.client_id
        self.client_secret = self._entra.client_secret
        app = application(self._environment, self._entra)
        self._server = server_of(app, self._environment.connections)

    def approve(self, user_code: str) -> bool:
        """Somebody enters a device code and agrees; whether it waited for that."""
        return self._entra.codes.answer(user_code, approve=True)

    def decline(self, user_code: str) -> bool:
        """Somebody enters a device code and declines."""
        return self._entra.codes.answer(user_code, approve=False)

    def expire_tokens(self) -> None:
        """No access token is valid any more; refresh tokens are."""
        self._entra.expire()

    def revoke(self) -> None:
        """Neither access nor refresh tokens are valid: the person has to sign in anew."""
        self._entra.revoke()

    def refresh_data(self) -> None:
        """Customer Insights refreshed: a newer time, and some profiles changed."""
        self._environment.generation += 1

    def change(self, people: Sequence[Person]) -> None:
        """Other people from now on, without a refresh."""
        self._environment.change(people)

    def misbehave(self, faults: Faults) -> None:
        """Another fault plan from now on, counted from here."""
        self._environment.plan.change(faults)

    def statistics(self) -> dict[str, Any]:
        """What was counted (``Statistics.document``)."""
        return self._environment.counts.document()

    def run(self) -> None:
        """Serves until ``end``."""
        self._server.run(sockets=[self._listening])

    def end(self) -> None:
        """Lets ``run`` come to its end."""
        self._server.should_exit = True


class RunningDataverse(Dataverse):
    """A sandbox that is served in a thread of this process."""

    def __init__(self, options: DataverseOptions, clock: Clock) -> None:
        super().__init__(options, clock)
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it: the port refuses connections from then on."""
        self.end()
        self._thread.join()


@contextmanager
def running_dataverse(
    options: DataverseOptions, clock: Clock = time.time
) -> Iterator[RunningDataverse]:
    """A sandbox over real HTTP in a thread; ``clock`` gives seconds since the epoch."""
    sandbox = RunningDataverse(options, clock)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def serve(options: DataverseOptions) -> None:
    """Serves until SIGTERM or Ctrl+C; its first line tells as JSON where. OSError: port taken."""
    sandbox = Dataverse(options, time.time)

    def end(_number: int, _frame: object) -> None:
        sandbox.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    names = ("url", "authority", "tenant", "client_id", "client_secret")
    print(json.dumps({name: getattr(sandbox, name) for name in names}), flush=True)
    sandbox.run()

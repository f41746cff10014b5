"""Serves a sandbox on loopback: as a command of its own, or in a thread of this process."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from omnisend_tui.sandbox.answers import Connections
from omnisend_tui.sandbox.app import application
from omnisend_tui.sandbox.brand import Brand
from omnisend_tui.sandbox.options import SandboxOptions

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the command has its own, a thread may have none."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(options: SandboxOptions, *, as_json: bool = False) -> None:
    """Serves until SIGTERM or Ctrl+C; prints a line when it listens. OSError: port taken."""
    brand = Brand(options)
    listening = listen(options.port)
    server = server_of(application(brand), brand.connections)

    def end(_number: int, _frame: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    url = _url(listening)
    line = f"Omnisend sandbox on {url}, API key {brand.api_key}"
    print(json.dumps({"url": url, "api_key": brand.api_key}) if as_json else line, flush=True)
    try:
        server.run(sockets=[listening])
    finally:
        brand.close()


class RunningSandbox:
    """A sandbox that listens in this process."""

    def __init__(self, brand: Brand, listening: socket.socket) -> None:
        self.brand = brand
        self.url = _url(listening)
        self.api_key = brand.api_key
        self._server = server_of(application(brand), brand.connections)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True)
        self._thread.start()

    def statistics(self) -> dict[str, Any]:
        return self.brand.statistics()

    def stop(self) -> None:
        """Ends it: the port refuses connections from then on."""
        self._server.should_exit = True
        self._thread.join()


@contextmanager
def running_sandbox(options: SandboxOptions) -> Iterator[RunningSandbox]:
    """A sandbox over real HTTP in a thread, for tests."""
    brand = Brand(options)
    sandbox = RunningSandbox(brand, listen(options.port))
    try:
        yield sandbox
    finally:
        sandbox.stop()
        brand.close()


def server_of(app: ASGIApp, connections: Connections) -> uvicorn.Server:
    """uvicorn for ``app``; it notes its ``connections``, so that a fault can cut one."""

    class Protocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            connections[tuple(transport.get_extra_info("peername"))] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(tuple(self.transport.get_extra_info("peername")), None)
            super().connection_lost(exc)

    config = uvicorn.Config(
        app, http=Protocol, ws="none", log_config=None, access_log=False,
        lifespan="on", timeout_graceful_shutdown=1,
    )  # fmt: skip
    return _Server(config)


def listen(port: int) -> socket.socket:
    """Bound and listening already, so that whoever reads the line can connect at once."""
    # Only of a socket that names TCP does asyncio turn Nagle's delay off: 40 ms an answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    listening.listen(128)
    return listening


def _url(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}/api"

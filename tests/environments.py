"""Sources of Customer Insights over the sandbox, signed in as an application."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Protocol
from urllib.parse import unquote, urlencode
from urllib.request import urlopen

from omnisend_tui.config.models import CUSTOMER_ID, Source
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.dataverse import DataverseSource


class Sandbox(Protocol):
    url: str
    authority: str
    client_id: str
    client_secret: str


class SandboxTokens:
    """Tokens by the secret of an application; ``fresh`` counts those that were refused."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = Lock()
        self._token = ""
        self.fresh = 0

    def token(self, *, fresh: bool = False) -> str:
        with self._lock:
            self.fresh += fresh
            if fresh or not self._token:
                wanted = {
                    "grant_type": "client_credentials",
                    "client_id": self._sandbox.client_id,
                    "client_secret": self._sandbox.client_secret,
                    "scope": f"{self._sandbox.url}/.default",
                }
                place = f"{self._sandbox.authority}/oauth2/v2.0/token"
                with urlopen(place, urlencode(wanted).encode()) as answer:
                    self._token = json.load(answer)["access_token"]
            return self._token


class Told:
    """What a source told the log of a run."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.events if name == event]


def record(sandbox: Sandbox, segments: dict[str, str] | None = None) -> Source:
    return Source(
        name="CI",
        id="ci",
        type="dataverse",
        url=sandbox.url,
        authority=sandbox.authority,
        client_id=sandbox.client_id,
        sign_in="application",
        key=CUSTOMER_ID,
        segments=segments or {},
    )


def open_environment(
    sandbox: Sandbox,
    told: Told | None = None,
    *,
    patience: float = 15.0,
    segments: dict[str, str] | None = None,
    **options: Any,
) -> DataverseSource:
    access = Access(tokens=SandboxTokens(sandbox), tell=told or Told(), patience=patience)
    return DataverseSource(record(sandbox, segments), access, pause=lambda _try: 0.01, **options)


Reply = tuple[int, dict[str, str], bytes]


class Scripted:
    """A server that answers what ``reply`` makes of an address; it keeps what was asked."""

    tenant = client_secret = authority = "-"
    client_id = "11111111-2222-3333-4444-555555555555"

    def __init__(self, reply: Callable[[str], Reply]) -> None:
        self.asked: list[str] = []
        self.authorizations: list[str] = []
        self.reply = reply
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                path = unquote(self.path).removeprefix("/api/data/v9.2/")
                scripted.asked.append(path)
                scripted.authorizations.append(self.headers["Authorization"])
                status, headers, body = scripted.reply(path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted(reply: Callable[[str], Reply]) -> Iterator[Scripted]:
    server = Scripted(reply)
    try:
        yield server
    finally:
        server.stop()


def page(*rows: dict[str, Any], **more: Any) -> Reply:
    """A page of rows; ``next`` is the address of the next one."""
    document: dict[str, Any] = {"value": rows}
    if "next" in more:
        document["@odata.nextLink"] = more["next"]
    return 200, {}, json.dumps(document).encode()


class StaticTokens:
    """Tokens t0, t1, ...; each fresh one is another."""

    def __init__(self) -> None:
        self.fresh = 0

    def token(self, *, fresh: bool = False) -> str:
        self.fresh += fresh
        return f"t{self.fresh}"

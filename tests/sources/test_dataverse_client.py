"""Requests to a Dataverse Web API: what is tried again, for how long, and what ends it."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partialmethod
from itertools import count
from threading import Event, Thread, Timer
from typing import Any

import pytest

from environments import Reply, Scripted, StaticTokens, Told, page, scripted
from omnisend_tui.errors import AppError, CredentialsError, SourceError
from omnisend_tui.sources import odata
from omnisend_tui.sources.base import Access, Tokens
from omnisend_tui.sources.dataverse import WhoAmI
from omnisend_tui.sources.odata import ODataClient, _Question, backoff
from omnisend_tui.sources.odata_cells import rows_decoder
from omnisend_tui.sources.odata_errors import Stopped

DECODE = rows_decoder(["id"])
HTML: Reply = (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")
BROKEN: Reply = (200, {}, b'{"value":[{"id":')
WHO = {"UserId": "u", "BusinessUnitId": "b", "OrganizationId": "o"}


def refusal(status: int, message: str = "", **headers: str) -> Reply:
    told = {"error": {"code": "0x0", "message": message}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps(told).encode()


def in_turn(*replies: Reply) -> Callable[[str], Reply]:
    """Each reply once, the last one over and over."""
    left = iter(replies)
    return lambda _path: next(left, replies[-1])


class Waits(Event):
    """An event that nobody waits for really."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        return False

    def waited(self) -> float:
        """Seconds in all."""
        return sum(seconds or 0.0 for seconds in self.asked)


def client_of(
    server: Scripted, told: Told | None = None, *, tokens: Tokens | None = None, **options: Any
) -> ODataClient:
    of_access = {name: options.pop(name) for name in ("patience", "repeated") if name in options}
    access = Access(tokens=tokens or StaticTokens(), tell=told or Told(), **of_access)
    return ODataClient(server.url + "/", access, **{"pause": lambda _try: 0.001, **options})


def ids_of(client: ODataClient, address: str = "t") -> list[str | None]:
    return [row[0] for page in client.pages(address, DECODE, Event()) for row in page.rows]


def error_of(client: ODataClient) -> AppError:
    with pytest.raises(AppError) as caught:
        ids_of(client)
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [
        refusal(429, Retry_After="0"),
        refusal(429),
        refusal(408),
        refusal(503, Retry_After="0"),
        (502, {}, b"<html>Bad gateway</html>"),
        HTML,
        BROKEN,
        (200, {}, b"[]"),
        (200, {}, b'{"value":[{"id":"\xff"}]}'),
        (200, {}, b'{"value":[],"error":{"message":"broke off"}}'),
        (200, {}, b'{"value":[],"@odata.nextLink":""}'),
        (200, {}, b'{"value":[{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"),
        (200, {}, b'{"value":[{"id":1e9999999999999999999999}]}'),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (200, {"Content-Encoding": "zstd"}, b'{"value":[]}'),
        (203, {}, b'{"value":[]}'),
        (206, {}, b'{"value":[]}'),
        (302, {"Location": "/login"}, b'{"value":[]}'),
    ],
)
def test_what_a_repetition_may_mend_is_tried_again(fault: Reply) -> None:
    with scripted(in_turn(fault, fault, page({"id": "a"}))) as server:
        assert ids_of(client_of(server)) == ["a"]
        assert server.asked == ["t", "t", "t"]


def test_the_pages_go_on_where_they_broke() -> None:
    def reply(path: str) -> Reply:
        if path == "t":
            return page({"id": "a"}, next="t?p=2&x=%27")
        return BROKEN if server.asked.count(path) < 3 else page({"id": "b"})

    with scripted(reply) as server:
        assert ids_of(client_of(server)) == ["a", "b"]
        assert server.asked == ["t", *["t?p=2&x='"] * 3]


def test_a_server_that_is_gone_is_unreachable_after_the_patience() -> None:
    with scripted(in_turn(HTML)) as server:
        pass
    ticks = count(0.0, 4.0)
    error = error_of(client_of(server, ticks=lambda: next(ticks)))
    assert (type(error), error.code) == (SourceError, "source_unreachable")
    assert "refuses the connection" in error.message
    assert error.hint


def test_patience_counts_from_the_first_failure() -> None:
    for reply, sentence in [
        (refusal(503), "(503)"),
        (HTML, "can't be read"),
        (refusal(429), "no more requests"),
    ]:
        ticks = count(0.0, 4.0)
        with scripted(in_turn(reply)) as server:
            error = error_of(client_of(server, ticks=lambda ticks=ticks: next(ticks)))
            assert error.code == "source_unreachable"
            assert sentence in error.message
            assert len(server.asked) == 5


def test_waits_that_the_server_asks_for_are_no_silence() -> None:
    ticks = count(0.0, 1.0)
    waits = [refusal(429, Retry_After="1")] * 2
    with scripted(in_turn(*waits, page({"id": "a"}))) as server:
        told = Told()
        client = client_of(server, told, patience=0.5, ticks=lambda: next(ticks))
        stop = Waits()
        assert next(client.pages("t", DECODE, stop)).rows == [("a",)]
    assert stop.asked == [1.0, 1.0]
    assert told.of("source_waits") == [{"reason": "rate_limited", "seconds": 1}] * 2


def test_a_wait_of_nothing_is_longer_from_try_to_try() -> None:
    waits = [refusal(429, Retry_After="0")] * 3
    with scripted(in_turn(*waits, page({"id": "a"}))) as server:
        stop = Waits()
        client = client_of(server, pause=float)
        assert next(client.pages("t", DECODE, stop)).rows == [("a",)]
    assert stop.asked == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(("patience", "most"), [(15.0, 60), (900.0, 3600)])
def test_waits_that_come_again_and_again_end(patience: float, most: int) -> None:
    with scripted(in_turn(refusal(429, Retry_After="60"))) as server:
        stop = Waits()
        client = client_of(server, patience=patience, ticks=stop.waited)
        with pytest.raises(SourceError) as caught:
            next(client.pages("t", DECODE, stop))
        assert caught.value.code == "source_unreachable"
    assert most <= stop.waited() <= most + patience + 60


@pytest.mark.parametrize("body", [b"[]", b'{"value":[],"error":1}', b'{"value":[{"id":'])
def test_what_never_makes_sense_is_not_asked_for_again_and_again(body: bytes) -> None:
    with scripted(in_turn((200, {}, body))) as server:
        error = error_of(client_of(server, patience=900.0))
        assert error.code == "source_unreachable"
        assert "can't be read" in error.message
        assert len(server.asked) == 3


def test_a_few_bytes_that_become_many_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Question, "__init__", partialmethod(_Question.__init__, most=100_000))
    bomb = gzip.compress(b" " * 10_000_000)
    small = gzip.compress(page({"id": "a"})[2] + b" " * 90_000)
    packed = {"Content-Encoding": "gzip"}
    with scripted(in_turn((200, packed, small), (200, packed, bomb))) as server:
        assert ids_of(client_of(server)) == ["a"]
        error = error_of(client_of(server))
    assert error.code == "source_unreachable"
    assert "far more than was asked for" in error.message
    assert len(server.asked) == 4


@pytest.mark.parametrize("told", ["9" * 400, "86400"])
def test_a_wait_without_an_end(told: str) -> None:
    with scripted(in_turn(refusal(429, Retry_After=told))) as server:
        error = error_of(client_of(server, patience=900.0))
    assert (error.code, "86400 seconds" in error.message) == ("source_busy", True)


@pytest.mark.parametrize("token", ["eyJ-secret-ä", "eyJ-secret\r\nX: y"])
def test_what_is_no_token_is_not_sent(token: str) -> None:
    class Odd(StaticTokens):
        def token(self, *, fresh: bool = False) -> str:
            return token

    with scripted(in_turn(page())) as server:
        error = error_of(client_of(server, tokens=Odd()))
        assert (type(error), error.code) == (CredentialsError, "sign_in_refused")
        assert "secret" not in f"{error!r} {error}"
        assert server.asked == []


def test_nobody_waits_for_minutes_in_front_of_a_screen() -> None:
    with scripted(in_turn(refusal(429, Retry_After="299"))) as server:
        error = error_of(client_of(server))
        assert error.code == "source_busy"
        assert "299 seconds" in error.message


def test_short_waits_are_not_told_but_counted() -> None:
    told, repeated = Told(), count()
    with scripted(in_turn(refusal(500), page())) as server:
        ids_of(client_of(server, told, repeated=lambda: next(repeated)))
    assert told.events == []
    assert next(repeated) == 1


def test_a_refused_token_is_renewed_once() -> None:
    tokens = StaticTokens()
    with scripted(lambda _path: page({"id": "a"}) if tokens.fresh else refusal(401)) as server:
        assert ids_of(client_of(server, tokens=tokens)) == ["a"]
        assert server.authorizations == ["Bearer t0", "Bearer t1"]


def test_a_second_refusal_ends_it() -> None:
    with scripted(in_turn(refusal(401))) as server:
        error = error_of(client_of(server))
        assert (type(error), error.code) == (CredentialsError, "sign_in_refused")
        assert len(server.asked) == 2


def test_nobody_signed_in() -> None:
    error = error_of(ODataClient("http://127.0.0.1:9", Access()))
    assert (type(error), error.code) == (CredentialsError, "not_signed_in")


def test_a_place_to_sign_in_at_that_cannot_be_reached_is_waited_for() -> None:
    class Unreachable(StaticTokens):
        left = 2

        def token(self, *, fresh: bool = False) -> str:
            self.left -= 1
            if self.left >= 0:
                raise AppError("network_dns", "The name can't be found.", "Check it.")
            return super().token(fresh=fresh)

    tokens = Unreachable()
    with scripted(in_turn(page({"id": "a"}))) as server:
        assert ids_of(client_of(server, tokens=tokens)) == ["a"]
        tokens.left = 100
        ticks = count(0.0, 20.0)
        error = error_of(client_of(server, tokens=tokens, ticks=lambda: next(ticks)))
    assert (error.code, error.message) == ("source_unreachable", "The name can't be found.")


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (refusal(403, "prvRead is missing"), "no_role", "doesn't let this account"),
        (refusal(404, "No such table"), "source_refused", "404: No such table"),
        (refusal(501, "Not supported"), "source_refused", "501: Not supported"),
        ((400, {}, b"<html>"), "source_refused", "400: ?"),
        ((400, {}, b'{"error":' + b"[" * 100_000), "source_refused", "400: ?"),
        (
            refusal(400, "Could not find a property named 'msdynci_x' on type 'P'."),
            "column_missing",
            "no column msdynci_x",
        ),
    ],
)
def test_refusals_have_their_sentences(reply: Reply, code: str, words: str) -> None:
    with scripted(in_turn(reply)) as server:
        error = error_of(client_of(server))
        assert isinstance(error, SourceError)
        assert error.code == code
        assert words in error.message
        assert error.hint
        assert len(server.asked) == 1


def test_words_of_the_server_are_masked_and_cut() -> None:
    said = "Nobody like mary@example.com is here. " + "x" * 2000
    with scripted(in_turn(refusal(400, said))) as server:
        message = error_of(client_of(server)).message
    assert "m***@example.com" in message
    assert "mary" not in message
    assert len(message) < 500


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1:{port}/api/data/v9.2/t",
        "http://127.0.0.2:{port}/api/data/v9.2/t",
        "http://127.0.0.1:1/api/data/v9.2/t",
        "http://127.0.0.1:{port}@evil.example.com/t",
        "http://user@127.0.0.1:{port}/t",
        "//evil.example.com/t",
        "http://127.0.0.1:x/t",
        "http://[::1/t",
        "javascript:1",
    ],
)
def test_the_token_does_not_travel_to_another_server(link: str) -> None:
    def reply(_path: str) -> Reply:
        port = server.url.rpartition(":")[2]
        return page({"id": "a"}, next=link.format(port=port))

    with scripted(reply) as server:
        assert error_of(client_of(server)).code == "source_elsewhere"
        assert server.asked == ["t"]


def test_a_link_that_comes_again_ends_it() -> None:
    links = iter(["t?p=2", "t?p=3", "t?p=2", "t?p=3"])
    with scripted(lambda _path: page({"id": "a"}, next=next(links))) as server:
        assert error_of(client_of(server)).code == "source_endless"
        assert server.asked == ["t", "t?p=2", "t?p=3"]


def test_empty_pages_end_some_time() -> None:
    numbers = count()
    with scripted(lambda _path: page(next=f"t?p={next(numbers)}")) as server:
        assert error_of(client_of(server)).code == "source_endless"
        assert len(server.asked) < 100


def test_some_empty_pages_are_no_end() -> None:
    replies = [page(next=f"t?p={number}") for number in range(20)]
    with scripted(in_turn(*replies, page({"id": "a"}))) as server:
        assert ids_of(client_of(server)) == ["a"]


def test_who_am_i() -> None:
    with scripted(in_turn((200, {}, json.dumps(WHO).encode()))) as server:
        assert client_of(server).who_am_i(WhoAmI) == WhoAmI("u", "b", "o")
        assert server.asked == ["WhoAmI"]


@pytest.mark.parametrize(
    "reply",
    [HTML, refusal(404), (404, {}, b"<html>"), (302, {"Location": "/login"}, b"")],
)
def test_what_is_no_dataverse_is_told_at_once(reply: Reply) -> None:
    with scripted(in_turn(reply)) as server:
        with pytest.raises(SourceError) as caught:
            client_of(server).who_am_i(WhoAmI)
        assert caught.value.code == "not_dataverse"
        assert len(server.asked) == 1


def test_a_stop_ends_a_wait() -> None:
    stop = Event()
    with scripted(in_turn(refusal(429, Retry_After="50"))) as server:
        timer = Timer(0.05, stop.set)
        timer.start()
        with pytest.raises(Stopped):
            client_of(server).get("t", DECODE, stop)
        timer.join()
        assert len(server.asked) == 1


def test_a_stop_does_not_wait_for_a_request_that_is_under_way() -> None:
    stop, asked, gone = Event(), Event(), Event()

    def reply(_path: str) -> Reply:
        asked.set()
        gone.wait(10)
        return page()

    def stop_once_asked() -> None:
        asked.wait(10)
        stop.set()

    with scripted(reply) as server:
        client = client_of(server)
        Thread(target=stop_once_asked).start()
        pages = client.stoppable_pages("t", DECODE, stop)
        with pytest.raises(Stopped):
            next(pages)
        assert not gone.is_set()
        gone.set()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_server_that_drips_does_not_hold_a_request(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odata, "_WHOLE", 0.1 / 60)  # 0.1 seconds

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(10_000)
            connection.sendall(start or b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                connection.sendall(b"x")
                time.sleep(0.01)

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=serve, args=(listening,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        access = Access(tokens=StaticTokens(), patience=0.0)
        client = ODataClient(url, access, pause=lambda _try: 0.001)
        began = time.monotonic()
        assert "in time" in error_of(client).message
        assert time.monotonic() - began < 2.0
        listening.shutdown(socket.SHUT_RDWR)


def test_nothing_is_asked_after_a_stop() -> None:
    stop = Event()
    stop.set()
    with scripted(in_turn(page())) as server:
        with pytest.raises(Stopped):
            client_of(server).get("t", DECODE, stop)
        assert server.asked == []


def test_pauses_grow_to_half_a_minute() -> None:
    def pauses(attempt: int) -> Iterator[float]:
        return (backoff(attempt) for _ in range(50))

    assert all(0.25 <= pause <= 0.5 for pause in pauses(1))
    assert all(1 <= pause <= 2 for pause in pauses(3))
    assert all(15 <= pause <= 30 for pause in pauses(5000))

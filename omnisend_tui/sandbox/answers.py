"""Answers of the sandbox: JSON, problem documents, web pages, and none at all."""

import asyncio
import uuid
from collections.abc import Mapping

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PROBLEMS = "https://problems.omnisend.com/"
_TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    413: "Payload too large",
    415: "Unsupported media type",
    429: "Rate limit exceeded",
}

Connections = dict[tuple[str, int], asyncio.Transport]


class FieldError(msgspec.Struct, frozen=True):
    """One thing that is wrong in a request."""

    field: str
    code: str
    message: str


class Refusal(Exception):
    """A request, or an item of a batch, is refused with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        errors: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after

    @classmethod
    def of_field(cls, field: str, code: str, message: str) -> "Refusal":
        """A 400 for one field or parameter."""
        return cls(400, "The request is not valid.", (FieldError(field, code, message),))

    def document(self) -> dict[str, object]:
        """The problem document; that of a 401 is as bare as Omnisend's."""
        title = _TITLES.get(self.status, "Refused")
        problem: dict[str, object] = {
            "type": PROBLEMS + title.lower().replace(" ", "-"),
            "title": title,
            "status": self.status,
        }
        if self.status == 401:
            return problem
        if self.detail:
            problem["detail"] = self.detail
        problem["instance"] = f"urn:omnisend:request:{uuid.uuid4()}"
        if self.errors:
            problem["errors"] = [msgspec.to_builtins(error) for error in self.errors]
        if self.retry_after is not None:
            problem["retryAfter"] = self.retry_after
        return problem

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The answer over HTTP."""
        return Response(
            msgspec.json.encode(self.document()),
            self.status,
            headers=headers,
            media_type="application/problem+json",
        )


def json_answer(content: object, status: int = 200) -> Response:
    """An answer as JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def html_answer(status: int) -> Response:
    """What a proxy in front of Omnisend answers: a web page."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    return Response(page, status, media_type="text/html")


class CutAnswer(Response):
    """No answer: the connection of the request is closed."""

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes the connection and waits until the server noticed, so that it sends nothing."""
        self._connections[tuple(scope["client"])].abort()
        while (await receive())["type"] != "http.disconnect":
            pass

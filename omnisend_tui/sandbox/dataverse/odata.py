"""Answers and errors of the Dataverse Web API."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

VERSION = {"OData-Version": "4.0"}
_TYPE = "application/json; odata.metadata=minimal"


class ODataError(Exception):
    """A request is refused; ``code`` is Dataverse's."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer over HTTP."""
        body = {"error": {"code": self.code, "message": str(self)}}
        return odata_answer(msgspec.json.encode(body), self.status, self.headers)


def not_valid(message: str) -> ODataError:
    """A query that Dataverse doesn't take."""
    return ODataError(400, "0x80060888", message)


def no_resource(name: str) -> ODataError:
    """A table or a function that isn't there."""
    return ODataError(404, "0x8006088a", f"Resource not found for the segment '{name}'.")


def too_many(message: str, code: str, seconds: int | None) -> ODataError:
    """Service protection: 429, with the seconds to wait where they are told."""
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return ODataError(429, code, message, headers)


def odata_answer(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with the headers that all of Dataverse's have."""
    return Response(body, status, headers=VERSION | dict(headers or {}), media_type=_TYPE)

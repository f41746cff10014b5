"""The door of the sandbox: token, limits, headers and faults, then the resource."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnisend_tui.sandbox.answers import CutAnswer, json_answer
from omnisend_tui.sandbox.dataverse.entra import Entra
from omnisend_tui.sandbox.dataverse.environment import Environment
from omnisend_tui.sandbox.dataverse.login import device_page, tenant_answer
from omnisend_tui.sandbox.dataverse.odata import ODataError, no_resource, not_valid
from omnisend_tui.sandbox.dataverse.resources import kind_of, resource
from omnisend_tui.sandbox.faults import AnswerFault
from omnisend_tui.sandbox.spoiling import answered

ROOT = "/api/data/v9.2"
MOST_LINE = 8192  # bytes of a request line
_LOGIN = {"v2.0/.well-known/openid-configuration": "discovery"}
_LOGIN |= {"oauth2/v2.0/devicecode": "devicecode", "oauth2/v2.0/token": "token"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HEADERS = (
    ("odata-version", ("4.0",)),
    ("odata-maxversion", ("4.0", "4.01")),
)
_NO_MEMBER = "The user is not a member of the organization."

Answering = Callable[[], Awaitable[Response]]


def application(environment: Environment, entra: Entra) -> Starlette:
    """Dataverse below ``/api/data/v9.2``, Entra below the tenant, and ``/devicelogin``."""
    counts = environment.counts

    async def statistics(_request: Request) -> Response:
        return json_answer(counts.document())

    async def dataverse(request: Request) -> Response:
        rest = str(request.path_params["rest"])
        counts.requests[kind_of(rest, request.query_params.get("$filter", ""))] += 1

        async def answer() -> Response:
            return await resource(environment, request, rest)

        async def let_in() -> Response:
            try:
                _check(environment, entra, request)
            except ODataError as error:
                return error.response()
            return await _answer(environment, request, f"/{rest}", answer)

        environment.at_once += 1
        counts.most_at_once = max(counts.most_at_once, environment.at_once)
        try:
            return await _counted(environment, let_in)
        finally:
            environment.at_once -= 1

    async def login(request: Request) -> Response:
        rest = str(request.path_params["rest"])
        counts.requests[_LOGIN.get(rest, "other")] += 1

        async def answer() -> Response:
            return await tenant_answer(entra, counts, request)

        return await _counted(
            environment, lambda: _answer(environment, request, f"/{rest}", answer)
        )

    async def elsewhere(request: Request) -> Response:
        counts.requests["other"] += 1
        return no_resource(str(request.path_params["rest"])).response()

    async def page(request: Request) -> Response:
        return await device_page(entra, request)

    return Starlette(
        routes=[
            Route("/sandbox/statistics", statistics),
            Route("/devicelogin", page, methods=["GET", "POST"]),
            Route(ROOT + "/{rest:path}", dataverse, methods=[*_METHODS]),
            Route("/api/{rest:path}", elsewhere, methods=[*_METHODS]),
            Route("/{tenant}/{rest:path}", login, methods=[*_METHODS]),
        ]
    )


async def _counted(environment: Environment, answering: Answering) -> Response:
    if environment.options.latency_ms:
        await asyncio.sleep(environment.options.latency_ms / 1000)
    answer = await answering()
    status = 0 if isinstance(answer, CutAnswer) else answer.status_code
    environment.counts.answers[status] += 1
    return answer


def _check(environment: Environment, entra: Entra, request: Request) -> None:
    """ODataError where the request isn't let in."""
    query = bytes(request.scope.get("query_string", b""))
    path = bytes(request.scope.get("raw_path") or request.url.path.encode())
    line = len(request.method) + len(path) + len(query) + len(b" ? HTTP/1.1")
    if line > MOST_LINE:
        raise ODataError(414, "0x0", f"The request line has {line} bytes.")
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    authority = f"https://{request.url.netloc}/{entra.tenant}/oauth2/authorize"
    challenge = f"Bearer authorization_uri={authority}, resource_id={entra.resource}/"
    if kind.lower() != "bearer" or not token:
        raise ODataError(
            401, "0x8004a100", "No access token was given.", {"WWW-Authenticate": challenge}
        )
    if not entra.is_valid(token.strip()):
        said = 'error="invalid_token", error_description="Error during token validation!"'
        headers = {"WWW-Authenticate": f"Bearer {said}, {challenge.removeprefix('Bearer ')}"}
        raise ODataError(401, "0x8004a100", "The access token is not valid.", headers)
    environment.check_limits()
    if not environment.options.member:
        raise ODataError(403, "0x80072560", _NO_MEMBER)
    if request.method != "GET":
        raise ODataError(405, "0x80060888", "The sandbox is read only.", {"Allow": "GET"})
    for name, allowed in _HEADERS:
        if request.headers.get(name, "") not in allowed:
            raise not_valid(f"The header {name} has to be {allowed[0]}.")
    accepted = request.headers.get("accept", "")
    if "application/json" not in accepted:
        raise ODataError(406, "0x80060888", "The header Accept has to be application/json.")


async def _answer(
    environment: Environment, request: Request, path: str, answering: Answering
) -> Response:
    def over_limit(fault: AnswerFault) -> Response:
        header = fault.retry_after_header
        seconds = fault.retry_after if header is None else header
        return environment.over_limit(seconds).response()

    fault = environment.plan.answer(request.method, path)
    tried = partial(_tried, answering)
    return await answered(fault, request, tried, over_limit, environment.connections)


async def _tried(answering: Answering) -> Response:
    try:
        return await answering()
    except ODataError as error:
        return error.response()

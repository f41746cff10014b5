"""The door of the sandbox: path, key, version, limit and faults, in this order."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omnisend_tui.omnisend.models import VERSION
from omnisend_tui.sandbox import routes
from omnisend_tui.sandbox.answers import CutAnswer, Refusal, json_answer
from omnisend_tui.sandbox.brand import Brand
from omnisend_tui.sandbox.faults import AnswerFault
from omnisend_tui.sandbox.spoiling import answered

Handler = Callable[[Brand, Request], Awaitable[Response]]

_PATHS: dict[str, dict[str, tuple[Handler, str]]] = {
    "/batches": {
        "POST": (routes.post_batch, "contacts.write"),
        "GET": (routes.list_batches, "contacts.read"),
    },
    "/batches/{batch_id}": {"GET": (routes.get_batch, "contacts.read")},
    "/batches/{batch_id}/items": {"GET": (routes.batch_items, "contacts.read")},
    "/brands/current": {"GET": (routes.current_brand, "brands.read")},
    "/contacts": {
        "POST": (routes.post_contact, "contacts.write"),
        "GET": (routes.list_contacts, "contacts.read"),
        "PATCH": (routes.patch_contact, "contacts.write"),
    },
    "/contacts/tags": {
        "POST": (routes.change_tags, "contacts.write"),
        "DELETE": (routes.change_tags, "contacts.write"),
    },
    "/contacts/{contact_id}": {
        "GET": (routes.get_contact, "contacts.read"),
        "PATCH": (routes.patch_by_id, "contacts.write"),
    },
}
_INTEGRATION = ("X-INTEGRATION-NAME", "X-INTEGRATION-VERSION")


def application(brand: Brand) -> Starlette:
    """The API below ``/api``, and ``/sandbox/statistics``, which Omnisend doesn't have."""

    async def statistics(_request: Request) -> Response:
        return json_answer(brand.statistics())

    async def unknown(request: Request, _error: Exception) -> Response:
        brand.counts.arrived(request.method, "unknown")
        return Refusal(404, "There is no such path.").response()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(brand.batches.work())
        yield
        worker.cancel()

    api = [
        Route(f"/api{path}", _endpoint(brand, path, handlers), methods=[*handlers])
        for path, handlers in _PATHS.items()
    ]
    return Starlette(
        routes=[*api, Route("/sandbox/statistics", statistics)],
        exception_handlers={404: unknown, 405: unknown},
        lifespan=lifespan,
    )


def _endpoint(
    brand: Brand, path: str, handlers: dict[str, tuple[Handler, str]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        handler, permission = handlers["GET" if request.method == "HEAD" else request.method]
        brand.counts.arrived(request.method, path)
        if brand.options.latency_ms:
            await asyncio.sleep(brand.options.latency_ms / 1000)
        try:
            _check_key(brand, request, permission)
            answer = await _answer(brand, request, handler)
        except Refusal as refusal:
            answer = refusal.response()
        brand.counts.answered(0 if isinstance(answer, CutAnswer) else answer.status_code)
        return answer

    return endpoint


def _check_key(brand: Brand, request: Request, permission: str) -> None:
    faults = brand.plan.faults
    if request.headers.get("authorization") != f"Omnisend-API-Key {brand.api_key}":
        raise Refusal(401)
    brand.counts.knew_key(time.monotonic())
    if faults.revoke_key_after is not None and brand.counts.with_key > faults.revoke_key_after:
        raise Refusal(401)
    # Every request of the brand counts, also one that is refused for another reason.
    tags = request.url.path.endswith("/contacts/tags")
    if seconds := brand.limits.take(time.monotonic(), tags=tags):
        raise Refusal(429, "Too many requests.", retry_after=seconds)
    version = request.headers.get("omnisend-version", "")
    if faults.retired:
        raise Refusal(410, f"The version {version} was retired.")
    if version != VERSION:
        raise Refusal.of_field("Omnisend-Version", "invalid", "A version header is required.")
    for name in _INTEGRATION:
        if len(request.headers.get(name, "")) > 50:
            raise Refusal.of_field(name, "too_long", "50 characters at most.")
    if permission not in brand.options.permissions:
        raise Refusal(403, f"The key lacks the permission {permission}.")


async def _answer(brand: Brand, request: Request, handler: Handler) -> Response:
    def over_limit(fault: AnswerFault) -> Response:
        header = fault.retry_after_header
        headers = {} if header is None else {"Retry-After": str(header)}
        return Refusal(429, "Too many requests.", retry_after=fault.retry_after).response(headers)

    fault = brand.plan.answer(request.method, request.url.path.removeprefix("/api"))
    answering = partial(handler, brand, request)
    return await answered(fault, request, answering, over_limit, brand.connections)

"""What a fault of the plan does to one answer, whichever server gives it."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from omnisend_tui.sandbox.answers import Connections, CutAnswer, html_answer
from omnisend_tui.sandbox.faults import AnswerFault


async def answered(
    fault: AnswerFault | None,
    request: Request,
    answering: Callable[[], Awaitable[Response]],
    over_limit: Callable[[AnswerFault], Response],
    connections: Connections,
) -> Response:
    """The answer of ``answering``, or what ``fault`` makes of it.

    ``over_limit`` is how the server says that there are too many requests; ``connections`` are
    those that a fault may cut.
    """
    if fault is None:
        return await answering()
    if fault.action == "delay":
        if not fault.processed:
            await asyncio.sleep(fault.seconds)
            return await answering()
        late = await answering()
        await asyncio.sleep(fault.seconds)
        return late
    answer = None
    if fault.processed or fault.action == "truncate":
        answer = await answering()
    else:
        await request.body()
    if fault.action == "rate_limit":
        return over_limit(fault)
    if fault.action == "server_error":
        return html_answer(fault.status)
    if fault.action == "html":
        return html_answer(200)
    if fault.action == "cut":
        return CutAnswer(connections)
    assert answer is not None
    body = bytes(answer.body)
    return Response(body[: len(body) // 2], answer.status_code, media_type="application/json")

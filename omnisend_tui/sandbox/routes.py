"""The API's resources: each takes a request that has passed the door, and answers it."""

from urllib.parse import urlencode

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from omnisend_tui.sandbox import listing
from omnisend_tui.sandbox.answers import Refusal, json_answer
from omnisend_tui.sandbox.brand import Brand
from omnisend_tui.sandbox.checks import MOST_BYTES, not_valid
from omnisend_tui.sandbox.models import BatchRequest, TagRequest
from omnisend_tui.sandbox.parameters import Parameters

_BATCH_STATES = ("pending", "inProgress", "finished", "stopped")
_decode_batch = msgspec.json.Decoder(BatchRequest).decode
_decode_tags = msgspec.json.Decoder(TagRequest).decode


async def body_of(request: Request) -> bytes:
    """The body, refused over 1 MB or when it isn't JSON by its type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "The body must be application/json.")
    try:
        body = await request.body()
    except ClientDisconnect:
        raise Refusal(400, "The client went away.") from None
    if len(body) > MOST_BYTES:
        raise Refusal(413, "The body is larger than 1 MB.")
    return body


async def post_batch(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    try:
        batch = brand.batches.accept(_decode_batch(await body_of(request)))
    except msgspec.DecodeError as error:
        raise not_valid(error) from None
    return json_answer({"batchID": batch.batch_id, "totalCount": batch.total}, 201)


async def list_batches(brand: Brand, request: Request) -> Response:
    known = ("endpoint", "status", "dateFrom", "dateTo", "offset", "limit")
    given = Parameters(request.query_params, known)
    offset, limit = given.whole("offset", 0, 0, 10**9), given.whole("limit", 100, 1, 250)
    endpoint = given.text("endpoint", ("contacts", "products", "orders", "events"))
    page, more = brand.batches.page(
        status=given.text("status", _BATCH_STATES),
        since=given.date("dateFrom"),
        until=given.date("dateTo"),
        offset=offset,
        limit=limit,
        oldest_first=brand.options.oldest_first,
    )
    if endpoint not in ("", "contacts"):
        page, more = [], False

    def link(start: int) -> str:
        query = dict(request.query_params) | {"offset": start, "limit": limit}
        return f"/api/batches?{urlencode(query)}"

    paging = {
        "limit": limit,
        "offset": offset,
        "next": link(offset + limit) if more else None,
        "previous": link(max(0, offset - limit)) if offset else None,
    }
    return json_answer({"batches": [batch.document() for batch in page], "paging": paging})


async def get_batch(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    return json_answer(brand.batches.get(request.path_params["batch_id"]).document())


async def batch_items(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    return json_answer(brand.batches.items(brand.batches.get(request.path_params["batch_id"])))


async def post_contact(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    try:
        number, created = brand.contacts.upsert(await body_of(request))
    except msgspec.DecodeError as error:
        raise not_valid(error) from None
    return json_answer(brand.contacts.get(number), 201 if created else 200)


async def patch_contact(brand: Brand, request: Request) -> Response:
    given = Parameters(request.query_params, ("email", "phone"))
    email, phone = given.text("email"), given.text("phone")
    if bool(email) == bool(phone):
        raise Refusal.of_field("email", "required", "Either an email or a phone is needed.")
    number = brand.contacts.find(email, phone)
    return await _patch(brand, request, number)


async def patch_by_id(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    return await _patch(brand, request, _number(brand, request))


async def get_contact(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    return json_answer(brand.contacts.get(_number(brand, request)))


async def list_contacts(brand: Brand, request: Request) -> Response:
    return json_answer(listing.page(brand.contacts, request.query_params))


async def change_tags(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    try:
        change = _decode_tags(await body_of(request))
    except msgspec.DecodeError as error:
        raise not_valid(error) from None
    if not (change.emails or change.phones or change.contact_ids or change.segment_id):
        raise Refusal.of_field("emails", "required", "Contacts to change are needed.")
    numbers = {brand.contacts.find(email=email) for email in change.emails}
    numbers |= {brand.contacts.find(phone=phone) for phone in change.phones}
    numbers |= {number for one in change.contact_ids if (number := _known(brand, one)) >= 0}
    for number in numbers - {-1}:
        brand.contacts.tag(number, change.tags, remove=request.method == "DELETE")
    return Response(status_code=202)


async def current_brand(brand: Brand, request: Request) -> Response:
    Parameters(request.query_params, ())
    return json_answer(brand.document())


async def _patch(brand: Brand, request: Request, number: int) -> Response:
    if number < 0:
        raise Refusal(404, "There is no such contact.")
    try:
        brand.contacts.patch(number, await body_of(request))
    except msgspec.DecodeError as error:
        raise not_valid(error) from None
    return json_answer(brand.contacts.get(number))


def _number(brand: Brand, request: Request) -> int:
    number = _known(brand, request.path_params["contact_id"])
    if number < 0:
        raise Refusal(404, "There is no such contact.")
    return number


def _known(brand: Brand, contact_id: str) -> int:
    try:
        number = int(contact_id, 16)
    except ValueError:
        return -1
    return number if len(contact_id) == 24 and 0 <= number < len(brand.contacts) else -1

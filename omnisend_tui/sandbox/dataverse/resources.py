"""What Dataverse answers: rows of tables, metadata of columns, and who asks."""

import re
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from omnisend_tui.sandbox.dataverse.environment import Environment
from omnisend_tui.sandbox.dataverse.odata import (
    ODataError,
    no_resource,
    not_valid,
    odata_answer,
)
from omnisend_tui.sandbox.dataverse.query import (
    MOST_ROWS,
    Page,
    next_query,
    page_of,
    page_size,
    read_query,
)
from omnisend_tui.sandbox.dataverse.schema import MEMBERSHIPS, METADATA, PROFILES, Table

_ATTRIBUTES = re.compile(r"EntityDefinitions\(LogicalName='([^']*)'\)/Attributes")
_ABOUT_COLUMNS = ("LogicalName", "AttributeType", "DisplayName", "SchemaName", "IsValidForRead")


def kind_of(path: str, where: str) -> str:
    """By what name a request is counted."""
    if path == PROFILES.entity_set:
        return "profiles_by_id" if " eq " in where else "profiles"
    if _ATTRIBUTES.fullmatch(path):
        return "attributes"
    names = {MEMBERSHIPS.entity_set: "memberships", METADATA.entity_set: "metadata"}
    return names.get(path, "whoami" if path in ("WhoAmI", "WhoAmI()") else "other")


async def resource(environment: Environment, request: Request, path: str) -> Response:
    """What is at ``path`` below the service's root; ODataError."""
    root = f"{request.url.scheme}://{request.url.netloc}{request.url.path.removesuffix(path)}"
    text = request.url.query
    if path in ("WhoAmI", "WhoAmI()"):
        context = {"@odata.context": f"{root}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"}
        return odata_answer(msgspec.json.encode(context | environment.ids))
    if found := _ATTRIBUTES.fullmatch(path):
        return _attributes(environment, root, found[1], text)
    table = environment.tables().get(path)
    if table is None:
        raise no_resource(path)
    environment.check_readable(table)
    return _rows(environment, request, table, root, text)


def _rows(
    environment: Environment, request: Request, table: Table, root: str, text: str
) -> Response:
    query = read_query(text, table)
    preference = request.headers.get("prefer", "")
    size = page_size(preference)
    link = ""
    if table.entity_set == METADATA.entity_set:
        if query.where or query.order or query.token:
            raise ODataError(501, "0x80060888", "The sandbox doesn't filter or order this table.")
        every = environment.segment_rows(query.columns)
        rows = every[: query.top]
        page = Page(range(len(rows)), None, len(every) if query.count else None)
    else:
        population, generation = environment.population, environment.generation
        page = page_of(query, size, table, population, generation, environment.secret)
        make = (
            population.profiles
            if table.entity_set == PROFILES.entity_set
            else population.memberships
        )
        rows = make(page.ranks, query.columns, generation)
        if page.after is not None:
            link = f"{root}{table.entity_set}?" + next_query(query, page.after, environment.secret)
    environment.counts.rows[table.entity_set] += len(rows)
    head: dict[str, object] = {
        "@odata.context": f"{root}$metadata#{table.entity_set}({','.join(query.columns)})"
    }
    if page.count is not None:
        head["@odata.count"] = min(MOST_ROWS, page.count)
    start = msgspec.json.encode(head)[:-1]
    end = b"]" + (b',"@odata.nextLink":' + msgspec.json.encode(link) if link else b"") + b"}"
    body = start + b',"value":[' + ",".join(rows).encode() + end
    applied = {"Preference-Applied": f"odata.maxpagesize={size}"} if preference else {}
    return odata_answer(body, headers=applied)


def _attributes(environment: Environment, root: str, name: str, text: str) -> Response:
    if environment.options.metadata == "none":
        raise ODataError(403, "0x80040220", "Principal user is missing prvReadAttribute privilege.")
    tables = {table.logical_name: table for table in environment.tables().values()}
    if name not in tables:
        message = f"Could not find an entity with specified entity name: {name}."
        raise ODataError(404, "0x80060888", message)
    given = dict(parse_qsl(text, keep_blank_values=True))
    for option in given:
        if option != "$select":
            raise not_valid(f"The query parameter {option} is not supported")
    selected = given.get("$select")
    wanted = _ABOUT_COLUMNS if selected is None else tuple(selected.split(","))
    for column in wanted:
        if column not in _ABOUT_COLUMNS:
            raise not_valid(f"Could not find a property named '{column}' on AttributeMetadata.")
    context = f"{root}$metadata#EntityDefinitions('{name}')/Attributes"
    rows = environment.attribute_rows(tables[name], wanted)
    return odata_answer(msgspec.json.encode({"@odata.context": context, "value": rows}))

"""How a sandbox of Dataverse behaves, and the people whom tests put into it."""

from typing import Literal

import msgspec

from omnisend_tui.sandbox.faults import Faults

Value = str | int | bool | None


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One made-up profile. ``values`` are columns of any other name, which then exist for all.

    An empty ``customer_id`` is made up of the person's place in the list. Who is in no segment has
    no row among the memberships. ``segments_text`` stands in such a row instead of the JSON list.
    """

    customer_id: str = ""
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    segments: tuple[str, ...] = ()
    segments_text: str | None = None
    values: dict[str, Value] = {}


class DataverseOptions(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a sandbox is told before it starts.

    ``port`` 0 takes a free one; what is '' of ``tenant``, ``client_id`` and ``client_secret`` is
    made up. ``people`` take the place of the ``profiles`` that are made up by ``seed``.
    ``segment_prefix`` stands before the internal names of the made-up segments.

    A device code is valid for ``code_seconds`` and approved by itself after ``device_seconds``
    (None: never). ``interval`` is the least time between two polls, ``token_seconds`` how long an
    access token lives. ``public_client`` false is a registration that forbids public client flows,
    ``member`` false an account without a role in the environment.

    ``metadata``: 'no_segments' forbids the segments' metadata (403), 'no_table' has no such table
    (404), 'none' forbids it and that of columns. ``refreshed`` says whether the segments' metadata
    has a column of the last refresh, ``refreshed_at`` is the first one. The limits are of requests
    in 5 minutes and of requests at once. Paths of ``faults`` are below ``/api/data/v9.2`` or below
    the tenant (``/msdynci_customerprofiles``, ``/oauth2/v2.0/token``).
    """

    port: int = 0
    profiles: int = 5000
    seed: int = 1
    people: tuple[Person, ...] | None = None
    segment_prefix: str = ""
    tenant: str = ""
    client_id: str = ""
    client_secret: str = ""
    public_client: bool = True
    member: bool = True
    device_seconds: float | None = 0.0
    code_seconds: int = 900
    interval: int = 1
    token_seconds: int = 3600
    metadata: Literal["full", "no_segments", "no_table", "none"] = "full"
    refreshed: bool = True
    refreshed_at: str = "2026-11-20T03:00:00Z"
    latency_ms: float = 0.0
    requests_per_5_minutes: int = 6000
    requests_at_once: int = 52
    faults: Faults = Faults()

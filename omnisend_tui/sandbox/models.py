"""The requests of the API as records (contracts/omnisend.md); unknown fields are refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Moment = Annotated[datetime, Meta(tz=True)]
Status = Literal["subscribed", "nonSubscribed", "unsubscribed"]
Tags = Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(max_length=100)]
PropertyValue = str | int | float | bool | list[str]


class _Record(
    msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    pass


class Channel(_Record):
    """The status of one channel."""

    status: Status
    status_changed_at: Moment | UnsetType = UNSET


class Channels(_Record):
    """Channels of an identifier: e-mail for an address, SMS for a number."""

    email: Channel | UnsetType = UNSET
    sms: Channel | UnsetType = UNSET


class Consent(_Record):
    """Where and when a person agreed."""

    source: str | UnsetType = UNSET
    created_at: Moment | UnsetType = UNSET
    ip: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET


class Identifier(_Record):
    """An address or a number."""

    type: Literal["email", "phone"]
    id: str
    channels: Channels | UnsetType = UNSET
    consent: Consent | UnsetType = UNSET
    send_welcome_message: bool = True
    source: str | UnsetType = UNSET


class Contact(_Record):
    """The body of one contact."""

    identifiers: list[Identifier] | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    country_code: str | UnsetType = UNSET
    birthdate: str | UnsetType = UNSET
    gender: Literal["m", "f"] | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    custom_properties: dict[str, PropertyValue] | UnsetType = UNSET
    created_at: Moment | UnsetType = UNSET


class BatchRequest(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST /batches``; items stay encoded until the batch is processed."""

    method: Literal["POST"]
    endpoint: Literal["contacts"]
    items: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=100)]
    origin: str = ""


Audience = Annotated[list[str], Meta(max_length=250)]


class TagRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of ``POST`` and ``DELETE /contacts/tags``."""

    tags: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1, max_length=100)]
    emails: Audience = []
    phones: Audience = []
    contact_ids: Audience = msgspec.field(name="contactIDs", default_factory=list)
    segment_id: str = msgspec.field(name="segmentID", default="")

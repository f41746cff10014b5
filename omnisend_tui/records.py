"""Records that the state keeps and other rooms show."""

from typing import Literal

import msgspec


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """Who agreed to the data privacy text, when (seconds since the epoch), and to which text."""

    connection_id: str
    who: str
    at: float
    version: str
    language: str
    sha256: str
    base_url: str


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """The brand that a connection's key belongs to; only ``id`` where the rest can't be read."""

    id: str
    name: str = ""
    website: str = ""
    currency: str = ""


class RunOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of one run. ``limit``: the first N profiles only, and no leaver is removed.

    ``resume`` goes on with the interrupted run where there is one, ``discard`` gives it up; without
    either it is in the way. ``full`` sends what is unchanged too. ``only_rejects``: only profiles
    that earlier runs rejected, and no leaver is removed.
    """

    allow_rejects: bool = False
    allow_leavers: bool = False
    allow_new: bool = False
    full: bool = False
    limit: int | None = None
    resume: bool = False
    discard: bool = False
    only_rejects: bool = False

    def resuming(self, before: "RunOptions") -> "RunOptions":
        """As they are for going on with a run that was asked for ``before``: those hold too."""
        return RunOptions(
            allow_rejects=self.allow_rejects or before.allow_rejects,
            allow_leavers=self.allow_leavers or before.allow_leavers,
            allow_new=self.allow_new or before.allow_new,
            full=self.full or before.full,
            limit=before.limit if self.limit is None else self.limit,
            only_rejects=self.only_rejects or before.only_rejects,
            resume=True,
        )


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What the behaviour check saw on a brand (contracts/omnisend.md), and when (epoch seconds).

    ``tags``: whether an upsert with tags adds to a contact's tags or replaces them.
    ``unsubscribed``: whether an upsert without a channel leaves an unsubscribed contact so.
    """

    at: float
    tags: Literal["add", "replace"]
    unsubscribed: Literal["kept", "revived"]


def tags_ride(behaviour: Behaviour | None) -> bool:
    """Whether tags travel in the contacts: only where the brand was seen to add them."""
    return behaviour is not None and behaviour.tags == "add"


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a run: a stable code and its parameters (no personal data), told by screens."""

    at: float
    code: str
    parameters: dict[str, str | int] = {}


class BatchRow(msgspec.Struct, frozen=True, kw_only=True):
    """One batch of a run. A posted one without a ``batch_id`` lost its answer; others came instead
    of a ``replaced`` one; a ``dropped`` one was never sent, or never found.
    """

    number: int
    contacts: int
    state: Literal["recorded", "posted", "confirmed", "unconfirmed", "replaced", "dropped"]
    batch_id: str = ""
    errors: int = 0

"""Rejects and warnings: what could not be exported, or not all of it, and the sentence for it."""

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One reject (a profile that was not exported) or warning (an optional value left out).

    ``key`` is the source's key of the profile, or its row number. ``field`` is Omnisend's field as
    in ``--map`` ('' where none is meant). ``reason`` is a stable code of cli.md, ``detail`` says
    more: a stable code of this module, or Omnisend's own words with addresses masked.
    ``row_hash`` (hex) recognises the row of a source without a key column; '' elsewhere.
    """

    key: str
    field: str
    reason: str
    detail: str = ""
    email_masked: str = ""
    row_hash: str = ""

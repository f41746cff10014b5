"""How a sandbox behaves."""

import secrets

import msgspec

from omnisend_tui.sandbox.faults import Faults

PERMISSIONS = ("contacts.read", "contacts.write", "brands.read")


class SandboxOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a sandbox is told before it starts.

    ``port`` 0 takes a free one, an empty ``api_key`` makes one up. ``latency_ms`` is what every
    answer takes at least. ``batch_seconds`` is how long one batch is processed, one after another;
    0 is as quick as it goes. ``permissions`` are those of the key. ``oldest_first`` turns the
    order of ``GET /batches`` around.
    """

    port: int = 0
    api_key: str = ""
    requests_per_minute: int = 400
    tag_requests_per_minute: int = 60
    latency_ms: float = 0.0
    batch_seconds: float = 0.0
    faults: Faults = Faults()
    permissions: tuple[str, ...] = PERMISSIONS
    oldest_first: bool = False


def new_api_key() -> str:
    """A made-up key of the form that Omnisend gives: ``{brand id}-{secret}``."""
    return f"{secrets.token_hex(12)}-{secrets.token_urlsafe(24).replace('-', 'x')}"

"""What a sign-in stands on: where and as which app, and where its tokens are kept."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from omnisend_tui.config.models import Source

PUBLIC = "https://login.microsoftonline.com"


class TokenStore(Protocol):
    """Where what MSAL remembers is kept, as one text; '' for nothing. Calls may block."""

    def load(self) -> str: ...

    def save(self, text: str) -> None: ...


class MemoryStore:
    """Keeps it as long as this object lives."""

    def __init__(self, text: str = "") -> None:
        self._text = text

    def load(self) -> str:
        return self._text

    def save(self, text: str) -> None:
        self._text = text


@dataclass(frozen=True, slots=True)
class Registration:
    """Where to sign in, as which app, for which environment; ``name`` is the source's."""

    authority: str
    client_id: str
    resource: str
    name: str = field(default="", compare=False)

    @classmethod
    def of(cls, source: Source) -> "Registration":
        authority = source.authority or f"{PUBLIC}/{source.tenant}"
        return cls(authority.rstrip("/"), source.client_id, source.url.rstrip("/"), source.name)


def cache_of(text: str) -> Any:
    """MSAL's cache of tokens with what ``text`` holds; of anything else an empty one."""
    import msal  # type: ignore[import-untyped]

    cache = msal.SerializableTokenCache()
    with suppress(ValueError):
        if isinstance(json.loads(text or "{}"), dict):
            cache.deserialize(text)
    return cache

"""A sandbox over real HTTP on loopback, and a client that has its key."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import running_sandbox
from sandbox.omnisend_api import Api, MakeApi, People, person

VERSION = "2026-03-15"


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Starts a sandbox with the given options, many requests a minute by default."""
    with ExitStack() as stack:

        def make(**options: Any) -> Api:
            chosen = SandboxOptions(**({"requests_per_minute": 100_000} | options))
            sandbox = stack.enter_context(running_sandbox(chosen))
            headers = {
                "Authorization": f"Omnisend-API-Key {sandbox.api_key}",
                "Omnisend-Version": VERSION,
            }
            # Without TLS no certificates need to be read, which takes longer than most tests.
            return stack.enter_context(
                Api(base_url=sandbox.url, headers=headers, timeout=10, verify=False)
            )

        yield make


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A client of a sandbox that behaves."""
    return make_api()


@pytest.fixture
def people() -> People:
    """Builds contact bodies."""
    return person

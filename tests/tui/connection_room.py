"""A workspace, a sandbox and a keyring in memory, for the wizards of a connection."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keyrings import MemoryKeyring, memory
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in

__all__ = ["memory", "sandbox", "stored", "workspace"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, memory: MemoryKeyring) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


def stored(workspace: Workspace, memory: MemoryKeyring) -> bool:
    """Whether anything of a connection is kept anywhere."""
    state = workspace.state
    return bool(workspace.reload_config().connections or memory.kept or state.secrets()
                or state._rows("SELECT 1 FROM consent UNION ALL SELECT 1 FROM brand"))  # fmt: skip

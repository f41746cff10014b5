"""The demo: a throw-away workspace with sample profiles and a local sandbox of Omnisend."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omnisend_tui import consent
from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, Connection, Export, Source
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.omnisend.connect import connect
from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import write_samples
from omnisend_tui.sources import open_source
from omnisend_tui.workspace import Workspace

PROFILES = 5000
BATCH_SECONDS = 0.55  # 5,000 profiles are 50 batches: a run of about half a minute to watch


@contextmanager
def demo_workspace(profiles: int = PROFILES) -> Iterator[tuple[Workspace, str]]:
    """A workspace that is ready to run, and the name of its export; removed at the end.

    The key travels in an environment of the workspace's own: neither the keyring nor the
    environment of this process ever holds it. The budget lies in the same folder.
    """
    with tempfile.TemporaryDirectory(prefix="omnisend-tui-demo-") as name:
        directory = Path(name)
        samples = directory / "profiles.csv"
        write_samples(samples, profiles)
        with SandboxProcess(batch_seconds=BATCH_SECONDS) as sandbox:
            workspace = Workspace.open(
                directory / "workspace",
                {**_language_environment(), "OMNISEND_TUI_API_KEY": sandbox.api_key},
                directory / "budget.sqlite",
            )
            try:
                yield workspace, _fill(workspace, samples, sandbox.url, sandbox.api_key)
            finally:
                workspace.close()

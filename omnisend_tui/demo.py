"""The demo: a throw-away workspace with sample profiles and a local sandbox of Omnisend."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

import msgspec

from omnisend_tui import connections, consent
from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, Connection, Export, Source
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import demo_faults, write_samples
from omnisend_tui.workspace import Workspace

PROFILES = 5000
BATCH_SECONDS = 0.55  # 5,000 profiles are 50 batches: half a minute to watch


@contextmanager
def demo_workspace(profiles: int = PROFILES) -> Iterator[Workspace]:
    """A workspace with one export that is ready to run; everything is removed at the end.

    The key travels in an environment of the workspace's own: neither the keyring nor the
    environment of this process ever holds it. The budget lies in the same folder.
    """
    with tempfile.TemporaryDirectory(prefix="omnisend-tui-demo-") as name, ExitStack() as stack:
        directory = Path(name)
        faults = directory / "faults.json"
        faults.write_bytes(msgspec.json.encode(demo_faults()))
        sandbox = stack.enter_context(
            SandboxProcess(batch_seconds=BATCH_SECONDS, faults=str(faults))
        )
        samples = directory / "profiles.csv"
        write_samples(samples, profiles)
        workspace = Workspace.open(
            directory / "demo",
            {"OMNISEND_TUI_API_KEY": sandbox.api_key},
            directory / "budget.sqlite",
        )
        try:
            _fill(workspace, samples, sandbox)
            yield workspace
        finally:
            workspace.close()


def _fill(workspace: Workspace, samples: Path, sandbox: SandboxProcess) -> None:
    connection = Connection(
        name=_("Sandbox shop"), id=token_hex(6), base_url=sandbox.url, api_key="environment"
    )
    source = Source(name=_("Sample profiles"), id=token_hex(6), path=str(samples), key="CustomerID")
    export = Export(
        name=_("Demo newsletter"),
        id=token_hex(6),
        connection=connection.name,
        source=source.name,
        segments=(ALL_PROFILES,),
        mapping=suggest(workspace.open_source(source).columns()),
        country="FI",
    )
    workspace.state.add_consent(consent.record(connection, "demo", time.time()))
    workspace.state.save_brand(
        connection.id, connections.connect(workspace, connection, sandbox.api_key)
    )
    store.add_connection(workspace.config_path, connection)
    store.add_source(workspace.config_path, source)
    store.add_export(workspace.config_path, export)
    workspace.reload_config()

"""The demo: a throw-away workspace with sample profiles and local sandboxes of what it talks to."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Literal

import msgspec

from omnisend_tui import connections, consent
from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, CUSTOMER_ID, Connection, Export, Source
from omnisend_tui.i18n import _
from omnisend_tui.keeping import MemoryKeeper
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.profiles import Column
from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import demo_faults, write_samples
from omnisend_tui.workspace import Workspace

PROFILES = 5000
BATCH_SECONDS = 0.55  # 5,000 profiles are 50 batches: half a minute to watch
SIGN_IN_SECONDS = 6.0  # until a device code is approved by itself: it is to be seen first
_SEGMENT = "Newsletter"  # of Customer Insights' sandbox; everybody is in it

Kind = Literal["files", "dataverse"]


@contextmanager
def demo_workspace(
    profiles: int = PROFILES, kind: Kind = "files", sign_in_seconds: float = SIGN_IN_SECONDS
) -> Iterator[Workspace]:
    """A workspace with one export that is ready to run; everything is removed at the end.

    Of ``kind`` 'dataverse' its source is a sandbox of Customer Insights, to which somebody has to
    sign in first: by a device code, which the sandbox approves by itself after
    ``sign_in_seconds``.

    The key travels in an environment of the workspace's own, and what signs in is kept in memory:
    neither the keyring nor the environment of this process ever holds it. The budget lies in the
    same folder.
    """
    with tempfile.TemporaryDirectory(prefix="omnisend-tui-demo-") as name, ExitStack() as stack:
        directory = Path(name)
        faults = directory / "faults.json"
        faults.write_bytes(msgspec.json.encode(demo_faults()))
        sandbox = stack.enter_context(
            SandboxProcess(batch_seconds=BATCH_SECONDS, faults=str(faults))
        )
        workspace = Workspace.open(
            directory / "demo",
            {"OMNISEND_TUI_API_KEY": sandbox.api_key},
            directory / "budget.sqlite",
            keeper=MemoryKeeper(),
        )
        stack.callback(workspace.close)
        if kind == "dataverse":
            source, columns = _environment(stack, workspace, profiles, sign_in_seconds)
            segment = _SEGMENT
        else:
            samples = directory / "profiles.csv"
            write_samples(samples, profiles)
            source = Source(
                name=_("Sample profiles"), id=token_hex(6), path=str(samples), key="CustomerID"
            )
            columns, segment = workspace.open_source(source).columns(), ALL_PROFILES
        _fill(workspace, sandbox, source, columns, segment)
        yield workspace


def _environment(
    stack: ExitStack, workspace: Workspace, profiles: int, sign_in_seconds: float
) -> tuple[Source, Sequence[Column]]:
    """A sandbox of Customer Insights: the source, as yet without a sign-in, and its columns."""
    from omnisend_tui.sandbox.dataverse.options import DataverseOptions
    from omnisend_tui.sandbox.dataverse.process import DataverseProcess
    from omnisend_tui.sources import open_source
    from omnisend_tui.sources.base import Access
    from omnisend_tui.sources.entra import Entra, MemoryStore, Registration

    options = DataverseOptions(profiles=profiles, device_seconds=sign_in_seconds)
    sandbox = stack.enter_context(DataverseProcess(options))
    source = Source(
        name=_("Customer Insights"), id=token_hex(6), type="dataverse", key=CUSTOMER_ID,
        url=sandbox.url, tenant=sandbox.tenant, client_id=sandbox.client_id,
        authority=sandbox.authority,
    )  # fmt: skip
    # Matching needs to know the columns before anybody has signed in.
    entra = Entra(Registration.of(source), MemoryStore(), secret=sandbox.client_secret)
    return source, open_source(source, workspace.temp_dir, Access(tokens=entra)).columns()


def _fill(
    workspace: Workspace,
    sandbox: SandboxProcess,
    source: Source,
    columns: Sequence[Column],
    segment: str,
) -> None:
    connection = Connection(
        name=_("Sandbox shop"), id=token_hex(6), base_url=sandbox.url, api_key="environment"
    )
    export = Export(
        name=_("Demo newsletter"),
        id=token_hex(6),
        connection=connection.name,
        source=source.name,
        segments=(segment,),
        mapping=suggest(columns),
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

"""A workspace with one export against a sandbox over real HTTP on loopback."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from omnisend_tui import consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.engine.job import Patience
from omnisend_tui.engine.run import Run
from omnisend_tui.launch import launch
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand, RunOptions
from omnisend_tui.sandbox.faults import Faults
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.workspace import Workspace

QUICK = Patience(lost=0.3, standstill=1.5, outage=1.0, cancel=5.0, poll=0.05)


@dataclass
class Shop:
    """One export 'E' of ``source_path`` to ``sandbox``."""

    workspace: Workspace
    sandbox: RunningSandbox
    source_path: Path

    def launch(self, patience: Patience = QUICK, **options: Any) -> Run:
        return launch(
            self.workspace, "E", started_by="test", patience=patience,
            options=RunOptions(**options),
        )  # fmt: skip

    def run(self, patience: Patience = QUICK, **options: Any) -> Snapshot:
        """Runs to the end; the identity must hold for whatever finished."""
        end = self.launch(patience, **options).wait(60)
        assert end is not None
        if end.status in ("finished", "finished_with_rejects"):
            assert end.read == end.closed
        return end

    def write(self, rows: Sequence[str], header: str = "id,mail,name") -> None:
        self.source_path.write_text("\n".join([header, *rows]) + "\n")

    def people(self, count: int) -> None:
        self.write([f"C{n},person{n}@example.com,Person {n}" for n in range(count)])

    def change_connection(self, **values: Any) -> None:
        old = self.workspace.connection("Shop")
        store.edit_connection(self.workspace.config_path, old, replace(old, **values))
        self.workspace.reload_config()

    def change_export(self, **values: Any) -> None:
        old = self.workspace.export("E")
        store.edit_export(self.workspace.config_path, old, replace(old, **values))
        self.workspace.reload_config()

    def measured(self, unsubscribed: Literal["kept", "revived"] = "revived") -> None:
        """The behaviour check saw this on its brand."""
        seen = Behaviour(at=1.0, tags="add", unsubscribed=unsubscribed)
        self.workspace.state.save_behaviour(self.workspace.connection("Shop").id, seen)


MakeShop = Callable[..., Shop]


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[MakeShop]:
    """Builds a shop: ``make_shop(faults=..., requests_per_minute=..., people=250)``."""
    with shops_in(tmp_path) as make:
        yield make


@contextmanager
def shops_in(folder: Path) -> Iterator[MakeShop]:
    """Builds shops whose workspace and source are in ``folder``."""
    with ExitStack() as stack:

        def make(
            *, people: int = 250, faults: Faults | None = None, max_rejects: int = 20,
            budget_share: int = 100, segment_tag: str = "", **options: Any,
        ) -> Shop:  # fmt: skip
            plain = SandboxOptions(faults=faults or Faults(), requests_per_minute=100_000)
            chosen = replace(plain, **options)
            sandbox = stack.enter_context(running_sandbox(chosen))
            workspace = stack.enter_context(open_workspace(folder, sandbox))
            connection = Connection(
                name="Shop",
                base_url=sandbox.url,
                api_key="environment",
                requests_per_minute=chosen.requests_per_minute,
                budget_share=budget_share,
            )
            source = Source(name="People", path=str(folder / "people.csv"), key="id")
            export = Export(
                name="E",
                connection="Shop",
                source="People",
                max_rejects=max_rejects,
                segment_tag=segment_tag,
                mapping=(
                    Attribute(field="email", column="mail"),
                    Attribute(field="first_name", column="name"),
                ),
            )
            path = workspace.config_path
            store.add_connection(path, connection)
            store.add_source(path, source)
            store.add_export(path, export)
            workspace.reload_config()
            stored = workspace.connection("Shop")
            workspace.state.add_consent(consent.record(stored, "test", time.time()))
            workspace.state.save_brand(stored.id, Brand(id=brand_of_key(sandbox.api_key)))
            shop = Shop(workspace, sandbox, folder / "people.csv")
            shop.people(people)
            return shop

        yield make


def open_workspace(folder: Path, sandbox: RunningSandbox) -> Workspace:
    """The workspace of a shop in ``folder``, with the sandbox's key."""
    environ = {"OMNISEND_TUI_API_KEY": sandbox.api_key}
    return Workspace.open(folder / "workspace", environ, folder / "budget.sqlite")

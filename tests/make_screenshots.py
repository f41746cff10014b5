"""Makes screenshots/ from the real app: the demo's workspace, sandbox and run.

python tests/make_screenshots.py
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import keyring
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from keyrings import MemoryKeyring
from omnisend_tui import connections, consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.demo import demo_workspace
from omnisend_tui.launch import launch
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.permissions import Actor
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import write_samples
from omnisend_tui.sandbox.server import running_sandbox
from omnisend_tui.sources import open_source
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.exporting.segment_list import SegmentList
from omnisend_tui.tui.screens.run_all import RunAllDialog
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.tour import begin_tour
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

FOLDER = Path(__file__).parent.parent / "screenshots"
_SHOWN = {3: "data-matching", 4: "options"}  # steps of an export
_AT_HALF = 2500  # profiles of the demo's 5,000 whose account is closed
_MANY = 24_000  # profiles of the source that many exports read
_EXPORTS = (
    # Name, segment and connection.
    ("Newsletter FI", "Newsletter", "Acme Store"),
    ("VIP customers", "VIP", "Acme Store"),
    ("Loyalty gold", "Loyalty gold", "Acme Store"),
    ("Win back", "Win back", "Acme Store"),
    ("Newsletter B2B", "Newsletter", "Acme B2B"),
    ("Loyalty B2B", "Loyalty gold", "Acme B2B"),
)
_DAYS = (700, 300, 1600, 0, 400, 1100)  # newcomers between two runs of the history


async def picture(workspace: Workspace, name: str, size: tuple[int, int], keys: str = "") -> None:
    """One screen as SVG, after the keys were pressed."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=size) as pilot:
        for key in keys.split():
            await pilot.press(key)
        await pilot.pause(0.6)
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="omnisend-tui"))


async def live(workspace: Workspace) -> None:
    """The exports and the run's screen while the demo runs, at both sizes."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        while getattr(app.focused, "id", "") != "run":
            await pilot.pause(0.1)
        await both(app, pilot, "price")
        await pilot.press("enter")
        while _closed(workspace) < _AT_HALF:
            await pilot.pause(0.25)
        for name, size, keys in (
            ("exports", (80, 24), ""),
            ("exports-wide", (120, 40), ""),
            ("run", (80, 24), "enter"),
            ("run-wide", (120, 40), ""),
        ):
            await pilot.resize_terminal(*size)
            for key in keys.split():
                await pilot.press(key)
            await pilot.pause(0.6)
            (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="omnisend-tui"))
        while not _ended(workspace):
            await pilot.pause(0.25)


async def many(workspace: Workspace) -> None:
    """The exports while six of them run, into two shops."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("A")
        while not (isinstance(app.screen, RunAllDialog) and app.screen.query_one("#run").display):
            await pilot.pause(0.1)
        await both(app, pilot, "run-all")
        await pilot.press("tab", "enter")
        while _closed(workspace) < _MANY // 6:
            await pilot.pause(0.25)
        await both(app, pilot, "many")
        for run in app.live.here():
            run.cancel()
        while not _ended(workspace):
            await pilot.pause(0.25)


@contextmanager
def two_shops() -> Iterator[Workspace]:
    """A workspace with exports of one source into two shops."""
    names = {"Acme Store": "ACME_STORE", "Acme B2B": "ACME_B2B"}
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        shops = [
            stack.enter_context(SandboxProcess(batch_seconds=1.0, latency_ms=2500))
            for _shop in names
        ]
        environ = {
            f"OMNISEND_TUI_API_KEY_{key}": shop.api_key
            for key, shop in zip(names.values(), shops, strict=True)
        }
        write_samples(folder / "customers.csv", _MANY)
        workspace = stack.enter_context(
            Workspace.open(folder / "acme", environ, folder / "budget.sqlite")
        )
        for connection_name, shop in zip(names, shops, strict=True):
            connection = Connection(
                name=connection_name,
                id=names[connection_name],
                base_url=shop.url,
                api_key="environment",
            )
            workspace.state.add_consent(consent.record(connection, "maija", time.time()))
            brand = connections.connect(workspace, connection, shop.api_key)
            workspace.state.save_brand(connection.id, brand)
            store.add_connection(workspace.config_path, connection)
        source = Source(
            name="CI Helsinki", id="ci", path=str(folder / "customers.csv"), key="CustomerID",
            segments_column="Segments",
        )  # fmt: skip
        store.add_source(workspace.config_path, source)
        mapping = suggest(open_source(source, workspace.temp_dir).columns())
        for export, segment, to in _EXPORTS:
            stored = Export(
                name=export, id=export.replace(" ", "-"), connection=to, source=source.name,
                segments=(segment,), mapping=mapping, country="FI",
            )  # fmt: skip
            store.add_export(workspace.config_path, stored)
        workspace.reload_config()
        yield workspace


def grow(workspace: Workspace) -> None:
    """Runs the demo's export after each of some days on which customers joined."""
    export = next(iter(workspace.config.exports.values()))
    path = Path(next(iter(workspace.config.sources.values())).path)
    for day, joined in enumerate(_DAYS):
        header, *rows = path.read_text().splitlines()
        more = [row.replace("person", f"guest{day}x").replace("CID-", f"C{day}-") for row in rows]
        path.write_text("\n".join([header, *rows, *more[:joined]]) + "\n")
        launch(workspace, export.name, started_by="cli").wait()


async def editor(workspace: Workspace) -> None:
    """The steps of the demo's export, at both sizes."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.6)
        await pilot.press("e")
        for step in range(5):
            while not (isinstance(app.screen, WizardScreen) and app.screen.at == step):
                await pilot.pause(0.1)
            await pilot.pause(1)
            if step in _SHOWN:
                await both(app, pilot, _SHOWN[step])
            await pilot.press("f10")


async def sign_in(workspace: Workspace) -> None:
    """The device code of the demo's Customer Insights, and the segments once it is approved."""
    app = OmnisendApp(workspace, opens=begin_tour)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.6)
        await pilot.press("f10")
        while not any(page.signing.code for page in app.screen.query(SignInPage)):
            await pilot.pause(0.1)
        await both(app, pilot, "sign-in")
        while not any(each.shown for each in app.screen.query(SegmentList)):
            await pilot.pause(0.1)
        await pilot.pause(6)  # until the notice is gone
        await both(app, pilot, "segments")


async def wizard(folder: Path, url: str, key: str) -> None:
    """Each step of a new connection, from an empty workspace, at both sizes."""
    keyring.set_keyring(MemoryKeyring())
    with Workspace.open(folder / "acme", {}, folder / "budget.sqlite") as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        app = OmnisendApp(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.6)
            await both(app, pilot, "welcome")
            await pilot.press("enter")
            await pilot.pause(0.3)
            await paste(app, pilot, "Acme Store")
            await pilot.press("tab")
            await paste(app, pilot, url)
            await pilot.press("f10")
            await pilot.pause(0.3)
            await pilot.press("f10")
            await pilot.pause(0.6)
            await paste(app, pilot, key)
            await both(app, pilot, "api-key")
            await pilot.press("f10")
            await pilot.pause(0.3)
            await both(app, pilot, "privacy")
            await pilot.press("f8")
            await pilot.pause(1)
            await both(app, pilot, "connect")


async def paste(app: OmnisendApp, pilot: Pilot[int], text: str) -> None:
    """Text into the focused field."""
    field = app.focused
    assert isinstance(field, Input)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause(0.1)


async def both(app: OmnisendApp, pilot: Pilot[int], name: str) -> None:
    """The screen as it is, at both sizes."""
    for suffix, size in (("-wide", (120, 40)), ("", (80, 24))):
        await pilot.resize_terminal(*size)
        await pilot.pause(0.6)
        svg = app.export_screenshot(title="omnisend-tui")
        (FOLDER / f"{name}{suffix}.svg").write_text(svg)


def _closed(workspace: Workspace) -> int:
    return max((run.closed for run in workspace.state.latest_runs().values()), default=0)


def _ended(workspace: Workspace) -> bool:
    return all(run.ended for run in workspace.state.latest_runs().values())


def main() -> None:
    os.environ.pop("NO_COLOR", None)
    FOLDER.mkdir(exist_ok=True)
    with demo_workspace() as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        asyncio.run(live(workspace))
        asyncio.run(picture(workspace, "finished", (80, 24), "enter"))
        asyncio.run(picture(workspace, "help", (80, 24), "f1"))
        grow(workspace)
        asyncio.run(picture(workspace, "runs", (80, 24), "4"))
        asyncio.run(picture(workspace, "runs-wide", (120, 40), "4"))
        asyncio.run(picture(workspace, "connections", (120, 40), "2"))
        asyncio.run(editor(workspace))
    with two_shops() as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        asyncio.run(many(workspace))
    with demo_workspace(kind="dataverse", sign_in_seconds=6) as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        asyncio.run(sign_in(workspace))
    with running_sandbox(SandboxOptions()) as sandbox, TemporaryDirectory() as folder:
        asyncio.run(wizard(Path(folder), sandbox.url, sandbox.api_key))


if __name__ == "__main__":
    main()

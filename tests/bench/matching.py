"""Data matching over a large segment: seconds to its figures, and keys to frames meanwhile.

    python tests/bench/matching.py [--profiles 1000000]

The app runs without a terminal; a key is pressed each 30 ms in the picker's line to filter, and the
time is taken until the frame with its letter is composed. Goals: 15 seconds, 50 ms at p99.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.permissions import Actor
from omnisend_tui.sandbox.samples import write_samples
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.exporting.column_picker import ColumnPicker
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.matching_page import MatchingPage
from omnisend_tui.tui.exporting.wizard import NEW
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

GAP = 0.03  # seconds between two keys
WORD = "first"
COLUMNS = {
    "email": "Email", "first_name": "FirstName", "last_name": "LastName", "phone": "Phone",
    "address": "Street", "city": "City", "postal_code": "PostalCode", "country": "Country",
    "birthdate": "BirthDate", "gender": "Gender",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profiles", type=int, default=1_000_000)
    profiles = parser.parse_args().profiles
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), profiles))


def wizard(workspace: Workspace) -> WizardScreen[ExportDraft]:
    mapping = [Attribute(field=field, column=column) for field, column in COLUMNS.items()]
    mapping.append(Attribute(field="custom:points", column="LoyaltyPoints", type="number"))
    export = Export(name="Bench", id="e1", source="Profiles", country="FI")
    screen = WizardScreen("Bench", NEW, ExportDraft(workspace, export, rows=tuple(mapping)))
    screen.at = [step.page for step in NEW].index(MatchingPage)
    return screen


async def measure(folder: Path, profiles: int) -> None:
    path = folder / "profiles.csv"
    write_samples(path, profiles)
    with Workspace.open(folder / "workspace", {}, folder / "budget.sqlite") as workspace:
        workspace.actor = Actor("bench", "administrator")
        store.add_connection(workspace.config_path, Connection(name="Bench", id="b"))
        source = Source(name="Profiles", id="p", path=str(path), key="CustomerID")
        store.add_source(workspace.config_path, source)
        workspace.reload_config()
        app = OmnisendApp(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            screen = wizard(workspace)
            began = time.monotonic()
            app.push_screen(screen)
            while not isinstance(screen.page, MatchingPage) or screen.page._work.rows is None:
                await asyncio.sleep(0.01)
            shown = time.monotonic() - began
            page = screen.page
            page.do_choose()
            await pilot.pause()
            delays = await typing(app, page)
            counts = page._work.counts
            assert counts is not None
            print(
                f"{profiles} profiles: first ones after {shown:.1f} s, figures after"
                f" {counts.seconds:.1f} s ({counts.valid} valid, {counts.missing} missing,"
                f" {counts.invalid} invalid, {counts.duplicates} duplicates)"
            )
            told = ", ".join(
                f"p{share} {delays[int(len(delays) * share / 100)] * 1000:.0f} ms"
                for share in (50, 90, 99)
            )
            print(f"key to frame: {told}, worst {delays[-1] * 1000:.0f} ms, {len(delays)} keys")


async def typing(app: OmnisendApp, page: MatchingPage) -> list[float]:
    """Types and deletes until all is counted; sorted seconds from each key to its frame."""
    picker = app.screen
    assert isinstance(picker, ColumnPicker)
    field = picker.query_one(TextInput)
    delays: list[float] = []
    while (counts := page._work.counts) is None or not counts.done:
        for key in (*WORD, *["backspace"] * len(WORD)):
            wanted = field.value[:-1] if key == "backspace" else field.value + key
            framed = asyncio.Event()
            began = time.perf_counter()
            app.simulate_key(key)
            while field.value != wanted:
                await asyncio.sleep(0)
            picker.call_after_refresh(framed.set)
            await framed.wait()
            "".join(strip.text for strip in picker._compositor.render_strips())
            delays.append(time.perf_counter() - began)
            await asyncio.sleep(GAP)
    return sorted(delays)


main()

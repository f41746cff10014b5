"""The wizard of an export of Customer Insights: labels are shown, names are stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from omnisend_tui.config import store
from omnisend_tui.config.models import CUSTOMER_ID, Attribute, Connection, Export, Source
from omnisend_tui.profiles import Column
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.tui.exporting.column_picker import shown_names
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.wizard import NEW, edit_export
from omnisend_tui.workspace import Workspace
from tui.screen_app import NARROW, WIDE, shown, still_app
from tui.walks import WizardWalk

SOURCE = [step.label for step in NEW].index("Source")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningDataverse]:
    options = DataverseOptions(profiles=1200, refreshed_at="2026-11-25T06:30:00Z")
    with running_dataverse(options) as running:
        yield running


@pytest.fixture(scope="module")
def closed() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=60, metadata="no_segments")) as running:
        yield running


def open_workspace(folder: Path, sandbox: RunningDataverse) -> Workspace:
    return Workspace.open(
        folder / "demo",
        {"OMNISEND_TUI_CLIENT_SECRET_CI": sandbox.client_secret},
        folder / "budget.sqlite",
    )


def stored_export(workspace: Workspace, sandbox: RunningDataverse, *segments: str) -> Export:
    path = workspace.config_path
    store.add_connection(path, Connection(name="Acme Store", id="acme", api_key="environment"))
    source = Source(
        name="CI", id="ci", type="dataverse", key=CUSTOMER_ID, url=sandbox.url,
        authority=sandbox.authority, client_id=sandbox.client_id,
    )  # fmt: skip
    store.add_source(path, source)
    mapping = (Attribute(field="email", column="msdynci_emailaddress1"),)
    export = Export(
        name="VIP", id="vip", connection="Acme Store", source="CI", segments=segments,
        mapping=mapping,
    )  # fmt: skip
    store.add_export(path, export)
    return workspace.reload_config().exports["VIP"]


async def opened(pilot: Pilot[int], workspace: Workspace, export: Export) -> WizardWalk:
    """The editor, where it shows the segments."""
    screen = edit_export(workspace, export, lambda: None, step="Source")
    pilot.app.push_screen(screen)
    steps = WizardWalk(pilot, screen)
    await steps.at(SOURCE)
    return steps


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_segments_show_labels_profiles_and_when(
    tmp_path: Path, sandbox: RunningDataverse, size: tuple[int, int]
) -> None:
    with open_workspace(tmp_path, sandbox) as workspace:
        export = stored_export(workspace, sandbox, "VIP")
        async with shown(still_app(workspace), size=size) as pilot:
            steps = await opened(pilot, workspace, export)
            await steps.sees("1 segment, 300 profiles")
            text = steps.text
            assert "Profiles  Refreshed" in text
            row = next(line for line in text.splitlines() if "● Very important people" in line)
            assert "300  today 08:30" in row
            assert "Its name is kept: VIP" in text
            # A name finds it as its label does, and what is chosen is stored by its name.
            await steps.enter("50% club")
            await steps.press("f5")
            await steps.sees("2 segments, 360 profiles")
            assert "Half-price club" in steps.text
            await steps.enter("nothing like it")
            await steps.sees("is named in the source: 3, then e")
            draft = steps.wizard.draft
            assert isinstance(draft, ExportDraft)
            assert draft.export.segments == ("VIP", "50% club")
            await steps.press("f10")
            await steps.sees("E-mail * E-mail")
            await steps.press("down", "enter")
            await steps.sees("First name takes its value from")
            assert "Birth date" in steps.text
            assert "msdynci" not in steps.text
            await steps.press(*"telephone1")
            await steps.sees("Phone text")
            # What was chosen is called the same before it is saved.
            vip = "Very important people (VIP)"
            named = f"{vip} → {vip}, Half-price club (50% club), 360 profiles"
            assert ("Segments", named) in draft.facts()


async def test_what_is_not_listed_is_not_gone(tmp_path: Path, closed: RunningDataverse) -> None:
    with open_workspace(tmp_path, closed) as workspace:
        export = stored_export(workspace, closed, "VIP", "typed by hand")
        async with shown(still_app(workspace), size=NARROW) as pilot:
            steps = await opened(pilot, workspace, export)
            await steps.sees("2 segments, 15 profiles")
            assert "gone" not in steps.text
            assert "Refreshed" not in steps.text
            assert "Its name is kept" not in steps.text


def test_columns_are_called_by_their_labels() -> None:
    columns = [
        Column("msdynci_a", label="Phone"), Column("msdynci_b", label="phone"),
        Column("msdynci_c", label="Loyalty [/b] points"), Column("msdynci_d"),
    ]  # fmt: skip
    assert shown_names(columns) == {
        "msdynci_a": "Phone (a)", "msdynci_b": "phone (b)", "msdynci_c": "Loyalty [/b] points",
        "msdynci_d": "d",
    }  # fmt: skip

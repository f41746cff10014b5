"""A prefix that all names of an environment share is shown nowhere, and kept everywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from environments import SandboxTokens
from omnisend_tui.config.models import CUSTOMER_ID, Source
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.dataverse import DataverseSource
from omnisend_tui.tui.exporting.facts import export_facts
from omnisend_tui.tui.screens.environment_pane import environment_facts
from omnisend_tui.tui.sourcing.looks import Look, list_environment
from omnisend_tui.workspace import Workspace
from tui.screen_app import NARROW, shown, still_app, text_of
from tui.test_dataverse_export import open_workspace, opened, stored_export

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.fixture(scope="module", params=["none", "no_table", "full"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[RunningDataverse]:
    options = DataverseOptions(profiles=60, segment_prefix="msdynci_", metadata=request.param)
    with running_dataverse(options) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, sandbox: RunningDataverse) -> Iterator[Workspace]:
    with open_workspace(tmp_path, sandbox) as opened:
        yield opened


def source_of(sandbox: RunningDataverse) -> Source:
    return Source(
        name="CI", id="ci", type="dataverse", key=CUSTOMER_ID, url=sandbox.url,
        authority=sandbox.authority, client_id=sandbox.client_id,
    )  # fmt: skip


def test_names_are_kept_whole(sandbox: RunningDataverse) -> None:
    opened = DataverseSource(source_of(sandbox), Access(tokens=SandboxTokens(sandbox)))
    everybody, *found = opened.segments()
    assert (everybody.name, everybody.label) == ("All profiles", "")
    assert found
    assert all(each.name.startswith("msdynci_") for each in found)
    assert not any("msdynci" in each.label for each in found)
    assert "50% club" in (name.removeprefix("msdynci_") for name in (e.name for e in found))


def test_a_label_is_what_the_environment_says() -> None:
    options = DataverseOptions(profiles=60, segment_prefix="msdynci_", metadata="no_table")
    with running_dataverse(options) as running:
        opened = DataverseSource(source_of(running), Access(tokens=SandboxTokens(running)))
        assert [each.label for each in opened.segments() if each.label] == []


@pytest.mark.parametrize("width", [79, 41])
def test_the_pane_of_a_source(sandbox: RunningDataverse, width: int) -> None:
    source = source_of(sandbox)
    listed = list_environment(source, Access(tokens=SandboxTokens(sandbox)))
    look = Look(source, (), listed.columns, listed.segments, who="maija@example.com")
    lines = environment_facts(source, look, (), width, 60, NOW)
    text = "\n".join("".join(piece for piece, _ink in line) for line in lines)
    assert " club" in text
    assert "msdynci" not in text


async def test_the_wizard_and_the_pane_of_an_export(
    workspace: Workspace, sandbox: RunningDataverse
) -> None:
    export = stored_export(workspace, sandbox, "msdynci_VIP")
    async with shown(still_app(workspace), size=NARROW) as pilot:
        steps = await opened(pilot, workspace, export)
        await steps.sees("1 segment, ")
        rows = [line for line in steps.text.splitlines() if "Its name is kept" not in line]
        assert "msdynci" not in "\n".join(rows)
        draft = steps.wizard.draft
        assert draft.export.segments == ("msdynci_VIP",)
        facts = dict(export_facts(draft.export, None, draft.found()))
        assert "msdynci" not in facts["Segments"]
        # What contacts get is the tag as it will be, by the name that is kept.
        assert facts["Segment tag"] == "segment: msdynci_VIP"
    # Whoever listed them has told the list of exports.
    app = still_app(workspace)
    async with shown(app, size=NARROW):
        assert "msdynci" not in text_of(app)
        assert "CI, V" in text_of(app)

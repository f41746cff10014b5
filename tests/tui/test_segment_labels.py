"""Segments of Customer Insights are shown as people call them, once they were listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from environments import SandboxTokens, Told
from omnisend_tui import saved
from omnisend_tui.config import store
from omnisend_tui.config.models import CUSTOMER_ID, Attribute, Connection, Export, Source
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.dataverse import DataverseSource
from omnisend_tui.workspace import Workspace
from tui.screen_app import NARROW, WIDE, settle, shown, still_app, text_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=40)) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, sandbox: RunningDataverse) -> Iterator[Workspace]:
    """An export of two segments, of which one is called by its name."""
    environ = {"OMNISEND_TUI_CLIENT_SECRET_CI": sandbox.client_secret}
    with Workspace.open(tmp_path / "acme", environ, tmp_path / "budget.sqlite") as opened:
        path = opened.config_path
        store.add_connection(path, Connection(name="Acme Store", id="a", api_key="environment"))
        store.add_source(path, source_of(sandbox))
        store.add_export(path, Export(
            name="News", id="news", connection="Acme Store", source="CI",
            segments=("VIP", "Oulu"), mapping=(Attribute(field="email", column="mail"),),
        ))  # fmt: skip
        opened.reload_config()
        yield opened


def source_of(sandbox: RunningDataverse, **changes: str) -> Source:
    source = Source(
        name="CI", id="ci", type="dataverse", key=CUSTOMER_ID,
        url=sandbox.url, authority=sandbox.authority, client_id=sandbox.client_id,
    )  # fmt: skip
    return structs.replace(source, **changes)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_pane_of_an_export_has_what_was_listed_last(
    workspace: Workspace, tmp_path: Path, sandbox: RunningDataverse, size: tuple[int, int]
) -> None:
    app = still_app(workspace)
    async with shown(app, size=size) as pilot:
        assert "CI, VIP, Oulu" in text_of(app)
        # Whoever lists them keeps them for all: here another process.
        environ = {"OMNISEND_TUI_CLIENT_SECRET_CI": sandbox.client_secret}
        with Workspace.open(tmp_path / "acme", environ, tmp_path / "budget.sqlite") as other:
            other.open_source(other.source("CI")).segments()
        await settle(app, pilot)
        assert "CI, Very important people, Oulu" in text_of(app)
        assert workspace.export("News").segments == ("VIP", "Oulu")


def test_what_closed_metadata_hides_stays_known(workspace: Workspace) -> None:
    kept = {"VIP": "Very important people"}
    workspace.state.save_labels("ci", kept)
    options = DataverseOptions(profiles=40, metadata="no_segments")
    with running_dataverse(options) as closed:
        source, heard = source_of(closed), workspace.access(source_of(closed)).listed
        access = Access(tokens=SandboxTokens(closed), listed=heard)
        assert "VIP" in [each.name for each in DataverseSource(source, access).segments()]
    assert workspace.labels(source) == workspace.access(source).labels == kept
    workspace.state.save_labels("ci", {})
    assert workspace.labels(source) == {}


def test_another_environment_and_none_have_no_labels(workspace: Workspace) -> None:
    source = workspace.source("CI")
    workspace.state.save_labels("ci", {"VIP": "Very important people"})
    source = saved.edit_source(workspace, source, structs.replace(source, name="Our CI"))
    assert workspace.labels(source) == {"VIP": "Very important people"}
    elsewhere = structs.replace(source, url="https://contoso.crm4.dynamics.com")
    source = saved.edit_source(workspace, source, elsewhere)
    assert workspace.labels(source) == {}
    workspace.state.save_labels("ci", {"VIP": "Very important people"})
    store.remove_export(workspace.config_path, workspace.export("News"))
    saved.remove_source(workspace, source)
    assert workspace.state.labels() == {}


def test_a_segment_with_nobody_in_it_is_told_as_it_is_called(sandbox: RunningDataverse) -> None:
    told = Told()
    source = Source(
        name="CI", id="ci", type="dataverse", key=CUSTOMER_ID, url=sandbox.url,
        segments={"gone": "", "gone too": ""},
    )  # fmt: skip
    labels = {"gone": "People who left"}
    access = Access(tokens=SandboxTokens(sandbox), tell=told, labels=labels)
    assert DataverseSource(source, access).count(Selection(("gone", "gone too"))) == 0
    assert told.of("source_segment_empty") == [{"name": "People who left"}, {"name": "gone too"}]


def test_a_state_that_is_away_hinders_no_listing(workspace: Workspace) -> None:
    source = workspace.source("CI")
    access = workspace.access(source)
    workspace.state.close()
    assert workspace.labels(source) == {}
    access.listed(())

"""A workspace with a source of people, and the wizard of an export at any of its steps."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.tui.exporting.draft import ExportDraft, look_at
from omnisend_tui.tui.exporting.wizard import NEW
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in

STEPS = [step.label for step in NEW]


def write_people(path: Path, groups: Sequence[str] = ("VIP;gold", "VIP", "gold", "silver")) -> None:
    """One person for each of ``groups``; every other one agreed."""
    rows = [
        f'm{n}@example.com,Maija,"{group}",{"yes" if n % 2 else "no"}'
        for n, group in enumerate(groups)
    ]
    path.write_text("\n".join(["E-mail,First name,groups,opt_in", *rows]) + "\n", encoding="utf-8")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        shop = Connection(name="Acme Store", id="acme", api_key="environment")
        store.add_connection(opened.config_path, shop)
        write_people(tmp_path / "people.csv")
        add_source(opened, "people", tmp_path / "people.csv")
        yield opened


def add_source(workspace: Workspace, name: str, path: Path) -> None:
    source = Source(name=name, path=str(path), segments_column="groups")
    store.add_source(workspace.config_path, source)
    workspace.reload_config()


def stored_export(workspace: Workspace, **changes: Any) -> Export:
    """An export in the config."""
    export = Export(
        name="VIP", id="vip", connection="Acme Store", source="people", segments=("VIP",),
        mapping=(Attribute(field="email", column="E-mail"),), max_rejects=7,
    )  # fmt: skip
    store.add_export(workspace.config_path, replace(export, **changes))
    return workspace.reload_config().exports["VIP"]


def export_at(
    workspace: Workspace, step: str, ended: Callable[[], None] = lambda: None, **entered: Any
) -> WizardScreen[ExportDraft]:
    """The wizard of a new export at ``step``, with what was ``entered`` beside name and connection.

    Its source, where there is one by then, was looked at.
    """
    export = replace(Export(id="m", name="Mine", connection="Acme Store"), **entered)
    draft = ExportDraft(workspace, export, chosen=bool(export.segments))
    if export.source:
        source = workspace.source(export.source)
        draft.looked[source.id] = look_at(workspace, source)
    screen = WizardScreen("New export", NEW, draft, ended)
    screen.at = screen._done = STEPS.index(step)
    return screen

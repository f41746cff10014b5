"""What the wizard of an export keeps, without its screens."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, Attribute, Export, Source
from omnisend_tui.engine.examine import Counts
from omnisend_tui.errors import UsageError
from omnisend_tui.troubles import export_troubles, source_troubles
from omnisend_tui.tui.exporting.consenting import consent_question
from omnisend_tui.tui.exporting.draft import ExportDraft, look_at
from omnisend_tui.tui.exporting.wizard import edit_export
from omnisend_tui.workspace import Workspace
from tui.export_room import STEPS, add_source, stored_export, workspace

__all__ = ["workspace"]

EMAIL = Attribute(field="email", column="E-mail")
SUBSCRIBED = {
    "email_status": "subscribed", "consent_column": "opt_in", "consent_source": "shop form"
}  # fmt: skip


def editing(workspace: Workspace, export: Export) -> ExportDraft:
    draft = ExportDraft(workspace, export, before=export, rows=export.mapping)
    source = workspace.source("people")
    draft.looked[source.id] = look_at(workspace, source)
    return draft


@pytest.mark.parametrize(
    "changes",
    [
        {"connection": ""},
        {"source": "other"},
        {"segments": ("VIP", "gold")},
        {"except_segments": ("silver",)},
        {"consent_column": "groups"},
        {"consent_source": "fair"},
        {"mapping": (Attribute(field="email", column="First name"),)},
    ],
)
def test_subscribed_is_stored_only_for_those_it_was_meant_for(
    workspace: Workspace, tmp_path: Path, changes: dict[str, Any]
) -> None:
    add_source(workspace, "other", tmp_path / "people.csv")
    export = stored_export(workspace, **SUBSCRIBED)
    draft = editing(workspace, export)
    assert draft.means_it()
    assert draft.facts() == [("Changes", "none")]
    draft.rows = changes.get("mapping", draft.rows)
    draft.export = replace(export, **changes)
    assert not draft.means_it()
    assert "E-mail status" in [label for label, _fact in draft.facts()]
    with pytest.raises(UsageError) as caught:
        draft.save()
    assert caught.value.code == "subscribed_not_meant"
    assert store.load(workspace.config_path).exports["VIP"] == export
    draft.mean_it()
    assert draft.means_it()
    draft.save()


def test_a_new_subscribed_is_not_stored_unasked(workspace: Workspace) -> None:
    draft = editing(workspace, stored_export(workspace))
    assert draft.take(dict(SUBSCRIBED)) == ""
    with pytest.raises(UsageError, match="isn't confirmed"):
        draft.save()
    draft.take({"email_status": ""})
    draft.save()


def test_the_question_warns_of_a_column_of_refusals(workspace: Workspace) -> None:
    draft = ExportDraft(workspace, Export(consent_column="msdynci_doNotEmail"))
    asked = consent_question(draft, Counts(valid=4, agreed=2))
    assert asked._detail.startswith("By its name “msdynci_doNotEmail” says who does NOT want")
    assert asked._answers[0][0] == asked._focused == "stay"


def test_what_is_entered_as_it_was_stays_as_it_is(workspace: Workspace) -> None:
    draft = editing(workspace, stored_export(workspace, tags=("Paris, France",)))
    draft.take({"tags": draft.value("tags"), "country": "", "max_rejects": 7})
    assert draft.export.tags == ("Paris, France",)
    assert not draft.unsaved()
    draft.take({"tags": "a, b"})
    assert draft.value("tags") == "a, b"
    assert len(draft.export.tags) == 2


def test_another_source_keeps_the_rows_that_it_has_columns_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "moved.csv").write_text("E-mail,etunimi,phone\na@b.fi,Maija,+358401\n")
    moved = Source(name="moved", path=str(tmp_path / "moved.csv"))
    store.add_source(workspace.config_path, moved)
    add_source(workspace, "same", tmp_path / "people.csv")
    mine = (
        EMAIL,
        Attribute(field="first_name", column="First name", default="friend"),
        Attribute(field="country", value="FI"),
        Attribute(field="custom:group", column="groups"),
    )
    draft = editing(workspace, stored_export(workspace, mapping=mine))
    for name in ("moved", "same"):
        source = workspace.source(name)
        draft.looked[source.id] = look_at(workspace, source)
    draft.take_source("same")
    assert draft.mapping() == mine
    assert not draft.unseen_mapping()
    draft.take_source("moved")
    assert draft.mapping() == (mine[0], replace(mine[1], column="etunimi"), *mine[2:])
    assert draft.unseen_mapping()
    draft.see_mapping()
    assert not draft.unseen_mapping()
    draft.take_source("people")
    assert draft.mapping() == mine


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"mapping": (Attribute(field="email", column="gone"),)}, "Matching"),
        ({"mapping": ()}, "Matching"),
        ({"connection": "gone"}, "Connection"),
        ({"source": "gone"}, "Source"),
        ({"segments": ()}, "Source"),
        ({"country": "XX"}, "Options"),
        ({"email_status": "subscribed", "consent_column": "gone", "consent_source": "x"},
         "Options"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_where_it_is_mended_and_not_stored(
    workspace: Workspace, changes: dict[str, Any], step: str
) -> None:
    export = stored_export(workspace, **changes)
    troubles = export_troubles(workspace, export) or source_troubles(workspace, export)
    screen = edit_export(workspace, export, lambda: None, troubles)
    assert STEPS[screen.at] == step
    assert screen.draft.wrong[step]
    screen.draft.take({"name": "Other"})
    with pytest.raises(UsageError):
        screen.draft.save()
    assert screen.draft.mend(screen.draft.refused) == step
    assert store.load(workspace.config_path).exports["VIP"] == export


def test_a_file_that_is_away_hinders_no_other_change(workspace: Workspace) -> None:
    export = stored_export(workspace)
    Path(workspace.config.sources["people"].path).unlink()
    troubles = source_troubles(workspace, export)
    screen = edit_export(workspace, export, lambda: None, troubles)
    assert STEPS[screen.at] == "Source"
    screen.draft.take({"max_rejects": 3})
    assert "It doesn't run yet: There is no file" in screen.draft.save()
    assert store.load(workspace.config_path).exports["VIP"].max_rejects == 3


def test_a_source_passed_by_loses_nothing_that_was_chosen(
    workspace: Workspace, tmp_path: Path
) -> None:
    add_source(workspace, "other", tmp_path / "people.csv")
    draft = ExportDraft(workspace, Export(source="people"))
    draft.propose(look_at(workspace, workspace.source("people")))
    draft.choose("VIP")
    draft.leave_out("silver")
    draft.take_mapping([Attribute(field="email", column="E-mail")])
    before = draft.whole()
    draft.take_source("other")
    assert draft.export.segments == ("All profiles",)
    draft.take_source("people")
    assert draft.whole() == before


def test_everybody_is_chosen_unasked_only_where_nothing_else_can_be(
    workspace: Workspace, tmp_path: Path
) -> None:
    plain = Source(name="plain", path=str(tmp_path / "people.csv"))
    store.add_source(workspace.config_path, plain)
    workspace.reload_config()
    looked = {name: look_at(workspace, workspace.source(name)) for name in ("people", "plain")}
    draft = ExportDraft(workspace, Export())

    def proposed(name: str) -> tuple[str, ...]:
        draft.take_source(name)
        draft.propose(looked[name])
        return draft.export.segments

    assert proposed("people") == ()
    assert draft.segments_fault() == "Choose at least one segment."
    assert proposed("plain") == (ALL_PROFILES,)
    assert proposed("people") == ()
    draft.choose(ALL_PROFILES)
    assert proposed("plain") == (ALL_PROFILES,)
    assert proposed("people") == (ALL_PROFILES,)  # it was chosen
    stored = stored_export(workspace, segments=(ALL_PROFILES,))
    draft = ExportDraft(workspace, stored, before=stored)
    draft.propose(looked["people"])
    assert draft.export == stored
    assert proposed("plain") == (ALL_PROFILES,)
    assert proposed("people") == (ALL_PROFILES,)

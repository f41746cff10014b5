"""The service that manages sources and exports: what stays, what is refused, and who may."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace

from crashing.sandboxes import raw_contacts
from omnisend_tui import saved
from omnisend_tui.config import store
from omnisend_tui.config.merge import merge
from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.engine.job import Patience
from omnisend_tui.errors import AppError, StateError, UsageError
from omnisend_tui.permissions import Actor, Role
from omnisend_tui.troubles import export_troubles, source_troubles
from omnisend_tui.workspace import Workspace
from shops import MakeShop, Shop

EMAIL = Attribute(field="email", column="mail")
EXPORT = Export(
    name="News", id="e1", connection="Shop", source="People", mapping=(EMAIL,), tags=("vip",)
)
CONFIG = """# the shop of Ada
[connections.Shop]
id = "c1"  # never change
[connections.Shared]
id = "c2"
for_contributors = true

# people
[sources.People]
path = "PATH"

[sources.People.segments]
Turku = "city = 'Turku'"  # a town
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "people.csv").write_text("mail,city\na@example.com,Turku\n")
    folder = tmp_path / "workspace"
    folder.mkdir()
    text = CONFIG.replace("PATH", str(tmp_path / "people.csv"))
    (folder / "config.toml").write_text(text)
    with Workspace.open(folder, {}, tmp_path / "budget.sqlite") as opened:
        saved.add_export(opened, EXPORT)
        yield opened


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(AppError) as refused:
        call()
    assert refused.value.message
    return refused.value.code


def codes(workspace: Workspace, export: Export) -> list[str]:
    found = export_troubles(workspace, export) + source_troubles(workspace, export)
    assert all(trouble.sentence and trouble.hint for trouble in found)
    return [trouble.code for trouble in found]


@pytest.mark.parametrize("name", ["a [/b] c", '"q\'u"', "😀 עברית", "x" * 100, "..", "a/b", "{x}"])
def test_another_name_keeps_the_id_and_the_comments(workspace: Workspace, name: str) -> None:
    after = saved.edit_export(workspace, EXPORT, replace(EXPORT, name=name, max_rejects=7))
    assert after == replace(EXPORT, name=name, max_rejects=7)
    assert workspace.config.exports == {name: after}
    text = workspace.config_path.read_text()
    assert "# the shop of Ada" in text
    assert "# a town" in text


def test_a_hand_written_export_without_an_id_keeps_the_one_it_had(workspace: Workspace) -> None:
    with workspace.config_path.open("a") as config:
        config.write(
            '[exports.Hand]\nsource = "People"\nmapping = [{field = "email", column = "mail"}]\n'
        )
    before = workspace.reload_config().exports["Hand"]
    assert saved.edit_export(workspace, before, replace(before, name="Foot")).id == before.id


def test_two_edits_of_different_fields_both_survive(workspace: Workspace) -> None:
    saved.edit_export(workspace, EXPORT, replace(EXPORT, max_rejects=7))
    after = saved.edit_export(workspace, EXPORT, replace(EXPORT, tags=("new",)))
    assert (after.max_rejects, after.tags) == (7, ("new",))


def test_two_edits_of_one_field_are_a_conflict(workspace: Workspace) -> None:
    saved.edit_export(workspace, EXPORT, replace(EXPORT, max_rejects=7))
    second = replace(EXPORT, max_rejects=8, tags=("new",))
    assert code_of(lambda: saved.edit_export(workspace, EXPORT, second)) == "config_changed"
    assert workspace.reload_config().exports["News"] == replace(EXPORT, max_rejects=7)


CITY = Attribute(field="city", column="city")


@pytest.mark.parametrize(
    ("theirs", "ours", "merged"),
    [
        ((EMAIL, CITY), (EMAIL,), (EMAIL, CITY)),
        ((EMAIL, CITY), (replace(EMAIL, case="lower"),), (replace(EMAIL, case="lower"), CITY)),
        ((EMAIL, CITY), (EMAIL, CITY), (EMAIL, CITY)),
        ((EMAIL, CITY), (EMAIL, replace(CITY, field="state")),
         (EMAIL, CITY, replace(CITY, field="state"))),
        ((EMAIL, CITY), (EMAIL, replace(CITY, default="Turku")), None),
        ((replace(EMAIL, column="city"),), (), None),
        ((EMAIL, CITY, CITY), (replace(EMAIL, case="lower"),), None),
    ],
)  # fmt: skip
def test_edits_of_a_data_matching_meet_by_attribute(
    theirs: tuple[Attribute, ...],
    ours: tuple[Attribute, ...],
    merged: tuple[Attribute, ...] | None,
) -> None:
    current, after = replace(EXPORT, mapping=theirs), replace(EXPORT, mapping=ours)
    if merged is None:
        assert code_of(lambda: merge(current, EXPORT, after)) == "config_changed"
    else:
        assert merge(current, EXPORT, after).mapping == merged


def test_half_of_an_opt_in_is_a_conflict(workspace: Workspace) -> None:
    subscribed = replace(
        EXPORT, email_status="subscribed", consent_column="city", consent_source="shop"
    )
    saved.edit_export(workspace, EXPORT, subscribed)
    saved.edit_export(workspace, subscribed, replace(subscribed, consent_source="web"))
    none = replace(EXPORT, name="None")
    assert code_of(lambda: saved.edit_export(workspace, subscribed, none)) == "config_changed"
    assert workspace.reload_config().exports["News"].email_status == "subscribed"


@pytest.mark.parametrize(
    ("theirs", "clash"),
    [
        ({"segments": ("Oulu",)}, True),
        ({"except_segments": ("Oulu",)}, True),
        ({"connection": ""}, True),
        ({"source": "Other"}, True),
        ({"max_rejects": 7}, False),
    ],
)
def test_who_is_subscribed_is_one_thing(theirs: dict[str, object], clash: bool) -> None:
    subscribed = replace(
        EXPORT, email_status="subscribed", consent_column="city", consent_source="shop"
    )
    other = replace(EXPORT, **theirs)
    for current, after in ((other, subscribed), (subscribed, other)):
        if clash:
            assert code_of(lambda: merge(current, EXPORT, after)) == "config_changed"  # noqa: B023
        else:
            assert merge(current, EXPORT, after) == replace(subscribed, **theirs)
    # Nobody is subscribed in the end.
    assert merge(replace(subscribed, **theirs), subscribed, EXPORT) == other


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"segments": ()}, "no_segment"),
        ({"mapping": ()}, "email_not_mapped"),
        ({"country": "XX"}, "unknown_country_code"),
        ({"source": "Nowhere"}, "unknown_source"),
        ({"connection": "Nowhere"}, "unknown_connection"),
        ({"name": "other"}, "bad_value"),
        ({"name": "a\nb"}, "bad_value"),
        ({"tags": ("ok", "a\x1b[31mb")}, "bad_value"),
        ({"tags": (" a",)}, "bad_value"),
        ({"segment_tag": "a\nb"}, "bad_value"),
        ({"max_rejects": 101}, "bad_value"),
        ({"consent_column": "city"}, "bad_value"),
        ({"schedule": "hourly"}, "bad_schedule"),
    ],
)
def test_what_cannot_be_is_not_stored(
    workspace: Workspace, changes: dict[str, object], code: str
) -> None:
    saved.duplicate_export(workspace, EXPORT, "Other")
    before = workspace.config_path.read_bytes()
    assert code_of(lambda: saved.edit_export(workspace, EXPORT, replace(EXPORT, **changes))) == code
    assert workspace.config_path.read_bytes() == before


def test_what_was_wrong_before_hinders_no_other_edit(workspace: Workspace) -> None:
    store.add_export(workspace.config_path, replace(EXPORT, name="Odd", id="e2", mapping=()))
    odd = workspace.reload_config().exports["Odd"]
    assert codes(workspace, odd) == ["email_not_mapped"]
    assert saved.detach_export(workspace, odd).connection == ""
    tagged = replace(EXPORT, name="Tagged", id="e3", tags=(" a",), segment_tag="a\tb")
    store.add_export(workspace.config_path, tagged)
    workspace.reload_config()
    assert saved.edit_export(workspace, tagged, replace(tagged, max_rejects=7)).tags == (" a",)


def test_a_copy_has_an_id_of_its_own_and_no_schedule(workspace: Workspace) -> None:
    timed = saved.edit_export(workspace, EXPORT, replace(EXPORT, schedule="every 2 hours"))
    copy = saved.duplicate_export(workspace, timed, "Copy")
    assert copy.id not in ("", "e1")
    assert copy == replace(EXPORT, name="Copy", id=copy.id)
    assert workspace.export("News") == timed
    assert code_of(lambda: saved.duplicate_export(workspace, timed, "NEWS")) == "bad_value"


def test_detached_and_attached(workspace: Workspace) -> None:
    detached = saved.detach_export(workspace, EXPORT)
    assert detached == replace(EXPORT, connection="")
    assert codes(workspace, detached) == ["detached"]
    attached = saved.attach_export(workspace, detached, "Shared")
    assert attached == replace(EXPORT, connection="Shared")
    assert codes(workspace, attached) == []


def test_an_export_that_is_gone(workspace: Workspace) -> None:
    saved.remove_export(workspace, EXPORT)
    for call in (
        lambda: saved.edit_export(workspace, EXPORT, replace(EXPORT, name="X")),
        lambda: saved.duplicate_export(workspace, EXPORT, "X"),
        lambda: saved.detach_export(workspace, EXPORT),
        lambda: saved.remove_export(workspace, EXPORT),
    ):
        assert code_of(call) == "config_gone"
    assert workspace.config.exports == {}


def test_a_removed_export_takes_its_ledgers_and_no_others(workspace: Workspace) -> None:
    mine = [workspace.ledger_path("e1", brand) for brand in ("A", "B")]
    others = [workspace.ledger_path(each, "A") for each in ("e", "e11", "e1-e1", "x-e1")]
    for path in (*mine, *others, mine[0].with_name(mine[0].name + "-wal")):
        path.touch()
    saved.remove_export(workspace, EXPORT)
    assert sorted(mine[0].parent.iterdir()) == sorted(others)


@pytest.mark.parametrize("role", ["contributor", "viewer"])
def test_who_may_not_use_the_connection_changes_nothing(workspace: Workspace, role: Role) -> None:
    store.add_export(
        workspace.config_path, replace(EXPORT, name="Lost", id="e2", connection="Gone")
    )
    lost = workspace.reload_config().exports["Lost"]
    before = workspace.config_path.read_bytes()
    people = workspace.source("People")
    workspace.actor = Actor("eve", role)
    # What the user claims to have seen doesn't count.
    claimed = replace(EXPORT, connection="Shared")
    for call in (
        lambda: saved.edit_export(workspace, EXPORT, replace(EXPORT, name="Mine")),
        lambda: saved.edit_export(workspace, claimed, replace(claimed, name="Mine")),
        lambda: saved.edit_export(workspace, lost, replace(lost, name="Mine")),
        lambda: saved.duplicate_export(workspace, EXPORT, "Mine"),
        lambda: saved.detach_export(workspace, EXPORT),
        lambda: saved.remove_export(workspace, EXPORT),
        lambda: saved.edit_source(workspace, people, replace(people, name="Mine")),
        lambda: saved.remove_source(workspace, people),
    ):
        assert code_of(call) == "not_allowed"
    assert workspace.config_path.read_bytes() == before


def test_a_contributor_manages_exports_of_shared_connections(workspace: Workspace) -> None:
    shared = saved.attach_export(workspace, EXPORT, "Shared")
    workspace.actor = Actor("eve", "contributor")
    copy = saved.duplicate_export(workspace, shared, "Mine")
    edited = saved.edit_export(workspace, copy, replace(copy, max_rejects=3))
    assert code_of(lambda: saved.attach_export(workspace, edited, "Shop")) == "not_allowed"
    detached = saved.detach_export(workspace, edited)
    saved.remove_export(workspace, detached)
    assert list(workspace.config.exports) == ["News"]


def test_exports_follow_a_source_to_its_new_name(workspace: Workspace) -> None:
    people = workspace.source("People")
    folk = saved.edit_source(workspace, people, replace(people, name="Folk"))
    assert folk == replace(people, name="Folk")
    assert workspace.export("News").source == "Folk"
    assert [each.name for each in saved.source_dependents(workspace, folk)] == ["News"]
    assert "# a town" in workspace.config_path.read_text()


def test_edits_of_a_source_meet(workspace: Workspace) -> None:
    people = workspace.source("People")
    saved.edit_source(workspace, people, replace(people, key="mail"))
    after = saved.edit_source(workspace, people, replace(people, segments_column="city"))
    assert (after.key, after.segments_column) == ("mail", "city")
    other = replace(people, key="city")
    assert code_of(lambda: saved.edit_source(workspace, people, other)) == "config_changed"


def test_a_source_in_use_stays(workspace: Workspace) -> None:
    people = workspace.source("People")
    with pytest.raises(UsageError, match="“News”"):
        saved.remove_source(workspace, people)
    # An export of another process, which this one hasn't read yet, counts too.
    saved.remove_export(workspace, EXPORT)
    store.add_export(workspace.config_path, EXPORT)
    assert code_of(lambda: saved.remove_source(workspace, people)) == "source_used"
    saved.remove_export(workspace, EXPORT)
    saved.remove_source(workspace, people)
    assert workspace.config.sources == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"connection": "Gone"}, ["unknown_connection"]),
        ({"source": "Gone"}, ["unknown_source"]),
        ({"mapping": (EMAIL, Attribute(field="city", column="town"))}, ["column_missing"]),
        ({"mapping": (replace(EMAIL, column="MAIL"),)}, []),
        ({"segments": ("Turku", "Oulu")}, ["segment_missing"]),
        ({"except_segments": ("Oulu",)}, ["segment_missing"]),
        ({"segments": ()}, ["no_segment"]),
    ],
)
def test_troubles(workspace: Workspace, changes: dict[str, object], expected: list[str]) -> None:
    assert codes(workspace, replace(EXPORT, **changes)) == expected


def test_troubles_of_a_source_that_moved(workspace: Workspace) -> None:
    path = Path(workspace.source("People").path)
    path.rename(path.with_suffix(".old"))
    assert codes(workspace, EXPORT) == ["source_not_found"]
    path.write_text("address\n")
    people = workspace.source("People")
    keyed = saved.edit_source(workspace, people, replace(people, key="id", segments_column="in"))
    told = " ".join(each.hint for each in source_troubles(workspace, EXPORT))
    assert [word in told for word in ("email", "key column", "segments column")] == [True] * 3
    assert keyed.key == "id"


def test_a_segment_that_the_column_no_longer_names(workspace: Workspace) -> None:
    people = workspace.source("People")
    path = Path(people.path)
    path.write_text("mail,in\na@example.com,VIP;gold [/b]\n")
    # A condition that is wrong is no trouble of segments that a column names.
    saved.edit_source(workspace, people, replace(people, segments_column="IN", segments={"B": "("}))
    export = replace(EXPORT, segments=("VIP",), except_segments=("gold [/b]",), mapping=(EMAIL,))
    assert codes(workspace, export) == []
    path.write_text("mail,in\na@example.com,VIP\n")
    (trouble,) = source_troubles(workspace, export)
    assert "is in the segment “gold [/b]” now" in trouble.sentence
    assert (trouble.code, trouble.hinders) == ("segment_empty", False)


@pytest.fixture
def slow_shop(make_shop: MakeShop) -> Shop:
    return make_shop(people=20_000, latency_ms=60)


def test_its_run_goes_on_as_it_began_and_ends_with_it(slow_shop: Shop) -> None:
    workspace = slow_shop.workspace
    before = workspace.export("E")
    before = saved.edit_export(workspace, before, replace(before, tags=("early",)))
    run = slow_shop.launch(Patience(poll=0.05))
    assert wait_for(lambda: run.snapshot().batches > 0)
    after = saved.edit_export(workspace, before, replace(before, name="F", tags=("late",)))
    after = saved.detach_export(workspace, after)
    running = saved.running_export(workspace, after)
    assert running is not None
    assert running.export == "E"
    assert wait_for(lambda: run.snapshot().tagged > 0)
    saved.remove_export(workspace, after)
    end = run.wait(10)
    assert end is not None
    assert end.status == "cancelled"
    assert end.batches > 0
    contacts = [json.loads(each) for each in raw_contacts(slow_shop.sandbox)]
    given = {tag for contact in contacts for tag in contact.get("tags", [])}
    assert given == {"early"}
    # The history stays, the ledger goes.
    assert [each.run_id for each in workspace.state.runs(before.id)] == [end.run_id]
    assert not list(workspace.ledger_path(before.id, "").parent.glob(f"{before.id}-*"))


def test_a_run_that_does_not_end_is_told_and_keeps_its_ledger(slow_shop: Shop) -> None:
    workspace = slow_shop.workspace
    export = workspace.export("E")
    run = slow_shop.launch(Patience(poll=0.05))
    assert wait_for(lambda: run.snapshot().batches > 0)
    try:
        with pytest.raises(StateError, match="did not end in time"):
            saved.remove_export(workspace, export, patience=0)
        assert workspace.config.exports == {}
        assert list(workspace.ledger_path(export.id, "").parent.glob(f"{export.id}-*"))
    finally:
        run.cancel()
        run.wait(10)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Looks again and again; False where it never came true."""
    pause, ends = Event(), time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        pause.wait(0.02)
    return condition()

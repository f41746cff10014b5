"""The service that sets up connections: all or nothing, and who may."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Literal

import pytest
from keyring.errors import KeyringLocked
from msgspec.structs import replace

from keyrings import MemoryKeyring, memory
from omnisend_tui import connections, consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.engine.job import Patience
from omnisend_tui.engine.run import Run
from omnisend_tui.errors import ConfigError, CredentialsError, UsageError
from omnisend_tui.noting import orphans
from omnisend_tui.permissions import Actor, Role
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.workspace import Workspace
from shops import MakeShop, Shop

__all__ = ["memory"]

SHOP = Connection(name="Shop", id="c1")
BRAND = Brand(id="brand", name="Shop of Ada")
SEEN = Behaviour(at=1.0, tags="add", unsubscribed="kept")


@pytest.fixture
def workspace(tmp_path: Path, memory: MemoryKeyring) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace", {}, tmp_path / "budget.sqlite") as opened:
        yield opened


def add(workspace: Workspace, wanted: Connection = SHOP, key: str = "brand-key") -> Connection:
    agreed = consent.record(wanted, "ada", 1.0)
    return connections.add(workspace, wanted, key=key, agreed=agreed, brand=BRAND, behaviour=SEEN)


def add_export(workspace: Workspace, name: str = "E", connection: str = "Shop") -> None:
    store.add_export(workspace.config_path, Export(name=name, connection=connection, source="S"))
    workspace.reload_config()


def assert_nothing_of(workspace: Workspace, connection_id: str, memory: MemoryKeyring) -> None:
    state = workspace.state
    assert workspace.reload_config().connections == {}
    assert state.consents(connection_id) == []
    assert state.brand(connection_id) is None
    assert state.behaviour(connection_id) is None
    assert state.secrets() == []
    assert memory.kept == {}


def test_all_of_a_connection_is_stored(workspace: Workspace, memory: MemoryKeyring) -> None:
    assert add(workspace) == SHOP
    assert memory.kept == {("omnisend-tui", "c1"): "brand-key"}
    assert workspace.state.secrets() == ["c1"]
    assert workspace.state.brand("c1") == BRAND
    assert workspace.state.behaviour("c1") == SEEN
    consent.require(workspace.state, SHOP)


@pytest.mark.parametrize("step", ["add_consent", "save_brand", "save_behaviour"])
def test_a_state_that_fails_takes_all_back(
    workspace: Workspace, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(workspace.state, step, fail)
    with pytest.raises(OSError):  # noqa: PT011
        add(workspace)
    assert_nothing_of(workspace, "c1", memory)


def test_a_config_that_cannot_be_written_takes_all_back(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    workspace.config_path.write_text("[connections\n")
    with pytest.raises(ConfigError):
        add(workspace)
    workspace.config_path.unlink()
    assert_nothing_of(workspace, "c1", memory)


def test_a_keyring_that_refuses_stores_nothing(workspace: Workspace, memory: MemoryKeyring) -> None:
    memory.error = KeyringLocked()
    with pytest.raises(CredentialsError) as refused:
        add(workspace)
    assert refused.value.code == "keyring_locked"
    memory.error = None
    # A note may be left while the keyring can't be asked; the next look finds nothing behind it.
    assert orphans(workspace) == []
    assert_nothing_of(workspace, "c1", memory)


def test_from_the_environment_nothing_touches_the_keyring(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    memory.error = AssertionError("touched")
    saved = add(workspace, replace(SHOP, api_key="environment"), key="")
    assert workspace.state.secrets() == []
    connections.remove(workspace, saved, detach=True)


def test_a_new_key_of_the_same_brand_keeps_what_was_measured(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    saved = add(workspace)
    connections.new_key(workspace, saved, "brand-new", BRAND)
    assert memory.keys() == ["brand-new"]
    assert workspace.state.behaviour("c1") == SEEN


def test_a_new_key_of_another_brand_forgets_what_was_measured(workspace: Workspace) -> None:
    saved = add(workspace)
    other = Brand(id="other")
    connections.new_key(workspace, saved, "other-key", other)
    assert workspace.state.behaviour("c1") is None
    assert workspace.state.brand("c1") == other
    consent.require(workspace.state, saved)


def test_a_new_key_takes_the_place_of_the_environment(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    saved = add(workspace, replace(SHOP, api_key="environment"), key="")
    assert connections.new_key(workspace, saved, "brand-key", BRAND).api_key == "keyring"
    assert memory.keys() == ["brand-key"]


@pytest.mark.parametrize("place", ["keyring", "environment"])
def test_an_edit_in_conflict_leaves_the_key_as_it_was(
    workspace: Workspace, memory: MemoryKeyring, place: Literal["keyring", "environment"]
) -> None:
    saved = add(workspace, Connection(name="Shop", id="c1", api_key=place),
                key="brand-key" if place == "keyring" else "")  # fmt: skip
    kept = dict(memory.kept)
    store.edit_connection(workspace.config_path, saved, replace(saved, budget_share=10))
    with pytest.raises(ConfigError) as refused:
        connections.edit(
            workspace, saved, replace(saved, budget_share=20, api_key="keyring"), key="brand-new"
        )
    assert refused.value.code == "config_changed"
    assert memory.kept == kept
    assert workspace.reload_config().connections["Shop"].budget_share == 10


def test_a_key_from_the_environment_leaves_the_keyring(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    saved = add(workspace)
    connections.edit(workspace, saved, replace(saved, api_key="environment"))
    assert memory.kept == {}
    assert workspace.state.secrets() == []


@pytest.mark.parametrize("detach", [True, False])
def test_removed_with_its_key_and_the_rest_stays(
    workspace: Workspace, memory: MemoryKeyring, detach: bool
) -> None:
    saved = add(workspace)
    add(workspace, Connection(name="Other", id="c2"), key="other-key")
    add_export(workspace)
    add_export(workspace, "Other's", "Other")
    assert [export.name for export in connections.dependents(workspace, saved)] == ["E"]
    ledgers = {
        name: workspace.ledger_path(export.id, "A")
        for name, export in workspace.config.exports.items()
    }
    for ledger in ledgers.values():
        ledger.touch()
    assert connections.remove(workspace, saved, detach=detach) == []
    assert list(workspace.config.connections) == ["Other"]
    assert workspace.config.exports["Other's"].connection == "Other"
    assert ("E" in workspace.config.exports) is detach
    assert [ledgers[name].exists() for name in ("E", "Other's")] == [detach, True]
    assert not detach or workspace.config.exports["E"].connection == ""
    assert memory.keys() == ["other-key"]
    assert workspace.state.brand("c1") is None
    assert workspace.state.consents("c1") == [], "withdrawn"
    kept = workspace.state._rows("SELECT count(*) FROM consent WHERE connection_id = 'c1'")
    assert kept == [(1,)], "evidence stays"


def test_a_key_that_cannot_be_deleted_becomes_an_orphan(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    saved = add(workspace)
    memory.undeletable = KeyringLocked()
    with pytest.raises(CredentialsError):
        connections.remove(workspace, saved, detach=True)
    assert workspace.config.connections == {}
    assert orphans(workspace) == ["c1"]
    memory.kept.clear()
    assert orphans(workspace) == []
    assert workspace.state.secrets() == []


def test_a_key_in_use_is_no_orphan(workspace: Workspace) -> None:
    add(workspace)
    assert orphans(workspace) == []
    assert workspace.state.secrets() == ["c1"]


@pytest.mark.parametrize("role", ["contributor", "viewer"])
def test_who_is_no_administrator_may_nothing(
    workspace: Workspace, memory: MemoryKeyring, role: Role
) -> None:
    saved = add(workspace)
    before = workspace.config_path.read_bytes()
    workspace.actor = Actor("eve", role)
    calls: list[Callable[[], object]] = [
        lambda: add(workspace, Connection(name="New", id="c2")),
        lambda: connections.edit(workspace, saved, replace(saved, name="Mine")),
        lambda: connections.new_key(workspace, saved, "brand-evil", BRAND),
        lambda: connections.agree(workspace, saved),
        lambda: connections.remove(workspace, saved, detach=True),
        lambda: connections.behaviour_check(
            workspace, saved, "brand-key", BRAND, "a@example.com", Event(), print
        ),
    ]
    for call in calls:
        with pytest.raises(UsageError) as refused:
            call()
        assert refused.value.code == "not_allowed"
    assert workspace.config_path.read_bytes() == before
    assert memory.keys() == ["brand-key"]
    assert len(workspace.state.consents("c1")) == 1


@pytest.mark.parametrize(
    ("name", "fault"), [("shop", "taken"), ("", "empty"), ("a\nb", "control"), ("x" * 101, "100")]
)
def test_names_that_cannot_be(workspace: Workspace, name: str, fault: str) -> None:
    saved = add(workspace)
    assert fault in connections.fault(workspace, Connection(name=name, id="c2"))
    assert connections.fault(workspace, replace(saved, name="SHOP")) == ""


@pytest.fixture
def slow_shop(make_shop: MakeShop, memory: MemoryKeyring) -> Shop:
    """A shop with its key in the keyring, whose run can be caught in the middle."""
    shop = make_shop(people=20_000, latency_ms=60)
    before = shop.workspace.connection("Shop")
    connections.new_key(shop.workspace, before, shop.sandbox.api_key, BRAND)
    return shop


def test_its_run_in_this_process_is_cancelled(slow_shop: Shop, memory: MemoryKeyring) -> None:
    workspace = slow_shop.workspace
    run = slow_shop.launch(Patience(poll=0.05))
    assert wait_for(lambda: run.snapshot().batches > 0)
    gone = workspace.connection("Shop")
    assert [each.export for each in connections.running(workspace, gone)] == ["E"]
    assert connections.remove(workspace, gone, detach=True) == []
    end = run.wait(10)
    assert end is not None
    assert end.status == "cancelled"
    assert memory.kept == {}


@pytest.mark.parametrize("undeletable", [None, KeyringLocked()])
def test_its_run_in_another_process_is_cancelled(
    slow_shop: Shop,
    memory: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    undeletable: Exception | None,
) -> None:
    workspace = slow_shop.workspace
    gone = workspace.connection("Shop")
    memory.undeletable = undeletable
    # A keyring in memory is of one process: the other is given the key.
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", slow_shop.sandbox.api_key)
    monkeypatch.setenv("XDG_STATE_HOME", str(workspace.state_dir.parent / "user-state"))
    command = [sys.executable, "-m", "omnisend_tui", "--workspace", str(workspace.state_dir),
               "run", "E", "--json", "--plain"]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sending" in line:
                break
        if undeletable is None:
            assert connections.remove(workspace, gone, detach=False) == []
        else:
            with pytest.raises(CredentialsError):
                connections.remove(workspace, gone, detach=False)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert '"status": "cancelled"' in out
    assert workspace.config.exports == {}
    assert not list(workspace.ledger_path("", "").parent.glob("*.sqlite*"))
    assert orphans(workspace) == ([] if undeletable is None else [gone.id])


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Looks again and again; False where it never came true."""
    pause, ends = Event(), time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        pause.wait(0.02)
    return condition()


def test_consent_is_asked_anew_for_a_record_that_comes_back(workspace: Workspace) -> None:
    add(workspace)
    connections.remove(workspace, workspace.connection("Shop"), detach=True)
    store.add_connection(workspace.config_path, SHOP)
    assert not consent.holds(workspace.state, SHOP)
    workspace.reload_config()
    connections.agree(workspace, SHOP)
    assert consent.holds(workspace.state, SHOP)


def test_nobody_agrees_for_a_connection_that_is_gone(workspace: Workspace) -> None:
    gone = add(workspace)
    store.remove_connection(workspace.config_path, gone, detach=True)
    with pytest.raises(UsageError, match="removed the connection"):
        connections.agree(workspace, gone)
    assert len(workspace.state.consents("c1")) == 1


def test_a_new_key_takes_a_connection_out_of_the_environment(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    given = add(workspace, replace(SHOP, api_key="environment"), key="")
    saved = connections.new_key(workspace, given, "brand-new", BRAND)
    assert saved.api_key == "keyring"
    assert workspace.secrets.api_key(saved).value == "brand-new"
    assert orphans(workspace) == []


def test_another_address_forgets_what_was_measured(workspace: Workspace) -> None:
    before = add(workspace)
    after = replace(before, base_url="https://proxy.example.com/api")
    assert connections.must_try(workspace, before, after)
    connections.edit(workspace, before, after, brand=BRAND)
    assert workspace.state.behaviour("c1") is None
    assert workspace.state.brand("c1") == BRAND


def test_another_name_is_tried_where_another_key_answers(
    tmp_path: Path, memory: MemoryKeyring
) -> None:
    environ = {"OMNISEND_TUI_API_KEY_SHOP": "brand-1", "OMNISEND_TUI_API_KEY_STORE": "brand-2"}
    with Workspace.open(tmp_path / "workspace", environ, tmp_path / "budget.sqlite") as workspace:
        before = add(workspace, replace(SHOP, api_key="environment"), key="")
        assert connections.must_try(workspace, before, replace(before, name="Store"))
        assert connections.must_try(workspace, before, replace(before, name="Other"))
        assert not connections.must_try(workspace, before, replace(before, name="shop"))


def test_a_run_that_starts_while_its_connection_is_removed_sends_nothing(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    workspace, start = shop.workspace, Run.start

    def removed_in_between(run: Run, allowed: Callable[[], None]) -> None:
        connections.remove(workspace, workspace.connection("Shop"), detach=True)
        start(run, allowed)

    monkeypatch.setattr(Run, "start", removed_in_between)
    with pytest.raises(UsageError, match="removed just now"):
        shop.launch()
    assert shop.sandbox.statistics()["upserts"] == 0
    (run,) = workspace.state.latest_runs().values()
    assert run.ended

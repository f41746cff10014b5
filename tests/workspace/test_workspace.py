"""Opening a workspace."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.config.store import add_connection, add_export, add_source
from omnisend_tui.errors import AppError, ConfigError, StateError, UsageError
from omnisend_tui.workspace import Workspace


def test_a_new_folder_becomes_a_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    with Workspace.open(folder, {}, tmp_path / "budget.sqlite") as workspace:
        assert workspace.name == "acme"
        assert workspace.config_path == folder / "config.toml"
        assert workspace.state_dir == folder
        assert workspace.budget_path == tmp_path / "budget.sqlite"
        assert workspace.temp_dir.is_dir()
        assert workspace.ledger_path("e1", "b").parent.is_dir()
        assert workspace.lock_path("e1").parent.is_dir()
        assert workspace.actor.role == "administrator"
        assert workspace.state.runs() == []
        assert workspace.ledger_key() == workspace.ledger_key()
        made = list(folder.rglob("*"))
        temp = workspace.temp_dir
    assert not temp.exists()
    assert {stat.S_IMODE(p.stat().st_mode) for p in made if p.exists()} == {0o600, 0o700}


def test_the_argument_wins_over_the_environment(tmp_path: Path) -> None:
    environ = {"OMNISEND_TUI_WORKSPACE": str(tmp_path / "named")}
    with Workspace.open(None, environ, tmp_path / "b") as named:
        assert named.state_dir == tmp_path / "named"
    with Workspace.open(tmp_path / "given", environ, tmp_path / "b") as given:
        assert given.state_dir == tmp_path / "given"


def test_without_a_folder_the_users_own_ones_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Workspace.open(None, {}) as workspace:
        assert tmp_path in workspace.config_path.parents
        assert tmp_path in workspace.state_dir.parents
        assert workspace.config_path.parent != workspace.state_dir
        assert workspace.budget_path.parent == workspace.state_dir
    with Workspace.open(tmp_path / "other", {}) as other:
        assert other.budget_path == workspace.budget_path


def test_records_are_found_by_name_and_others_named_in_the_hint(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, {}, tmp_path / "b") as workspace:
        with pytest.raises(UsageError) as refused:
            workspace.connection("Acme")
        assert (refused.value.code, "connection add" in refused.value.hint) == (
            "unknown_connection",
            True,
        )
        add_connection(workspace.config_path, Connection(name="Acme"))
        add_source(workspace.config_path, Source(name="CRM", path="x.csv"))
        add_export(workspace.config_path, Export(name="VIP"))
        workspace.reload_config()
        assert workspace.connection("Acme").name == "Acme"
        assert workspace.source("CRM").path == "x.csv"
        assert workspace.export("VIP").name == "VIP"
        with pytest.raises(UsageError) as refused:
            workspace.export("Vip")
        assert "“VIP”" in refused.value.hint


def test_a_broken_change_leaves_the_earlier_configuration(tmp_path: Path) -> None:
    with Workspace.open(tmp_path, {}, tmp_path / "b") as workspace:
        add_export(workspace.config_path, Export(name="VIP"))
        workspace.reload_config()
        workspace.config_path.write_text("[exports")
        with pytest.raises(ConfigError):
            workspace.reload_config()
        assert workspace.export("VIP").name == "VIP"


def test_a_broken_configuration_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("nonsense")
    with pytest.raises(ConfigError):
        Workspace.open(tmp_path, {}, tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in ("file", "file/below"):
        with pytest.raises(AppError) as refused:
            Workspace.open(tmp_path / place, {}, tmp_path / "b")
        assert str(tmp_path / "file") in refused.value.message
        assert refused.value.hint


def test_a_damaged_state_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StateError):
        Workspace.open(tmp_path, {}, tmp_path / "b")


def test_two_may_open_it_and_closing_twice_is_nothing(tmp_path: Path) -> None:
    one = Workspace.open(tmp_path, {}, tmp_path / "b")
    two = Workspace.open(tmp_path, {}, tmp_path / "b")
    assert one.temp_dir != two.temp_dir
    two.close()
    two.close()
    assert one.temp_dir.is_dir()
    one.close()


def test_importing_it_is_cheap() -> None:
    program = (
        "import sys, omnisend_tui.workspace, omnisend_tui.consent\n"
        "heavy = ('keyring', 'tomlkit', 'cryptography', 'httpx', 'duckdb', 'textual', 'click')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

"""Rejects beyond their reasons: whose address is shown again, and where CSV files go."""

import csv
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace

from omnisend_tui import rejects
from omnisend_tui.config import store
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.launch import rejects_again
from omnisend_tui.permissions import Actor
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.sandbox.faults import Faults, ItemFault
from shops import MakeShop, Shop

REFUSED = "mary.o'connor@example.com"
ROWS = ["R1,broken@@example.com,Bob", f"R2,{REFUSED},Mary", "C1,cid@example.com,Cid"]


def change_source(shop: Shop, **changes: str) -> None:
    workspace = shop.workspace
    source = workspace.source("People")
    store.edit_source(workspace.config_path, source, replace(source, **changes))
    workspace.reload_config()


def problems_of(shop: Shop, run: Snapshot) -> list[Problem]:
    return shop.workspace.state.problems(run.run_id, "reject")


def shown(shop: Shop, run: Snapshot) -> dict[str, str | None]:
    """Key -> address."""
    export = shop.workspace.export("E")
    problems = problems_of(shop, run)
    found = rejects.reveal(shop.workspace, export, run, problems, Event())
    return dict(zip((problem.key for problem in problems), found, strict=True))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    """One whose source has a reject, and another that Omnisend will refuse."""
    fault = ItemFault(email=REFUSED, message=f"{REFUSED} bounced")
    made = make_shop(faults=Faults(items=(fault,)), max_rejects=100)
    made.write(ROWS)
    return made


def test_a_number_of_a_row_is_never_taken_for_a_key(shop: Shop) -> None:
    change_source(shop, key="")
    shop.write([ROWS[2], *ROWS[:2], "2,wrong@example.com,W", "3,also.wrong@example.com,W"])
    run = shop.run()
    assert shown(shop, run) == {"2": "broken@@example.com", "3": REFUSED}
    change_source(shop, key="id")
    assert shown(shop, run) == {"2": None, "3": None}
    again = rejects_again(shop.workspace, shop.workspace.export("E"))
    assert (again.keys, again.nameless) == (frozenset(), 2)
    for _time in range(2):
        # Nobody is run instead of them, and they stay what they are until all are run.
        end = shop.run(only_rejects=True, full=True)
        assert (end.status, end.read, end.batches) == ("finished", 0, 0)
        log: list[LogLine] = shop.workspace.state.log(end.run_id)
        assert {"no_rejects", "rejects_nameless"} <= {line.code for line in log}
    shop.run()
    assert rejects_again(shop.workspace, shop.workspace.export("E")).keys == {"R1", "R2"}


def another_source(shop: Shop) -> None:
    workspace = shop.workspace
    source = replace(workspace.source("People"), name="Others", id="")
    store.add_source(workspace.config_path, source)
    export = workspace.export("E")
    store.edit_export(workspace.config_path, export, replace(export, source="Others"))
    workspace.reload_config()


@pytest.mark.parametrize(
    "change",
    [lambda shop: change_source(shop, key="name"), another_source],
    ids=["another column", "another source"],
)
def test_a_key_of_something_else_names_nobody(shop: Shop, change: Callable[[Shop], None]) -> None:
    run = shop.run()
    assert shown(shop, run) == {"R1": "broken@@example.com", "R2": REFUSED}
    change(shop)
    shop.write(["R1,ann@example.com,R1", "R2,bea@example.com,R2"])
    assert shown(shop, run) == {"R1": None, "R2": None}
    again = rejects_again(shop.workspace, shop.workspace.export("E"))
    assert (again.keys, again.nameless) == (frozenset(), 2)


def test_at_another_path_a_key_is_followed_and_nobody_shown_who_may_be_another(
    shop: Shop, tmp_path: Path
) -> None:
    run = shop.run()
    shop.source_path = tmp_path / "corrected.csv"
    shop.write([f"R2,{REFUSED},Mary", "R1,bob@example.com,Bob"])
    change_source(shop, path=str(shop.source_path))
    # Of what was sent is known who it was.
    assert shown(shop, run) == {"R1": None, "R2": REFUSED}
    end = shop.run(only_rejects=True)
    assert (end.read, end.rejected) == (2, 1)
    assert "rejects_moved" in {line.code for line in shop.workspace.state.log(end.run_id)}


def test_of_a_run_of_an_older_version_nothing_is_known(shop: Shop) -> None:
    run = shop.run()
    shop.workspace.state.save_snapshot(old := replace(run, keyed=None))
    assert shown(shop, old) == {"R1": None, "R2": REFUSED}
    assert rejects_again(shop.workspace, shop.workspace.export("E")).nameless == 2


def test_what_is_no_longer_kept_is_said(shop: Shop) -> None:
    run = shop.run()
    state = shop.workspace.state
    state.save_snapshot(replace(run, started_at=1.0, updated_at=1.0))
    # Whoever starts a run drops what is too old.
    with pytest.raises(UsageError, match="older than the days"):
        shop.launch(only_rejects=True)
    assert problems_of(shop, run) == []
    assert state.forgotten_problems(run.run_id, "reject") == 2
    assert len(state.runs()) == 1
    assert shop.run().rejected == 2
    assert shop.run(only_rejects=True).read == 2


def test_who_may_not_send_through_a_connection_sees_no_address(shop: Shop) -> None:
    run = shop.run()
    shop.workspace.actor = Actor("matti", "contributor")
    with pytest.raises(UsageError, match="isn't for contributors"):
        shown(shop, run)


def problem(key: str) -> Problem:
    return Problem(key=key, field="", reason="refused_by_omnisend", detail="no")


def test_no_cell_is_calculated_and_a_file_is_private(tmp_path: Path) -> None:
    path, link = tmp_path / "rejects.csv", tmp_path / "link.csv"
    path.write_text("older")
    path.chmod(0o644)
    link.symlink_to(path)
    keys = [f"{sign}1" for sign in ("=", "+", "-", "@", "\t", "\r", "\n")]
    rejects.write_csv(link, [problem(key) for key in [*keys, "a;=1"]])
    with path.open(newline="") as file:
        assert [row["key"] for row in csv.DictReader(file)] == [*(f"'{k}" for k in keys), "a;=1"]
    assert '"a;=1"' in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]
    with pytest.raises(AppError, match="there already"):
        rejects.write_csv(path, [], replacing=False)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path, sync = tmp_path / "rejects.csv", os.fsync

    def meanwhile(descriptor: int) -> None:
        sync(descriptor)
        path.write_text("theirs")

    def no_links(*_paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    rejects.write_csv(tmp_path / "new.csv", [problem("R1")], replacing=False)
    assert "R1" in (tmp_path / "new.csv").read_text()
    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(AppError, match="there already") as told:
        rejects.write_csv(path, [problem("R1")], replacing=False)
    assert (told.value.code, path.read_text()) == ("csv_exists", "theirs")
    assert {each.name for each in tmp_path.iterdir()} == {"new.csv", "rejects.csv"}


@pytest.mark.parametrize("name", ["a\0b.csv", "folder", "nowhere/a.csv"])
def test_where_no_file_can_be_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AppError, match="can't be written") as told:
        rejects.write_csv(tmp_path / name, [problem("R1")])
    assert (told.value.code, bool(told.value.hint)) == ("csv_not_written", True)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_pipe_is_written_and_stays_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o640)
    mode = pipe.stat().st_mode
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    rejects.write_csv(pipe, [problem("R1")] * 2000)
    reader.join()
    assert read[0].count("R1") == 2000
    assert pipe.stat().st_mode == mode


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("older")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="disk is full"):
        rejects.write_csv(path, [problem("R1")])
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("rejects.csv", "older")
    ]

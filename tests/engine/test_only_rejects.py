"""Runs of the rejects alone: by the source's key, after a fix, and never over somebody else."""

import time

import pytest
from msgspec.structs import replace

from omnisend_tui.config import store
from omnisend_tui.errors import UsageError
from omnisend_tui.launch import dry_run, rejects_again
from omnisend_tui.permissions import Actor
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import RunOptions
from omnisend_tui.sandbox.faults import Faults, ItemFault
from shops import MakeShop, Shop

GOOD = [f"C{n},person{n}@example.com,Person {n}" for n in range(120)]
BAD = ["R1,,Nobody", "R2,not an address,Two", "R3,three@@example.com,Three"]
FIXED = ["R1,one@example.com,One", "R2,two@example.com,Two", "R3,three@@example.com,Three"]


def told(shop: Shop, run: Snapshot) -> dict[str, dict[str, str | int]]:
    return {line.code: line.parameters for line in shop.workspace.state.log(run.run_id)}


def rejected(shop: Shop, run: Snapshot) -> set[str]:
    return {each.key for each in shop.workspace.state.problems(run.run_id, "reject")}


def test_only_what_was_rejected_is_read_and_sent(make_shop: MakeShop) -> None:
    shop = make_shop(segment_tag="VIP", max_rejects=0)
    shop.write([*GOOD, *BAD])
    assert rejected(shop, shop.run()) == {"R1", "R2", "R3"}
    # C0 left meanwhile, C1 changed, C2 became unreadable: none of them is a concern.
    shop.write(["C1,person1@example.com,Changed", "C2,no more an address,", *GOOD[3:], *FIXED])
    end = shop.run(only_rejects=True)
    assert (end.status, end.total) == ("finished_with_rejects", 3)
    assert (end.read, end.closed, end.rejected, end.batches) == (3, 3, 1, 1)
    assert (end.leavers_found, end.new) == (0, 2)
    assert rejected(shop, end) == {"R3"}
    assert told(shop, end)["only_rejects"] == {"count": 3}
    # Those that are left, one of whom the source no longer has.
    shop.write(GOOD)
    end = shop.run(only_rejects=True)
    assert (end.status, end.read, end.total) == ("finished", 0, 0)
    assert told(shop, end)["rejects_gone"] == {"count": 1}
    # And then there are none.
    end = shop.run(only_rejects=True)
    assert (end.status, end.read, end.requests) == ("finished", 0, 0)
    assert "no_rejects" in told(shop, end)


def test_many_that_are_still_wrong_stop_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(max_rejects=20)
    bad = [f"R{n},wrong{n},Wrong" for n in range(30)]
    shop.write([*GOOD, *bad])
    assert shop.run(allow_rejects=True).rejected == 30
    shop.write([*GOOD, "R0,right@example.com,Right", *bad[1:]])
    end = shop.run(only_rejects=True)
    assert (end.status, end.read, end.rejected, end.error) == (
        "finished_with_rejects", 30, 29, None,
    )  # fmt: skip


@pytest.mark.parametrize("first", [True, False])
def test_of_two_rows_the_first_in_the_source_goes_whether_it_was_rejected_or_not(
    make_shop: MakeShop, first: bool
) -> None:
    shop = make_shop()
    ann = "C1,ann@example.com,Ann"
    around = ["R1,broken,Bob", ann] if first else [ann, "R1,broken,Bob"]
    shop.write(around)
    shop.run()
    shop.write([row.replace("broken", "ANN@example.com") for row in around])
    end = shop.run(only_rejects=True)
    assert (end.status, end.read) == ("finished", 1)
    assert (end.duplicates, end.batches) == ((0, 1) if first else (1, 0))
    # As a run of everybody has it, so that the next one has nothing to mend.
    after = shop.run()
    assert (after.unchanged, after.duplicates, after.batches) == (1, 1, 0)


def test_nobody_else_gets_or_loses_a_tag(make_shop: MakeShop) -> None:
    shop = make_shop(segment_tag="{segment}")
    workspace = shop.workspace
    source, export = workspace.source("People"), workspace.export("E")
    halves = {"X": "name LIKE 'x%'", "Y": "name LIKE '%y'"}
    store.edit_source(workspace.config_path, source, replace(source, segments=halves))
    store.edit_export(workspace.config_path, export, replace(export, segments=("X", "Y")))
    workspace.reload_config()
    shop.write(["C1,ann@example.com,x", "C2,bob@example.com,xy", "R1,,xy"])
    assert shop.run().tagged == 2
    # Another row of Ann's is in Y, and Bob isn't any more.
    after = ["C1,ann@example.com,x", "C2,bob@example.com,x", "C3,ann@example.com,y"]
    shop.write([*after, "R1,eve@example.com,xy"])
    end = shop.run(only_rejects=True)
    assert (end.read, end.tags_owed, end.tagged, end.leavers_found) == (1, 1, 1, 0)
    end = shop.run(allow_leavers=True)
    assert (end.tagged, end.leavers) == (1, 1)


def test_a_refused_contact_goes_again_and_full_sends_what_is_unchanged(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(faults=Faults(items=(ItemFault(email="person7@example.com"),)), people=20)
    assert rejected(shop, shop.run()) == {"C7"}
    found = dry_run(shop.workspace, "E", RunOptions(only_rejects=True))
    assert (found.read, found.would_send, found.would_remove) == (1, 1, 0)
    end = shop.run(only_rejects=True, full=True)
    assert (end.read, end.rejected, end.batches) == (1, 1, 1)


def test_what_a_run_that_ended_early_didn_t_come_to_is_still_a_reject(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write([*GOOD, *BAD])
    first = shop.run()
    shop.run(limit=5)
    state = shop.workspace.state
    state.save_snapshot(
        replace(first, run_id="cancelled", status="cancelled", rejected=0, started_at=time.time())
    )
    export = shop.workspace.export("E")
    assert rejects_again(shop.workspace, export).keys == {"R1", "R2", "R3"}
    shop.write([*GOOD, *FIXED])
    shop.run()
    assert rejects_again(shop.workspace, export).keys == {"R3"}


def test_a_resumed_run_of_rejects_has_the_same_ones(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write([*GOOD, *BAD])
    before = shop.run()
    # It died when it had met one of the three.
    died = replace(
        before, run_id="died", status="interrupted", rejected=1, started_at=time.time(),
        options=RunOptions(only_rejects=True),
    )  # fmt: skip
    state = shop.workspace.state
    state.save_snapshot(died)
    state.add_problems("died", "reject", state.problems(before.run_id, "reject", limit=1))
    shop.write([*GOOD, *FIXED])
    end = shop.run(resume=True)
    assert (end.run_id, end.read, end.rejected) == ("died", 3, 1)
    assert end.options.only_rejects
    # One of everybody doesn't become one of rejects.
    state.save_snapshot(replace(before, run_id="all", status="interrupted", started_at=time.time()))
    with pytest.raises(UsageError, match="one of all profiles"):
        shop.launch(resume=True, only_rejects=True)
    assert shop.run(discard=True, only_rejects=True).read == 1


def test_what_has_no_key_is_told(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write([*GOOD[:9], "an@address,broken,X", "C9,person9@example.com,Y,a,b,c,d,e"])
    assert shop.run().rejected == 2
    end = shop.run(only_rejects=True)
    assert (end.status, end.read) == ("finished", 0)
    assert told(shop, end)["rejects_nameless"] == {"count": 2}


def test_what_can_t_be_is_said(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    workspace = shop.workspace
    with pytest.raises(UsageError, match="no limit"):
        shop.launch(only_rejects=True, limit=2)
    with pytest.raises(UsageError, match="never ran"):
        shop.launch(only_rejects=True)
    source = workspace.source("People")
    store.edit_source(workspace.config_path, source, replace(source, key=""))
    workspace.reload_config()
    for act in (
        lambda: shop.launch(only_rejects=True),
        lambda: dry_run(workspace, "E", RunOptions(only_rejects=True)),
    ):
        with pytest.raises(UsageError, match="no key column"):
            act()
    workspace.actor = Actor("matti", "viewer")
    with pytest.raises(UsageError, match="Your role"):
        shop.launch()
    assert workspace.state.runs() == []

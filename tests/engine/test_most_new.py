"""How many contacts may be new: counted for the whole run, whoever is known already isn't."""

from msgspec import structs

from engine.recovery_room import die, open_context, post, record
from omnisend_tui.config import store
from omnisend_tui.engine.ledger import Closed
from shops import MakeShop, Shop


def most_new(shop: Shop, count: int) -> None:
    before = shop.workspace.connection("Shop")
    after = structs.replace(before, max_new=count)
    store.edit_connection(shop.workspace.config_path, before, after)
    shop.workspace.reload_config()


def test_a_run_that_would_pass_it_stops(make_shop: MakeShop) -> None:
    shop = make_shop(people=250)
    most_new(shop, 120)
    end = shop.run()
    assert end.error is not None
    assert (end.status, end.error.code) == ("failed", "too_many_new")
    assert shop.sandbox.statistics()["contacts"] == end.accepted <= 120


def test_who_is_known_is_not_new(make_shop: MakeShop) -> None:
    shop = make_shop(people=100)
    shop.run()
    most_new(shop, 20)
    shop.people(120)
    assert shop.run().status == "finished"


def test_allowing_them_goes_on(make_shop: MakeShop) -> None:
    shop = make_shop(people=250)
    most_new(shop, 0)
    assert shop.run().accepted == 0
    assert shop.run(allow_new=True).accepted == 250


def test_a_resumed_run_counts_those_of_before(make_shop: MakeShop) -> None:
    shop = make_shop(people=250)
    most_new(shop, 120)
    dead = open_context(shop)
    first = record(dead, range(0, 100))
    post(dead, first)
    dead.ledger.close_batches([Closed(dead.ledger.row_of(first.number), "confirmed")])
    die(dead)
    end = shop.run(resume=True)
    assert end.error is not None
    assert end.error.code == "too_many_new"
    assert 100 <= shop.sandbox.statistics()["contacts"] <= 120


def test_who_has_too_many_tags_is_not_new(make_shop: MakeShop) -> None:
    shop = make_shop(people=5)
    before = shop.workspace.export("E")
    after = structs.replace(before, tags=tuple(f"t{n}" for n in range(101)))
    store.edit_export(shop.workspace.config_path, before, after)
    most_new(shop, 3)
    end = shop.run(allow_rejects=True)
    assert (end.status, end.rejected, end.new) == ("finished_with_rejects", 5, 0)


def test_who_was_refused_before_an_interruption_counts_as_then(make_shop: MakeShop) -> None:
    shop = make_shop(people=150)
    dead = open_context(shop)
    first = record(dead, range(0, 100))
    post(dead, first)
    row = dead.ledger.row_of(first.number)
    dead.ledger.close_batches([Closed(row, "confirmed", refused={5: "no"})])
    die(dead)
    end = shop.run(resume=True)
    assert (end.status, end.rejected, end.new) == ("finished_with_rejects", 1, 150)

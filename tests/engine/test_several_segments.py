"""Several rows of one address in several segments: it gets the tags of all, and keeps them."""

import pytest
from msgspec import structs

from engine.tag_room import tags_in
from omnisend_tui.config import store
from omnisend_tui.sandbox.faults import Faults, ItemFault
from shops import MakeShop, Shop

X = "x@example.com"
MANY = 2500  # rows, so that the last one lies in another chunk than the first


def make(make_shop: MakeShop) -> Shop:
    """An export of the segments A and B, by the column of names, with their names as tags."""
    shop = make_shop(people=1)
    config, workspace = shop.workspace.config_path, shop.workspace
    source = workspace.source("People")
    segments = {"A": "name = 'A'", "B": "name = 'B'"}
    store.edit_source(config, source, structs.replace(source, segments=segments))
    export = workspace.export("E")
    after = structs.replace(export, segments=("A", "B"), segment_tag="{segment}")
    store.edit_export(config, export, after)
    workspace.reload_config()
    return shop


def rows(first: str, last: str, between: int) -> list[str]:
    """Two rows of one person, and others in between."""
    people = [f"{n},person{n}@example.com,A" for n in range(between)]
    return [f"x1,{X},{first}", *people, f"x2,{X},{last}"]


@pytest.mark.parametrize("between", [1, MANY])
@pytest.mark.parametrize("first", ["A", "B"])
def test_all_rows_of_an_address_give_tags(make_shop: MakeShop, between: int, first: str) -> None:
    shop = make(make_shop)
    shop.write(rows(first, "AB".replace(first, ""), between))
    end = shop.run()
    assert (end.status, end.duplicates, end.leavers) == ("finished", 1, 0)
    assert tags_in(shop, X) == ["A", "B"]
    again = shop.run()
    assert (again.unchanged, again.tags_owed, again.leavers_found) == (between + 1, 0, 0)
    assert tags_in(shop, X) == ["A", "B"]


@pytest.mark.parametrize("between", [1, MANY])
def test_a_new_first_row_takes_nothing(make_shop: MakeShop, between: int) -> None:
    shop = make(make_shop)
    shop.write(rows("B", "B", between))
    assert shop.run().status == "finished"
    assert tags_in(shop, X) == ["B"]
    shop.write(rows("A", "B", between))
    end = shop.run()
    assert (end.status, end.leavers_found, tags_in(shop, X)) == ("finished", 0, ["A", "B"])
    shop.write(rows("A", "A", between))
    end = shop.run()
    assert (end.leavers, tags_in(shop, X)) == (1, ["A"])


def test_a_row_of_another_chunk_keeps_one_of_two_tags(make_shop: MakeShop) -> None:
    shop = make(make_shop)
    config, export = shop.workspace.config_path, shop.workspace.export("E")
    source = shop.workspace.source("People")
    segments = {**source.segments, "C": "name = 'C'"}
    store.edit_source(config, source, structs.replace(source, segments=segments))
    store.edit_export(config, export, structs.replace(export, segments=("A", "B", "C")))
    shop.workspace.reload_config()
    shop.write([*rows("A", "B", 1), f"x3,{X},C"])
    assert shop.run().status == "finished"
    assert tags_in(shop, X) == ["A", "B", "C"]
    shop.write(rows("A", "B", MANY))
    assert shop.run().leavers == 1
    assert tags_in(shop, X) == ["A", "B"]


def test_who_is_refused_gets_no_tag_by_a_later_row(make_shop: MakeShop) -> None:
    shop = make(make_shop)
    shop.sandbox.brand.plan.change(Faults(items=(ItemFault(email=X),)))
    shop.write(rows("A", "B", MANY))
    end = shop.run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 1)
    assert end.tagged == MANY

"""Whoever wants a tag while a run goes on: exports that come, go, and can't be read."""

from pathlib import Path

import pytest
from msgspec import structs

from engine.leaver_room import Other
from engine.tag_room import KEY, people, tags_in
from omnisend_tui.config import store
from omnisend_tui.config.models import Export, Source
from omnisend_tui.engine.ledger import Ledger
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.errors import ConfigError, StateError
from omnisend_tui.launch import launch
from omnisend_tui.workspace import Workspace
from shops import QUICK, MakeShop, Shop

WANTED = people(60)[-1]


def other_export(shop: Shop, **changes: str) -> Export:
    """Another process adds an export whose one person has the same tag."""
    path = shop.source_path.with_name("two.csv")
    path.write_text(f"id,mail,name\nC59,{WANTED},Person 59\n")
    config = shop.workspace.config_path
    store.add_source(config, Source(name="Two", path=str(path), key="id"))
    export = Export(
        name="O", connection="Shop", source="Two", segment_tag="VIP",
        mapping=shop.workspace.export("E").mapping,
    )  # fmt: skip
    store.add_export(config, export)
    return export


def run_other(shop: Shop) -> None:
    """In a workspace of its own, as another process has it."""
    folder = shop.workspace.config_path.parent
    environment = {"OMNISEND_TUI_API_KEY": shop.sandbox.api_key}
    budget = shop.source_path.with_name("budget.sqlite")
    with Workspace.open(folder, environment, budget) as workspace:
        end = launch(workspace, "O", started_by="test", patience=QUICK).wait(30)
        assert end is not None
        assert end.status == "finished"


def had_vip(make_shop: MakeShop) -> Shop:
    """All have the tag, and one is about to leave."""
    shop = make_shop(people=60, segment_tag="VIP")
    assert shop.run().status == "finished"
    shop.people(59)
    return shop


def test_an_export_that_another_process_added_keeps_its_tag(make_shop: MakeShop) -> None:
    shop = had_vip(make_shop)
    other_export(shop)
    run_other(shop)
    end = shop.run()
    assert (end.status, end.leavers) == ("finished", 0)
    assert tags_in(shop, WANTED) == ["VIP"]


def test_an_export_that_comes_while_the_run_goes_on_keeps_its_tag(make_shop: MakeShop) -> None:
    shop = had_vip(make_shop)
    run = shop.launch()
    run.pause()
    other_export(shop)
    run_other(shop)
    run.resume()
    end = run.wait(30)
    assert end is not None
    assert end.status == "finished"
    assert tags_in(shop, WANTED) == ["VIP"]


def test_a_detached_export_keeps_its_tag(make_shop: MakeShop) -> None:
    shop = had_vip(make_shop)
    other_export(shop)
    run_other(shop)
    shop.workspace.reload_config()
    before = shop.workspace.export("O")
    store.edit_export(shop.workspace.config_path, before, structs.replace(before, connection=""))
    shop.run()
    assert tags_in(shop, WANTED) == ["VIP"]


@pytest.mark.parametrize("spoil", ["no toml", "gone", "empty"])
def test_nobody_loses_a_tag_while_the_config_cannot_be_read(
    make_shop: MakeShop, spoil: str
) -> None:
    shop = had_vip(make_shop)
    config = shop.workspace.config_path
    text = config.read_text()
    run = shop.launch()
    run.pause()
    if spoil == "gone":
        config.unlink()
    else:
        config.write_text("[" if spoil == "no toml" else "")
    run.resume()
    end = run.wait(30)
    assert end is not None
    assert end.error is not None
    assert (end.status, end.error.code) == ("failed", "exports_unknown")
    assert tags_in(shop, WANTED) == ["VIP"]
    config.write_text(text)
    assert shop.run().leavers == 1


def test_an_empty_file_of_another_export_is_not_in_the_way(make_shop: MakeShop) -> None:
    shop = had_vip(make_shop)
    other_export(shop)
    shop.workspace.reload_config()
    run = shop.workspace.state.runs(shop.workspace.export("E").id, 1)[0]
    shop.workspace.ledger_path(shop.workspace.export("O").id, run.brand_id).touch()
    end = shop.run()
    assert (end.status, end.leavers) == ("finished", 1)


def test_a_ledger_counts_from_when_it_is_there_until_its_export_goes(make_shop: MakeShop) -> None:
    shop = make_shop()
    path = shop.workspace.ledger_path("other", "brand")
    path.touch()
    paths: list[Path] = [path]
    others = Others(lambda: paths)
    sealed: list[bytes] = []

    def state() -> tuple[int, int]:
        return len(others.known(sealed)), len(others.wanting(sealed, "VIP"))

    with_ledger = Ledger(path.with_name("for_the_seal.sqlite"), KEY)
    sealed.append(with_ledger.seal(WANTED))
    with_ledger.close()
    assert state() == (0, 0)
    other = Other(shop)
    other.record(WANTED, "VIP", "confirmed")
    assert state() == (1, 1)
    paths.clear()
    assert state() == (0, 0)
    others.close()


def test_who_was_known_stays_known_while_the_config_cannot_be_read(make_shop: MakeShop) -> None:
    shop = make_shop()
    other = Other(shop)
    other.record(WANTED, "VIP", "confirmed")
    sealed = [other.ledger.seal(WANTED)]
    readable = [True]

    def paths() -> list[Path]:
        if not readable[0]:
            raise ConfigError("config_unreadable", "")
        return [other.path]

    others = Others(paths)
    assert others.known(sealed) == set(sealed)
    readable[0] = False
    assert others.known(sealed) == set(sealed)
    with pytest.raises(StateError):
        others.wanting(sealed, "VIP")
    others.close()

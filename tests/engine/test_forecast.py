"""Dry runs: everything but sending, against the same sandbox as real ones."""

import hashlib
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
import pytest

from omnisend_tui.config import store
from omnisend_tui.engine.forecast import Forecast, masked, sample_requests
from omnisend_tui.engine.job import Patience
from omnisend_tui.errors import BusyError, SourceError, UsageError
from omnisend_tui.launch import dry_run, estimate, launch, never_ran
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, RunOptions
from shops import QUICK, MakeShop, Shop


def foresee(shop: Shop, stop: Event | None = None, **options: Any) -> Forecast:
    found = dry_run(shop.workspace, "E", RunOptions(**options), stop)
    assert found.read == found.would_send + found.unchanged + found.duplicates + found.rejected
    return found


def files_of(workspace_folder: Path) -> dict[str, str]:
    """Every file of the ledgers, the state aside, by its content."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in workspace_folder.rglob("*ledgers*/*")
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_a_first_dry_run_sends_nothing_and_leaves_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(people=250, segment_tag="segment: {segment}")
    shop.write(
        [f"C{n},person{n}@example.com,P" for n in range(250)]
        + ["D,person1@example.com,Again", "X,nonsense,X", "Y,,Y"]
    )
    found = foresee(shop)
    assert (found.read, found.would_send, found.duplicates, found.rejected) == (253, 250, 1, 2)
    assert found.new == found.would_tag == 250
    assert (found.price.contacts, found.price.tags) == (3, 1)
    assert found.reasons == {"invalid_email": 1, "missing_email": 1}
    assert shop.sandbox.statistics()["requests"] == {}
    assert shop.workspace.state.latest_runs() == {}
    ledger = shop.workspace.ledger_path(shop.workspace.export("E").id, "x").parent
    assert not ledger.exists() or list(ledger.glob("*.sqlite*")) == []
    assert list(shop.workspace.temp_dir.iterdir()) == []


def test_a_run_after_a_dry_run_is_the_same_as_without(make_shop: MakeShop) -> None:
    shop = make_shop(people=250, segment_tag="segment: {segment}")
    before = foresee(shop)
    run = shop.run()
    assert run.status == "finished"
    assert (run.to_send, run.new, run.tagged) == (before.would_send, before.new, 250)
    after = foresee(shop)
    assert (after.would_send, after.unchanged, after.would_tag) == (0, 250, 0)
    assert after.price.requests == 0
    folder = shop.workspace.config_path.parent
    kept = files_of(folder)
    foresee(shop, full=True)
    assert files_of(folder) == kept
    assert shop.run().unchanged == 250


def test_it_needs_neither_a_key_nor_consent_nor_a_network(make_shop: MakeShop) -> None:
    shop = make_shop(people=10)
    shop.workspace.secrets = type(shop.workspace.secrets)({})
    shop.change_connection(base_url="http://127.0.0.1:9/api")
    assert foresee(shop).would_send == 10


def test_leavers_are_counted_and_stay(make_shop: MakeShop) -> None:
    shop = make_shop(people=100, segment_tag="segment: {segment}")
    shop.run()
    shop.people(60)
    found = foresee(shop)
    assert (found.would_remove, found.price.tags) == (40, 1)
    assert found.error is None
    assert foresee(shop, limit=10).would_remove == 0
    assert shop.run().leavers == 40


def test_a_limit_reads_the_first_ones(make_shop: MakeShop) -> None:
    shop = make_shop(people=50)
    found = foresee(shop, limit=7)
    assert (found.read, found.would_send) == (7, 7)


@pytest.mark.parametrize("allowed", [False, True])
def test_the_stopping_rules_are_told_and_counts_are_whole(
    make_shop: MakeShop, allowed: bool
) -> None:
    shop = make_shop(people=0)
    shop.write([f"C{n},person{n}@example.com,P" for n in range(60)] + ["X,nonsense,X"] * 40)
    shop.change_connection(max_new=20)
    found = foresee(shop, allow_new=allowed)
    assert (found.read, found.new, found.rejected) == (100, 60, 40)
    assert found.error is not None
    assert found.error.code == ("too_many_rejects" if allowed else "too_many_new")
    assert shop.run(allow_new=allowed).error == found.error
    assert foresee(shop, allow_new=True, allow_rejects=True).error is None


def test_too_many_leavers_are_told(make_shop: MakeShop) -> None:
    shop = make_shop(people=200, segment_tag="segment: {segment}")
    shop.run()
    shop.people(100)
    found = foresee(shop)
    assert found.error is not None
    assert found.error.code == "too_many_leavers"
    assert found.would_remove == 100
    assert foresee(shop, allow_leavers=True).error is None
    assert shop.run().error == found.error


def test_too_many_profiles_are_told(make_shop: MakeShop) -> None:
    shop = make_shop(people=30)
    shop.change_export(max_profiles=20)
    found = foresee(shop)
    assert found.error is not None
    assert found.error.code == "too_many_profiles"
    assert found.read == 0


def test_tags_ride_along_after_the_behaviour_check(make_shop: MakeShop) -> None:
    shop = make_shop(people=50, segment_tag="vip")
    assert (foresee(shop).riding, foresee(shop).price.tags) == (False, 1)
    connection = shop.workspace.connection("Shop")
    behaviour = Behaviour(tags="add", unsubscribed="kept", at=1.0)
    shop.workspace.state.save_behaviour(connection.id, behaviour)
    found = foresee(shop)
    assert (found.riding, found.would_tag, found.price.tags) == (True, 0, 0)
    assert msgspec.json.decode(found.items[0])["tags"] == ["vip"]


def test_a_real_run_costs_what_was_foreseen(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, segment_tag="vip", tag_requests_per_minute=100_000)
    shop.change_connection(tag_requests_per_minute=100_000)
    found = foresee(shop)
    assert (found.price.contacts, found.price.tags) == (200, 80)
    run = shop.run(Patience())
    assert run.status == "finished"
    assert 280 <= run.requests <= found.price.requests * 1.1


def test_the_sample_is_what_would_be_posted_without_a_person_in_it(make_shop: MakeShop) -> None:
    shop = make_shop(people=350)
    found = foresee(shop)
    sample = sample_requests(found)
    assert [len(body["items"]) for body in sample] == [100, 100, 100]
    assert sample[0]["endpoint"] == "contacts"
    assert sample[0]["items"][0]["identifiers"][0]["id"] == "p***@example.com"
    assert "person" not in msgspec.json.encode(sample).decode().replace("Person", "")


def test_masking_hides_an_identifier_wherever_it_stands() -> None:
    body = {
        "identifiers": [
            {"type": "email", "id": "anna@example.com"},
            {"type": "phone", "id": "+358401234567"},
        ],
        "firstName": "ANNA@example.com",
        "customProperties": {"call": "+358401234567", "shop": "Oulu"},
    }
    text = masked(msgspec.json.encode(body))
    assert "anna" not in text.lower()
    assert "1234" not in text
    assert "Oulu" in text


def test_what_is_stopped_ends_early(make_shop: MakeShop) -> None:
    shop = make_shop(people=9000)
    stop = Event()

    def tell(snapshot: Snapshot) -> None:
        assert snapshot.total == 9000
        if snapshot.read:
            stop.set()

    found = dry_run(shop.workspace, "E", stop=stop, tell=tell)
    assert 0 < found.read < 9000
    assert list(shop.workspace.temp_dir.iterdir()) == []


def test_while_the_export_runs_it_says_who_runs_it(make_shop: MakeShop) -> None:
    shop = make_shop(people=300, requests_per_minute=2)
    run = shop.launch()
    with pytest.raises(BusyError) as caught:
        dry_run(shop.workspace, "E")
    run.cancel()
    run.wait(60)
    assert f"{shop.workspace.actor.name} started" in caught.value.message


def test_a_source_that_is_gone_is_told(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    shop.source_path.unlink()
    with pytest.raises(SourceError):
        dry_run(shop.workspace, "E")


def test_an_export_without_a_connection_has_no_price(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    shop.change_export(connection="")
    with pytest.raises(UsageError):
        dry_run(shop.workspace, "E")


def test_the_estimate_counts_alone_and_only_before_the_first_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=600, segment_tag="vip")
    export = shop.workspace.export("E")
    assert never_ran(shop.workspace, export)
    found = estimate(shop.workspace, "E", None)
    assert found is not None
    assert (found.profiles, found.price.contacts, found.price.tags) == (600, 6, 3)
    limited = estimate(shop.workspace, "E", 10)
    assert limited is not None
    assert limited.profiles == 10
    shop.run()
    assert not never_ran(shop.workspace, export)
    assert estimate(shop.workspace, "E", None) is None


def test_who_would_be_subscribed_is_counted_once(make_shop: MakeShop) -> None:
    shop = make_shop(people=0)
    shop.write(
        [f"C{n},person{n}@example.com,{'yes' if n < 4 else 'no'}" for n in range(10)],
        header="id,mail,name",
    )
    shop.change_export(
        email_status="subscribed", consent_column="name", consent_source="the shop's form"
    )
    found = foresee(shop)
    assert (found.would_send, found.subscribed) == (10, 4)
    first, *_others, last = (msgspec.json.decode(item)["identifiers"][0] for item in found.items)
    assert first["channels"]["email"]["status"] == "subscribed"
    assert "channels" not in last
    assert shop.run().status == "finished"
    assert foresee(shop).subscribed == 0


def test_another_export_keeps_its_people_from_being_new_and_from_losing_a_tag(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(people=100, segment_tag="vip")
    other = msgspec.structs.replace(shop.workspace.export("E"), name="Other", id="other")
    store.add_export(shop.workspace.config_path, other)
    shop.workspace.reload_config()
    shop.run()
    assert dry_run(shop.workspace, "Other").new == 0
    run = launch(shop.workspace, "Other", started_by="test", patience=QUICK)
    assert run.wait(60) is not None
    shop.people(90)
    found = foresee(shop)
    assert (found.would_remove, found.error) == (0, None)

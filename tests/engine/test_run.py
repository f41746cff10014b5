"""Whole runs against the sandbox: counts that add up, rejects with reasons, stopping."""

from pathlib import Path

import pytest

from engine.ledger_rows import contacts
from omnisend_tui.engine.job import Patience
from omnisend_tui.engine.ledger import Ledger, read_batches
from omnisend_tui.errors import BusyError, ConsentError, CredentialsError
from shops import MakeShop


def test_every_profile_is_accounted_for(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write(
        [
            *(f"C{n},person{n}@example.com,Person" for n in range(250)),
            "D1, PERSON1@Example.com ,again",
            "D2,\u00a0person2@example.com\u00a0,again",
            "R1,,nobody",
            "R2,not an address,x",
        ]
    )
    end = shop.run()
    assert end.status == "finished_with_rejects"
    assert (end.read, end.accepted + end.created + end.updated) == (254, 250)
    assert (end.duplicates, end.rejected, end.unchanged) == (2, 2, 0)
    assert (end.batches, end.batches_confirmed, end.batches_with_errors) == (3, 3, 0)
    told = {line.code: line.parameters for line in shop.workspace.state.log(end.run_id)}
    assert (told["all_sent"], told["all_confirmed"]) == ({"sent": 250}, {"confirmed": 250})
    stages, times = zip(*end.stages, strict=True)
    assert stages[:2] == ("reading", "sending")
    assert [end.started_at, *times, end.finished_at] == sorted(
        [end.started_at, *times, end.finished_at or 0.0]
    )
    assert end.user
    state = shop.workspace.state
    rejects = {p.key: p.reason for p in state.problems(end.run_id, "reject")}
    assert rejects == {"R1": "missing_email", "R2": "invalid_email"}
    assert state.run(end.run_id) == end
    assert shop.sandbox.statistics()["contacts"] == 250


def test_the_ledger_holds_what_was_confirmed(make_shop: MakeShop) -> None:
    shop = make_shop(people=150)
    end = shop.run()
    path = shop.workspace.ledger_path(end.export_id, end.brand_id)
    assert [row.state for row in read_batches(path, end.run_id, 10)] == ["confirmed"] * 2
    ledger = Ledger(path, shop.workspace.ledger_key())
    assert contacts(ledger) == 150
    ledger.close()


def test_a_second_run_sends_the_contacts_again(make_shop: MakeShop) -> None:
    shop = make_shop(people=30)
    shop.run()
    end = shop.run()
    assert end.status == "finished"
    assert end.closed == 30


@pytest.mark.parametrize("oldest_first", [False, True])
def test_either_order_of_the_list_of_batches_is_right(
    make_shop: MakeShop, oldest_first: bool
) -> None:
    shop = make_shop(people=100, oldest_first=oldest_first)
    for _n in range(3):
        shop.run()
    shop.people(30_000)
    end = shop.run()
    assert (end.status, end.closed, end.rejected) == ("finished", 30_000, 0)


def test_a_header_only_is_an_empty_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=0)
    end = shop.run()
    assert (end.status, end.read, end.batches) == ("finished", 0, 0)


def test_the_stopping_rule_ends_a_run_before_anything_is_sent(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write([f"C{n},,x" for n in range(21)] + ["G,good@example.com,x"])
    end = shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert end.error.code == "too_many_rejects"
    assert shop.sandbox.statistics()["batches"] == 0
    assert shop.run(allow_rejects=True).status == "finished_with_rejects"


def test_twenty_rejects_never_stop_a_run(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.write([f"C{n},,x" for n in range(20)])
    assert shop.run().status == "finished_with_rejects"


def test_too_many_profiles_are_refused_before_anything_is_sent(make_shop: MakeShop) -> None:
    shop = make_shop(people=20)
    config = shop.workspace.config_path
    config.write_text(
        config.read_text().replace('source = "People"', 'source = "People"\nmax_profiles = 10')
    )
    shop.workspace.reload_config()
    end = shop.run()
    assert end.error is not None
    assert end.error.code == "too_many_profiles"
    assert shop.sandbox.statistics()["batches"] == 0


def test_a_source_that_is_gone_ends_the_run_with_a_sentence(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.source_path.unlink()
    end = shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert end.error.message
    assert end.error.code != "unexpected"


def test_one_run_of_an_export_at_a_time(make_shop: MakeShop) -> None:
    shop = make_shop(batch_seconds=0.5)
    run = shop.launch()
    with pytest.raises(BusyError):
        shop.launch()
    run.cancel()
    assert run.wait(30) is not None
    assert shop.run().status == "finished"


def test_a_cancelled_run_confirms_what_is_in_flight(make_shop: MakeShop) -> None:
    shop = make_shop(people=3000, batch_seconds=0.02, requests_per_minute=400)
    run = shop.launch()
    while run.snapshot().sent < 200:
        assert run.wait(0.01) is None
    run.cancel()
    end = run.wait(30)
    assert end is not None
    assert end.status == "cancelled"
    assert end.confirmed == end.sent
    assert end.batches_open == 0
    assert 200 <= end.confirmed <= 3000


def test_a_paused_run_sends_nothing_until_it_goes_on(make_shop: MakeShop) -> None:
    shop = make_shop(people=3000, latency_ms=20)
    run = shop.launch()
    run.pause()
    seen = run.snapshot()
    assert seen.status == "paused"
    assert run.wait(0.5) is None
    assert run.snapshot().confirmed < 3000
    run.resume()
    end = run.wait(30)
    assert end is not None
    assert (end.status, end.closed) == ("finished", 3000)
    assert len(end.requests_chart) == 60


def test_no_consent_no_profile(make_shop: MakeShop) -> None:
    shop = make_shop()
    config = shop.workspace.config_path
    text = config.read_text()
    config.write_text(text.replace('base_url = "', 'base_url = "https://elsewhere.example/'))
    shop.workspace.reload_config()
    with pytest.raises(ConsentError):
        shop.launch()


def test_no_key_no_run(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.workspace.secrets = type(shop.workspace.secrets)({})
    with pytest.raises(CredentialsError):
        shop.launch()


def test_nothing_personal_and_no_key_in_what_is_written(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    shop = make_shop(people=0)
    shop.write(["C1,secretperson@example.com,Topsecretname", "C2,broken@@example.com,Othername"])
    shop.run()
    shop.workspace.close()
    for file in (tmp_path / "workspace").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for private in (b"secretperson", b"Topsecret", shop.sandbox.api_key.encode()):
                assert private not in content, file


def test_small_windows_are_never_passed(make_shop: MakeShop) -> None:
    shop = make_shop(people=1000, requests_per_minute=30, budget_share=50)
    end = shop.run(Patience(poll=0.2))
    assert (end.status, end.closed) == ("finished", 1000)
    assert shop.sandbox.statistics()["max_requests_60s"] <= 15

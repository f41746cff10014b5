"""What became of a batch's contacts, in every reading that the contract leaves open."""

import time
from typing import Any

import msgspec
import pytest

from omnisend_tui.engine.outbox import Outgoing
from omnisend_tui.engine.outcome import outcome_of
from omnisend_tui.masking import mask_addresses
from omnisend_tui.omnisend.models import Batch, BatchItems, BatchList


def address(n: int) -> str:
    return f"p{n}@example.com"


def item(n: int, code: int, **more: Any) -> dict[str, Any]:
    request = {"identifiers": [{"type": "email", "id": address(n)}]}
    return {"request": request, "responseCode": code, "response": {"detail": "no"}} | more


def outcome(status: str, errors_count: int, **lists: Any) -> dict[str, Any]:
    bodies = [
        msgspec.json.encode({"identifiers": [{"type": "email", "id": address(n)}]})
        for n in range(4)
    ]
    batch = Outgoing(1, bodies, list("abcd"), [b""] * 4)
    state = Batch(batch_id="b", status=status, errors_count=errors_count)
    items = msgspec.convert(lists, BatchItems)
    found = outcome_of(batch.emails(), state, items)
    return {
        name: sorted(getattr(found, name))
        for name in ("created", "updated", "accepted", "refused", "again")
    }


@pytest.mark.parametrize("lists", [{}, {"errors": None}, {"errors": [], "responses": []}])
def test_errors_that_are_not_told_are_no_successes(lists: dict[str, Any]) -> None:
    found = outcome("finished", 3, **lists)
    assert (found["accepted"], found["refused"]) == ([], [0, 1, 2, 3])


def test_a_failure_among_the_responses_is_a_refusal() -> None:
    found = outcome("finished", 1, responses=[item(0, 400), *(item(n, 201) for n in (1, 2, 3))])
    assert (found["created"], found["refused"]) == ([1, 2, 3], [0])


def test_an_error_told_twice_refuses_one_contact() -> None:
    found = outcome("finished", 1, errors=[item(0, 400), item(0, 400)])
    assert (found["accepted"], found["refused"]) == ([1, 2, 3], [0])


def test_what_a_stopped_batch_left_goes_again() -> None:
    found = outcome("stopped", 1, errors=[item(3, 400)], responses=[item(0, 200)])
    assert (found["updated"], found["refused"], found["again"]) == ([0], [3], [1, 2])


def test_an_error_that_names_nobody_leaves_no_false_success() -> None:
    found = outcome("finished", 1, errors=[item(0, 400, request=None)], responses=[item(1, 201)])
    assert (found["created"], found["refused"]) == ([1], [0, 2, 3])


def test_null_is_a_reading_of_every_field() -> None:
    body = (
        b'{"batches":[{"batchID":"x","origin":null,"createdAt":null,"status":"finished",'
        b'"errorsCount":null,"finishedCount":null,"totalCount":null}]}'
    )
    listed = msgspec.json.decode(body, type=BatchList).batches
    assert listed is not None
    assert listed[0].ended
    assert msgspec.json.decode(b'{"batches":null}', type=BatchList).batches is None


def test_an_address_at_the_end_of_a_long_text_is_masked() -> None:
    assert "john.smith" not in mask_addresses("x" * 290 + " john.smith.virtanen@example.com")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("bad mary.o'connor@example.com!", "bad ***"),
        ("bad mary.o'connor@example.com x", "bad m***@example.com x"),
        ("'john.smith@example.com' bad", "***@example.com' bad"),
        ('bad "john smith"@example.com', "bad ***@example.com"),
        ("/t/john.smith%40example.com", "***@example.com"),
        ("['john@example.com','mary@example.com']", "***@example.com'***@example.com']"),
        ("/t/john.smith%2540example.com", "***@example.com"),
        ("john.smith&#64;example.com", "j***@example.com"),
        ("john.smith&#x40;example.com", "j***@example.com"),
        ("john.smith\\u0040example.com", "j***@example.com"),
    ],
)
def test_an_address_is_masked_however_it_is_written(words: str, told: str) -> None:
    assert mask_addresses(words) == told


@pytest.mark.parametrize("local", ["john.smith", '"john smith"'])
def test_where_long_words_are_cut_no_part_of_an_address_is_left(local: str) -> None:
    for filler in range(560, 605):
        # Addresses before it make what is shown shorter than what was looked at.
        words = f"{'x' * 250}@example.com {'y' * (filler - 263)} {local}@example.com " + "z" * 999
        assert "john" not in mask_addresses(words)


@pytest.mark.parametrize("words", ["a", '"', '"a', "a%4", "a@", "a'", 'a"b"'])
def test_masking_hostile_words_takes_no_longer_the_longer_they_are(words: str) -> None:
    def seconds(times: int) -> float:
        text, begun = words * times, time.perf_counter()
        mask_addresses(text)
        return time.perf_counter() - begun

    few, many = (min(seconds(times) for _n in range(5)) for times in (1_000, 100_000))
    assert many < 20 * few + 0.001

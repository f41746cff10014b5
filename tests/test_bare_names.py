"""What all names of a list begin with isn't shown."""

import pytest

from omnisend_tui.bare_names import (
    bare_names,
    bare_segments,
    called_segments,
    shared_prefix,
    shared_start,
)


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["msdynci_a", "msdynci_b"], "msdynci_"),
        (["cr123_a", "cr123_B c"], "cr123_"),
        (["cr_a", "y"], ""),
        (["cr_a"], ""),
        (["cr_", "cr_b"], ""),
        (["cr_a", "cr_All profiles"], ""),
        # What isn't a publisher's says something.
        (["VIP_FI", "VIP_SE"], ""),
        (["people.csv:a", "people.csv:b"], ""),
        (["order.a", "order.b"], ""),
        (["1st_a", "1st_b"], ""),
        (["customers_a", "customers_b"], ""),
        ([], ""),
    ],
)
def test_a_shared_prefix_is_hidden(names: list[str], prefix: str) -> None:
    assert shared_prefix(names) == prefix
    assert bare_names(names) == {name: name[len(prefix) :] for name in names}


def test_proposals_look_behind_any_shared_start() -> None:
    assert shared_start(["order.a", "order.b"]) == "order."
    assert shared_start(["Vol. 1", "Vol. 2"]) == ""


def test_all_profiles_shares_no_prefix() -> None:
    assert bare_segments(["All profiles", "cr_a", "cr_b"]) == {
        "All profiles": "All profiles", "cr_a": "a", "cr_b": "b",
    }  # fmt: skip


def test_no_two_segments_are_called_the_same() -> None:
    assert called_segments({"cr_a": "b", "cr_b": "", "cr_c": ""}) == {
        "cr_a": "b", "cr_b": "", "cr_c": "c",
    }  # fmt: skip

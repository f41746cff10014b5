from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.engine.seen import Seen


@given(st.lists(st.binary(min_size=16, max_size=16)))
def test_it_answers_as_a_set_does(keys: list[bytes]) -> None:
    seen, truth = Seen(), set[bytes]()
    for key in keys:
        assert (key in seen) == (key in truth)
        assert seen.add(key) == (key not in truth)
        truth.add(key)


def test_a_match_across_two_keys_is_none() -> None:
    seen = Seen()
    a, b = b"\0" * 2 + b"A" * 14, b"\0\0" + b"B" * 14
    assert seen.add(a)
    assert seen.add(b)
    across = (a + b)[14:30]
    assert seen.add(b"\0\0" + across[2:])

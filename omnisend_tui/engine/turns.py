"""How long a thread computes before another one may."""

import sys

_SWITCH = 0.001  # seconds; the default of 5 ms lets four busy threads starve the app's event loop


def take_short_turns() -> None:
    """For the whole process and for good: other runs may go on when this one has ended."""
    sys.setswitchinterval(_SWITCH)

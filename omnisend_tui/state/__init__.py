"""The state of a workspace: runs, problems, logs, consents, brands."""

from omnisend_tui.state.file import Stamp
from omnisend_tui.state.runs import UNENDED, Sought
from omnisend_tui.state.store import State, Wish

__all__ = ["UNENDED", "Sought", "Stamp", "State", "Wish"]

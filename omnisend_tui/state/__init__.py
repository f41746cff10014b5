"""The state of a workspace: runs, problems, logs, consents, brands."""

from omnisend_tui.state.store import State, Wish

__all__ = ["State", "Wish"]

"""What follows for the app from the terminal that it runs in, as its variables tell."""

from collections.abc import Mapping
from typing import Literal


def animated(wished: Literal["auto", "on", "off"], environ: Mapping[str, str]) -> bool:
    """Whether something may move or blink: over SSH each picture of it is sent over the line."""
    if wished == "auto":
        # https://man.openbsd.org/ssh.1#ENVIRONMENT: what sshd sets, the second with a terminal.
        return not (environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
    return wished == "on"


def only_ascii(wished: bool, environ: Mapping[str, str]) -> bool:
    """Whether signs beyond ASCII are replaced; the Linux console's font lacks most of them."""
    return wished or environ.get("TERM") == "linux"

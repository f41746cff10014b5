"""What ``doctor`` found."""

from typing import Literal

import msgspec

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.secrets import Origin

State = Literal["ok", "warning", "failed"]


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. A warning doesn't make the whole fail; ``hint`` says what to do."""

    check: str
    state: State
    detail: str
    hint: str = ""


def failed(check: str, error: AppError) -> Finding:
    return Finding(check, "failed", error.message, error.hint)


def origin_word(origin: Origin) -> str:
    """Where a secret comes from, in words."""
    return {
        "environment": _("the environment"),
        "credentials": _("the credentials folder"),
        "keyring": _("the keyring"),
    }[origin]

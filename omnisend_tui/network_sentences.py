"""Why a server gave no answer, in sentences that fit every one."""

from collections.abc import Mapping

from omnisend_tui.http import Fault
from omnisend_tui.i18n import _


def no_answer(host: str, fault: Fault, hints: Mapping[Fault, str]) -> tuple[str, str]:
    """The sentence and the hint. ``hints`` are those for what depends on the server: 'dns',
    'refused' and 'tls'.
    """
    again = _("Try again in a while.")
    sentence, hint = {
        "dns": (_("The name {host} can't be found."), ""),
        "refused": (_("{host} refuses the connection."), ""),
        "tls": (_("No secure connection to {host} can be made."), ""),
        "proxy": (
            _("The proxy doesn't let this machine reach {host}."),
            _("Check HTTPS_PROXY and NO_PROXY."),
        ),
        "timeout": (_("{host} didn't answer in time."), again),
        "cut": (_("{host} ended the connection before it answered."), again),
        "large": (
            _("{host} answers with far more than was asked for."),
            _("A proxy may stand in between. Try again in a while."),
        ),
    }[fault]
    return sentence.format(host=host), hints.get(fault, hint)

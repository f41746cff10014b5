"""Who is unsubscribed: for exports that subscribe, and brands where any upsert does."""

import threading
from functools import partial

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.halt import Halt
from omnisend_tui.engine.ledger import SIV
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.engine.seen import Seen
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.emails import normalise
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.models import ContactList

# How long a list counts as right: so many times as long as it took, within these seconds.
_TIMES, _BRIEFEST, _LONGEST = 10.0, 120.0, 600.0


def revives(context: Context) -> bool:
    """Whether any upsert would subscribe the unsubscribed: then they aren't sent at all."""
    behaviour = context.job.behaviour
    return behaviour is not None and behaviour.unsubscribed != "kept"


def list_unsubscribed(context: Context) -> Seen | None:
    """The addresses that Omnisend lists as unsubscribed, each by the SIV of its sealed form.

    None where the export sends no status and upserts leave the unsubscribed as they are, or nobody
    has measured it. Raises what the client does, and ``AppError`` (unsubscribed_unclear) for a list
    that can't be read to its end.
    """
    if not revives(context) and not context.job.export.email_status:
        return None
    began, pauses = context.ticks(), context.outbox.halt.pauses
    context.unsubscribed = _listed(context)
    ended = context.ticks()
    context.fresh_until = ended + min(_LONGEST, max(_BRIEFEST, _TIMES * (ended - began)))
    context.fresh_in = pauses
    return context.unsubscribed


def still_listed(context: Context) -> Seen:
    """As ``list_unsubscribed``, right before a batch is sent that may subscribe somebody.

    Listed again once the list is older than ten times the time that it took, but than two minutes
    at least and ten at most; and after a pause. So listing takes about a tenth of the run: of
    50,000 unsubscribed, 200 requests, which are 30 seconds at 400 a minute, are listed again after
    five minutes.
    """
    with context.listing:
        if context.unsubscribed is None or _is_old(context):
            list_unsubscribed(context)
        return context.unsubscribed or Seen()


class WhileListIsFresh(threading.Event):
    """Set as ``halt`` is, and once the list is too old for what it was used for.

    A batch may wait for its request for longer: in an outage, or while the budget is held.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._halt: Halt = context.outbox.halt

    def is_set(self) -> bool:
        return self._halt.is_set() or _is_old(self._context)

    def wait(self, timeout: float | None = None) -> bool:
        return self._halt.wait(timeout) or self.is_set()


def _is_old(context: Context) -> bool:
    ended = context.outbox.halt.pauses != context.fresh_in
    return ended or context.ticks() > context.fresh_until


def _listed(context: Context) -> Seen:
    found = Seen()
    after = ""
    cursors: set[str] = set()
    while True:
        page = _page(context, after)
        for contact in page.contacts or []:
            for listed in contact.emails:
                email, _fault = normalise(listed)
                if email:  # another one is rejected, so never sent
                    found.add(context.ledger.seal(email)[:SIV])
        if not page.has_more:
            return found
        after = page.after
        if not after or after in cursors:
            raise AppError(
                "unsubscribed_unclear",
                _("Omnisend's list of the unsubscribed can't be read to its end."),
                _("Nothing was sent, since it could have subscribed them again. Try again later."),
            )
        cursors.add(after)


def _page(context: Context, after: str) -> ContactList:
    try:
        return with_retries(context, partial(_ask, context, after), worth_another, context.stop)
    except AppError:
        if context.stop.is_set():  # a cancelled run didn't fail
            raise Stopped from None
        raise


def _ask(context: Context, after: str) -> ContactList:
    context.counters.add(requests=1)
    return context.client.list_unsubscribed(after, context.stop)

"""Who is unsubscribed: for exports that subscribe, and brands where any upsert does."""

from functools import partial

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.engine.seen import Seen
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.emails import normalise
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.models import ContactList

_FRESH = 1800.0  # seconds: a longer run, or one that was paused, lists them again


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
    context.unsubscribed = _listed(context)
    context.listed_at = context.clock()
    return context.unsubscribed


def still_listed(context: Context) -> Seen:
    """As ``list_unsubscribed`` for exports that subscribe, listed again where that is long ago."""
    with context.listing:
        if context.unsubscribed is None or context.clock() - context.listed_at > _FRESH:
            list_unsubscribed(context)
        return context.unsubscribed or Seen()


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

"""Who left the export's segments: found after a complete read, counted, and only then removed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV, TagRow, TagWork
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.seen import Seen
from omnisend_tui.engine.tags import TagRequests
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.models import TAGGED

_Request = Callable[[Sequence[str], Sequence[str], Event], None]


def still_there(context: Context) -> Seen | None:
    """Who is in the source; None where that isn't known, so that nobody counts as a leaver.

    A source that wasn't read to its end, or in which nobody was met, says nothing; nor does one
    with rows that can't be read, since each may hide somebody, or one that is unclear about some.
    """
    if not context.seen:
        return None
    if context.unreadable or context.unclear:
        if context.ledger.leaving.segment_tags():
            if context.unreadable:
                context.log("leavers_unclear", rows=context.unreadable)
            if context.unclear:
                context.log("source_unclear", profiles=context.unclear)
        return None
    return context.seen


def find(context: Context, seen: Seen) -> None:
    """Notes in the ledger, which is merged, who loses which tags of segments.

    ``seen`` has everybody in the source. Those who left one of several segments were noted by the
    reader.
    """
    _correct_noted(context)
    ledger = context.ledger
    removable = ledger.leaving.segment_tags()
    plans: dict[tuple[int, int], tuple[int, int]] = {}
    for holders in ledger.leaving.holders():
        rows = []
        for sealed, given, owed in holders:
            if sealed[:SIV] in seen:
                continue
            if (given, owed) not in plans:
                has = ledger.tags(given)
                loses = (has | ledger.tags(owed)) & removable
                plans[given, owed] = ledger.tag_set(loses), ledger.tag_set(has - loses)
            loses_set, result = plans[given, owed]
            if loses_set:
                rows.append(TagRow(sealed, loses_set, result))
        ledger.leaving.note(rows)


def judge(context: Context) -> bool:
    """Whether tags may be removed by the stopping rule (spec.md), counted for each tag."""
    ledger = context.ledger
    context.counters.set(leavers_found=ledger.left + sum(ledger.leaving.counts().values()))
    finding = too_many(context)
    if finding is not None:
        context.fail(finding)
    return finding is None


def too_many(context: Context) -> AppError | None:
    """What the stopping rule finds, None where tags may be removed."""
    ledger = context.ledger
    leaving = ledger.leaving.counts()
    if not leaving or context.job.options.allow_leavers:
        return None
    export = context.job.export
    leavers: Counter[str] = Counter()
    for tags, count in leaving.items():
        for tag in ledger.tags(tags):
            leavers[tag] += count
    holders = _holders(context)
    over = [
        tag
        for tag, count in leavers.items()
        if count > export.max_leavers_people and count * 100 > export.max_leavers * holders[tag]
    ]
    if not over:
        return None
    tag = max(over, key=lambda each: leavers[each])
    return AppError(
        "too_many_leavers",
        _(
            "{leavers} of {holders} contacts would lose the tag “{tag}”, more than {limit} %,"
            " so nobody loses it."
        ).format(
            leavers=number(leavers[tag]),
            holders=number(max(holders[tag], leavers[tag])),
            tag=tag,
            limit=export.max_leavers,
        ),
        _("Look at the source; `run --allow-leavers` removes the tag in spite of them."),
    )


def remove(context: Context, others: Others) -> None:
    """Takes the tags from those who were found; what is interrupted is left to the next run.

    Who is to have a tag by another export keeps it: the ledger only forgets that it gave it.
    Raises ``Stopped`` and ``AppError``.
    """
    ledger = context.ledger
    ledger.leaving.take()
    after = 0
    requests, removal = TagRequests(context), _Removal(context, others)
    while (work := ledger.tag_log.next("take", TAGGED, after)) is not None:
        requests.ask(work, partial(removal.step, work))
        after = work.ids[0] - 1


class _Removal:
    """Works off what is to be taken, one request a step, while the tags' locks are held.

    Tags that ride in another export's batches take no lock. So who is wanted there may lose a tag
    between the look at its ledger and the answer, by a request whose answer was lost, or by a run
    that crashed; such a tag is given again. Whatever is recorded after the look that follows the
    answer is sent after the removal, so it needs nothing.
    """

    def __init__(self, context: Context, others: Others) -> None:
        self._context = context
        self._others = others
        self._gone: dict[bytes, frozenset[str]] = {}  # tags that each may have lost already

    def step(self, work: TagWork) -> None:
        """One request at most; contacts that aren't done come again from the ledger."""
        self._recall(work)
        wanted = self._wanted(work)
        back = _lots(work, {each: wanted[each] & self._gone[each] for each in work.sealed})
        losing = {each: work.tags - wanted[each] for each in work.sealed}
        unharmed = back.pop(frozenset(), None)
        take = _lots(unharmed, losing) if unharmed is not None else {}
        self._keep(take.pop(frozenset(), None))
        if take:
            self._take(_largest(take))
        elif back:
            self._give_back(_largest(back), losing)

    def _recall(self, work: TagWork) -> None:
        """An earlier run's request without an answer left the tag as owed."""
        ledger = self._context.ledger
        new = [each for each in work.sealed if each not in self._gone]
        known = ledger.lookup(new)
        for each in new:
            owed = known[each].owed if each in known else 0
            self._gone[each] = ledger.tags(owed) & work.tags

    def _wanted(self, work: TagWork) -> dict[bytes, frozenset[str]]:
        """The tags of ``work`` that other exports want, for each contact."""
        wanted = dict.fromkeys(work.sealed, frozenset[str]())
        for tag in work.tags:
            for address in self._others.wanting(work.sealed, tag):
                wanted[address] |= {tag}
        return wanted

    def _take(self, lot: TagWork) -> None:
        for each in lot.sealed:
            self._gone[each] |= lot.tags
        self._ask(self._context.client.remove_tags, lot)
        wanted = self._wanted(lot)
        removed = _lots(lot, wanted).get(frozenset())
        if removed is not None:
            self._done(removed, left=True)
            self._context.counters.add(leavers=len(removed.ids))

    def _give_back(self, lot: TagWork, losing: Mapping[bytes, frozenset[str]]) -> None:
        self._ask(self._context.client.add_tags, lot)
        for each in lot.sealed:
            self._gone[each] -= lot.tags
        self._keep(_lots(lot, losing).get(frozenset()))

    def _keep(self, kept: TagWork | None) -> None:
        if kept is not None:
            self._done(kept)
            self._context.counters.add(leavers_found=-len(kept.ids))

    def _done(self, work: TagWork, *, left: bool = False) -> None:
        ledger = self._context.ledger
        ledger.tag_log.done(work, left_in=ledger.run if left else 0)
        for each in work.sealed:
            del self._gone[each]

    def _ask(self, request: _Request, lot: TagWork) -> None:
        emails = [self._context.ledger.unseal(each) for each in lot.sealed]
        self._context.counters.add(requests=1)
        request(sorted(lot.tags), emails, self._context.outbox.halt)


def _lots(work: TagWork, tags: Mapping[bytes, frozenset[str]]) -> dict[frozenset[str], TagWork]:
    """``work``, divided by the tags that are meant for each contact."""
    lots: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for position, address in enumerate(work.sealed):
        lots[tags[address]].append(position)
    return {
        each: TagWork(
            work.verb, each, [work.sealed[at] for at in places], [work.ids[at] for at in places]
        )
        for each, places in lots.items()
    }


def _largest(lots: Mapping[frozenset[str], TagWork]) -> TagWork:
    return max(lots.values(), key=lambda lot: len(lot.ids))


def _correct_noted(context: Context) -> None:
    """The reader noted what a contact would lose by its first row, and have afterwards.

    A later row may want some of it, and Omnisend may have refused the contact since.
    """
    ledger = context.ledger
    for rows in ledger.leaving.noted():
        known = ledger.lookup([row.sealed for row in rows])
        corrected: list[TagRow] = []
        staying: list[bytes] = []
        for row in rows:
            loses = ledger.tags(row.tags) - context.later_tags.get(row.sealed, frozenset())
            if not loses:
                staying.append(row.sealed)
            elif row.sealed in known:
                has = ledger.tags(known[row.sealed].given)
                result = ledger.tag_set(has - loses)
                corrected.append(TagRow(row.sealed, ledger.tag_set(loses), result))
        ledger.leaving.note(corrected)
        ledger.leaving.stay(staying)


def _holders(context: Context) -> Counter[str]:
    """How many had or may have had each tag before the run: newcomers don't make a share small."""
    ledger = context.ledger
    holders: Counter[str] = Counter()
    for given, owed, count in ledger.leaving.held():
        for tag in ledger.tags(given) | ledger.tags(owed):
            holders[tag] += count
    return holders

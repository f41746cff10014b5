"""Who left the export's segments: found after a complete read, counted, and only then removed."""

from collections import Counter, defaultdict
from functools import partial

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV, TagRow, TagWork
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.seen import Seen
from omnisend_tui.engine.tags import TAGGED, TagRequests
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _


def find(context: Context, seen: Seen) -> None:
    """Notes in the ledger, which is merged, who loses which tags of segments.

    ``seen`` has everybody in the source. Those who left one of several segments were noted by the
    reader.
    """
    _settle(context)
    ledger = context.ledger
    removable = ledger.segment_tags()
    plans: dict[tuple[int, int], tuple[int, int]] = {}
    for holders in ledger.holders():
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
        ledger.leave(rows)


def judge(context: Context) -> bool:
    """Whether tags may be removed by the stopping rule (spec.md), counted for each tag."""
    ledger = context.ledger
    leaving = ledger.leaving()
    context.counters.set(leavers_found=sum(leaving.values()))
    if not leaving or context.job.options.allow_leavers:
        return True
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
        return True
    tag = max(over, key=lambda each: leavers[each])
    context.fail(
        AppError(
            "too_many_leavers",
            _(
                "{leavers} of {holders} contacts would lose the tag “{tag}”, more than {limit} %;"
                " nobody lost it."
            ).format(
                leavers=number(leavers[tag]),
                holders=number(holders[tag]),
                tag=tag,
                limit=export.max_leavers,
            ),
            _("Look at the source; `run --allow-leavers` removes the tag in spite of them."),
        )
    )
    return False


def remove(context: Context, others: Others) -> None:
    """Takes the tags from those who were found; what is interrupted is left to the next run.

    Who is to have a tag by another export keeps it: the ledger only forgets that it gave it.
    Raises ``Stopped`` and ``AppError``.
    """
    ledger = context.ledger
    ledger.take_from_leavers()
    after = 0
    with TagRequests(context) as requests:
        while (work := ledger.next_tags("take", TAGGED, after)) is not None:
            taken, kept = requests.ask(work, partial(_take, context, work, others))
            context.counters.add(leavers=taken, leavers_found=-kept)
            after = work.ids[0] - 1


def _take(context: Context, work: TagWork, others: Others) -> tuple[int, int]:
    """How many lost tags by one request, and how many keep all of theirs.

    Others of ``work`` come again from the ledger. The tags' locks are held.
    """
    lots = _by_tags(work, others)
    kept = lots.pop(frozenset(), None)
    if kept is not None:
        context.ledger.tags_done(kept)
    lot = max(lots.values(), key=lambda each: len(each.ids), default=None)
    if lot is not None:
        emails = [context.ledger.unseal(each) for each in lot.sealed]
        context.counters.add(requests=1)
        context.client.remove_tags(sorted(lot.tags), emails, context.stop)
        context.ledger.tags_done(lot)
    return len(lot.ids) if lot else 0, len(kept.ids) if kept else 0


def _by_tags(work: TagWork, others: Others) -> dict[frozenset[str], TagWork]:
    """``work``, divided by what each contact is really to lose."""
    losing = dict.fromkeys(work.sealed, work.tags)
    for tag in sorted(work.tags):
        for address in others.wanting(work.sealed, tag):
            losing[address] -= {tag}
    lots: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for position, address in enumerate(work.sealed):
        lots[losing[address]].append(position)
    return {
        tags: TagWork(
            work.verb, tags, [work.sealed[at] for at in places], [work.ids[at] for at in places]
        )
        for tags, places in lots.items()
    }


def _settle(context: Context) -> None:
    """The reader noted what a contact would have afterwards; Omnisend may have refused it since."""
    ledger = context.ledger
    for rows in ledger.leavers():
        known = ledger.lookup([row.sealed for row in rows])
        ledger.leave(
            [
                TagRow(
                    row.sealed,
                    row.tags,
                    ledger.tag_set(ledger.tags(known[row.sealed].given) - ledger.tags(row.tags)),
                )
                for row in rows
                if row.sealed in known
            ]
        )


def _holders(context: Context) -> Counter[str]:
    """How many have or may have each tag."""
    ledger = context.ledger
    sets: Counter[tuple[int, int]] = Counter()
    for chunk in ledger.holders():
        sets.update((given, owed) for _sealed, given, owed in chunk)
    holders: Counter[str] = Counter()
    for (given, owed), count in sets.items():
        for tag in ledger.tags(given) | ledger.tags(owed):
            holders[tag] += count
    return holders

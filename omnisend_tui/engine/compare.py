"""What each contact needs: to be sent, only a tag, or nothing; and which tags it is to lose."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from omnisend_tui.config.models import Export
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV, Consent, Known, Sending, TagRow, content_hash
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.seen import Seen
from omnisend_tui.engine.unsubscribed import revives

MOST_TAGS = 100  # a contact (contracts/omnisend.md)


class Tags(NamedTuple):
    """What a contact lacks, has afterwards, loses, and has after that (numbers of sets).

    ``holds``: whether it has or may have a segment's tag now.
    """

    adds: int = 0
    result: int = 0
    removes: int = 0
    after: int = 0
    holds: bool = False
    too_many: bool = False


@dataclass(slots=True)
class Plan:
    """A chunk's contacts, by position. ``adds`` and ``results`` go with ``send``.

    So do ``statuses``, ``sending`` and ``lookups`` (whom to look up first), as in ``Outgoing``:
    empty where the export sends no status. ``settled`` get no status and nothing else; ``withheld``
    counts all whose status is withheld now.

    ``fates`` are those that this run confirmed before it was interrupted, ``refused`` those that
    Omnisend refused then, with its words. ``strangers`` are in no ledger of the brand. ``passed``
    are no concern of the run.
    """

    send: list[int] = field(default_factory=list)
    adds: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    duplicates: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    overtagged: set[int] = field(default_factory=set)
    passed: frozenset[int] = frozenset()
    refused: dict[int, str] = field(default_factory=dict)
    fates: Counter[int] = field(default_factory=Counter)
    owed: list[TagRow] = field(default_factory=list)
    leaving: list[TagRow] = field(default_factory=list)
    strangers: list[int] = field(default_factory=list)
    statuses: list[bytes] = field(default_factory=list)
    sending: list[int] = field(default_factory=list)
    lookups: list[bool] = field(default_factory=list)
    settled: list[bytes] = field(default_factory=list)
    withheld: int = 0


def segment_tag(export: Export, segment: str) -> str:
    """The tag of a segment, '' where the export gives none."""
    return export.segment_tag.replace("{segment}", segment)


class Comparer:
    """Divides chunks by what the ledger has of their contacts; each address counts once.

    Those in ``unsubscribed`` get no status. Where an upsert alone would subscribe them, they are
    ``left_alone``: they exist in Omnisend and stay as they are.
    """

    def __init__(self, context: Context, unsubscribed: Seen | None, others: Others) -> None:
        self.seen = Seen()
        self.left_alone = 0
        self._context = context
        self._ledger = context.ledger
        self._unsubscribed = unsubscribed
        self._alone = unsubscribed if revives(context) else None
        self._subscribes = context.job.export.email_status == "subscribed"
        self._others = others
        self._full = context.job.options.full
        self._refusals = context.ledger.refusals()
        self._nobody_known = context.ledger.empty
        export = context.job.export
        self._segment_tags = [segment_tag(export, segment) for segment in export.segments]
        given = (tag for tag in self._segment_tags if tag)
        self._removable = self._ledger.leaving.segment_tags(given)
        self._plans: dict[tuple[int, int, int], Tags] = {}
        self._wants: dict[int, frozenset[str]] = {}
        self._held = self._ledger.leaving.held()
        self._known = sum(people for _given, _owed, people in self._held)
        self._holders = self._leaving = self._met_before = 0
        self.met = 0
        """Contacts; each counts once."""

    @property
    def unmet(self) -> int:
        """About how many that were known before the run weren't met."""
        return max(0, self._known - self._met_before)

    @property
    def leavers(self) -> int:
        """About how many are to lose tags, once everybody was met: those who held one before the
        run and weren't, and those who left one of several segments.
        """
        held = sum(people for given, owed, people in self._held if self._hold(given, owed))
        return max(0, held - self._holders) + self._leaving

    def divide(
        self, sealed: Sequence[bytes], bodies: Sequence[bytes], masks: Sequence[int],
        opt_ins: Sequence[bytes] = (), passed: frozenset[int] = frozenset(),
    ) -> Plan:  # fmt: skip
        """``masks`` say which segments a contact is in; empty where there is one only.

        All rows of an address count for them: those of earlier chunks get what a later one adds by
        ``Context.later_tags``. ``opt_ins`` are as in ``Converted``. Those at ``passed`` only have
        their addresses: who has one of them later is a duplicate.
        """
        plan = Plan(passed=passed)
        known = {} if self._nobody_known else self._ledger.lookup(sealed)
        strangers: list[int] = []
        united: dict[bytes, int] = {}
        for position, (address, mask) in enumerate(zip(sealed, masks, strict=False)):
            if position not in passed:
                united[address] = united.get(address, 0) | mask
        for position, address in enumerate(sealed):
            new = self.seen.add(address[:SIV])
            if position in passed:
                continue
            if not new:
                plan.duplicates.add(position)
                continue
            # What stays in it was met in an earlier chunk.
            mask = united.pop(address) if masks else 1
            one = known.get(address)
            tags = self._tags(mask, one)
            self.met += 1
            if one is not None and one.first_run != self._ledger.run:
                self._met_before += 1
                self._holders += tags.holds
            if self._alone is not None and address[:SIV] in self._alone:
                plan.unchanged.add(position)
                self.left_alone += 1
                if opt_ins and opt_ins[position] and _open(one):
                    plan.settled.append(address)
                    plan.withheld += 1
            else:
                opt_in = opt_ins[position] if opt_ins else b""
                self._place(plan, position, address, one, tags, bodies[position], opt_in)
                if tags.too_many:
                    continue
                if one is None or not one.confirmed or one.first_run == self._ledger.run:
                    strangers.append(position)
        plan.strangers = self._strangers(strangers, sealed)
        self._keep_for_later(united)
        return plan

    def _place(
        self, plan: Plan, position: int, address: bytes, one: Known | None, tags: Tags, body: bytes,
        opt_in: bytes,
    ) -> None:  # fmt: skip
        """The one place where a contact's lot in this run is decided."""
        if tags.too_many:
            plan.overtagged.add(position)
            return
        if tags.removes:
            self._leaving += 1
            plan.leaving.append(TagRow(address, tags.removes, tags.after))
        due = bool(opt_in) and _open(one)
        withheld = due and self._unsubscribed is not None and address[:SIV] in self._unsubscribed
        if one is not None and one.run == self._ledger.run:
            plan.fates[one.fate] += 1
            if tags.adds:
                plan.owed.append(TagRow(address, tags.adds, tags.result))
        elif address in self._refusals:
            plan.refused[position] = self._refusals[address]
        elif (
            one is None
            or self._full
            or (tags.adds and self._context.riding)
            or (due and not withheld)
            or one.hash != content_hash(body)
        ):
            plan.send.append(position)
            plan.adds.append(tags.adds)
            plan.results.append(tags.result)
            if self._subscribes:
                _subscribe(plan, opt_in if due and not withheld else b"", one, withheld)
        else:
            plan.unchanged.add(position)
            if withheld:
                plan.settled.append(address)
                plan.withheld += 1
            if tags.adds:
                plan.owed.append(TagRow(address, tags.adds, tags.result))

    def _strangers(self, positions: list[int], sealed: Sequence[bytes]) -> list[int]:
        elsewhere = self._others.known([sealed[position] for position in positions])
        return [position for position in positions if sealed[position] not in elsewhere]

    def _keep_for_later(self, masks: Mapping[bytes, int]) -> None:
        later = self._context.later_tags
        for address, mask in masks.items():
            if self._alone is None or address[:SIV] not in self._alone:
                later[address] = later.get(address, frozenset()) | self._wanted(mask)

    def _wanted(self, mask: int) -> frozenset[str]:
        if mask not in self._wants:
            tags = {tag for bit, tag in enumerate(self._segment_tags) if tag and mask >> bit & 1}
            self._wants[mask] = frozenset(tags.union(self._context.job.export.tags))
        return self._wants[mask]

    def _tags(self, mask: int, one: Known | None) -> Tags:
        key = (mask, one.given, one.owed) if one is not None else (mask, 0, 0)
        if key not in self._plans:
            self._plans[key] = self._plan_tags(*key)
        return self._plans[key]

    def _plan_tags(self, mask: int, given: int, owed: int) -> Tags:
        """Few combinations exist, however many contacts there are."""
        ledger = self._ledger
        wanted = self._wanted(mask)
        held = self._hold(given, owed)
        if len(wanted) > MOST_TAGS:
            return Tags(holds=bool(held), too_many=True)
        has = ledger.tags(given)
        adds = wanted - has
        removes = held - wanted
        return Tags(
            ledger.tag_set(adds),
            ledger.tag_set(has | wanted),
            ledger.tag_set(removes),
            ledger.tag_set((has | wanted) - removes),
            holds=bool(held),
        )

    def _hold(self, given: int, owed: int) -> frozenset[str]:
        """The tags of segments among those that somebody has or may have."""
        return (self._ledger.tags(given) | self._ledger.tags(owed)) & self._removable


def _open(one: Known | None) -> bool:
    """Whether ``subscribed`` was never sent and never withheld, as far as is known."""
    return one is None or one.status != Consent.SETTLED


def _subscribe(plan: Plan, members: bytes, one: Known | None, withheld: bool) -> None:
    """What the contact that was planned last means for its status."""
    plan.statuses.append(members)
    if withheld:
        plan.sending.append(Sending.WITHHELD)
        plan.withheld += 1
    else:
        plan.sending.append(Sending.CARRIED if members else Sending.NOTHING)
    unclear = one is not None and one.status == Consent.UNCLEAR
    plan.lookups.append(bool(members) and unclear)

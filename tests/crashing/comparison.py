"""Where the end of a disturbed run isn't that of an undisturbed one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import get_args

from crashing.cases import Case
from crashing.references import End, another, counts
from crashing.sandboxes import (
    SUBSCRIBED,
    Document,
    by_address,
    processed,
    raw_contacts,
    unsubscribed,
)
from omnisend_tui.progress import Stage
from omnisend_tui.sandbox.server import RunningSandbox


@dataclass
class Report:
    """What a case came to: the stages seen at its kills, and every difference.

    ``left`` are those who unsubscribed while nothing ran.
    """

    case: Case = field(default_factory=Case)
    stages: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)


def compare(
    report: Report, folder: Path, sandbox: RunningSandbox, told: Document, end: End,
    names: Sequence[str] = (),
) -> None:  # fmt: skip
    """Notes where a run's end isn't ``end``; a further run is made for it.

    ``names`` are the counts that must be equal where it isn't the disturbed run itself that ended.
    """
    if "run_id" not in told:
        report.differences.append(f"the run failed: {told}")
        return
    try:
        found = counts(folder, told)
    except AssertionError as error:
        report.differences.append(f"the identity doesn't hold: {error}")
        return
    expected_counts = dict(end.counts)
    if report.left:
        # Who unsubscribed meanwhile needn't be sent where only the status was missing.
        for each in (found, expected_counts):
            each["unchanged or exported"] = each.pop("unchanged") + each.pop("exported")
    report.differences += _stages(told)
    report.differences += [
        f"{name}: {found[name]}, undisturbed {expected_counts[name]}"
        for name in names or found
        if found[name] != expected_counts[name]
    ]
    contacts, expected = by_address(raw_contacts(sandbox)), dict(end.contacts)
    if again := report.left - unsubscribed(contacts):
        report.differences.append(f"unsubscribed ones were subscribed again: {len(again)}")
    for address in report.left:
        expected[address] = expected[address] | {"identifiers": contacts[address]["identifiers"]}
    report.differences += _contacts(contacts, expected)
    many = {address for address, times in processed(sandbox).items() if times > 1}
    # Another run than the one that was disturbed tries again whom Omnisend refused.
    if many := many - (end.posted_again.keys() if names else set()):
        report.differences.append(f"processed more than once: {len(many)}")
    _again(report, folder, sandbox, end)


def _stages(told: Document) -> Iterator[str]:
    """Each time a run is resumed it enters its stages again, in their order."""
    entered, times = zip(*told["stages"], strict=True)
    beginnings = [at for at, stage in enumerate(entered) if stage == "reading"]
    for begin, end in pairwise([*beginnings, len(entered)]):
        part = entered[begin:end]
        if part != tuple(stage for stage in get_args(Stage) if stage in part):
            yield f"the stages were {entered}"
    if beginnings[:1] != [0] or sorted(times) != [*times]:
        yield f"the stages were {told['stages']}"


def _contacts(found: dict[str, Document], expected: dict[str, Document]) -> Iterator[str]:
    """How contacts differ: a few whole, then how many."""
    different = sorted(
        address
        for address in found.keys() | expected.keys()
        if _told(found, address) != _told(expected, address)
    )
    for address in different[:3]:
        yield f"contact: {found.get(address)}, undisturbed {expected.get(address)}"
    if len(different) > 3:
        yield f"{len(different)} contacts differ"


def _told(contacts: dict[str, Document], address: str) -> Document | None:
    """A contact. Whom the shop had subscribed itself, a run that looks people up after an unclear
    end leaves as they are, and then its own consent isn't noted.
    """
    contact = contacts.get(address)
    if contact is None or address not in SUBSCRIBED:
        return contact
    people = [{**each, "consent": None} for each in contact["identifiers"]]
    return {**contact, "identifiers": people}


def _again(report: Report, folder: Path, sandbox: RunningSandbox, end: End) -> None:
    try:
        told, posted = another(folder, sandbox)
    except AssertionError as error:
        report.differences.append(str(error))
        return
    if told != end.again:
        report.differences.append(f"a further run: {told}, undisturbed {end.again}")
    if posted != end.posted_again:
        extra = len(posted - end.posted_again), len(end.posted_again - posted)
        report.differences.append(f"a further run sends {extra[0]} more and {extra[1]} less")

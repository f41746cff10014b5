"""What runs find and what undisturbed ones make of it."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crashing.processes import finish, start, undisturbed
from crashing.sandboxes import (
    FAULTS,
    OWN,
    Document,
    by_address,
    processed,
    raw_contacts,
    serve,
    tag_requests,
    unsubscribe,
    unsubscribed,
)
from crashing.workspaces import Kind, make_workspace, open_state, write_people
from omnisend_tui.sandbox.server import RunningSandbox

_COUNTS = ("read", "rejected", "duplicates", "unchanged", "leavers", "warnings")


@dataclass(frozen=True)
class Start:
    """What a run finds: a folder to copy, and the sandbox's contacts."""

    folder: Path
    contacts: Sequence[bytes]


@dataclass(frozen=True)
class End:
    """What an undisturbed run made: its counts, contacts, and what another run does after it."""

    counts: Document
    contacts: dict[str, Document]
    again: Document
    posted_again: Counter[str]
    happened: Counter[str]
    writes: int
    seconds: float


@dataclass
class Shop:
    """The starts and undisturbed ends of all generations, made when they are asked for."""

    root: Path
    people: int
    starts: dict[Kind, Start] = field(default_factory=dict)
    ends: dict[Kind, End] = field(default_factory=dict)

    def start(self, kind: Kind) -> Start:
        if kind not in self.starts:
            self.starts[kind] = self._make_start(kind)
        return self.starts[kind]

    def end(self, kind: Kind) -> End:
        if kind not in self.ends:
            begin = self.start(kind)
            with self.case(begin) as folder, serve(folder, begin.contacts, FAULTS) as (box, fuse):
                process = start(folder)
                assert process.stdout is not None
                process.stdout.readline()
                began = time.monotonic()
                told = finish(process)
                seconds = time.monotonic() - began
                happened = fuse.happened.copy()
                contacts = by_address(raw_contacts(box))
                assert unsubscribed(by_address(begin.contacts)) == unsubscribed(contacts)
                self.ends[kind] = End(
                    counts(folder, told), contacts, *another(folder, box),
                    happened, told["writes"], seconds,
                )  # fmt: skip
        return self.ends[kind]

    @contextmanager
    def case(self, begin: Start) -> Iterator[Path]:
        """A copy of the start's folder."""
        with TemporaryDirectory(dir=self.root) as parent:
            folder = Path(parent) / "case"
            shutil.copytree(begin.folder, folder)
            yield folder

    def _make_start(self, kind: Kind) -> Start:
        folder = self.root / f"start-{len(self.starts)}-{kind.generation}"
        if kind.generation == 1:
            make_workspace(folder, kind)
            contacts: Sequence[bytes] = OWN
        else:
            before = self.start(replace(kind, generation=1))
            shutil.copytree(before.folder, folder)
            with serve(folder, before.contacts, FAULTS) as (box, _fuse):
                assert undisturbed(folder)["status"] == "finished_with_rejects"
                unsubscribe(box, lambda _address: random.Random(_address).random() < 0.1)
                contacts = raw_contacts(box)
        write_people(folder / "people.csv", self.people, kind.generation)
        return Start(folder, contacts)


def counts(folder: Path, told: Document) -> Document:
    """What must be equal, however often a run was disturbed; the identity must hold."""
    closed = sum(
        told[name]
        for name in ("created", "updated", "accepted", "unchanged", "duplicates", "rejected")
    )
    assert told["read"] == closed, told
    with open_state(folder) as state:
        reasons = state.problem_counts(told["run_id"], "reject")
    found = {name: told[name] for name in _COUNTS} | {"status": told["status"]}
    return found | {
        "exported": told["created"] + told["updated"] + told["accepted"],
        "reasons": reasons,
    }


def another(folder: Path, sandbox: RunningSandbox) -> tuple[Document, Counter[str]]:
    """A further plain run: its counts and whom it sends; it gives and takes no tags."""
    since, before = len(sandbox.brand.batches), by_address(raw_contacts(sandbox))
    asked = tag_requests(sandbox)
    told = undisturbed(folder)
    assert tag_requests(sandbox) == asked, "a further run changes tags"
    assert by_address(raw_contacts(sandbox)) == before, "a further run changes contacts"
    return counts(folder, told), processed(sandbox, since)

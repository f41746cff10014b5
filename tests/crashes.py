"""Kills running exports at seeded moments, resumes them, and compares with undisturbed runs.

A case is one export of a source in its first generation (nobody is known) or its second (some
changed, left, came), run by processes of their own against a sandbox in this one. The final
contacts of the sandbox, the counts, and what is sent afterwards must be those of a run that nobody
disturbed, and no contact may be processed twice.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgspec

from omnisend_tui import consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.engine.ledger import Ledger
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.sandbox.contacts import email_status
from omnisend_tui.sandbox.faults import BatchStop, Faults, ItemFault
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.sandbox.statistics import Statistics
from omnisend_tui.state import State
from omnisend_tui.workspace import Workspace

KEY = "crash-" + "k" * 24
UNLIMITED = 100_000
_PATIENCE = 120.0  # seconds for one process
_COUNTS = ("read", "rejected", "duplicates", "unchanged", "leavers", "warnings")
_CHILD = Path(__file__).parent / "crashing_child.py"

Document = dict[str, Any]


# What is exported.


def rows(people: int, generation: int) -> Iterator[str]:
    """A source with invalid addresses, duplicates, bad phone numbers and two segments."""
    for n in range(people if generation == 1 else people + people // 10):
        if generation == 2 and n < people and n % 25 == 7:
            continue
        mail = f"person{n}@example.com"
        if n % 97 == 5:
            mail = "no-address"
        elif n % 61 == 3:
            mail = f" Person{n - 1}@Example.com "
        phone = "12" if n % 41 == 0 else ""
        name = f"Person {n}" + (" changed" if generation == 2 and n % 20 == 3 else "")
        segments = ("Club|News", "Club", "News", "")[n % 4]
        if generation == 2 and n % 35 == 9:
            segments = "" if n % 70 == 9 else "News"
        agreed = ("", "no", "yes", "2024-05-01T10:00:00Z", "no", "")[n % 6]
        if generation == 2 and n % 30 == 4:
            agreed = "yes"
        yield f"C{n},{mail},{name},{phone},{segments},{agreed}"


def write_people(path: Path, people: int, generation: int) -> None:
    text = "\n".join(["id,mail,name,phone,segments,agreed", *rows(people, generation)])
    path.write_text(text + "\n")


@dataclass(frozen=True)
class Kind:
    """A generation of the source; whether tags ride, and whether who agreed is subscribed."""

    generation: int = 1
    riding: bool = False
    subscribes: bool = False


def make_workspace(folder: Path, kind: Kind) -> None:
    """A workspace with one export 'E'; ``serve`` makes it fit a sandbox."""
    with Workspace.open(folder / "workspace", {}, folder / "budget.sqlite") as workspace:
        path = workspace.config_path
        store.add_connection(
            path,
            Connection(
                name="Shop", base_url="http://127.0.0.1:1/api", api_key="environment",
                requests_per_minute=UNLIMITED, tag_requests_per_minute=UNLIMITED, budget_share=100,
            ),
        )  # fmt: skip
        source = Source(name="People", path="people.csv", key="id", segments_column="segments")
        store.add_source(path, source)
        store.add_export(
            path,
            Export(
                name="E", connection="Shop", source="People", segments=("Club", "News"),
                tags=("source: customer insights",), max_rejects=100, country="FI",
                email_status="subscribed" if kind.subscribes else "",
                consent_column="agreed" if kind.subscribes else "",
                consent_source="shop" if kind.subscribes else "",
                mapping=(
                    Attribute(field="email", column="mail"),
                    Attribute(field="first_name", column="name"),
                    Attribute(field="phone", column="phone"),
                ),
            ),
        )  # fmt: skip
        connection = workspace.reload_config().connections["Shop"]
        workspace.state.save_brand(connection.id, Brand(id=brand_of_key(KEY)))
        if kind.riding:
            seen = Behaviour(at=time.time(), tags="add", unsubscribed="kept")
            workspace.state.save_behaviour(connection.id, seen)


# The sandbox.


class Fuse(Statistics):
    """Counts what happens in a sandbox by name, and calls ``burn`` when the one awaited happens."""

    def __init__(self, brand: Any) -> None:
        super().__init__()
        self.happened: Counter[str] = Counter()
        self._awaited = ("", 0)
        self._burn: Callable[[], None] = lambda: None
        brand.counts = self
        brand.batches.accept = self._counted("accepted", brand.batches.accept)
        brand.contacts.tag = self._counted("tagged", brand.contacts.tag)

    def arm(self, name: str, number: int, burn: Callable[[], None]) -> None:
        """``number`` is counted from now on."""
        self._awaited, self._burn = (name, self.happened[name] + number), burn

    def arrived(self, method: str, path: str) -> None:
        super().arrived(method, path)
        self._happen(f"{method} {path}")

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            answer = function(*arguments, **named)
            self._happen(name)
            return answer

        return counted

    def _happen(self, name: str) -> None:
        self.happened[name] += 1
        if (name, self.happened[name]) == self._awaited:
            self._burn()


@contextmanager
def serve(
    folder: Path, contacts: Sequence[bytes], faults: Faults
) -> Iterator[tuple[RunningSandbox, Fuse]]:
    """A sandbox that has ``contacts`` (encoded), and the workspace in ``folder`` pointed at it."""
    options = SandboxOptions(
        api_key=KEY, latency_ms=3, batch_seconds=0.01, requests_per_minute=UNLIMITED,
        tag_requests_per_minute=UNLIMITED, faults=faults,
    )  # fmt: skip
    with running_sandbox(options) as sandbox:
        upsert = msgspec.structs.replace(faults, items=())
        sandbox.brand.contacts._plan.faults = upsert
        for body in contacts:
            sandbox.brand.contacts.upsert(body)
        sandbox.brand.contacts._plan.faults = faults
        point_at(folder, sandbox)
        yield sandbox, Fuse(sandbox.brand)


def point_at(folder: Path, sandbox: RunningSandbox) -> None:
    with Workspace.open(folder / "workspace", {}, folder / "budget.sqlite") as workspace:
        lines = workspace.config_path.read_text().splitlines()
        values = {"base_url": sandbox.url, "path": str(folder / "people.csv")}
        for number, line in enumerate(lines):
            name = line.partition(" = ")[0]
            if name in values:
                lines[number] = f'{name} = "{values[name]}"'
        workspace.config_path.write_text("\n".join(lines) + "\n")
        connection = workspace.reload_config().connections["Shop"]
        workspace.state.add_consent(consent.record(connection, "test", time.time()))


def raw_contacts(sandbox: RunningSandbox) -> list[bytes]:
    contacts = sandbox.brand.contacts
    return [contacts.raw(number) for number in range(len(contacts))]


def by_address(contacts: Sequence[bytes]) -> dict[str, Document]:
    """Contacts by their address, tags in order; ids and times are no part of them."""
    found = {}
    for raw in contacts:
        document: Document = msgspec.json.decode(raw)
        document["tags"] = sorted(document.get("tags", []))
        found[_address(document)] = document
    return found


def unsubscribe(sandbox: RunningSandbox, who: Callable[[str], bool]) -> set[str]:
    """Those of the subscribed whom ``who`` chooses unsubscribe, as by a link in a mail."""
    contacts = sandbox.brand.contacts
    subscribed = _with_status(by_address(raw_contacts(sandbox)), "subscribed")
    left = {address for address in sorted(subscribed) if who(address)}
    for address in left:
        status = {"channels": {"email": {"status": "unsubscribed"}}}
        body = {"identifiers": [{"type": "email", "id": address, **status}]}
        contacts.patch(contacts.find(address), msgspec.json.encode(body))
    return left


def _unsubscribed(contacts: Mapping[str, Document]) -> set[str]:
    return _with_status(contacts, "unsubscribed")


def _with_status(contacts: Mapping[str, Document], status: str) -> set[str]:
    return {address for address, one in contacts.items() if email_status(one) == status}


def processed(sandbox: RunningSandbox, since: int = 0) -> Counter[str]:
    """How often each address was processed in batches from number ``since`` on."""
    batches = sandbox.brand.batches
    return Counter(
        _address(msgspec.json.decode(item["request"]))
        for batch in batches._all[since:]
        for kind in ("errors", "responses")
        for item in batches.items(batch)[kind]  # type: ignore[attr-defined]
    )


def _address(document: Document) -> str:
    return str(document["identifiers"][0]["id"])


# Processes.


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "OMNISEND" not in name}
    state = {"XDG_STATE_HOME": str(folder / "state"), "LANGUAGE": "en"}
    return kept | state | {"OMNISEND_TUI_API_KEY": KEY}


def start(
    folder: Path, *words: str, cli: bool = False, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """A run of 'E' in a process group of its own, by the command line or the impatient child."""
    workspace = str(folder / "workspace")
    command = [sys.executable, str(_CHILD), workspace, *words]
    if cli:
        options = ["run", "E", "--json", "--no-progress", *words]
        command = [sys.executable, "-m", "omnisend_tui", "--workspace", workspace, *options]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environ or environment(folder), start_new_session=True,
    )  # fmt: skip


def finish(process: "subprocess.Popen[str]") -> Document:
    """What a process told at its end; the stage alone where it was killed."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    if process.returncode == -signal.SIGKILL:
        stages = [line.split()[1] for line in out.splitlines() if line.startswith("stage ")]
        return {"stage": stages[-1] if stages else "start"}
    last = out.strip().rpartition("\n")[2]
    assert last.startswith("{"), f"{process.returncode}: {out}{err}"
    told: Document = msgspec.json.decode(last)
    return told


def kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(folder: Path, *words: str, cli: bool = False) -> Document:
    return finish(start(folder, *words, cli=cli))


# References.


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
                assert _unsubscribed(by_address(begin.contacts)) == _unsubscribed(contacts)
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
                assert run(folder)["status"] == "finished_with_rejects"
                unsubscribe(box, lambda _address: random.Random(_address).random() < 0.1)
                contacts = raw_contacts(box)
        write_people(folder / "people.csv", self.people, kind.generation)
        return Start(folder, contacts)


FAULTS = Faults(items=(ItemFault(email="person*@example.com", share=0.02),))
_STATUSES = ("unsubscribed", "subscribed", "nonSubscribed")
# The shop's own contacts, known to no ledger.
OWN = tuple(
    msgspec.json.encode(
        {
            "identifiers": [
                {
                    "type": "email",
                    "id": f"person{n}@example.com",
                    "channels": {"email": {"status": _STATUSES[n % 3]}},
                }
            ],
            "tags": ["own", "segment: Club"][: 1 + n % 2],
            "city": "Espoo",
        }
    )
    for n in range(1, 800, 7)
)


def counts(folder: Path, told: Document) -> Document:
    """What must be equal, however often a run was disturbed; the identity must hold."""
    closed = sum(
        told[name]
        for name in ("created", "updated", "accepted", "unchanged", "duplicates", "rejected")
    )
    assert told["read"] == closed, told
    with _state(folder) as state:
        reasons = state.problem_counts(told["run_id"], "reject")
    found = {name: told[name] for name in _COUNTS} | {"status": told["status"]}
    return found | {
        "exported": told["created"] + told["updated"] + told["accepted"],
        "reasons": reasons,
    }


def another(folder: Path, sandbox: RunningSandbox) -> tuple[Document, Counter[str]]:
    """A further plain run: its counts and whom it sends; it gives and takes no tags."""
    since, before = len(sandbox.brand.batches), by_address(raw_contacts(sandbox))
    asked = _tag_requests(sandbox)
    told = run(folder)
    assert _tag_requests(sandbox) == asked, "a further run changes tags"
    assert by_address(raw_contacts(sandbox)) == before, "a further run changes contacts"
    return counts(folder, told), processed(sandbox, since)


def _tag_requests(sandbox: RunningSandbox) -> int:
    requests = sandbox.statistics()["requests"]
    return sum(count for name, count in requests.items() if name.endswith("/tags"))


@contextmanager
def _state(folder: Path) -> Iterator[State]:
    state = State.open(folder / "workspace" / "state.sqlite")
    try:
        yield state
    finally:
        state.close()


# Cases.


@dataclass(frozen=True)
class Moment:
    """``event`` is time, before or after (a write of the ledger), or what happens in the sandbox.

    ``share`` of an undisturbed run's seconds, writes or happenings passes before the kill.
    """

    event: str
    share: float


@dataclass(frozen=True)
class Case:
    """``cli``: the first of its runs is one of the command line."""

    kind: Kind = Kind()
    moments: tuple[Moment, ...] = ()
    fault: Literal["", "silent", "stops"] = ""
    cli: bool = False
    seed: int = 0

    @property
    def faults(self) -> Faults:
        if self.fault == "silent":
            return msgspec.structs.replace(FAULTS, echo_origin=False)
        if self.fault == "stops":
            return msgspec.structs.replace(FAULTS, stops=(BatchStop(after=40, every=5),))
        return FAULTS


def draw(seed: int, *, cli: bool = False) -> Case:
    """A case; equal for equal seeds."""
    chance = random.Random(seed)
    kind = Kind(chance.choice((1, 2)), chance.random() < 0.3, chance.random() < 0.4)
    fault = chance.choices(("", "silent", "stops"), (6, 2, 1))[0]
    moments = [_moment(chance, kind)]
    while chance.random() < 0.35 and len(moments) < 4:
        later = _moment(chance, kind)
        # Less is left to do for a run that is resumed.
        moments.append(Moment(later.event, later.share * 0.4))
    if cli:
        moments = [Moment("time", chance.random())]
    return Case(kind, tuple(moments), fault, cli, seed)


def _moment(chance: random.Random, kind: Kind) -> Moment:
    events = ["time", "time", "before", "after", "POST /batches", "accepted", "GET /batches"]
    events += ["GET /batches/{batch_id}/items"]
    if not kind.riding:
        events += ["POST /contacts/tags", "tagged"]
    if kind.generation == 2:
        events += ["DELETE /contacts/tags", "tagged"]
    return Moment(chance.choice(events), chance.random())


@dataclass
class Report:
    """What a case came to: the stages seen at its kills, and every difference.

    ``left`` are those who unsubscribed while nothing ran.
    """

    case: Case = Case()
    stages: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)


def crash(shop: Shop, case: Case) -> Report:
    """Kills and resumes a run as ``case`` says, and compares its end."""
    report = Report(case)
    begin, end = shop.start(case.kind), shop.end(case.kind)
    chance = random.Random(case.seed)
    with shop.case(begin) as folder, serve(folder, begin.contacts, case.faults) as (box, fuse):
        confirmed: list[tuple[set[str], int]] = []
        earlier = _newest(folder)
        words: tuple[str, ...] = ()
        told: Document = {}
        for moment in case.moments:
            told = _killed(folder, fuse, moment, end, words, cli=case.cli)
            settle(box)
            newest = _newest(folder)
            if newest == earlier:
                newest = None
            elif newest is not None and newest.status.startswith("finished"):
                told = msgspec.to_builtins(newest)  # the kill may have come after the end
            if "run_id" in told:
                report.stages.append("ended before")
                break
            report.stages.append(told["stage"])
            run_id = newest.run_id if newest is not None else ""
            confirmed.append((_settled(folder, run_id), len(box.brand.batches)))
            if case.kind.subscribes:
                report.left |= unsubscribe(box, lambda _address: chance.random() < 0.3)
            words = ("--resume",)
        if "run_id" not in told:
            told = run(folder, *words)
        for settled, since in confirmed:
            if twice := settled & processed(box, since).keys():
                report.differences.append(f"confirmed ones were sent again: {len(twice)}")
        compare(report, folder, box, told, end)
    return report


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
    report.differences += [
        f"{name}: {found[name]}, undisturbed {expected_counts[name]}"
        for name in names or found
        if found[name] != expected_counts[name]
    ]
    contacts, expected = by_address(raw_contacts(sandbox)), dict(end.contacts)
    if again := report.left - _unsubscribed(contacts):
        report.differences.append(f"unsubscribed ones were subscribed again: {len(again)}")
    for address in report.left:
        expected[address] = expected[address] | {"identifiers": contacts[address]["identifiers"]}
    report.differences += _contacts(contacts, expected)
    many = {address for address, times in processed(sandbox).items() if times > 1}
    # Another run than the one that was disturbed tries again whom Omnisend refused.
    if many := many - (end.posted_again.keys() if names else set()):
        report.differences.append(f"processed more than once: {len(many)}")
    _again(report, folder, sandbox, end)


def _contacts(found: dict[str, Document], expected: dict[str, Document]) -> Iterator[str]:
    """How contacts differ: a few whole, then how many."""
    different = sorted(
        address
        for address in found.keys() | expected.keys()
        if found.get(address) != expected.get(address)
    )
    for address in different[:3]:
        yield f"contact: {found.get(address)}, undisturbed {expected.get(address)}"
    if len(different) > 3:
        yield f"{len(different)} contacts differ"


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


def _killed(
    folder: Path, fuse: Fuse, moment: Moment, end: End, words: tuple[str, ...], *, cli: bool
) -> Document:
    """What the run told at its end, or the stage that it was killed in."""
    event, share = moment.event, moment.share
    if event in ("before", "after"):
        number = 1 + int(share * end.writes)
        return run(folder, *words, "--die-at", f"{event}:{number}")
    process = start(folder, *words, cli=cli and not words)
    if event == "time":
        assert process.stdout is not None
        wait = share * end.seconds + (0.4 if cli else 0.0)
        if not cli:
            process.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        kill(process)
    else:
        number = 1 + int(share * end.happened[event])
        fuse.arm(event, number, lambda: kill(process))
    return finish(process)


def settle(sandbox: RunningSandbox) -> None:
    """Waits until the sandbox has done what it was asked before the kill."""
    patience = time.monotonic() + 20
    brand = sandbox.brand
    while brand.connections or any(batch.ended_at is None for batch in brand.batches._all):
        assert time.monotonic() < patience, "the sandbox doesn't come to rest"
        time.sleep(0.01)


def _newest(folder: Path) -> Snapshot | None:
    """The last run that others can see."""
    with _state(folder) as state:
        return next(iter(state.runs()), None)


def _settled(folder: Path, run_id: str) -> set[str]:
    """Whom the ledger had as confirmed or refused in this run, by a copy of it."""
    ledgers = folder / "workspace" / "ledgers"
    copy = folder / "copy"
    shutil.copytree(ledgers, copy)
    try:
        paths = [path for path in copy.iterdir() if path.suffix == ".sqlite"]
        if not paths or not run_id:
            return set()
        key = bytes.fromhex((folder / "workspace" / "ledger.key").read_text())
        ledger = Ledger(paths[0], key)
        with sqlite3.connect(paths[0]) as database:
            sealed = database.execute(
                "SELECT sealed FROM contact WHERE run = (SELECT id FROM run WHERE run_id = ?)"
                " UNION SELECT sealed FROM refused",
                (run_id,),
            ).fetchall()
        database.close()
        addresses = {ledger.unseal(row[0]) for row in sealed}
        ledger.close()
        return addresses
    finally:
        shutil.rmtree(copy)

"""Kills and resumes runs as a case says."""

import random
import shutil
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

import msgspec

from crashing.cases import Case, Moment
from crashing.comparison import Report, compare
from crashing.processes import finish, kill, run, start
from crashing.references import End, Shop
from crashing.sandboxes import Document, Fuse, processed, serve, settle, unsubscribe
from crashing.workspaces import newest_run
from omnisend_tui.engine.ledger import Ledger


def crash(shop: Shop, case: Case) -> Report:
    """Kills and resumes a run as ``case`` says, and compares its end."""
    report = Report(case)
    begin, end = shop.start(case.kind), shop.end(case.kind)
    chance = random.Random(case.seed)
    with shop.case(begin) as folder, serve(folder, begin.contacts, case.faults) as (box, fuse):
        confirmed: list[tuple[set[str], int]] = []
        earlier = newest_run(folder)
        words: tuple[str, ...] = ()
        told: Document = {}
        for moment in case.moments:
            told = _killed(folder, fuse, moment, end, words, cli=case.cli)
            settle(box)
            newest = newest_run(folder)
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

"""What the app says once runs ended: one notice for all of them, the bell, the terminal's title."""

import json
from dataclasses import replace

import pytest

from omnisend_tui.config.models import Export
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.live import Row, View
from omnisend_tui.tui.telling import Telling, ending_words, endings, title_of
from shops import MakeShop
from tui.rooms import ended, running, slug
from tui.screen_app import NARROW, run_first, until

ODD = "A\x1b]0;x\x07 [b]{0}\u202e"


def view(*runs: Snapshot | None) -> View:
    names = (f"E{number}" if run is None else run.export for number, run in enumerate(runs))
    return View(
        tuple(
            Row(Export(name=name, id=slug(name)), run)
            for name, run in zip(names, runs, strict=True)
        )
    )


def test_what_ended_between_two_looks() -> None:
    goes, done = running("A"), ended("A", 5, 0)
    same = ended("A", 5, 0, run_id=goes.run_id)
    assert endings(view(goes), view(same)) == [same]
    assert endings(view(done), view(done)) == []
    assert endings(view(goes), view(goes)) == []
    # It began and ended in between.
    assert endings(view(ended("A", 5, 9)), view(done)) == [done]
    # Somebody cancelled it; an export that was not there before.
    assert endings(view(goes), view(ended("A", 5, 0, status="cancelled"))) == []
    assert endings(view(), view(done)) == []


@pytest.mark.parametrize(
    ("runs", "words", "severity"),
    [
        ([ended("A", 4_812, 0)], "“A” finished: 4,812 profiles.", "information"),
        (
            [ended("A", 12, 0, status="finished_with_rejects", rejected=1)],
            "“A” finished: 12 profiles, 1 reject.", "warning",
        ),
        (
            [ended("A", 1, 0, status="failed", error=RunError("x", "The disk is full."))],
            "“A” failed. The disk is full.", "error",
        ),
        ([ended("A", 1, 0, status="interrupted")], "“A” was interrupted; r resumes it.", "warning"),
        (
            [ended(f"E{n}", 5, 0) for n in range(17)]
            + [ended(f"R{n}", 5, 0, status="finished_with_rejects") for n in range(2)]
            + [ended("F", 5, 0, status="failed")],
            "20 exports ended: 17 finished, 2 with rejects, 1 failed (F).", "error",
        ),
        (
            [ended(name, 1, 0, status="interrupted") for name in "ABCD"],
            "4 exports ended: 4 interrupted (A, B, C, …).", "warning",
        ),
        (
            [ended("A", 1, 0), ended("B", 1, 0)],
            "2 exports ended: 2 finished (A, B).", "information",
        ),
    ],
)  # fmt: skip
def test_what_ended_in_words(runs: list[Snapshot], words: str, severity: str) -> None:
    assert ending_words(runs) == (words, severity)


def test_what_ends_within_a_second_is_told_at_once() -> None:
    telling = Telling("xterm")
    going, done = [running(f"E{n}") for n in range(20)], [ended(f"E{n}", 5, 0) for n in range(20)]
    assert telling.look(view(*going), 0.0) is None
    assert telling.look(view(*done[:7], *going[7:]), 0.25) is None
    # A look that failed is no news, and what it missed is told later.
    failed = replace(view(*([None] * 20)), failure=RunError("state_busy", "Busy."))
    assert telling.look(failed, 0.5) is None
    assert telling.look(view(*done), 0.75) is None
    assert telling.look(view(*done), 1.25) == ("20 exports ended: 20 finished.", "information")
    assert telling.look(view(*going), 2.0) is telling.look(view(*done), 9.0) is None


def test_the_title_tells_what_runs_and_then_what_ended() -> None:
    runs = view(
        running("A", total=100, read=45, accepted=45, duplicates=0, rejected=0),
        running("B", total=100, read=45, accepted=45, duplicates=0, rejected=0),
        running("C", total=None),
    )
    assert title_of(view(), ()) == "omnisend-tui"
    assert title_of(runs, ()) == "omnisend-tui: 3 running, 45 %"
    assert title_of(view(), [ended("A", 3, 0)]) == "omnisend-tui: “A” finished: 3 profiles"
    assert title_of(view(), [ended(ODD, 3, 0)]).isprintable()
    telling = Telling("xterm")
    assert telling.untitled() == ""
    assert telling.title(runs) == "\x1b[22;2t\x1b]2;omnisend-tui: 3 running, 45 %\x07"
    assert telling.title(runs) == ""
    assert telling.title(view()) == "\x1b]2;omnisend-tui\x07"
    assert telling.untitled() == "\x1b]2;\x07\x1b[23;2t"
    for plain in ("linux", "dumb", ""):
        assert Telling(plain).title(runs) == Telling(plain).untitled() == ""


async def test_the_app_tells_the_end_and_a_hook_that_failed(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_shop(people=3).workspace
    with workspace.config_path.open("a") as config:
        config.write(f"\n[settings]\nbell = true\n\n[[hooks]]\ncommand = {json.dumps(['/no/x'])}\n")
    workspace.reload_config()
    app = OmnisendApp(workspace, environ={}, pulse=None)
    failed = "Hook 1 (x) failed: its program can't be started."
    rung: list[bool] = []
    said: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(True))
    stands: dict[str, float] = {}

    def notify(words: str, *, timeout: float, **_ways: object) -> None:
        said.append(words)
        stands[words] = timeout

    monkeypatch.setattr(app, "notify", notify)
    async with app.run_test(size=NARROW) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: "“E” finished: 3 profiles." in said, pulls=True)
        await until(pilot, lambda: failed in said, pulls=True)
        assert rung == [True]
        assert stands[failed] > 4 * app.NOTIFICATION_TIMEOUT  # nobody waits for a hook
        assert app.live.following() == []

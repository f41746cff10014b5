"""Workspaces for the screens, and what the apps of one test process share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.pilot import Pilot
from textual.screen import Screen

from omnisend_tui.i18n import use_language
from omnisend_tui.tui import live
from omnisend_tui.workspace import Workspace
from tui.rooms import busy_workspace, workspace_in

_Key = tuple[frozenset[tuple[str, str]], str, CSSLocation, bool, int, str]


@pytest.fixture(scope="session", autouse=True)
def _rules_parsed_once() -> Iterator[None]:
    """Each app has Textual parse the same rules anew, a sixth of what a test of a screen costs.

    Rules are told apart by identity, which Textual's own hash says in Python, a million times.
    """
    parsed: dict[_Key, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(
        self: Stylesheet,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        variables = frozenset(self._variables.items())
        key = (variables, css, read_from, is_default_rules, tie_breaker, scope)
        if key not in parsed:
            parsed[key] = parse(self, css, read_from, is_default_rules, tie_breaker, scope)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        patch.setattr(RuleSet, "__hash__", object.__hash__)
        yield


@pytest.fixture(scope="session", autouse=True)
def _painted_when_at_rest() -> Iterator[None]:
    """What is painted between two pauses of a test no terminal shows: a sixth of the time.

    What Textual noted as changed stays noted, and all of it is painted at the next pause. Where a
    test looks earlier, ``text_of`` and pictures paint for themselves. Apps with a terminal are in
    processes of their own and paint as ever.
    """
    paint, pause = Screen._compositor_refresh, Pilot.pause

    def paint_later(self: Screen[Any]) -> None:
        app = self.app
        if app.is_headless and self is app.screen:
            self._dirty_widgets.clear()  # their regions are noted by now
            app._update_mouse_over(self)
        else:
            paint(self)

    async def pause_and_paint(self: Pilot[Any], delay: float | None = None) -> None:
        await pause(self, delay)
        if self.app.screen._compositor._dirty_regions:
            paint(self.app.screen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "_compositor_refresh", paint_later)
        patch.setattr(Pilot, "pause", pause_and_paint)
        yield


@pytest.fixture(scope="session", autouse=True)
def _collector_of_the_tests() -> Iterator[None]:
    """The app has Python's collector work often, so that no key waits; the tests seldom."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "_spare_the_collector", lambda: None)
        yield


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Workspace]:
    with busy_workspace(tmp_path) as workspace:
        yield workspace


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as workspace:
        yield workspace


@pytest.fixture(params=["en", "fi"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")

"""Workspaces for the screens, and what the apps of one test process share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import CSSLocation, Stylesheet

from omnisend_tui.i18n import use_language
from omnisend_tui.workspace import Workspace
from rooms import busy_workspace, workspace_in

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

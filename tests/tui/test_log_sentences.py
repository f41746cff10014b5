"""Whatever the engine writes into a run's log is told in a sentence, never as a bare code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

from omnisend_tui import engine, sources
from omnisend_tui.i18n import use_language
from omnisend_tui.records import LogLine
from omnisend_tui.tui.words import event

Emitted = tuple[str, tuple[str, ...]]  # a code and the names of its parameters


def emitted() -> set[Emitted]:
    """Every call of ``log`` in the engine, and of ``tell`` in the sources, which ends there."""
    told = {
        (str(call.args[0].value), tuple(sorted(each.arg or "**" for each in call.keywords)))
        for tree in _trees(sources)
        for call in _calls(tree, "tell")
        if isinstance(call.args[0], ast.Constant)
    }
    return told | {each for tree in _trees(engine) for each in _of_module(tree)}


def _trees(package: ModuleType) -> list[ast.Module]:
    folder = Path(package.__path__[0])
    return [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]


def _of_module(tree: ast.Module) -> Iterator[Emitted]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name == "hear_source":
            continue
        calls = [(call, ["more"]) for call in _calls(function, "log_folded")]
        if function.name != "log_folded":
            calls += [(call, []) for call in _calls(function, "log")]
        for call, added in calls:
            keywords = tuple(sorted([*(each.arg or "**" for each in call.keywords), *added]))
            for code in _codes(tree, function, call.args[0]):
                yield code, keywords


def _codes(tree: ast.Module, function: ast.FunctionDef, code: ast.expr) -> Iterator[str]:
    """A literal, or what the function's callers in the same module pass for it."""
    if isinstance(code, ast.Constant):
        yield str(code.value)
        return
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    assert isinstance(code, ast.Name), f"{function.name}: a code that this test can't follow"
    assert code.id in names, f"{function.name}: a code that this test can't follow"
    callers = list(_calls(tree, function.name))
    assert callers, f"{function.name} has no caller in its module"
    for call in callers:
        passed = call.args[names.index(code.id)]
        assert isinstance(passed, ast.Constant), f"a code for {function.name} isn't a literal"
        yield str(passed.value)


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name == getattr(
            node.func, "attr", getattr(node.func, "id", "")
        ):
            yield node


@pytest.mark.parametrize("chosen", ["en", "fi"])
@pytest.mark.parametrize(("code", "parameters"), sorted(emitted()))
def test_each_event_is_a_sentence(code: str, parameters: tuple[str, ...], chosen: str) -> None:
    use_language(chosen)
    told = event(LogLine(at=0.0, code=code, parameters=dict.fromkeys(parameters, 7)))
    assert told != code
    assert " " in told
    assert told.endswith(".")
    assert not [field for _text, field, *_rest in Formatter().parse(told) if field]


def test_the_events_of_all_rooms_are_seen() -> None:
    codes = {code for code, _parameters in emitted()}
    assert {"run_started", "rate_limited", "batch_not_found", "reading_done"} <= codes
    assert {"source_way", "source_waits", "source_names_unread"} <= codes


def test_a_line_says_how_a_source_is_read_and_what_it_waits_for() -> None:
    def told(code: str, **parameters: str | int) -> str:
        return event(LogLine(at=0.0, code=code, parameters=parameters))

    way = {"members": 24_000, "profiles": 150_000, "instead": 31, "requests": 319}
    assert told("source_way", way="ids", **way) == "Read by ids: 319 requests; in full about 31."
    assert told("source_way", way="full", **way | {"requests": 1, "instead": 2}) == (
        "Read in full: about 1 request; by ids it would be 2."
    )
    whole = {"members": 9000, "profiles": 9000, "requests": 2, "instead": 0}
    assert told("source_way", way="full", **whole) == "Read in full: about 2 requests."
    older = {"members": 24, "profiles": 120, "requests": 1}
    assert told("source_way", way="ids", **older) == "Read by ids: 1 request."
    unknown = {"members": 0, "profiles": 0, "requests": 0, "instead": 0}
    assert told("source_way", way="full", **unknown) == "The source is read in full."
    assert "asks to wait 7 s" in told("source_waits", reason="rate_limited", seconds=7, more=0)
    assert (
        told("source_segment_empty", name="{rows.x} {0}")
        == "Nobody is in the segment “{rows.x} {0}”; look at its spelling."
    )
    assert told("source_unclear", profiles=1).endswith("1 profile is missing or unreadable.")
    assert "2 more came" in told("source_waits", reason="network", seconds=7, more=2)
    assert told("run_ended", status="finished", why="") == "The run ended: finished."
    assert told("run_ended", status="failed") == "The run ended: failed."
    assert told("run_ended", status="failed", why="Nobody is {in}.") == (
        "The run ended: failed – Nobody is {in}."
    )


@pytest.mark.parametrize("code", ["source_way", "source_waits", "source_unclear",
                                  "source_names_left_out", "source_names_unread"])  # fmt: skip
@pytest.mark.parametrize("kind", ["ids", "full", "rate_limited", "server_error", "sign_in"])
def test_a_line_of_a_source_is_read_whole_at_80_columns(code: str, kind: str) -> None:
    names = ("members", "profiles", "requests", "instead", "rows")
    values: dict[str, str | int] = dict.fromkeys(names, 12_345)
    values |= {"way": kind, "reason": kind, "seconds": 120}
    assert len(event(LogLine(at=0.0, code=code, parameters=values))) <= 74

"""Whatever the engine writes into a run's log is told in a sentence, never as a bare code."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from omnisend_tui import engine
from omnisend_tui.i18n import use_language
from omnisend_tui.records import LogLine
from omnisend_tui.tui.words import event

Emitted = tuple[str, tuple[str, ...]]  # a code and the names of its parameters


def emitted() -> set[Emitted]:
    """Every call of ``log`` in the engine."""
    folder = Path(engine.__path__[0])
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]
    return {each for tree in trees for each in _of_module(tree)}


def _of_module(tree: ast.Module) -> Iterator[Emitted]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
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

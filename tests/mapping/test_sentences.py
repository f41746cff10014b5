import re
from pathlib import Path

import pytest

import omnisend_tui.mapping
from omnisend_tui import sentences
from omnisend_tui.problems import Problem
from omnisend_tui.sentences import problem_sentence, reason_label, what_to_do, what_was_wrong

REASONS = [
    "unreadable_row",
    "missing_email",
    "invalid_email",
    "too_many_tags",
    "refused_by_omnisend",
    "unconfirmed",
    "invalid_phone",
    "invalid_birthdate",
    "unknown_country",
    "invalid_gender",
    "invalid_type",
]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words(reason: str) -> None:
    problem = Problem(key="1", field="email", reason=reason)
    assert reason_label(reason) != reason
    assert re.fullmatch(r"[A-Z][^!]+\.", problem_sentence(problem))
    assert re.fullmatch(r"[A-Z][^!]+\.", what_to_do(problem))


def test_the_words_of_the_screen() -> None:
    problem = Problem(key="1", field="email", reason="invalid_email", detail="two_at_signs")
    assert reason_label("invalid_email") == "not an e-mail address"
    assert what_was_wrong(problem) == "two @ signs"
    assert problem_sentence(problem) == "Not an e-mail address: two @ signs."
    missing = Problem(key="1", field="email", reason="missing_email", detail="column_empty")
    assert problem_sentence(missing) == "Missing e-mail: the column is empty."


def test_omnisends_own_words_stay() -> None:
    problem = Problem(key="1", field="", reason="refused_by_omnisend", detail="Phone is taken.")
    assert problem_sentence(problem) == "Refused by Omnisend: Phone is taken."


def test_every_detail_of_the_mapping_has_words() -> None:
    folder = Path(omnisend_tui.mapping.__file__).parent
    codes = {
        code
        for name in ("emails", "phones", "dates", "values")
        for code in re.findall(r'"([a-z]+_[a-z0-9_]+)"', (folder / f"{name}.py").read_text())
    }
    assert len(codes) > 25
    missing = {code for code in codes if code not in sentences._DETAILS}
    assert missing == set()

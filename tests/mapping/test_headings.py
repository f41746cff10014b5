import pytest

from mapping.heading_sets import FOUND, SEEN, UNSEEN, Heading, headings
from omnisend_tui.config.models import Attribute
from omnisend_tui.mapping.suggest import suggest


def alone(heading: Heading) -> tuple[Attribute, ...]:
    return suggest([heading.column])


def is_right(heading: Heading) -> bool:
    return [found.field for found in alone(heading)] == ([heading.field] if heading.field else [])


@pytest.mark.parametrize(("tables", "count"), [(UNSEEN, 143), (FOUND, 67)])
def test_nine_of_ten_unseen_headings_are_right_and_no_wrong_one_is_sure(
    tables: dict[str, str], count: int
) -> None:
    every = headings(tables)
    assert len(every) == count
    wrong = [heading for heading in every if not is_right(heading)]
    assert len(wrong) <= count // 10, [heading.column.name for heading in wrong]
    assert not [h.column.name for h in wrong for a in alone(h) if a.confidence == "sure"]


def test_nine_of_ten_of_those_that_hold_a_field_find_it() -> None:
    held = [heading for heading in headings(UNSEEN) + headings(FOUND) if heading.field]
    assert sum(map(is_right, held)) >= len(held) * 0.9


@pytest.mark.parametrize("heading", headings(SEEN), ids=lambda each: each.column.name)
def test_what_the_matcher_was_tuned_on(heading: Heading) -> None:
    assert is_right(heading)


@pytest.mark.parametrize("tables", [UNSEEN, FOUND, SEEN])
def test_whole_tables_propose_nothing_wrong(tables: dict[str, str]) -> None:
    for program in tables:
        every = headings({program: tables[program]})
        field_of = {heading.column.name: heading.field for heading in every}
        proposals = suggest([heading.column for heading in every])
        assert [found.column for found in proposals if field_of[found.column] != found.field] == []
        names = {heading.field for heading in every} - {""}
        assert len(names - {found.field for found in proposals}) <= 1, program

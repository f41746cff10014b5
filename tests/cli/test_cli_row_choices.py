from pathlib import Path

from cli.command_lines import Cli
from omnisend_tui.config.models import Attribute
from omnisend_tui.workspace import Workspace


def mapping(tmp_path: Path) -> dict[str, Attribute]:
    with Workspace.open(tmp_path / "workspace") as workspace:
        return {row.field: row for row in workspace.export("News").mapping}


def test_a_row_takes_a_case_and_a_date_format(ready: Cli, tmp_path: Path) -> None:
    answer = ready(
        "export", "edit", "News", "--map", "city=City", "--case", "city=title",
        "--map", "birthdate=Phone", "--date-format-of", "birthdate=MM/DD/YYYY",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    rows = mapping(tmp_path)
    assert (rows["city"].case, rows["birthdate"].date_format) == ("title", "MM/DD/YYYY")
    assert ready("export", "edit", "News", "--case", "city=").code == 0
    rows = mapping(tmp_path)
    assert (rows["city"].case, rows["birthdate"].date_format) == ("", "MM/DD/YYYY")


def test_choices_that_do_not_fit_are_refused(ready: Cli, tmp_path: Path) -> None:
    before = mapping(tmp_path)
    for options in (
        ("--case", "email=lower"),
        ("--map", "city=City", "--case", "city=upper"),
        ("--map", "city=City", "--date-format-of", "city=DD.MM.YYYY"),
        ("--map", "birthdate=Phone", "--date-format-of", "birthdate=soon"),
        ("--case", "gender=lower"),
    ):
        assert ready("export", "edit", "News", *options).code == 2
    assert mapping(tmp_path) == before

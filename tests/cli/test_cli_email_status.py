"""``export add --email-status subscribed``: the three options go together, and what a run tells."""

from itertools import combinations
from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui.config.store import load
from omnisend_tui.errors import ConfigError

MAPPED = (
    "export", "add", "--name", "Other", "--connection", "Shop", "--source", "People",
    "--segment", "All profiles", "--map", "email=Email",
)  # fmt: skip
STATUS = ("--email-status", "subscribed")
COLUMN = ("--consent-column", "City")
SOURCE = ("--consent-source", "checkout form")
PARTS = (STATUS, COLUMN, SOURCE)


def test_it_is_stored_shown_and_explained(ready: Cli) -> None:
    answer = ready(*MAPPED, *STATUS, *COLUMN, *SOURCE)
    assert answer.code == 0, answer.err
    assert "'City'" in answer.err
    assert "stays unsubscribed" in answer.err
    shown = ready("export", "show", "Other", "--json").json
    assert (shown["email_status"], shown["consent_column"], shown["consent_source"]) == (
        "subscribed", "City", "checkout form",
    )  # fmt: skip
    for again in (
        ("edit", "Other", "--consent-column", "Segments"), ("edit", "Other", "--segment", "Club"),
        ("edit", "Other", "--consent-source", "web"), ("duplicate", "Other", "Copy"),
    ):  # fmt: skip
        told = ready("export", *again).err
        assert "stays unsubscribed" in told
        assert "does NOT want mail" not in told
    assert "subscribed" not in ready("export", "edit", "Other", "--max-rejects", "7").err
    ready("export", "edit", "Other", *COLUMN, *SOURCE, "--segment", "All profiles")
    text = ready("export", "show", "Other").out
    assert "subscribed" in text
    assert "checkout form" in text
    plain = ready("export", "show", "News", "--json").json
    assert (plain["email_status"], plain["consent_column"], plain["consent_source"]) == (None,) * 3
    assert "subscribed in Omnisend" not in ready(*MAPPED[:3], "Third", *MAPPED[4:]).err


def test_a_column_of_those_who_refused_is_warned_of(ready: Cli, people: Path) -> None:
    people.write_text(people.read_text().replace("Segments", "Segments;doNotEmail", 1))
    answer = ready(*MAPPED, *STATUS, "--consent-column", "doNotEmail", *SOURCE)
    assert answer.code == 0, answer.err
    assert "“doNotEmail” says who does NOT want mail" in answer.err


@pytest.mark.parametrize("given", [each for size in (1, 2) for each in combinations(PARTS, size)])
def test_what_is_missing_is_named(ready: Cli, given: tuple[tuple[str, str], ...]) -> None:
    answer = ready(*MAPPED, *(word for part in given for word in part))
    assert answer.code == 2
    missing = answer.err.partition("Missing here: ")[2].partition("\n")[0]
    for option in (part[0] for part in PARTS):
        assert (option in missing) == (option not in [part[0] for part in given])
    assert [row["name"] for row in ready("export", "list", "--json").json] == ["News"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((*STATUS, "--consent-column", "Agreed", *SOURCE), "Agreed"),
        ((*STATUS, *COLUMN, "--consent-source", "x" * 201), "200"),
        ((*STATUS, *COLUMN, "--consent-source", "a\tb"), "control"),
        ((*STATUS, *COLUMN, "--consent-source", "  "), "--consent-source"),
        (("--email-status", "unsubscribed", *COLUMN, *SOURCE), "unsubscribed"),
    ],
)
def test_wrong_use(ready: Cli, options: tuple[str, ...], said: str) -> None:
    answer = ready(*MAPPED, *options)
    assert answer.code == 2
    assert said in answer.err
    assert [row["name"] for row in ready("export", "list", "--json").json] == ["News"]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (['email_status = "subscribed"'], "column"),
        (['email_status = "subscribed"', 'consent_column = "City"'], "source"),
        (['consent_column = "City"'], "subscribed"),
        (['consent_source = "shop"'], "subscribed"),
        (['email_status = "unsubscribed"'], "email_status"),
    ],
)
def test_a_hand_written_file_is_checked_too(
    ready: Cli, tmp_path: Path, lines: list[str], named: str
) -> None:
    path = tmp_path / "workspace" / "config.toml"
    text = path.read_text()
    table = "[exports.News]\n"
    assert table in text
    path.write_text(text.replace(table, table + "\n".join(lines) + "\n"))
    with pytest.raises(ConfigError, match=named):
        load(path)
    assert ready("export", "list").code == 2


def test_the_result_of_a_run_counts_them(ready: Cli, tmp_path: Path) -> None:
    path = tmp_path / "agreed.csv"
    path.write_text("Email,Agreed\nyes@example.com,yes\nno@example.com,no\n")
    assert ready("source", "add", "files", "--name", "Agreed", "--path", str(path)).code == 0
    words = ["Agreed" if word == "People" else word for word in MAPPED]
    assert ready(*words, *STATUS, "--consent-column", "Agreed", *SOURCE).code == 0
    answer = ready("run", "Other", "--no-progress")
    assert "e-mail status: 1 subscribed, 0 left unsubscribed" in answer.out
    assert "e-mail status" not in ready("run", "Other", "--no-progress").out
    assert "subscribed" not in ready("run", "Other", "--no-progress", "--json").json

"""``source`` and ``export``: what is checked before it is stored."""

from itertools import pairwise
from pathlib import Path

import pytest

from cli.command_lines import Cli

EXPORT = (
    "export", "add", "--name", "Other", "--connection", "Shop", "--source", "People",
    "--segment", "Club",
)  # fmt: skip
MAPPED = (*EXPORT, "--map", "email=Email")


def test_a_source_that_is_not_there_is_not_stored(cli: Cli, tmp_path: Path) -> None:
    answer = cli("source", "add", "files", "--name", "People", "--path", str(tmp_path / "none.csv"))
    assert answer.code == 1
    assert cli("source", "list", "--json").json == []


def test_a_key_column_must_exist(cli: Cli, people: Path) -> None:
    answer = cli("source", "add", "files", "--name", "People", "--path", str(people), "--key", "ID")
    assert answer.code == 2
    assert "Email" in answer.err


def test_fields_and_segments(ready: Cli) -> None:
    fields = {row["name"]: row for row in ready("source", "fields", "People", "--json").json}
    assert fields["Email"] == {
        "name": "Email", "label": None, "field": "email", "confidence": "sure",
    }  # fmt: skip
    segments = {
        row["name"]: row["profiles"] for row in ready("source", "segments", "People", "--json").json
    }
    assert segments == {"All profiles": 5, "Club": 3, "News": 3}


def test_a_segment_by_condition(ready: Cli, people: Path) -> None:
    answer = ready(
        "source", "add", "files", "--name", "Cities", "--path", str(people),
        "--segment", "Turku=City = 'Turku'",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    counted = ready("source", "segments", "Cities", "--json").json
    assert {"name": "Turku", "label": None, "profiles": 2, "refreshed": None} in counted


def test_show_has_the_mapping_in_the_order_of_the_contact(ready: Cli) -> None:
    shown = ready("export", "show", "News", "--json").json
    assert [row["field"] for row in shown["mapping"]] == ["email", "first_name", "city", "phone"]
    assert shown["mapping"][0]["column"] == "Email"
    assert shown["mapping"][0]["confidence"] == "sure"
    assert shown["segment_tag"] == "segment: {segment}"


def test_auto_map_takes_proposals_and_an_explicit_match_wins(ready: Cli) -> None:
    answer = ready(*EXPORT, "--auto-map", "--map", "city=First name", "--json")
    assert answer.code == 0, answer.err
    columns = {row["field"]: row["column"] for row in answer.json["mapping"]}
    assert columns["email"] == "Email"
    assert columns["city"] == "First name"


def test_set_default_and_type(ready: Cli) -> None:
    answer = ready(
        *MAPPED, "--map", "custom:visits=Phone", "--type", "custom:visits=number",
        "--set", "country=FI", "--default", "custom:visits=0", "--no-segment-tag",
        "--schedule", "off", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    mapping = {row["field"]: row for row in answer.json["mapping"]}
    assert mapping["custom:visits"]["type"] == "number"
    assert mapping["custom:visits"]["default"] == "0"
    assert mapping["country"]["value"] == "FI"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--map", "first_name=Nickname"), "Nickname"),
        (("--map", "shoe_size=City"), "shoe_size"),
        (("--map", "email"), "--map email"),
        (("--segment", "Nobody"), "Nobody"),
        (("--default", "city=Espoo"), "city"),
        (("--type", "custom:x=colour"), "colour"),
        (("--email-status", "subscribed"), "--email-status"),
        (("--consent-column", "City"), "--consent-column"),
        (("--consent-source", "shop"), "--consent-source"),
        (("--schedule", "hourly"), "hourly"),
        (("--schedule", "daily 03:30 Europe/Helsinky"), "Europe/Helsinki"),
        (("--max-rejects", "101"), "101"),
    ],
)
def test_wrong_use_is_one_sentence_and_stores_nothing(
    ready: Cli, options: tuple[str, ...], said: str
) -> None:
    answer = ready(*MAPPED, *options)
    assert answer.code == 2
    assert said in answer.err
    assert [row["name"] for row in ready("export", "list", "--json").json] == ["News"]


@pytest.mark.parametrize(
    ("options", "doubted"),
    [
        (("--tag", "source: customer insights", "--tag", "x" * 128), ()),
        (("--tag", "x" * 129), ("x" * 129,)),
        (("--tag", "a/b", "--tag", "vip", "--tag", "50 %"), ("a/b", "50 %")),
        (("--segment-tag", "{segment}!"), ("Club!",)),
        (("--segment-tag", "{segment}!", "--no-segment-tag"), ()),
        (("--segment-tag", "in {segment}"), ()),
    ],
)
def test_tags_that_omnisend_may_refuse_are_stored_with_a_warning(
    ready: Cli, options: tuple[str, ...], doubted: tuple[str, ...]
) -> None:
    answer = ready(*MAPPED, *options, "--json")
    assert answer.code == 0, answer.err
    told = answer.err.splitlines()
    assert len(told) == len(doubted)
    for line, tag in zip(told, doubted, strict=True):
        assert f"may refuse the tag “{tag}”" in line
    shown = ready("export", "show", "Other", "--json").json
    assert shown["tags"] == [value for name, value in pairwise(options) if name == "--tag"]


def test_a_mapping_is_needed(ready: Cli) -> None:
    assert ready(*EXPORT).code == 2

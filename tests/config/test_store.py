"""Reading and adding to config.toml."""

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend_tui.config.models import Attribute, Config, Connection, Export, Source
from omnisend_tui.config.store import add_connection, add_export, add_source, load
from omnisend_tui.errors import AppError, UsageError

COMMENTED = """\
# Our shops. Ask Maija before changing anything here.

[settings]
language = "fi"   # the office speaks Finnish

[connections."Acme Store"]  # the big one
id = "acme1"
budget_share = 50

# Everything below belongs to marketing.
[exports.VIP]
source = "CRM"
connection = "Acme Store"
"""


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == Config()


def test_what_is_added_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    export = Export(
        name="Näköislehti 1.0",
        id="e1",
        connection="Acme",
        source="CRM",
        segments=("VIP", 'the "best"'),
        mapping=(
            Attribute(field="email", column="E-mail"),
            Attribute(field="custom:shoe size", column="size", type="number", confidence="guess"),
        ),
    )
    source = Source(name="CRM", id="s1", path="/data/*.csv", segments={"All of 'em": "x > 1"})
    connection = Connection(name="Acme", id="c1", max_new=0, for_contributors=True)
    add_export(path, export)
    add_source(path, source)
    add_connection(path, connection)
    config = load(path)
    assert config.exports == {"Näköislehti 1.0": export}
    assert config.sources == {"CRM": source}
    assert config.connections == {"Acme": connection}


def test_defaults_and_the_name_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    add_connection(path, Connection(name="Acme", id="c1"))
    assert tomllib.loads(path.read_text()) == {"connections": {"Acme": {"id": "c1"}}}


def test_what_stood_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(COMMENTED)
    add_connection(path, Connection(name="B2B"))
    add_export(path, Export(name="Newsletter"))
    assert path.read_text().startswith(COMMENTED)
    assert list(load(path).connections) == ["Acme Store", "B2B"]
    assert list(load(path).exports) == ["VIP", "Newsletter"]


def test_a_file_without_a_last_line_break_and_one_from_windows(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[settings]\r\nascii = true\r\n# end")
    add_source(path, Source(name="CRM", path="a.csv"))
    assert load(path).settings.ascii
    assert load(path).sources["CRM"].path == "a.csv"
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")


@pytest.mark.parametrize(
    "text",
    [
        'connections = { Acme = { id = "c1" } }\n',
        "[connections]\nAcme = {id = 'c1'}\n",
        "connections.Acme.id = 'c1'\n",
        "[connections.Acme]\nid = 'c1'\n[settings]\n[connections.Other]\n[sources.S]\npath = 'x'\n",
    ],
)
def test_unusual_forms_are_extended_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    before = load(path)
    add_connection(path, Connection(name="New", id="n1"))
    after = load(path)
    assert after.connections == {**before.connections, "New": Connection(name="New", id="n1")}
    assert after.sources == before.sources


def test_an_id_is_made_or_kept_or_derived(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    add_connection(path, Connection(name="A"))
    add_connection(path, Connection(name="B"))
    made = {name: record.id for name, record in load(path).connections.items()}
    assert len(made["A"]) == 12
    assert made["A"] != made["B"]
    path.write_text("[connections.A]\n[sources.A]\npath = 'x'\n")
    derived = load(path)
    assert derived.connections["A"].id == load(path).connections["A"].id != derived.sources["A"].id


def test_the_file_is_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "repository" / "shops.toml"
    real.parent.mkdir()
    real.write_text(COMMENTED)
    link = tmp_path / "config.toml"
    link.symlink_to(real)
    add_connection(link, Connection(name="B2B"))
    assert link.is_symlink()
    assert "B2B" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert not [
        left
        for left in real.parent.iterdir()
        if left.name.startswith(".shops.toml.") and left.suffix != ".lock"
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name"),
        ("  ", "invalid_name"),
        (" A", "invalid_name"),
        ("A\nB", "invalid_name"),
        ("x" * 101, "invalid_name"),
        ("ACME", "name_taken"),
        ("Acme", "name_taken"),
    ],
)
def test_names_that_cannot_be(tmp_path: Path, name: str, code: str) -> None:
    path = tmp_path / "config.toml"
    add_connection(path, Connection(name="Acme"))
    before = path.read_bytes()
    with pytest.raises(UsageError) as refused:
        add_connection(path, Connection(name=name))
    assert refused.value.code == code
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"budget_share": 0},
        {"budget_share": 101},
        {"requests_per_minute": 0},
        {"tag_requests_per_minute": 0},
        {"max_new": -1},
        {"base_url": "http://api.example.com/api"},
        {"base_url": "https://user:word@api.example.com/api"},
        {"base_url": "ftp://api.example.com"},
        {"base_url": "https://[::1/api"},
        {"base_url": "https://ho st/api"},
        {"base_url": "https://ho\tst/api"},
        {"base_url": "https://ho\u202est/api"},
        {"base_url": "https://ho%20st/api"},
        {"base_url": "https://example.com\\@evil.example.com/api"},
        {"base_url": "https://@api.example.com/api"},
        {"base_url": ""},
        {"id": "../../elsewhere"},
    ],
)
def test_values_that_cannot_be(tmp_path: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        add_connection(tmp_path / "config.toml", Connection(name="Acme", **fields))
    assert not (tmp_path / "config.toml").exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/api",
        "http://localhost/api",
        "http://[::1]:1/api",
        "https://käyttö_1.example.com:8/api",
    ],
)
def test_plain_http_works_on_loopback_and_https_anywhere(tmp_path: Path, url: str) -> None:
    add_connection(tmp_path / "config.toml", Connection(name="Acme", base_url=url))
    assert load(tmp_path / "config.toml").connections["Acme"].base_url == url


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        add_source(tmp_path / "config.toml", Source(name="CRM", path=os.fsdecode(b"\xff.csv")))
    assert refused.value.code == "invalid_text"


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AppError) as refused:
        add_connection(tmp_path / "file" / "config.toml", Connection(name="Acme"))
    assert refused.value.message.endswith(".")
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(AppError) as refused:
        load(tmp_path / "config.toml")
    assert refused.value.code == "config_unreadable"
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    with pytest.raises(AppError):
        add_connection(tmp_path / "loop.toml", Connection(name="Acme"))


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from omnisend_tui.config.models import Source\n"
        "from omnisend_tui.config.store import add_source\n"
        "for n in range(15):\n"
        "    add_source(Path(sys.argv[1]), Source(name=f'{sys.argv[2]}{n}', path='x'))"
    )
    others = [subprocess.Popen([sys.executable, "-c", program, path, who]) for who in "ab"]
    assert [other.wait(60) for other in others] == [0, 0]
    assert set(load(path).sources) == {f"{who}{n}" for who in "ab" for n in range(15)}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAME = TEXT.filter(lambda name: name == name.strip() != "" and name.isprintable())


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAME, TEXT, max_size=3), NAME, TEXT)
def test_any_text_survives(
    tmp_path_factory: pytest.TempPathFactory, segments: dict[str, str], name: str, column: str
) -> None:
    path = tmp_path_factory.mktemp("wild") / "config.toml"
    source = Source(name=name, id="s", path="x" + column, segments=segments)
    export = Export(name=name, id="e", mapping=(Attribute(field="email", column=column),))
    add_source(path, source)
    add_export(path, export)
    assert load(path).sources == {name: source}
    assert load(path).exports == {name: export}

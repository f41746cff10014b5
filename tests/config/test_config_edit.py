"""Editing, renaming and removing records in config.toml."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Config, Connection, Export, Source
from omnisend_tui.config.store import load
from omnisend_tui.errors import ConfigError, UsageError

COMMENTED = """\
# Our shops. Ask Maija before changing anything here.

[settings]
language = 'fi'   # the office speaks Finnish

# The big one:
[connections."Acme Store"]  # since 2019
id = 'acme1'
# half of it is the web shop's
budget_share = 50   # percent

# The small one.
[connections.B2B]

# Where profiles come from:
[sources.CRM]
path = "/data/*.csv"
[sources.CRM.segments]  # SQL
# spent much
VIP = "spent > 100"  # euros

# Everything below belongs to marketing.
[exports.VIP]
source = "CRM"
connection = 'Acme Store'  # not B2B
segments = [
    "VIP",  # the best
    "New",
]
# what goes where
[[exports.VIP.mapping]]
field = "email"
column = "E-mail"

# shoe size, for the sale
[[exports.VIP.mapping]]  # a number
field = "custom:shoe size"
column = "size"
type = "number"

[exports.Letter]  # twice a year
connection = "B2B"
# the end
"""

HOSTILE = ["a [/b] c", 'the "best"', "it's", "1.0", "🛍 shop", "]", "#1", "back\\slash", "a = [["]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(COMMENTED)
    return path


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# [^\r\n]*", text))


def connection(path: Path, name: str = "Acme Store") -> Connection:
    return load(path).connections[name]


def change(path: Path, before: Any, **fields: Any) -> Any:
    edit: dict[type, Callable[..., Any]] = {
        Connection: store.edit_connection,
        Source: store.edit_source,
        Export: store.edit_export,
    }
    return edit[type(before)](path, before, msgspec.structs.replace(before, **fields))


def test_a_value_is_changed_in_its_place(path: Path) -> None:
    after = change(path, connection(path), budget_share=60)
    assert path.read_text() == COMMENTED.replace("budget_share = 50", "budget_share = 60")
    assert connection(path) == after == Connection(name="Acme Store", id="acme1", budget_share=60)


def test_a_new_key_stands_after_the_last_one_of_its_table(path: Path) -> None:
    change(path, connection(path), max_new=5)
    change(path, connection(path, "B2B"), api_key="environment")
    expected = COMMENTED.replace("# percent\n", "# percent\nmax_new = 5\n").replace(
        "[connections.B2B]\n", '[connections.B2B]\napi_key = "environment"\n'
    )
    assert path.read_text() == expected


def test_a_default_value_is_taken_out_and_its_comments_stay(path: Path) -> None:
    change(path, connection(path), budget_share=90)
    assert path.read_text() == COMMENTED.replace("budget_share = 50   # percent", "# percent")
    export = load(path).exports["VIP"]
    change(path, export, segments=Export().segments, mapping=(), connection="")
    config = load(path)
    assert config.exports["VIP"] == Export(name="VIP", id=export.id, source="CRM")
    assert comments(path.read_text()) == comments(COMMENTED)


def test_a_list_and_the_mapping_are_replaced_and_comments_stay(path: Path) -> None:
    export = load(path).exports["VIP"]
    mapping = (*export.mapping, Attribute(field="phone", column="tel"))
    after = change(path, export, segments=("VIP", "Old"), mapping=mapping)
    assert load(path).exports["VIP"] == after
    assert after.mapping == mapping
    assert comments(path.read_text()) == comments(COMMENTED)
    assert path.read_text().endswith(COMMENTED[COMMENTED.index("[exports.Letter]") :])
    assert "    # the best\n" not in path.read_text()


def test_segments_of_a_source_are_replaced(path: Path) -> None:
    source = load(path).sources["CRM"]
    after = change(path, source, segments={"VIP": "spent > 200", 'the "new"': "x = 'y'"})
    assert load(path).sources["CRM"] == after
    assert comments(path.read_text()) == comments(COMMENTED)
    change(path, after, segments={})
    assert load(path).sources["CRM"] == source.__class__(name="CRM", id=source.id, path=source.path)
    assert comments(path.read_text()) == comments(COMMENTED)


def test_what_was_never_there_is_added(path: Path) -> None:
    letter = load(path).exports["Letter"]
    mapping = (Attribute(field="email", column="E"), Attribute(field="phone", value="1"))
    assert load(path).exports["Letter"] != change(path, letter, mapping=mapping, source="CRM")
    assert load(path).exports["Letter"].mapping == mapping
    assert comments(path.read_text()) == comments(COMMENTED)


@pytest.mark.parametrize("new", [*HOSTILE, "acme store"])
def test_exports_follow_a_rename(path: Path, new: str) -> None:
    before = load(path)
    change(path, connection(path), name=new)
    change(path, before.sources["CRM"], name=new)
    change(path, before.exports["VIP"], name=new)
    config = load(path)
    assert config.connections[new] == Connection(name=new, id="acme1", budget_share=50)
    assert config.sources[new].segments == before.sources["CRM"].segments
    assert config.sources[new].id == before.sources["CRM"].id
    assert config.exports[new] == msgspec.structs.replace(
        before.exports["VIP"], name=new, connection=new, source=new
    )
    assert config.exports["Letter"] == before.exports["Letter"]
    assert "Acme Store" not in config.connections
    assert "  # since 2019\n" in path.read_text()
    assert "  # a number\n" in path.read_text()
    # And back again, from the hostile name.
    change(path, config.exports[new], name="VIP")
    change(path, config.sources[new], name="CRM")
    change(path, config.connections[new], name="Acme Store")
    assert load(path) == before


def test_a_rename_writes_the_id_that_stood_nowhere(path: Path) -> None:
    id_ = connection(path, "B2B").id
    change(path, connection(path, "B2B"), name="Wholesale")
    assert connection(path, "Wholesale").id == id_
    assert tomllib.loads(path.read_text())["connections"]["Wholesale"] == {"id": id_}
    assert load(path).exports["Letter"].connection == "Wholesale"


def test_changes_of_two_are_merged(path: Path) -> None:
    seen = connection(path)
    change(path, seen, budget_share=70, name="Acme")
    store.add_connection(path, Connection(name="Third", id="c3"))
    after = change(path, seen, max_new=3)
    assert after == Connection(name="Acme", id="acme1", budget_share=70, max_new=3)
    assert list(load(path).connections) == ["Acme", "B2B", "Third"]
    assert change(path, seen, budget_share=70) == after


def test_a_conflict_is_told_and_nothing_is_written(path: Path) -> None:
    seen = connection(path)
    change(path, seen, budget_share=70, requests_per_minute=9)
    text = path.read_bytes()
    with pytest.raises(ConfigError) as refused:
        change(path, seen, budget_share=80, requests_per_minute=8, max_new=1)
    assert refused.value.code == "config_changed"
    assert refused.value.hint
    assert "requests_per_minute (9), budget_share (70)" in refused.value.message
    assert path.read_bytes() == text


def test_a_record_that_is_gone(path: Path) -> None:
    seen = load(path).exports["Letter"]
    store.remove_export(path, seen)
    text = path.read_bytes()
    with pytest.raises(ConfigError) as refused:
        change(path, seen, source="CRM")
    assert refused.value.code == "config_gone"
    store.remove_export(path, seen)
    assert path.read_bytes() == text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "b2b"}, "name_taken"),
        ({"name": " "}, "invalid_name"),
        ({"budget_share": 0}, "invalid_value"),
        ({"base_url": "https://\udcff"}, "invalid_value"),
    ],
)
def test_what_cannot_be_is_refused(path: Path, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        change(path, connection(path), **fields)
    assert refused.value.code == code
    assert path.read_text() == COMMENTED


def test_a_connection_is_removed_and_its_exports_detached(path: Path) -> None:
    store.remove_connection(path, connection(path), detach=True)
    config = load(path)
    assert list(config.connections) == ["B2B"]
    assert config.exports["VIP"].connection == ""
    assert config.exports["Letter"].connection == "B2B"
    gone = ["# half of it is the web shop's", "# percent", "# since 2019"]
    assert comments(path.read_text()) == sorted(set(comments(COMMENTED)) - set(gone))
    assert "# The big one:\n\n# The small one.\n[connections.B2B]" in path.read_text()


def test_a_connection_is_removed_with_its_exports(path: Path) -> None:
    store.remove_connection(path, connection(path), detach=False)
    assert list(load(path).exports) == ["Letter"]
    ends = "# Everything below belongs to marketing.\n\n[exports.Letter]  # twice a year\n"
    assert path.read_text().endswith(ends + 'connection = "B2B"\n# the end\n')


def test_a_source_is_removed_with_its_subtables(path: Path) -> None:
    store.remove_source(path, load(path).sources["CRM"])
    config = load(path)
    assert config.sources == {}
    assert config.exports["VIP"].source == "CRM"
    assert "# Where profiles come from:\n\n# Everything below" in path.read_text()


def test_adding_and_removing_leaves_the_file_as_it_was(path: Path) -> None:
    for _ in range(3):
        store.add_source(path, Source(name="New", id="n", path="x", segments={"a": "b"}))
        store.remove_source(path, load(path).sources["New"])
    assert path.read_text() == COMMENTED


def test_line_ends_of_windows_stay(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + COMMENTED.removesuffix("\n").replace("\n", "\r\n").encode())
    export = load(path).exports["VIP"]
    mapping = (*export.mapping, Attribute(field="phone", column="tel"))
    change(path, export, name="x", mapping=mapping, segments=("a",), max_rejects=3)
    store.remove_connection(path, connection(path, "B2B"), detach=True)
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert content.endswith(b"# the end")
    assert load(path).exports["x"].mapping == mapping


UNUSUAL = [
    "connections = { Acme = { id = 'c1', max_new = 3 }, B = {} }  # one\n"
    '[exports.E]\nconnection = "Acme"\n',
    "[connections]\n  Acme = {id = 'c1', max_new = 3}  # one\n  B = {}\n"
    "[exports]\nE={connection='Acme'}\n",
    "connections.Acme.id = 'c1'\nconnections.Acme.max_new = 3 # one\nconnections.B.id = 'b'\n"
    "exports.E.connection = 'Acme'\n",
    "[connections]\nAcme.id = 'c1'\nAcme.max_new = 3 # one\nB.id = 'b'\n"
    "[exports.E]\nconnection='Acme'\n",
    "[exports.E]\nconnection = 'Acme' # one\n[[exports.E.mapping]]\nfield='email'\n"
    "[connections.Acme]\nid='c1'\nmax_new=3\n[sources.S]\npath='x'\n[connections.B]\n",
    "[[exports.E.mapping]]\nfield = 'email'\n[ connections . 'Acme' ] # one\nid='c1'\nmax_new=3\n"
    "[exports.E]\nconnection = '''\nAcme'''\n[connections.B]",
]


@pytest.mark.parametrize("text", UNUSUAL)
@pytest.mark.parametrize("new", ["Other", 'a."b"]'])
def test_unusual_forms(path: Path, text: str, new: str) -> None:
    path.write_text(text)
    before = load(path)
    mapping = (Attribute(field="email", column="#"), Attribute(field="phone", value='"'))
    change(path, before.exports["E"], mapping=mapping, segments=("a", "b"), source="S")
    acme = change(path, before.connections["Acme"], name=new, budget_share=5, max_new=None)
    config = load(path)
    assert acme == Connection(name=new, id="c1", budget_share=5)
    assert config.connections == {new: acme, "B": before.connections["B"]}
    assert config.exports["E"] == msgspec.structs.replace(
        before.exports["E"], mapping=mapping, segments=("a", "b"), source="S", connection=new
    )
    assert "# one" in path.read_text()
    change(path, config.exports["E"], mapping=mapping[1:])
    assert load(path).exports["E"].mapping == mapping[1:]
    store.remove_connection(path, acme, detach=True)
    assert list(load(path).connections) == ["B"]
    assert load(path).exports["E"].connection == ""
    store.remove_connection(path, before.connections["B"], detach=False)
    store.remove_export(path, before.exports["E"])
    assert load(path) == Config(sources=before.sources)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("exports.E.connection = 'A'  # his\n", "# his\nexports.E = {}\n"),
        ("[exports]\n E.connection = 'A'\n", "[exports]\n E = {}\n"),
        ("[[exports.E.mapping]]\nfield = 'email'\n", "[exports.E]\n"),
    ],
)
def test_a_record_without_any_field_left_stays(path: Path, text: str, left: str) -> None:
    path.write_text(text)
    change(path, load(path).exports["E"], connection="", mapping=())
    assert path.read_text() == left
    assert load(path).exports["E"].connection == ""


def test_two_processes_editing_lose_nothing(path: Path) -> None:
    program = (
        "import sys, msgspec\nfrom pathlib import Path\n"
        "from omnisend_tui.config.store import edit_connection, edit_export, load\n"
        "path, field, export = Path(sys.argv[1]), sys.argv[2], sys.argv[3]\n"
        "seen, mine = load(path).connections['Acme Store'], load(path).exports[export]\n"
        "for n in range(1, 21):\n"
        "    after = msgspec.structs.replace(seen, **{field: n})\n"
        "    seen = edit_connection(path, seen, after)\n"
        "    assert getattr(seen, field) == n\n"
        "    mine = edit_export(path, mine, msgspec.structs.replace(mine, country=f'{n}'))\n"
    )
    pairs = [("max_new", "VIP"), ("budget_share", "Letter")]
    others = [subprocess.Popen([sys.executable, "-c", program, path, *pair]) for pair in pairs]
    assert [other.wait(60) for other in others] == [0, 0]
    after = connection(path)
    assert (after.max_new, after.budget_share) == (20, 20)
    assert {export.country for export in load(path).exports.values()} == {"20"}
    assert comments(path.read_text()) == comments(COMMENTED)


NAMES = st.sampled_from(["Acme Store", "B2B", "CRM", "VIP", "Letter", *HOSTILE])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "connections": {"budget_share": st.integers(1, 100), "max_new": st.none() | st.integers(0, 9)},
    "sources": {"key": TEXT, "segments": st.dictionaries(TEXT, TEXT, max_size=2)},
    "exports": {
        "segments": st.lists(TEXT, max_size=2).map(tuple),
        "mapping": st.lists(st.builds(Attribute, field=TEXT, column=TEXT), max_size=2).map(tuple),
        "country": TEXT,
        "connection": NAMES | st.just(""),
        "send_welcome": st.booleans(),
    },
}
KINDS = {"connections": Connection, "sources": Source, "exports": Export}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_sequence_of_changes(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.mktemp("wild") / "config.toml"
    newline = data.draw(st.sampled_from(["\n", "\r\n"]))
    path.write_bytes(COMMENTED.replace("\n", newline).encode())
    config = load(path)
    model: dict[str, dict[str, Any]] = {kind: {**getattr(config, kind)} for kind in KINDS}
    added = 0
    removed: set[str] = set()
    for _ in range(data.draw(st.integers(1, 8))):
        kind = data.draw(st.sampled_from(list(KINDS)))
        name, records = data.draw(NAMES), model[kind]
        if name not in records:
            added += 1
            records[name] = record = KINDS[kind](name=name, id=f"i{added}")
            if kind == "sources":
                records[name] = record = msgspec.structs.replace(record, path="x")
            getattr(store, f"add_{kind[:-1]}")(path, record)
        elif data.draw(st.integers(0, 3)):
            fields = data.draw(st.fixed_dictionaries({}, optional=FIELDS[kind]))
            new = data.draw(NAMES)
            if new not in records:
                fields["name"] = new
                for other, export in model["exports"].items():
                    if getattr(export, kind[:-1], None) == name:
                        export = msgspec.structs.replace(export, **{kind[:-1]: new})
                        model["exports"][other] = export
            after = change(path, records[name], **fields)
            del records[name]
            records[after.name] = after
            assert after == msgspec.structs.replace(after, **fields)
        else:
            removed.add(records[name].id)
            if kind == "connections":
                detach = data.draw(st.booleans())
                store.remove_connection(path, records[name], detach=detach)
                for other, export in list(model["exports"].items()):
                    if export.connection == name and detach:
                        export = msgspec.structs.replace(export, connection="")
                        model["exports"][other] = export
                    elif export.connection == name:
                        removed.add(model["exports"].pop(other).id)
            else:
                getattr(store, f"remove_{kind[:-1]}")(path, records[name])
            del records[name]
        assert load(path) == msgspec.structs.replace(config, **model)
    assert path.read_bytes().count(newline.encode()) == path.read_bytes().count(b"\n")
    lost = set(comments(COMMENTED)) - set(comments(path.read_text()))
    inner = {
        config.connections["Acme Store"].id: {
            "# since 2019",
            "# half of it is the web shop's",
            "# percent",
        },
        config.sources["CRM"].id: {"# SQL", "# spent much", "# euros"},
        config.exports["VIP"].id: {
            "# not B2B",
            "# the best",
            "# what goes where",
            "# shoe size, for the sale",
            "# a number",
        },
        config.exports["Letter"].id: {"# twice a year"},
    }
    assert lost <= set().union(*(inner.get(id_, set()) for id_ in removed))

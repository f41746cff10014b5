"""A broken config.toml is told with its line and a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.locate import line_of
from omnisend_tui.config.store import load
from omnisend_tui.errors import ConfigError, Exit

ROW = "[[exports.A.mapping]]\n"


def refused(tmp_path: Path, text: str | bytes) -> ConfigError:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.exit_code == Exit.USAGE
    return caught.value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[settings]\nlanguage =\n", 2),
        ("[settings\n", 1),
        ("[settings]\n\nascii = true\nascii = false\n", 4),
        ("[connections.A]\n[connections.A]\n", 2),
        ('[settings]\ntheme = "open\n', 2),
        ("a = " + "[" * 5000, 1),
    ],
)
def test_a_syntax_error_has_its_line(tmp_path: Path, text: str, line: int) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_syntax"
    assert error.message.startswith(f"config.toml, line {line}: ")


def test_what_is_no_utf8_has_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, b"[settings]\n# caf\xe9\n")
    assert error.message.startswith("config.toml, line 2: ")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[settings]\nascii = 1\n", 2, "“ascii” must be true or false."),
        ("# a\n[settings]\nlanguage = 'sv'\n", 3, "“language” can't be this value."),
        ("[conections.A]\n", 1, "“conections” isn't known here. Known are: settings, connections"),
        ("[exports.A]\n\n[exports.B]\ncolour = 1\n", 4, "“colour” isn't known here."),
        ("[connections.A]\nname = 'B'\n", 2, "“name” isn't known here."),
        ("[connections.A]\nbudget_share = 'all'\n", 2, "“budget_share” must be a whole number."),
        ("[connections.A]\nbudget_share = 200\n", 2, "“budget_share” is a percentage from 1"),
        ("[connections.A]\nmax_new = 1.5\n", 2, "“max_new” must be a whole number."),
        ("[connections.A]\nbase_url = 'http://example.com'\n", 2, "starts with https"),
        ("connections = 3\n", 1, "“connections” must be a table."),
        ("[connections]\nA = 3\n", 2, "“A” must be a table."),
        ("[sources.A]\n", 1, "A source needs the path of its files."),
        (f"[exports.A]\n{ROW}field='email'\n{ROW}", 4, "“field” is missing here."),
        (f"[exports.A]\n{ROW}field = 'email'\ncolumn = 2\n", 4, "“column” must be text in quotes."),
        ("[exports.'A b']\nsegments = 'VIP'\n", 2, "“segments” must be a list."),
        ("[exports.A]\nid='x'\n[exports.B]\nid='x'\n", 4, "“B” has the same id as “A”."),
        ("[exports.A]\nid='../x'\n", 2, "An id has up to 64"),
        ("[exports.' ']\n", 1, "A name can't be empty."),
    ],
)  # fmt: skip
def test_a_wrong_value_has_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_value"
    assert error.message.startswith(f"config.toml, line {line}: ")
    assert says in error.message


def test_an_export_without_its_connection_and_source_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[exports.A]\nconnection = 'gone'\nsource = 'gone'\n")
    assert load(path).exports["A"].connection == "gone"


@given(st.text(), st.lists(st.one_of(st.text(), st.integers()), max_size=4))
def test_looking_for_a_line_never_fails(text: str, path: list[str | int]) -> None:
    found = line_of(text, path)
    assert found is None or 1 <= found <= len(text.splitlines())


@given(st.text())
def test_any_text_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-config.toml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    message = "any-config.toml, line "
    try:
        load(path)
    except ConfigError as error:
        message = error.message
    assert message.startswith("any-config.toml, line ")

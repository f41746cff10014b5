"""A broken config.toml is told with its line and a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.config.locate import line_of
from omnisend_tui.config.models import Export, Hook
from omnisend_tui.config.store import add_export, load
from omnisend_tui.errors import ConfigError, Exit

ROW = "[[exports.A.mapping]]\n"
HOOK = "[[hooks]]\nurl = 'https://x.fi'\n"


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
        ("[settings]\nanimation = 'no'\n", 2, "this value. It can be: “auto”, “off”, “on”."),
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
        ("[settings]\nanimation = true\n", 2, "“animation” must be text in quotes."),
        ("[settings]\nbell = 'loud'\n", 2, "“bell” must be true or false."),
        ("[settings]\nkeep_days = 0\n", 2, "“keep_days” can't be this value."),
        ("[hooks]\nurl = 'https://x.fi'\n", 1, "a list of tables, each with this name in [["),
        ("[[hooks]]\n", 1, "either a command or a url"),
        ("[[hooks]]\nurl='https://x.fi'\ncommand=['x']\n", 2, "either a command or a url"),
        ("[[hooks]]\ncommand='notify me'\n", 2, "“command” must be a list."),
        ("[[hooks]]\ncommand=['x', 2]\n", 2, "“command” must be text in quotes."),
        ("[[hooks]]\ncommand=['./x']\n", 2, "has its whole path, or no folder at all"),
        ("[[hooks]]\ncommand=['']\n", 2, "a program, then its arguments"),
        (f"{HOOK}[[hooks]]\ncommand=['x']\non=['ended']\n", 5, "value. It can be: “failed”, "),
        (f"{HOOK}on = []\n", 3, "needs an end of runs"),
        (f"{HOOK}seconds = 0\n", 3, "“seconds” is a whole number from 1 to 600."),
        (f"{HOOK}seconds = 1.5\n", 3, "“seconds” must be a whole number."),
        (f"{HOOK}shell = true\n", 3, "“shell” isn't known here. Known are: command, url, on,"),
        ("[[hooks]]\nurl = 'http://x.fi/SECRET'\n", 2, "plain http works on loopback only."),
        ("[[hooks]]\nurl = 'https://a:SECRET@x.fi/'\n", 2, "no user name and no password."),
        ("[[hooks]]\nurl = 'https://x.fi/a b'\n", 2, "looks like https://example.com/path."),
        ("[[hooks]]\nurl = 'ftp://x.fi/'\n", 2, "looks like https://example.com/path."),
    ],
)  # fmt: skip
def test_a_wrong_value_has_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == "config_value"
    assert error.message.startswith(f"config.toml, line {line}: ")
    assert says in error.message
    assert "SECRET" not in error.message


def test_an_export_without_its_connection_and_source_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[exports.A]\nconnection = 'gone'\nsource = 'gone'\n")
    assert load(path).exports["A"].connection == "gone"


def test_hooks_are_read_and_left_alone_when_an_export_comes(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = (
        "[settings]\ntitle = false\nanimation = 'off'\n\n"
        "[[hooks]]\n# the shop's chat\nurl = 'https://x.fi/hook?sig=1' # secret\nseconds = 5\n\n"
        "[[hooks]]\ncommand = ['/bin/echo', 'a b']\non = ['failed']\n\n"
        "[[hooks]]\nurl = 'http://127.0.0.1:8000'\n"
    )
    path.write_text(text)
    add_export(path, Export(name="A"))
    assert path.read_text().startswith(text)
    config = load(path)
    assert (config.settings.bell, config.settings.title) == (False, False)
    assert config.hooks == (
        Hook(url="https://x.fi/hook?sig=1", seconds=5),
        Hook(command=("/bin/echo", "a b"), on=("failed",)),
        Hook(url="http://127.0.0.1:8000"),
    )


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

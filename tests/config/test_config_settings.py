"""Changing the settings in config.toml."""

from pathlib import Path

import msgspec
import pytest

from omnisend_tui.config import store
from omnisend_tui.config.store import load
from omnisend_tui.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", '[settings]\ntheme = "nord"\nbell = true\n'),
        ("[sources]", '[sources]\n\n[settings]\ntheme = "nord"\nbell = true'),
        (
            "[settings] # ours\nlanguage = 'fi' # Finns\n# the shops\n[connections]\n",
            '[settings] # ours\n# Finns\ntheme = "nord"\nbell = true\n# the shops\n[connections]\n',
        ),
        (
            "settings.bell = false # hush\n[exports]\n",
            'settings.bell = true # hush\nsettings.theme = "nord"\n[exports]\n',
        ),
        (
            "settings = { ascii = true, language = 'fi' } # ours\n",
            'settings = { ascii = true,  theme = "nord", bell = true} # ours\n',
        ),
    ],
)
def test_settings_are_merged_into_whatever_form_they_have(
    tmp_path: Path, text: str, left: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    before = load(path).settings
    after = msgspec.structs.replace(before, language="auto", bell=True)
    # Somebody else's change meanwhile stays.
    store.edit_settings(path, before, msgspec.structs.replace(before, theme="nord"))
    merged = store.edit_settings(path, before, after)
    assert load(path).settings == merged == msgspec.structs.replace(after, theme="nord")
    assert path.read_text() == left
    with pytest.raises(ConfigError) as caught:
        store.edit_settings(path, before, msgspec.structs.replace(before, theme="hanki"))
    assert caught.value.code == "config_changed"
    assert load(path).settings == merged

"""The Settings screen: what is chosen is stored, and the app looks like it at once."""

import pytest
from rich.cells import cell_len

from omnisend_tui.config import store
from omnisend_tui.config.models import Settings
from omnisend_tui.i18n import language, use_language
from omnisend_tui.permissions import Actor
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.settings import SettingsScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW
from tui.screen_app import NARROW, WIDE, settle, shown, still_app, text_of, told, until

BY_HAND = """
# how it looks
[settings]
keep_days = 45  # asked for by Pekka
bell = false  # quiet office
"""


def stored(workspace: Workspace) -> Settings:
    return store.load(workspace.config_path).settings


async def test_each_setting_is_stored_and_seen_at_once(busy: Workspace) -> None:
    path = busy.config_path
    path.write_text(path.read_text() + BY_HAND)
    busy.reload_config()
    use_language("en")
    app = OmnisendApp(busy, now=lambda: NOW, environ={}, pulse=None)
    async with shown(app) as pilot:
        palette = {command.title: command for command in app.get_system_commands(app.screen)}
        await palette["Settings"].callback()
        await settle(app, pilot)
        assert isinstance(app.screen, SettingsScreen)
        assert "● 45" in text_of(app)
        assert str(path)[:40] in text_of(app)
        # Language, colours, signs, animation, bell, title, days: as far as the walk goes.
        await pilot.press("left", "down", "right", "down", "right", "down", "left", "down", "enter")
        await pilot.press("down", "space", "down", "left")
        wanted = Settings(
            language="fi", theme="hanki", ascii=True, animation="off", bell=True, title=False,
            keep_days=365,
        )  # fmt: skip
        await until(pilot, lambda: stored(busy) == wanted)
        await settle(app, pilot)
        assert (app.theme, app.animation_level, language()) == ("hanki", "none", "fi")
        assert app.inks.ascii
        # Somebody else's change is seen too, and this screen's next one leaves it alone.
        path.write_text(path.read_text().replace('"hanki"', '"nord"'))
        await settle(app, pilot)
        assert app.theme == "nord"
        assert "* nord" in text_of(app)
        await pilot.click("#settings", offset=(33, 4))
        await until(pilot, lambda: stored(busy).theme == "nord" and not stored(busy).bell)
        await pilot.press("escape")
        assert isinstance(app.screen, ExportsScreen)
        await settle(app, pilot)
        assert "Viennit" in text_of(app)
        app.theme = "gruvbox"
        await until(pilot, lambda: stored(busy).theme == "gruvbox")
        assert told(app) == []
    text = path.read_text()
    for kept in ("# how it looks", "# asked for by Pekka", "# quiet office"):
        assert kept in text
    assert len(busy.reload_config().exports) > 10


async def test_what_cant_be_stored_is_told_and_nothing_changes(busy: Workspace) -> None:
    app = still_app(busy)
    before = busy.config_path.read_bytes()
    async with shown(app) as pilot:
        app.action_settings()
        await settle(app, pilot)
        busy.actor = Actor("pekka", "viewer")
        await pilot.press("right")
        await until(pilot, lambda: told(app))
        assert "Only administrators of the workspace change settings" in told(app)[0]
        assert "● the system's" in text_of(app)
        busy.actor = Actor("maija", "administrator")
        busy.config_path.write_bytes(before + b"[setings]\n")
        await pilot.press("right")
        await until(pilot, lambda: any("setings" in each for each in told(app)))
        await until(pilot, lambda: "● the system's" in text_of(app))
        assert busy.config_path.read_bytes() == before + b"[setings]\n"


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_screen_fits(empty: Workspace, size: tuple[int, int]) -> None:
    app = still_app(empty)
    async with shown(app, size=size):
        await app.run_action("settings")
        await app.look()
        screen = app.screen
        assert isinstance(screen, SettingsScreen)
        for code in ("en", "fi"):
            use_language(code)
            assert sum(key.cells for key in screen.footer_keys()) <= NARROW[0]
            rows = [screen._row(index, False, 77) for index in range(7)]
            assert all(sum(cell_len(text) for text, _ink in row) <= 79 for row in rows)

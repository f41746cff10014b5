"""What the app says at its top: for how long, and where."""

from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.screen_app import settle, shown, still_app, text_of, told

FAILED = "Hook 1 (x) failed: its program can't be started."


async def test_a_page_takes_away_what_was_said_in_passing_and_no_warning(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        app.say("Sorted by name.")
        app.say(FAILED, severity="warning", seconds=30.0)
        await settle(app, pilot)
        begin(app, "connection")
        await settle(app, pilot)
        assert isinstance(app.screen, WizardScreen)
        assert told(app) == [FAILED]
        assert FAILED in text_of(app)
        app.say(FAILED, severity="warning", seconds=30.0)
        app.say("Sorted by name.")
        await settle(app, pilot)
        assert told(app) == [FAILED, "Sorted by name."]


async def test_a_notice_is_seen_once_over_a_dialog_and_after_it(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        app.say("“E” is saved.")
        await settle(app, pilot)
        assert text_of(app).count("is saved") == 1
        for question in ("A", "B"):
            app.push_screen(Choice(question, "", (("stay", "Stay"),)))
            await settle(app, pilot)
            assert text_of(app).count("is saved") == 1
        await pilot.press("escape", "escape")
        await settle(app, pilot)
        assert text_of(app).count("is saved") == 1

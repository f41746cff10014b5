"""The demo of Customer Insights: its first screens, and what it is left with."""

from keyrings import MemoryKeyring, memory
from omnisend_tui import sign_in
from omnisend_tui.demo import demo_workspace
from omnisend_tui.launch import launch
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.tour import begin_tour
from tui.screen_app import settle, text_of, until

__all__ = ["memory"]


async def test_the_way_through_it(memory: MemoryKeyring) -> None:
    with demo_workspace(120, "dataverse", 0.0) as workspace:
        app = OmnisendApp(workspace, environ={}, pulse=None, kept=False, opens=begin_tour)
        app.animation_level = "none"
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: "signs you in by itself" in " ".join(text_of(app).split()))
            assert "Customer Insights: Sign-in" in text_of(app)
            await until(pilot, lambda: app.focused is not None)
            await pilot.press("enter")
            await until(pilot, lambda: "1 segment, 120 profiles" in text_of(app))
            assert "● Newsletter" in text_of(app)
            await pilot.press("escape")
            await settle(app, pilot)
            assert "Demo newsletter" in text_of(app)
            assert "r runs it" in text_of(app)
        (source,) = workspace.config.sources.values()
        assert sign_in.signed_in(workspace, source) == "aino.korhonen@example.com"
        name = next(iter(workspace.config.exports))
        ended = launch(workspace, name, started_by="test").wait(60)
        assert ended is not None
        assert (ended.status, ended.read) == ("finished_with_rejects", 120)
    assert memory.kept == {}

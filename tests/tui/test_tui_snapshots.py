"""Pictures of the screens, compared as SVG under the pinned version of Textual."""

from pathlib import Path

import pytest
from acme import acme, app_of, empty

OPEN = ("down", "down", "enter")
SIZES = [(80, 24), (120, 40)]


async def settle(pilot) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "keys",
    [(), OPEN, (*OPEN, "g"), ("4",), ("question_mark",), ("A",)],
    ids=["exports", "run", "reasons", "runs", "help", "dialog"],
)
def test_screens(snap_compare, tmp_path: Path, size, keys) -> None:
    with acme(tmp_path) as workspace:
        # The help shows where things lie, which differs from one test run to the next.
        workspace.config_path = Path("/config/config.toml")
        workspace.state_dir, workspace.log_path = Path("/state"), Path("/state/log")
        app = app_of(workspace)
        assert snap_compare(app, press=keys, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES)
def test_light_theme(snap_compare, tmp_path: Path, size) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        app.theme = "hanki"
        assert snap_compare(app, terminal_size=size, run_before=settle)


def test_nothing_is_set_up(snap_compare, tmp_path: Path) -> None:
    with empty(tmp_path) as workspace:
        assert snap_compare(app_of(workspace), terminal_size=(80, 24), run_before=settle)


def test_no_colour(snap_compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with acme(tmp_path) as workspace:
        assert snap_compare(app_of(workspace), terminal_size=(80, 24), run_before=settle)

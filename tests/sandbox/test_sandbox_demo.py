"""The demo's sandbox refuses a few of its made-up people, so that there is a refusal to see."""

from omnisend_tui.demo import demo_workspace
from omnisend_tui.launch import launch


def test_the_demo_shows_an_address_that_omnisend_refuses() -> None:
    with demo_workspace(100) as workspace:
        name = next(iter(workspace.config.exports))
        ended = launch(workspace, name, started_by="test").wait(60)
        assert ended is not None
        assert ended.status == "finished_with_rejects"
        counts = workspace.state.problem_counts(ended.run_id, "reject")
        assert counts["refused_by_omnisend"] == 1

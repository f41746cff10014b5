"""``omnisend-tui demo``: a throw-away workspace, in the app or headless."""

import sys

import click

from omnisend_tui.cli.opening import check_terminal, show_demo
from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message
from omnisend_tui.cli.running import Manner, run_exports
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.demo import PROFILES, Kind, demo_workspace
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.workspace import Workspace

_SIGN_IN_SECONDS = 2.0  # nobody has to read the code here


@click.command(help=_("Try it on made-up profiles and a local sandbox; nothing is kept."))
@click.option("--profiles", type=click.IntRange(1), default=PROFILES, show_default=True)
@click.option(
    "--source", type=click.Choice(["files", "dataverse"]), default="files", show_default=True
)
@click.option("--headless", is_flag=True, help=_("Run the export without the app."))
@click.option("--no-progress", is_flag=True, hidden=True)
@click.option("--plain", is_flag=True, hidden=True)
@json_option
def demo(
    profiles: int, source: Kind, headless: bool, no_progress: bool, plain: bool, as_json: bool
) -> int:
    headless = headless or as_json or not (sys.stdin.isatty() and sys.stdout.isatty())
    if not headless:
        check_terminal("omnisend-tui demo --headless")
        with signals_as_interrupt():
            return show_demo(profiles, source)
    with (
        signals_as_interrupt(),
        demo_workspace(profiles, source, _SIGN_IN_SECONDS) as workspace,
    ):
        message(
            _("{profiles} made-up profiles go to a sandbox on this machine.").format(
                profiles=number(profiles)
            )
        )
        if source == "dataverse":
            _sign_in(workspace)
        manner = Manner(as_json=as_json, progress=not no_progress, plain=plain, kept=False)
        return run_exports(workspace, list(workspace.config.exports), manner)


def _sign_in(workspace: Workspace) -> None:
    """By device code, as ``source sign-in`` does it."""
    from omnisend_tui.cli.dataverse_source import sign_in_person

    message(_("They stand in a sandbox of Customer Insights, which signs you in by itself."))
    (source,) = workspace.config.sources.values()
    account = sign_in_person(workspace, source)
    message(_("Signed in as {who}.").format(who=account))

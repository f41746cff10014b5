"""``omnisend-tui sandbox``: a local stand-in for Omnisend."""

from pathlib import Path

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _


@click.command(help=_("Run a local stand-in for Omnisend on loopback, until Ctrl+C."))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help=_("0 takes a free one."))
@click.option("--api-key", default="", help=_("The key it accepts (default: a new one)."))
@click.option("--requests-per-minute", type=click.IntRange(1), default=400, show_default=True)
@click.option(
    "--latency", type=click.FloatRange(0), default=0.0, metavar="MS",
    help=_("Milliseconds that each answer takes at least."),
)  # fmt: skip
@click.option(
    "--faults", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help=_("A plan of how to misbehave (TOML)."),
)  # fmt: skip
@click.option("--tag-requests-per-minute", type=click.IntRange(1), default=60, hidden=True)
@click.option("--batch-seconds", type=click.FloatRange(0), default=0.0, hidden=True)
@json_option
def sandbox(
    port: int,
    api_key: str,
    requests_per_minute: int,
    tag_requests_per_minute: int,
    latency: float,
    faults: Path | None,
    batch_seconds: float,
    as_json: bool,
) -> None:
    from omnisend_tui.sandbox.faults import Faults, load_faults
    from omnisend_tui.sandbox.options import SandboxOptions
    from omnisend_tui.sandbox.server import serve

    options = SandboxOptions(
        port=port,
        api_key=api_key,
        requests_per_minute=requests_per_minute,
        tag_requests_per_minute=tag_requests_per_minute,
        latency_ms=latency,
        batch_seconds=batch_seconds,
        faults=Faults() if faults is None else load_faults(faults),
    )

    try:
        serve(options, as_json=as_json)
    except OSError as error:
        raise AppError(
            "port_taken",
            _("The sandbox can't listen on port {port}.").format(port=port),
            _("Another program may use it; --port 0 takes a free one."),
        ) from error

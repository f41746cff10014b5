"""Command lines in processes of their own, forked: most take less time than their imports would."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from omnisend_tui.cli import main

_PATIENCE = 60.0  # seconds
# What most commands import once they are called; none looks at the environment meanwhile.
_IMPORTED = ("omnisend_tui.cli.connection", "omnisend_tui.cli.run", "omnisend_tui.launch",
             "omnisend_tui.connections", "httpcore")  # fmt: skip


def forked_command(
    environ: Mapping[str, str], *arguments: str, stdin: str = ""
) -> "subprocess.CompletedProcess[bytes]":
    """What ``omnisend-tui`` says and how it ends. Raises ``TimeoutExpired``."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__, *_IMPORTED])
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "0").write_text(stdin)
        process = server.Process(target=_command, args=(folder, dict(environ), arguments))
        process.start()
        process.join(_PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, _PATIENCE)
        said = [(folder / stream).read_bytes() for stream in ("1", "2")]
    return subprocess.CompletedProcess(arguments, process.exitcode, *said)


def _command(folder: Path, environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    """As a new interpreter would be started, with files for the three streams."""
    for stream, flags in enumerate(
        (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    ):
        opened = os.open(folder / str(stream), flags, 0o600)
        os.dup2(opened, stream)
        os.close(opened)
    sys.stdin = open(0)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    sys.path[:0] = filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["omnisend-tui", *arguments]
    main()

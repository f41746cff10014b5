"""``omnisend-tui doctor``: is this installation, this workspace and each connection in order?"""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import msgspec

from omnisend_tui import __version__, connections, consent
from omnisend_tui.cli.doctor_secrets import (
    keyring_findings,
    orphan_findings,
    variable_findings,
)
from omnisend_tui.cli.doctor_sources import source_findings
from omnisend_tui.cli.findings import Finding, failed, origin_word
from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import clean, pad, print_json, width
from omnisend_tui.cli.words import command
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import Config, Connection, Hook
from omnisend_tui.errors import AppError, Exit
from omnisend_tui.folders import network_warning
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.ledger_key import FILE
from omnisend_tui.secrets import credentials_folder
from omnisend_tui.sentences import behaviour_sentence
from omnisend_tui.workspace import Workspace

_LIBRARIES = ("textual", "httpx", "duckdb", "click", "msgspec", "keyring", "cryptography", "msal")


@click.command(help=_("Check this installation, the workspace and each connection."))
@json_option
def doctor(as_json: bool) -> int:
    findings = [_python(), *_libraries()]
    try:
        with opened() as workspace:
            findings += _workspace(workspace)
            for connection in workspace.config.connections.values():
                findings += _connection(workspace, connection)
            for source in workspace.config.sources.values():
                if source.type == "dataverse":
                    findings += source_findings(workspace, source)
    except AppError as error:
        findings.append(failed(_("workspace"), error))
    healthy = all(finding.state != "failed" for finding in findings)
    if as_json:
        print_json({"healthy": healthy, "checks": [msgspec.to_builtins(f) for f in findings]})
    else:
        _print(findings)
    return int(Exit.DONE if healthy else Exit.FAILED)


def _print(findings: list[Finding]) -> None:
    words = {"ok": _("ok"), "warning": _("warning"), "failed": _("failed")}
    state_cells = max(width(word) for word in words.values())
    check_cells = max(width(clean(finding.check)) for finding in findings)
    for finding in findings:
        click.echo(
            f"{pad(words[finding.state], state_cells)}  "
            f"{pad(clean(finding.check), check_cells)}  {clean(finding.detail)}"
        )
        if finding.hint:
            click.echo(f"{' ' * (state_cells + check_cells + 4)}{clean(finding.hint)}")


def _python() -> Finding:
    return Finding(
        "python", "ok", f"{platform.python_version()}, omnisend-tui {__version__}, "
        f"{platform.system()} {platform.machine()}",
    )  # fmt: skip


def _libraries() -> list[Finding]:
    return [_library(name) for name in _LIBRARIES]


def _library(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "failed", _("not installed"), _("Install omnisend-tui again."))


def _workspace(workspace: Workspace) -> list[Finding]:
    config = workspace.config
    findings = [
        Finding(
            _("configuration"), "ok",
            f"{workspace.config_path}: {_counts(config)}",
        ),
        _place(_("state"), workspace.state_dir),
        _place(_("budget"), workspace.budget_path.parent),
        Finding(_("log"), "ok", str(workspace.log_path)),
    ]  # fmt: skip
    findings += keyring_findings(workspace)
    findings += _ledgers(workspace)
    findings += orphan_findings(workspace)
    findings += variable_findings(workspace)
    findings += [_hook(place, hook) for place, hook in enumerate(config.hooks, 1)]
    for export in config.exports.values():
        missing = [
            name
            for name, known in (
                (export.connection, config.connections),
                (export.source, config.sources),
            )
            if name and name not in known
        ]
        if missing:
            findings.append(
                Finding(
                    export.name, "failed",
                    _("uses '{name}', which isn't there").format(name="', '".join(missing)),
                    _("Correct its connection or source in config.toml."),
                )
            )  # fmt: skip
    return findings


def _counts(config: Config) -> str:
    connections, sources, exports = (
        len(records) for records in (config.connections, config.sources, config.exports)
    )
    told = (
        (ngettext("{count} connection", "{count} connections", connections), connections),
        (ngettext("{count} source", "{count} sources", sources), sources),
        (ngettext("{count} export", "{count} exports", exports), exports),
    )
    return ", ".join(text.format(count=number(count)) for text, count in told)


def _ledgers(workspace: Workspace) -> list[Finding]:
    """The key under which they seal addresses, and each ledger: where it lies, if it opens."""
    check = _("ledgers")
    folder = workspace.ledger_path("", "").parent
    paths = sorted(folder.glob("*.sqlite"))
    try:
        # Whoever looks makes no key: without a ledger there is nothing to open.
        key = workspace.ledger_key() if paths else b""
    except AppError as error:
        return [failed(_("ledger key"), error)]
    findings = []
    if paths:
        findings.append(Finding(_("ledger key"), "ok", str(_key_path(workspace))))
    found = len(paths)
    told = ngettext("{path}: {count} ledger", "{path}: {count} ledgers", found)
    findings.append(Finding(check, "ok", told.format(path=folder, count=number(found))))
    for path in paths:
        try:
            _open_copy(workspace, path, key)
        except AppError as error:
            why = _("{path}: {why}").format(path=path, why=error.message)
            findings.append(Finding(check, "failed", why, error.hint))
    return findings


def _key_path(workspace: Workspace) -> Path:
    folder = credentials_folder(os.environ)
    handed = folder / FILE if folder is not None else None
    return handed if handed is not None and handed.exists() else workspace.state_dir / FILE


def _open_copy(workspace: Workspace, path: Path, key: bytes) -> None:
    """Opens a copy: a run may be writing, and to open a ledger may change it.

    Raises ``StateError``, and ``CredentialsError`` for a ledger of another key.
    """
    from omnisend_tui.engine.ledger import Ledger
    from omnisend_tui.engine.ledger.files import copy

    target = workspace.temp_dir / f"look-{path.name}"
    try:
        copy(path, target)
        Ledger(target, key).close()
    finally:
        for left in workspace.temp_dir.glob(f"{target.name}*"):
            left.unlink(missing_ok=True)


def _place(check: str, folder: Path) -> Finding:
    warning = network_warning(folder)
    return Finding(check, "warning" if warning else "ok", warning or str(folder))


def _hook(place: int, hook: Hook) -> Finding:
    """Nothing is called: config.toml was read, so a webhook's address is well formed."""
    from omnisend_tui.hooks import hook_name, missing_program

    check = _("hook {number}").format(number=place)
    if missing_program(hook):
        return Finding(
            check, "failed",
            _("{name} isn't there, or can't be executed").format(name=hook_name(hook)),
            _("Correct its command in config.toml, or the rights of the file."),
        )  # fmt: skip
    told = _("{name}, at most {seconds} s, on: {endings}").format(
        name=hook_name(hook), seconds=hook.seconds, endings=", ".join(hook.on)
    )
    return Finding(check, "ok", told)


def _connection(workspace: Workspace, connection: Connection) -> list[Finding]:
    findings = [_behaviour(workspace, connection)]
    agreed = f"{connection.name}: " + _("consent")
    try:
        consent.require(workspace.state, connection)
        findings.append(Finding(agreed, "ok", _("given")))
    except AppError as error:
        findings.append(failed(agreed, error))
    try:
        key = workspace.secrets.api_key(connection)
        findings.append(
            Finding(f"{connection.name}: " + _("API key"), "ok", _("from: {origin}").format(
                origin=origin_word(key.origin)))
        )  # fmt: skip
    except AppError as error:
        return [*findings, failed(f"{connection.name}: " + _("API key"), error)]
    try:
        brand = connections.connect(workspace, connection, key.value)
        findings.append(Finding(f"{connection.name}: Omnisend", "ok", brand.name or brand.id))
    except AppError as error:
        findings.append(failed(f"{connection.name}: Omnisend", error))
    return findings


def _behaviour(workspace: Workspace, connection: Connection) -> Finding:
    seen = workspace.state.behaviour(connection.id)
    hint = ""
    if seen is None:
        hint = command(
            "connection", "test", "--probe", "ADDRESS",
            name=connection.name, workspace=workspace.named,
        )  # fmt: skip
    check = f"{connection.name}: " + _("behaviour check")
    return Finding(check, "ok", behaviour_sentence(seen), hint)

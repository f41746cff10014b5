"""Words and lines about runs that several commands print."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from omnisend_tui.cli.output import clean
from omnisend_tui.documents import Document
from omnisend_tui.errors import AppError
from omnisend_tui.formats import duration, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.sentences import (
    looking_back,
    looks_back,
    reason_label,
    stage_word,
    unsettled_label,
    wait_word,
    waits_for,
    what_is_left,
)


def status_word(status: str) -> str:
    """A status of a run as people read it; an unknown one stays as it is."""
    return {
        "": _("never run"),
        "queued": _("queued"),
        "waiting": _("waiting"),
        "running": _("running"),
        "paused": _("paused"),
        "finished": _("finished"),
        "finished_with_rejects": _("finished with rejects"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "interrupted": _("interrupted"),
    }.get(status, status)


def doing(run: Snapshot) -> str:
    """What a run does or waits for, else its status."""
    if looks_back(run):
        return looking_back()
    if waits := waits_for(run):
        return wait_word(waits)
    if run.status != "running":
        return status_word(run.status)
    return _("cancelling") if run.cancelling else stage_word(run.stage)


def command(*arguments: str, name: str, workspace: Path | None = None) -> str:
    """A command line to copy into a shell; ``name`` comes last, and is never taken as an option.

    ``workspace`` is the folder of one that must be named.
    """
    named = ["--", name] if name.startswith("-") else [name]
    where = [] if workspace is None else ["--workspace", str(workspace)]
    parts = [*where, *arguments, *named]
    return shlex.join(["omnisend-tui", *(clean(part) for part in parts)])


def sign_in_hint(error: RunError | AppError, source: str, workspace: Path | None) -> str:
    """The hint of an error; that to sign in again names the workspace, which it doesn't know."""
    if error.code != "sign_in_needed" or not source:
        return error.hint
    how = command("source", "sign-in", name=source, workspace=workspace)
    return _("Sign in: {command}, or in the app under Sources.").format(command=how)


def result_lines(run: Document, reasons: Mapping[str, int], ended: Snapshot) -> list[str]:
    """The result of a run: name, status, the accounting identity, its cost, why the rejects.

    And, where there are any, how many got tags or lost one, how many were subscribed, and how many
    agreed but stay unsubscribed.
    """
    counts = ", ".join(
        f"{label} {number(run[key])}"
        for key, label in (
            ("created", _("created")),
            ("updated", _("updated")),
            ("accepted", _("accepted")),
            ("unchanged", _("unchanged")),
            ("duplicates", _("duplicates")),
            ("rejected", _("rejected")),
        )
    )
    if ended.on_their_way:
        counts += f", {unsettled_label(ended)} {number(ended.on_their_way)}"
    lines = [
        f"{clean(run['export'])}: {status_word(run['status'])}",
        "  " + _("read {read}: {counts}").format(read=number(run["read"]), counts=counts),
        "  "
        + _("{batches}, {requests}, {retries}, {warnings}, in {time}").format(
            batches=_counted(run["batches"], ngettext("batch", "batches", run["batches"])),
            requests=_counted(run["requests"], ngettext("request", "requests", run["requests"])),
            retries=_counted(run["retries"], ngettext("retry", "retries", run["retries"])),
            warnings=_counted(run["warnings"], ngettext("warning", "warnings", run["warnings"])),
            time=duration(run["seconds"]),
        ),
    ]
    given = ngettext(
        "{count} contact got its tags", "{count} contacts got their tags", ended.tagged
    )
    tags = [
        text.format(count=number(count))
        for text, count in ((given, ended.tagged), (_("{count} lost a tag"), ended.leavers))
        if count
    ]
    if tags:
        lines.append("  " + ", ".join(tags))
    if ended.subscribed or ended.left_unsubscribed:
        lines.append(
            "  "
            + _("e-mail status: {subscribed} subscribed, {left} left unsubscribed").format(
                subscribed=number(ended.subscribed), left=number(ended.left_unsubscribed)
            )
        )
    if reasons:
        told = ", ".join(
            f"{number(count)} {reason_label(reason)}" for reason, count in reasons.items()
        )
        lines.append("  " + _("rejected: {reasons}").format(reasons=told))
    if ended.status == "cancelled" and (left := what_is_left(ended)):
        lines.append("  " + left)
    return lines


def _counted(value: int, noun: str) -> str:
    return f"{number(value)} {noun}"

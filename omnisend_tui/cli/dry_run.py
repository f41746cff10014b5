"""``run --dry-run``, and the line that says before a first run what it will cost."""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Event
from typing import TextIO

import click

from omnisend_tui.cli.drawing import LINE_SECONDS, REDRAW_SECONDS
from omnisend_tui.cli.output import clean, message, print_json, say_error
from omnisend_tui.cli.records import dry_run_document
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.cli.words import sign_in_hint
from omnisend_tui.engine.forecast import Forecast
from omnisend_tui.engine.price import Price
from omnisend_tui.errors import AppError, Exit
from omnisend_tui.formats import about, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.launch import dry_run, estimate
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import LogLine, RunOptions
from omnisend_tui.sentences import reason_label
from omnisend_tui.source_sentences import empty_sentence, source_sentence
from omnisend_tui.workspace import Workspace


class _Reading:
    """How far the reading is, on stderr: redrawn in a terminal, a line now and then elsewhere."""

    def __init__(self, stream: TextIO, *, redrawn: bool) -> None:
        self._stream = stream
        self._redrawn = redrawn
        self._next = time.monotonic() + (0 if redrawn else LINE_SECONDS)
        self._drawn = False

    def tell(self, snapshot: Snapshot) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        line = ngettext(
            "{export}: {read} of {total} profile is read",
            "{export}: {read} of {total} profiles are read",
            snapshot.total or 0,
        ).format(
            export=clean(snapshot.export),
            read=number(snapshot.read),
            total=number(snapshot.total or 0),
        )
        self.clear()
        self._drawn = self._redrawn  # before it is: Ctrl+C may come while it is written
        self._stream.write(line if self._redrawn else line + "\n")
        self._stream.flush()
        self._next = now + (REDRAW_SECONDS if self._redrawn else LINE_SECONDS)

    def hear(self, line: LogLine) -> None:
        """Why the reading stands still."""
        if line.code == "source_waits":
            self.clear()
            _tell_wait(line)

    def clear(self) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._drawn = False


def dry_runs(
    workspace: Workspace,
    names: Sequence[str],
    options: RunOptions,
    *,
    as_json: bool,
    progress: bool,
    redrawn: bool,
) -> list[Exit]:
    """One after the other; prints each one's result. What ends them all is ``Exit.CANCELLED``."""
    for name in names:
        workspace.export(name)
    codes: list[Exit] = []
    stop = Event()
    reading = _Reading(sys.stderr, redrawn=redrawn)
    with signals_as_interrupt():
        for name in names:
            try:
                tell, hear = (reading.tell, reading.hear) if progress else (_ignore, _ignore)
                found = dry_run(workspace, name, options, stop, tell, hear)
            except KeyboardInterrupt:
                reading.clear()
                return [Exit.CANCELLED]
            except AppError as error:
                reading.clear()
                codes.append(error.exit_code)
                _tell_failed(workspace, name, error, as_json)
            else:
                reading.clear()
                codes.append(Exit.DONE if found.error is None else Exit.FAILED)
                _tell(found, as_json)
    return codes


def tell_price(workspace: Workspace, name: str, limit: int | None) -> None:
    """One line on stderr before a first run; whatever is wrong is told by the run itself."""
    with suppress(AppError):
        found = estimate(workspace, name, limit, hear=_tell_wait)
        if found is not None:
            message(
                ngettext(
                    "{export}: at most {new} new contact, {requests}, {time}",
                    "{export}: at most {new} new contacts, {requests}, {time}",
                    found.profiles,
                ).format(
                    export=clean(name),
                    new=number(found.profiles),
                    requests=_requests(found.price),
                    time=_time(found.price),
                )
            )


def _tell_wait(line: LogLine) -> None:
    if line.code == "source_waits":
        message(source_sentence(line.code, line.parameters))


def _tell(found: Forecast, as_json: bool) -> None:
    if as_json:
        print_json(dry_run_document(found, time.time()))
    else:
        for line in _lines(found):
            click.echo(line)
    sys.stdout.flush()
    for segment in found.empty_segments:
        message(f"{found.export}: {empty_sentence(segment)}")
    if found.error is not None and not as_json:
        message(_("A run would stop:"))
        say_error(AppError(found.error.code, found.error.message, found.error.hint))


def _tell_failed(workspace: Workspace, name: str, error: AppError, as_json: bool) -> None:
    if as_json:
        failed = Forecast(export=name, error=RunError.of(error))
        print_json(dry_run_document(failed, time.time()) | {"status": "failed"})
        sys.stdout.flush()
    message(f"{name}: " + _("not started"))
    hint = sign_in_hint(error, workspace.export(name).source, workspace.named)
    say_error(AppError(error.code, error.message, hint))


def _lines(found: Forecast) -> list[str]:
    counts = ", ".join(
        f"{label} {number(count)}"
        for label, count in (
            (_("would send"), found.would_send),
            (_("unchanged"), found.unchanged),
            (_("duplicates"), found.duplicates),
            (_("rejected"), found.rejected),
        )
    )
    new = ngettext("at most {count} new contact", "at most {count} new contacts", found.new)
    warnings = ngettext("{count} warning", "{count} warnings", found.warnings)
    facts = [new.format(count=number(found.new)), warnings.format(count=number(found.warnings))]
    changes = [
        text.format(count=number(count))
        for text, count in (
            (_("{count} would get tags"), found.would_tag),
            (_("{count} would lose a tag"), found.would_remove),
            (_("at most {count} would be subscribed to e-mail"), found.subscribed),
        )
        if count
    ]
    lines = [
        f"{clean(found.export)}: " + _("dry run, nothing was sent"),
        "  " + _("read {read}: {counts}").format(read=number(found.read), counts=counts),
        "  " + ", ".join(facts),
        *(["  " + ", ".join(changes)] if changes else []),
        "  " + f"{_requests(found.price)}, {_time(found.price)}",
    ]
    if found.reasons:
        told = ", ".join(
            f"{number(count)} {reason_label(reason)}" for reason, count in found.reasons.items()
        )
        lines.append("  " + _("rejected: {reasons}").format(reasons=told))
    lines += ["  " + clean(item) for item in found.items[:1]]
    return lines


def _requests(price: Price) -> str:
    return ngettext(
        "{count} request ({contacts} for contacts, {tags} for tags, {polls} to confirm)",
        "{count} requests ({contacts} for contacts, {tags} for tags, {polls} to confirm)",
        price.requests,
    ).format(
        count=number(price.requests), contacts=number(price.contacts), tags=number(price.tags),
        polls=number(price.polls),
    )  # fmt: skip


def _time(price: Price) -> str:
    time = about(price.seconds)
    return time if price.seconds < 60 else _("about {time}").format(time=time)


def _ignore(_told: object) -> None:
    pass

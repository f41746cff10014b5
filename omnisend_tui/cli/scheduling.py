"""``--schedule``: what is stored, and what the commands say of it."""

from datetime import datetime
from pathlib import Path

from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Export, Source
from omnisend_tui.crontab import cron_line
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import coming
from omnisend_tui.i18n import _
from omnisend_tui.schedule import Schedule
from omnisend_tui.source_sentences import refresh_sentence
from omnisend_tui.typed_schedule import parse
from omnisend_tui.zones import in_local_time


def schedule_text(text: str) -> str:
    """The normal form, '' for off: as a record has it. Raises ``UsageError``."""
    schedule = parse(text)
    return "" if schedule == Schedule() else schedule.text


def tell_schedule(export: Export, workspace: Path | None) -> None:
    """Says that nothing carries out a schedule yet, and what does meanwhile.

    ``workspace`` is the folder of one that commands must name.
    """
    schedule = parse(export.schedule)
    if schedule == Schedule():
        return
    message(_("Schedule: {words}.").format(words=schedule.words()))
    if not export.connection:
        message(_("The export is detached: it doesn't run before it has a connection."))
    line = cron_line(schedule, export.name, workspace=workspace)
    if not line:
        message(
            _("Nothing carries out schedules until the agent is built; no line of cron says this.")
        )
        return
    message(_("Nothing carries out schedules until the agent is built. Until then, for crontab:"))
    for part in line.split("\n"):
        message(part)
    if "\n" in line:
        message(_("A cron that doesn't know CRON_TZ, as Debian's, takes this machine's time."))


def schedule_facts(
    export: Export, now: datetime, source: Source | None = None
) -> list[tuple[str, str]]:
    """The schedule and its next three times on the user's clock; of a wrong one, what is wrong.

    Of one that waits for the export's ``source``, what tells that this was refreshed.
    """
    try:
        schedule = parse(export.schedule)
    except UsageError as error:
        return [(_("Schedule"), export.schedule), ("", f"{error.message} {error.hint}".rstrip())]
    here = in_local_time(now)
    facts = [(_("Schedule"), schedule.text)]
    if schedule == Schedule():
        return facts
    if not export.connection:
        return [*facts, (_("Next times"), _("none, because the export is detached"))]
    times = [coming(in_local_time(each), here) for each in schedule.next_times(now, 3)]
    if times:
        facts.append((_("Next times"), ", ".join(times)))
    if schedule.kind == "refresh" and (told := refresh_sentence(source)):
        facts.append(("", told))
    return facts

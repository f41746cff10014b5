"""``--schedule``: what is stored, and what the commands say of it."""

from datetime import datetime

from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import coming
from omnisend_tui.i18n import _
from omnisend_tui.schedule import Schedule, cron_line, parse
from omnisend_tui.zones import in_local_time


def schedule_text(text: str) -> str:
    """The normal form, '' for off: as a record has it. Raises ``UsageError``."""
    schedule = parse(text)
    return "" if schedule == Schedule() else schedule.text


def tell_schedule(export: Export) -> None:
    """Says that nothing carries out a schedule yet, and what does meanwhile."""
    schedule = parse(export.schedule)
    if schedule == Schedule():
        return
    message(_("Schedule: {words}.").format(words=schedule.words()))
    line = cron_line(schedule, export.name)
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


def schedule_facts(export: Export, now: datetime) -> list[tuple[str, str]]:
    """The schedule and its next three times on the user's clock; of a wrong one, what is wrong."""
    try:
        schedule = parse(export.schedule)
    except UsageError as error:
        return [(_("Schedule"), export.schedule), ("", f"{error.message} {error.hint}".rstrip())]
    here = in_local_time(now)
    times = [coming(in_local_time(each), here) for each in schedule.next_times(now, 3)]
    facts = [(_("Schedule"), schedule.text)]
    if times:
        facts.append((_("Next times"), ", ".join(times)))
    return facts

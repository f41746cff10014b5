"""What the home screen and a run's screen say alike of a run: its stages, batches, time left."""

from omnisend_tui.formats import duration, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot


def stages(run: Snapshot) -> list[tuple[str, int, int | None, str]]:
    """Label, done, total and ink of reading, sending and confirming."""
    read_ink = "success" if run.reading_done_at else "accent"
    to_send = run.to_send if run.reading_done_at else run.total
    return [
        (_("Read"), run.read, run.total, read_ink),
        (_("Sent"), run.sent, to_send, _sent_ink(run)),
        (_("Confirmed"), run.confirmed, _confirmable(run, to_send), _sent_ink(run)),
    ]


def _confirmable(run: Snapshot, to_send: int | None) -> int | None:
    """Of those to be sent, all that Omnisend hasn't refused."""
    if to_send is None or not run.reading_done_at:
        return to_send
    return max(0, to_send - run.refused)


def later_stages(run: Snapshot) -> list[tuple[str, int, int | None, str]]:
    """The same of giving tags and of removing those of leavers."""
    return [
        (_("Tagged"), run.tagged, run.tags_owed or None, _sent_ink(run)),
        (_("Leavers"), run.leavers, run.leavers_found or None, _sent_ink(run)),
    ]


def _sent_ink(run: Snapshot) -> str:
    if run.ended_well:
        return "success"
    return "warning" if run.status == "paused" else "accent"


def time_left(run: Snapshot) -> str:
    """``1:03 left``, or '' where it can't be told."""
    if run.time_left is None:
        return ""
    return _("{time} left").format(time=duration(run.time_left))


def counted_batches(count: int) -> str:
    return ngettext("{count} batch", "{count} batches", count).format(count=number(count))


def batches_of(run: Snapshot) -> str:
    """Those that are open while the run goes on, all of them afterwards."""
    if run.ended:
        return counted_batches(run.batches)
    return ngettext("{count} batch open", "{count} batches open", run.batches_open).format(
        count=number(run.batches_open)
    )

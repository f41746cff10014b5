"""What can be done with an export now, and in one sentence why not."""

from omnisend_tui.i18n import _
from omnisend_tui.tui.live import Row


def why_not_run(row: Row) -> str:
    """'' when the export can be run now."""
    name = row.export.name
    if row.busy:
        return _("“{export}” runs already.").format(export=name)
    if not row.export.connection:
        return _("“{export}” has no connection, so it doesn't run.").format(export=name)
    return ""


def why_not_stop(row: Row) -> str:
    """'' when the run can be paused and cancelled from here."""
    name = row.export.name
    if not row.busy:
        return _("“{export}” isn't running.").format(export=name)
    if not row.own:
        return _("“{export}” was started elsewhere; only that process can stop it.").format(
            export=name
        )
    return ""

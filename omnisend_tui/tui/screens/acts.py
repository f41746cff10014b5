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
    """'' when there is a run to pause or cancel, in whatever process."""
    name = row.export.name
    if not row.busy:
        return _("“{export}” isn't running.").format(export=name)
    return ""


def resumable(row: Row) -> bool:
    """Whether its last run was interrupted, so that Run asks what becomes of it."""
    return not row.busy and row.run is not None and row.run.status == "interrupted"

"""The wizard of a new source, and the same pages as the editor of a stored one."""

from collections.abc import Callable
from secrets import token_hex

from omnisend_tui.config.models import Source
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.sourcing.draft import EditDraft, SourceDraft, end_of
from omnisend_tui.tui.sourcing.pages import ColumnsPage, FilesPage, NamePage
from omnisend_tui.tui.sourcing.segments_page import SourceSegmentsPage
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.save import SavePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

NEW = (
    Step[SourceDraft](N_("Files"), FilesPage, lambda draft: end_of(draft.source.path, 24)),
    Step[SourceDraft](N_("Columns"), ColumnsPage, lambda draft: draft.columns_fact()),
    Step[SourceDraft](N_("Segments"), SourceSegmentsPage, lambda draft: draft.segments_fact()),
    Step[SourceDraft](N_("Name"), NamePage, lambda draft: draft.source.name),
    Step[SourceDraft](N_("Save"), SavePage, lambda _draft: ""),
)


def new_source(workspace: Workspace, ended: Callable[[], None]) -> WizardScreen[SourceDraft]:
    """A new source of files: found, looked at, named and stored."""
    return WizardScreen(
        _("New source"), NEW, SourceDraft(workspace, Source(id=token_hex(8))), ended
    )


def edit_source(
    workspace: Workspace, source: Source, ended: Callable[[], None]
) -> WizardScreen[SourceDraft]:
    """The pages of a stored source, filled with what it is."""
    draft = EditDraft(workspace, source, typed=source.path, before=source)
    place = _("{connection}: {what}").format(connection=source.name, what=_("Edit"))
    return WizardScreen(place, NEW, draft, ended, editing=True)

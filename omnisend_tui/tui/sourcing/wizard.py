"""The wizard of a new source."""

from collections.abc import Callable
from secrets import token_hex

from omnisend_tui.config.models import Source
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.sourcing.draft import SourceDraft, end_of
from omnisend_tui.tui.sourcing.pages import ColumnsPage, FilesPage, NamePage
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.save import SavePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

NEW = (
    Step[SourceDraft](N_("Files"), FilesPage, lambda draft: end_of(draft.source.path, 24)),
    Step[SourceDraft](N_("Columns"), ColumnsPage, lambda draft: draft.columns_fact()),
    Step[SourceDraft](N_("Name"), NamePage, lambda draft: draft.source.name),
    Step[SourceDraft](N_("Save"), SavePage, lambda _draft: ""),
)


def new_source(workspace: Workspace, ended: Callable[[], None]) -> WizardScreen[SourceDraft]:
    """A new source of files: found, looked at, named and stored."""
    return WizardScreen(
        _("New source"), NEW, SourceDraft(workspace, Source(id=token_hex(8))), ended
    )

"""The wizard of a new export."""

from collections.abc import Callable
from secrets import token_hex

from omnisend_tui.config.models import Export
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.pages import ConnectionPage, MatchingPage, NamePage
from omnisend_tui.tui.exporting.source_page import SourcePage
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.save import SavePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

NEW = (
    Step[ExportDraft](N_("Name"), NamePage, lambda draft: draft.export.name),
    Step[ExportDraft](N_("Connection"), ConnectionPage, lambda draft: draft.export.connection),
    Step[ExportDraft](N_("Source"), SourcePage, lambda draft: draft.segment_fact()),
    Step[ExportDraft](N_("Matching"), MatchingPage, lambda draft: draft.mapping_fact()),
    Step[ExportDraft](N_("Save"), SavePage, lambda _draft: ""),
)


def new_export(workspace: Workspace, ended: Callable[[], None]) -> WizardScreen[ExportDraft]:
    """A new export: named, with its connection, source and segment, matched and stored."""
    draft = ExportDraft(workspace, Export(id=token_hex(8)))
    return WizardScreen(_("New export"), NEW, draft, ended)

"""The wizard of an export: a new one, and the same pages as the editor of a stored one."""

from collections.abc import Callable, Sequence
from secrets import token_hex

from omnisend_tui.config.models import Export
from omnisend_tui.i18n import N_, _
from omnisend_tui.troubles import Trouble
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.matching_page import MatchingPage
from omnisend_tui.tui.exporting.options_page import OptionsPage
from omnisend_tui.tui.exporting.pages import ConnectionPage, NamePage
from omnisend_tui.tui.exporting.save_page import ExportSavePage
from omnisend_tui.tui.exporting.schedule_page import SchedulePage
from omnisend_tui.tui.exporting.source_page import SourcePage
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

NEW = (
    Step[ExportDraft](N_("Name"), NamePage, lambda draft: draft.export.name),
    Step[ExportDraft](N_("Connection"), ConnectionPage, lambda draft: draft.export.connection),
    Step[ExportDraft](N_("Source"), SourcePage, lambda draft: draft.segment_fact()),
    Step[ExportDraft](
        N_("Matching"),
        MatchingPage,
        lambda draft: draft.mapping_fact(),
        due=ExportDraft.unseen_mapping,
    ),
    Step[ExportDraft](N_("Options"), OptionsPage, lambda draft: draft.options_fact()),
    Step[ExportDraft](N_("Schedule"), SchedulePage, lambda draft: draft.schedule_fact()),
    Step[ExportDraft](N_("Save"), ExportSavePage, lambda _draft: ""),
)
"""In the order of spec.md 'Configuring an export'."""


def new_export(workspace: Workspace, ended: Callable[[], None]) -> WizardScreen[ExportDraft]:
    """A new export: from its name to being stored."""
    draft = ExportDraft(workspace, Export(id=token_hex(8)))
    return WizardScreen(_("New export"), NEW, draft, ended)


def edit_export(
    workspace: Workspace,
    export: Export,
    ended: Callable[[], None],
    troubles: Sequence[Trouble] = (),
    step: str = "",
) -> WizardScreen[ExportDraft]:
    """The pages of a stored export, filled with what it is; only what changes is stored.

    ``troubles`` are what is known to be wrong with it: it opens where the first one is mended, else
    at ``step`` (a label, not translated).
    """
    draft = ExportDraft(workspace, export, before=export, rows=export.mapping)
    place = _("{connection}: {what}").format(connection=export.name, what=_("Edit"))
    screen = WizardScreen(place, NEW, draft, ended, editing=True)
    if step := draft.mend(troubles) or step:
        screen.at = [each.label for each in NEW].index(step)
    return screen

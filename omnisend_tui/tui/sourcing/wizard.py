"""The wizard of a new source, and the same pages as the editor of a stored one."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from omnisend_tui.config.models import Source
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft, new_record
from omnisend_tui.tui.sourcing.draft import EditDraft, SourceDraft, end_of
from omnisend_tui.tui.sourcing.environment_page import EnvironmentPage
from omnisend_tui.tui.sourcing.environment_segments import EnvironmentSegmentsPage
from omnisend_tui.tui.sourcing.looks import Listed, Look
from omnisend_tui.tui.sourcing.pages import ColumnsPage, FilesPage, NamePage
from omnisend_tui.tui.sourcing.segments_page import SourceSegmentsPage
from omnisend_tui.tui.sourcing.sign_in_again import SignInAgainPage
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.sourcing.type_page import TypePage, Way
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.save import SavePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

FILES = (
    Step[SourceDraft](N_("Files"), FilesPage, lambda draft: end_of(draft.source.path, 24)),
    Step[SourceDraft](N_("Columns"), ColumnsPage, lambda draft: draft.columns_fact()),
    Step[SourceDraft](N_("Segments"), SourceSegmentsPage, lambda draft: draft.segments_fact()),
    Step[SourceDraft](N_("Name"), NamePage, lambda draft: draft.source.name),
    Step[SourceDraft](N_("Save"), SavePage, lambda _draft: ""),
)
DATAVERSE = (
    Step[DataverseDraft](N_("Environment"), EnvironmentPage, lambda draft: draft.host()),
    Step[DataverseDraft](N_("Sign-in"), SignInPage, lambda draft: draft.sign_in_fact()),
    Step[DataverseDraft](
        N_("Segments"), EnvironmentSegmentsPage, lambda draft: draft.segments_fact()
    ),
    Step[DataverseDraft](N_("Name"), NamePage, lambda draft: draft.source.name),
    Step[DataverseDraft](N_("Save"), SavePage, lambda _draft: ""),
)


def new_source(
    workspace: Workspace, ended: Callable[[], None], *, dataverse: bool = False
) -> WizardScreen[Any]:
    """A new source: its type, what that needs, a name; ``dataverse`` marks that type first."""
    files = SourceDraft(workspace, Source(id=token_hex(8)))
    environment = DataverseDraft(workspace, new_record(token_hex(8)))
    files.aside, environment.aside = environment, files
    ways: list[Way] = []
    first = Step[Any](
        N_("Type"),
        lambda draft: TypePage(draft, ways),
        lambda draft: next(_(way.label) for way in ways if way.draft is draft),
    )
    ways += [
        Way(N_("Files"), N_("CSV, TSV, NDJSON or Parquet on this machine"), (first, *FILES), files),
        Way(
            N_("Customer Insights"), N_("segments of Microsoft Dynamics 365; signs in"),
            (first, *DATAVERSE), environment,
        ),
    ]  # fmt: skip
    way = ways[1 if dataverse else 0]
    return WizardScreen(_("New source"), way.steps, way.draft, ended)


def edit_source(
    workspace: Workspace, source: Source, ended: Callable[[], None], look: Look | None = None
) -> WizardScreen[Any]:
    """The pages of a stored source, filled with what it is; ``look`` is how it was seen last."""
    place = _of(source, _("Edit"))
    if source.type == "dataverse":
        stored = DataverseDraft(workspace, source, before=source)
        if look is not None:
            stored.kept = look.who
            stored.listed = Listed(look.columns, look.segments) if look.columns else None
        return WizardScreen(place, DATAVERSE, stored, ended, editing=True)
    draft = EditDraft(workspace, source, typed=source.path, before=source)
    return WizardScreen(place, FILES, draft, ended, editing=True)


def sign_in_again(
    workspace: Workspace, source: Source, ended: Callable[[], None], note: str = "",
    found: AppError | None = None,
) -> WizardScreen[DataverseDraft]:  # fmt: skip
    """Signs in to a stored source of Customer Insights; that is kept at once.

    ``note`` is what else the page says to whoever waits, ``found`` why the stored sign-in is
    known to be good for nothing.
    """
    draft = DataverseDraft(workspace, source, before=source)
    step = Step[DataverseDraft](
        N_("Sign-in"),
        lambda draft: SignInAgainPage(draft, note, found),
        lambda draft: draft.sign_in_fact(),
    )
    return WizardScreen(_of(source, _("Sign-in")), (step,), draft, ended)


def _of(source: Source, what: str) -> str:
    return _("{connection}: {what}").format(connection=source.name, what=what)

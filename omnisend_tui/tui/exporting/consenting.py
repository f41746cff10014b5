"""Before ``subscribed`` is stored: counting for how many people, and asking."""

from collections.abc import Callable, Sequence

from omnisend_tui.config.models import Export
from omnisend_tui.engine.apart import examine_apart
from omnisend_tui.engine.examine import Counts, examine
from omnisend_tui.engine.preview import FIRST
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.refusals import refusal_warning
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import column_label
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.paint import Line, clean, cut
from omnisend_tui.tui.wizard.page import Page, sentence_of

_COLUMN = 60  # cells of a column's name


def consent_question(draft: ExportDraft, counted: Counts) -> Choice:
    """Ends with 'send', or another code not to."""
    question = _("Send “subscribed” for {yes} of {people} people?").format(
        yes=number(counted.agreed), people=number(counted.valid)
    )
    detail = _(
        "They get the marketing mail of the shop from then on. Being in a segment is no"
        " consent: the column has to say who agreed to it."
    )
    if warning := consent_warning(draft):
        detail = f"{warning}\n\n{detail}"
    return Choice(question, detail, (("stay", _("Not yet")), ("send", _("Send “subscribed”"))))


def consent_warning(draft: ExportDraft) -> str:
    """What to say of a consent column that seems to say who refused; '' of another one."""
    column = draft.export.consent_column
    label = column_label(draft.found(), column)
    return refusal_warning(clean(cut(column, _COLUMN)), clean(cut(label, _COLUMN)))


class Consenting:
    """Counts who agreed in a thread, and lets its page go on once ``subscribed`` is meant."""

    def __init__(self, page: Page[ExportDraft]) -> None:
        self._page = page
        self._draft = page.draft
        self._attempt: Attempt[Counts] | None = None
        self._job: Export | None = None  # what is counted
        self._error: AppError | None = None
        self._waiting = False  # Next was pressed while they were being counted

    @property
    def error(self) -> AppError | None:
        """Why they couldn't be counted."""
        return self._error

    @property
    def counting(self) -> bool:
        return self._attempt is not None

    def stop(self) -> None:
        self._waiting, self._error = False, None
        if self._attempt is not None:
            self._attempt.stop.set()
            self._attempt = None

    def count(self) -> None:
        """Counts those of the draft, unless they are or are being counted."""
        draft = self._draft
        job, source = draft.consent_job(), draft.workspace.config.sources.get(draft.export.source)
        if self._attempt is not None and job == self._job:
            return
        self.stop()
        if job is None or source is None or job in draft.consents:
            return
        total, temp_dir = draft.total(), draft.workspace.temp_dir
        access = draft.workspace.access(source)
        count = examine if total is not None and total <= FIRST else examine_apart
        self._job = job
        self._attempt = Attempt(lambda it: count(source, job, temp_dir, it.stop, access=access))

    def look(self) -> None:
        """Takes what the thread found; then the page goes on where that was waited for."""
        attempt, waiting = self._attempt, self._waiting
        if attempt is None or not attempt.done:
            return
        self._attempt, self._waiting = None, False
        self._error = attempt.error
        if attempt.result is not None and self._job is not None:
            self._draft.consents[self._job] = attempt.result
        wizard = self._page.wizard
        if waiting and self._error is not None:
            self._page.complain(sentence_of(self._error))
        elif waiting and wizard.is_current:
            wizard.go_on()
        wizard.renew()

    def settle(self, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Asks what has to be asked; ``otherwise`` where the answer is no.

        Nothing is called as long as they are counted: the page's Next comes again by itself.
        """
        draft = self._draft
        counted = draft.consent_count()
        if draft.means_it():
            then()
        elif counted is not None:
            self._ask(counted, then, otherwise)
        else:
            if self._attempt is None:
                self.count()
            if self._attempt is None:
                then()  # without addresses or a source it can't be stored, which is told there
                return
            self._waiting = True
            self._page.wizard.renew()

    def lines(self) -> Sequence[Line]:
        """That Next waits."""
        return [counting_line()] if self._waiting else []

    def _ask(
        self, counted: Counts, then: Callable[[], None], otherwise: Callable[[], None]
    ) -> None:
        def answered(answer: str | None) -> None:
            if answer == "send":
                self._draft.mean_it()
                then()
            else:
                otherwise()

        self._page.app.push_screen(consent_question(self._draft, counted), answered)


def counting_line() -> Line:
    """That they are counted."""
    return (("● ", "accent"), (_("Counting who agreed"), ""))

"""The environment of Customer Insights, and the registration that reads it."""

from collections.abc import Sequence

from textual.widgets import Input

from omnisend_tui import forms
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import why_not
from omnisend_tui.sources.environment import check_environment
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import Line, clean, wrapped
from omnisend_tui.tui.wizard.fields import FieldPage
from omnisend_tui.tui.wizard.save import WorkingPage


class EnvironmentPage(FieldPage[DataverseDraft], WorkingPage[DataverseDraft, None]):
    """Next asks whether the environment is there; nobody has to be signed in for that."""

    def title_line(self) -> str:
        return _("Customer Insights environment")

    def fields(self) -> Sequence[forms.Field]:
        return (forms.URL, forms.TENANT, forms.CLIENT_ID, forms.AUTHORITY)

    def problem(self) -> str:
        if why := why_not(self.draft.workspace.actor, "manage_sources"):
            return why
        told = super().problem()
        if told:
            self._focus(self.draft.field_at_fault())
        return told

    def keep(self) -> str:
        return super().problem()

    def work(self) -> None:
        check_environment(self.draft.source.url)

    def failed(self, error: AppError) -> None:
        before = self.draft.before
        if before is not None and before.url == self.draft.source.url:
            # What is stored stays editable while its environment is away.
            self.wizard.advance()
            return
        super().failed(error)
        self._focus("url")

    def busy(self) -> bool:
        return self._attempt is not None

    def stop(self) -> None:
        self._attempt = None

    def on_input_changed(self, event: Input.Changed) -> None:
        if self.busy():
            self.stop()
            self.wizard.renew()
        super().on_input_changed(event)

    def about(self) -> tuple[str, str]:
        name, text = super().about()
        return name or _("Registration"), "\n\n".join(part for part in (text, *_guide()) if part)

    def words(self, width: int) -> Sequence[Line]:
        if self.busy():
            told = _("Looking for {host}").format(host=clean(self.draft.host()))
            return [(), (("● ", "accent"), (told, ""))]
        short = _("An app registration in Entra reads it: “Allow public client flows” on to sign in"
                  " as yourself, or a client secret for an application; API permission Dynamics"
                  " CRM, user_impersonation. Who signs in has the role Viewer in Customer"
                  " Insights.")  # fmt: skip
        more = _("F1 tells it step by step. Another authority is for sovereign and private clouds;"
                 " usually it is empty.")  # fmt: skip
        return [(), *wrapped(short, width, "muted"), (), *wrapped(more, width, "muted")]

    def _focus(self, name: str) -> None:
        if fields := self.query(f"#{name}").results(TextInput):
            next(iter(fields)).focus()


def _guide() -> Sequence[str]:
    """What an administrator registers, once."""
    return (
        _("1  In the Entra admin center: App registrations, New registration, accounts of this"
          " organization only. Its overview shows the client id and the tenant id."),
        _("2  To sign in as yourself: Authentication, Allow public client flows, Yes. For an"
          " application: Certificates & secrets, New client secret."),
        _("3  API permissions, Add: Dynamics CRM, delegated, user_impersonation; grant consent."
          " An application is added in the Power Platform admin center as an application user."),
        _("4  In Customer Insights: Permissions, the role Viewer for whoever signs in."),
    )  # fmt: skip

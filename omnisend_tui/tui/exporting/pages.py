"""The small pages of an export: its name and its connection."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult

from omnisend_tui import forms
from omnisend_tui.i18n import _
from omnisend_tui.permissions import may
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import FieldPage
from omnisend_tui.tui.wizard.page import Page


class NamePage(FieldPage[ExportDraft]):
    """What the export is called."""

    def title_line(self) -> str:
        return _("Name of the export")

    def fields(self) -> Sequence[forms.Field]:
        return (forms.NAME,)

    def words(self, width: int) -> Sequence[Line]:
        text = _(
            "An export brings segments of a source into one shop, each time it runs. Call it what"
            " these people are to you: VIP customers."
        )
        return [(), *wrapped(text, width)]


class ConnectionPage(Page[ExportDraft]):
    """Which shop gets the profiles."""

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        usable = draft.connections()
        self._names = [each.name for each in usable]
        self._brands = [self._brand(each.id) for each in usable]
        chosen = draft.export.connection
        before = draft.before
        self._gone = ""
        if before is not None and before.connection not in self._names:
            # It may stay as it is: detached, or through one that this user couldn't choose.
            known = ("", *draft.workspace.config.connections)
            if before.connection not in known:
                self._gone = before.connection
                self._names.insert(0, "")
                self._brands.insert(0, "")
            self._names.insert(0, before.connection)
            self._brands.insert(0, _("gone") if self._gone else _("as it is"))
        self.complaint = draft.wrong.pop("Connection", "")
        index = self._names.index(chosen) if chosen in self._names else 0
        self._picker = Picker(self._names, self._connection, index=index)

    def title_line(self) -> str:
        return _("Connection for the export")

    def compose(self) -> ComposeResult:
        yield Lines(self._words, classes="text")
        if self._names:
            yield self._picker

    def ready(self) -> bool:
        return bool(self._names)

    def about(self) -> tuple[str, str]:
        return _("connection"), _(
            "One Omnisend shop and its API key. Here are those that your role may use."
        )

    def problem(self) -> str:
        index = self._picker.index
        if not self._names:
            return ""
        if index is None:
            return _("Choose a connection.")
        self.draft.take_connection(self._names[index])
        if self._gone and self._names[index] == self._gone:
            return _("The connection “{name}” is gone: choose another, or none.").format(
                name=clean(self._gone)
            )
        return ""

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    def _brand(self, connection_id: str) -> str:
        # Contributors see a connection's name and no more.
        workspace = self.draft.workspace
        if not may(workspace.actor, "manage_connections"):
            return ""
        brand = workspace.state.brand(connection_id)
        return brand.name or brand.id if brand is not None else ""

    def _words(self, width: int) -> Sequence[Line]:
        if self._names:
            return [*self.complaint_lines(width), ((_("Whose contacts it fills:"), "muted"),), ()]
        workspace = self.draft.workspace
        if not may(workspace.actor, "manage_exports"):
            told = _("Your role looks at exports and doesn't make them.")
            do = _("Ask an administrator of this workspace for another role.")
        elif may(workspace.actor, "manage_connections"):
            told = _("This workspace has no connection yet, so an export couldn't send anywhere.")
            do = _("Leave with Esc and set one up: 2 shows the connections, n makes one.")
        else:
            told = _("No connection of this workspace is one that contributors may use.")
            do = _("Ask an administrator to allow you one: it is a choice of the connection.")
        return [*wrapped(told, width, "warning"), (), *wrapped(do, width)]

    def _connection(self, index: int, width: int) -> Line:
        name = cut(clean(self._names[index]) or _("none: it is detached"), width)
        brand = cut(clean(self._brands[index]), max(0, width // 2))
        return between(((name, ""),), ((brand, "muted"),), width)

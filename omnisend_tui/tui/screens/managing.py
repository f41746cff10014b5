"""What can be done with the marked export besides running it."""

from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from omnisend_tui.config.models import Export
from omnisend_tui.formats import natural
from omnisend_tui.i18n import _
from omnisend_tui.permissions import may, may_use
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.acts import why_not_change
from omnisend_tui.tui.screens.doing import Doing
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.paint import clean, cut

_COPIES = 99  # names that are tried for a copy


class Managing(Doing):
    """Edits, copies, detaches, attaches and removes; what takes its time happens in a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", show=False),
        Binding("d", "duplicate", show=False),
        Binding("t", "tie", show=False),
        Binding("delete,backspace", "remove", show=False),
    ]

    def marked_row(self) -> Row | None:
        """The row of the marked export."""
        raise NotImplementedError

    def manage_keys(self) -> list[Key]:
        """Those that work on the marked export now, the first one most wanted."""
        row = self.marked_row()
        if row is None or why_not_change(self.omnisend.workspace, row.export):
            return []
        edit = Key("e", _("Edit"), "edit")
        more = [Key("Del", _("Remove"), "remove"), Key("d", _("Duplicate"), "duplicate")]
        if self._attached(row.export):
            return [edit, *more, Key("t", _("Detach"), "tie")]
        return [edit, Key("t", _("Attach"), "tie"), *more]

    def manage_help(self) -> list[tuple[str, str]]:
        return [
            ("e", _("edits the marked export; a run that goes on keeps what it began with")),
            ("d", _("duplicates it under another name")),
            ("t", _("detaches it from its connection, or attaches it to one")),
            ("Del", _("removes it, after asking; a run of it is cancelled first")),
        ]

    # Actions.

    def action_edit(self) -> None:
        export = self._changeable()
        if export is not None:
            from omnisend_tui.tui.exporting.wizard import edit_export

            app = self.omnisend
            troubles = app.live.troubles.known(export)
            app.push_screen(edit_export(app.workspace, export, app.stored, troubles))

    def action_duplicate(self) -> None:
        export = self._changeable()
        if export is None:
            return
        from omnisend_tui.tui.screens.asking import AskName

        question = _("Duplicate “{export}”").format(export=_short(export))
        detail = _("Its first run sends everybody. The copy has no schedule.")
        if export.email_status:
            told = _("It also subscribes everybody again who agreed by “{column}”.")
            detail += " " + told.format(column=cut(clean(export.consent_column), 40))
        dialog = AskName(question, detail, _("Duplicate"), self._copy(export), self._fault)
        self.app.push_screen(dialog, partial(self._duplicate, export))

    def action_tie(self) -> None:
        """Detaches, or attaches where nothing is attached."""
        export = self._changeable()
        if export is None:
            return
        if self._attached(export):
            self._untie(export)
        else:
            self._tie(export)

    def action_remove(self) -> None:
        export = self._changeable()
        row = self.marked_row()
        if export is None or row is None:
            return
        from omnisend_tui import saved
        from omnisend_tui.tui.screens.removing import remove_export_dialog

        workspace = self.omnisend.workspace

        def remove() -> str:
            saved.remove_export(workspace, export)
            return _("“{export}” is removed.").format(export=export.name)

        def answered(answer: str | None) -> None:
            if answer == "remove":
                self.say(_("Removing “{export}”.").format(export=export.name))
                self.do(remove)

        self.app.push_screen(remove_export_dialog(export, running=row.busy), answered)

    # Parts.

    def _attached(self, export: Export) -> bool:
        return export.connection in self.omnisend.workspace.config.connections

    def _untie(self, export: Export) -> None:
        from omnisend_tui import saved

        workspace = self.omnisend.workspace

        def detach() -> str:
            after = saved.detach_export(workspace, export)
            if saved.running_export(workspace, after):
                told = _("“{export}” is detached; its run goes on to its end, c cancels it.")
                return told.format(export=export.name)
            return _("“{export}” is detached: it doesn't run until t attaches it again.").format(
                export=export.name
            )

        self.do(detach)

    def _tie(self, export: Export) -> None:
        from omnisend_tui import saved
        from omnisend_tui.tui.screens.asking import AskOne

        workspace = self.omnisend.workspace
        known = workspace.config.connections.values()
        names = sorted((c.name for c in known if may_use(workspace.actor, c)), key=natural)
        if not names:
            self.say(
                _("There is no connection that you may use.")
                if not may(workspace.actor, "manage_connections")
                else _("An export needs a connection first: it stands under 2.")
            )
            return

        def attach(name: str) -> str:
            saved.attach_export(workspace, export, name)
            return _("“{export}” sends to “{connection}” from now on.").format(
                export=export.name, connection=name
            )

        def answered(name: str | None) -> None:
            if name:
                self.do(lambda: attach(name))

        question = _("Attach “{export}” to").format(export=_short(export))
        detail = _("Nothing is sent before it runs.")
        self.app.push_screen(AskOne(question, detail, _("Attach"), names), answered)

    def _duplicate(self, export: Export, name: str | None) -> None:
        if not name:
            return
        from omnisend_tui import saved

        workspace = self.omnisend.workspace

        def duplicate() -> str:
            made = saved.duplicate_export(workspace, export, name)
            return _("“{export}” is made; nothing has been sent.").format(export=made.name)

        self.do(duplicate)

    def _copy(self, export: Export) -> str:
        """A name for a copy that nothing has yet, or ''."""
        first = _("{name} copy").format(name=export.name)
        for number in range(1, _COPIES + 1):
            name = first if number == 1 else f"{first} {number}"
            if not self._fault(name):
                return name
        return ""

    def _fault(self, name: str) -> str:
        from omnisend_tui import saved

        return saved.export_fault(self.omnisend.workspace, Export(name=name))

    def _changeable(self) -> Export | None:
        """The marked export, for somebody who may change it; says why not."""
        row = self.marked_row()
        if row is None:
            return None
        why = why_not_change(self.omnisend.workspace, row.export)
        if why:
            self.say(why)
        return None if why else row.export


def _short(export: Export) -> str:
    return cut(clean(export.name), 40)

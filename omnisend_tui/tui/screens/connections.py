"""The connections: a list, the facts of the marked one, and what can be done with it."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui import connections
from omnisend_tui.config.models import Connection
from omnisend_tui.formats import natural, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.permissions import may, may_use, why_not
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Brand
from omnisend_tui.tui.live import View
from omnisend_tui.tui.screens.acts import probe_of
from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.connection_pane import facts
from omnisend_tui.tui.screens.doing import Doing
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut
from omnisend_tui.tui.widgets.table import Column, Table, TableRow
from omnisend_tui.workspace import Workspace

MakeWizard = Callable[
    [Workspace, Connection, Brand | None, Callable[[], float], Callable[[], None]], Screen[None]
]


class ConnectionsScreen(Doing):
    """Tab 2."""

    tab: ClassVar[int] = 2
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", show=False),
        Binding("e", "open", show=False),
        Binding("y", "new_key", show=False),
        Binding("t", "test", show=False),
        Binding("a", "agree", show=False),
        Binding("b", "probe", show=False),
        Binding("delete,backspace", "remove", show=False),
    ]

    def content(self) -> Iterable[Widget]:
        with Container(id="body"):
            yield Table()
            yield Lines(self._pane, id="pane")
        yield Static(self.nothing(), id="none", markup=False)

    def counted(self) -> str:
        count = len(self._visible())
        return ngettext("Search {count} connection", "Search {count} connections", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        if not self._manages():
            return _("An administrator shares the Omnisend shops that you may send to; none yet.")
        return _("Here stand the Omnisend shops that profiles go to. n connects the first one.")

    def gather(self, view: View) -> dict[str, connections.Known]:
        """What the state has of each connection, by its id."""
        workspace = self.omnisend.workspace
        return {c.id: connections.known(workspace, c) for c in self._visible()}

    def show(self) -> None:
        super().show()
        self.query_one("#pane", Lines).show()

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Connection"), 22 + self.spare // 2),
            Column(_("Brand"), 20 + self.spare - self.spare // 2),
            Column(_("Key"), 13),
            Column(_("Requests"), 11, numeric=True),
            Column(_("Exports") + " ", 10, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        rows: list[TableRow] = []
        for connection in sorted(self._visible(), key=lambda c: natural(c.name)):
            brand = self._known(connection).brand if self._manages() else None
            brand_name = clean((brand.name or brand.id) if brand else "") or "–"
            if not matches(self.wanted, connection.name, brand_name):
                continue
            rows.append(self._row(connection, brand_name))
        return rows

    def footer_keys(self) -> Sequence[Key]:
        new = Key("n", _("New"), "new")
        if not self._manages():
            return super().footer_keys()
        if self.empty():
            return [new, *super().footer_keys()[1:]]
        return [
            new,
            Key("e", _("Edit"), "open"),
            Key("y", _("Key"), "new_key"),
            Key("t", _("Test"), "test"),
            Key("a", _("Agree"), "agree"),
            Key("b", _("Check"), "probe"),
            Key("Del", _("Remove"), "remove"),
            Key("?", _("Help"), "app.help"),
        ]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("n", _("connects another Omnisend shop")),
            ("e Enter", _("edits the name, the users, the address and the limits")),
            ("y", _("gives it a new API key, which is tried first")),
            ("t", _("tries its key at Omnisend")),
            ("a", _("shows the data privacy text, to agree again")),
            ("b", _("behaviour check: measures what Omnisend doesn't document")),
            ("Del", _("removes it, its key, and what runs on it")),
            *super().help_keys(),
        ]

    # Actions.

    def action_new(self) -> None:
        begin(self.omnisend, "connection")

    def action_open(self) -> None:
        from omnisend_tui.tui.connecting.wizard import editor

        self._with_marked(editor)

    def action_new_key(self) -> None:
        from omnisend_tui.tui.connecting.wizard import new_key

        self._with_marked(new_key)

    def action_agree(self) -> None:
        from omnisend_tui.tui.connecting.wizard import agree_again

        self._with_marked(agree_again)

    def action_test(self) -> None:
        marked = self._marked()
        if marked is None or self.busy():
            return
        workspace = self.omnisend.workspace
        self.say(_("Trying “{name}” at Omnisend.").format(name=marked.name))

        def work() -> str:
            brand = connections.test(workspace, marked)
            return _("“{name}” works: {brand}.").format(
                name=marked.name, brand=brand.name or brand.id
            )

        self.do(work)

    def action_probe(self) -> None:
        marked = self._marked()
        if marked is None:
            return
        if not self._known(marked).valid:
            self.say(_("The check sends an address, so it needs consent: key a agrees to it."))
            return
        probe, why = probe_of(self.omnisend, marked)
        if probe is None:
            self.say(why)
        else:
            self.app.push_screen(probe, lambda _behaviour: self.omnisend.stored())

    def action_remove(self) -> None:
        marked = self._marked()
        if marked is None or self.busy():
            return
        workspace = self.omnisend.workspace
        from omnisend_tui.tui.screens.removing import remove_dialog

        exports = connections.dependents(workspace, marked)
        running = sum(row.busy for row in self.view.rows if row.export.connection == marked.name)

        def answered(answer: str | None) -> None:
            if answer in ("detach", "remove"):
                self.say(_("Removing “{name}”; what runs on it stops.").format(name=marked.name))
                self.do(lambda: remove(answer))

        def remove(answer: str) -> str:
            left = connections.remove(workspace, marked, detach=answer == "detach")
            return _removed(marked, left)

        self.app.push_screen(remove_dialog(marked, exports, running), answered)

    # Parts.

    def _with_marked(self, make: MakeWizard) -> None:
        marked = self._marked()
        if marked is not None:
            app, brand = self.omnisend, self._known(marked).brand
            now = lambda: app.now().timestamp()  # noqa: E731
            self.app.push_screen(make(app.workspace, marked, brand, now, app.stored))

    def _visible(self) -> list[Connection]:
        """Contributors see those that they may use, by name alone."""
        known = self.omnisend.workspace.config.connections.values()
        actor = self.omnisend.workspace.actor
        return [c for c in known if self._manages() or may_use(actor, c)]

    def _manages(self) -> bool:
        return may(self.omnisend.workspace.actor, "manage_connections")

    def _may(self) -> bool:
        if why := why_not(self.omnisend.workspace.actor, "manage_connections"):
            self.say(why)
        return not why

    def _marked(self) -> Connection | None:
        """The marked connection, for somebody who may change it."""
        marked = self.query_one(Table).marked
        found = next((c for c in self._visible() if c.id == marked), None)
        return found if found is not None and self._may() else None

    def _known(self, connection: Connection) -> connections.Known:
        found = self.gathered if isinstance(self.gathered, dict) else {}
        known: connections.Known = found.get(connection.id, connections.Known())
        return known

    def _row(self, connection: Connection, brand: str) -> TableRow:
        used = len(connections.dependents(self.omnisend.workspace, connection))
        where = _("keyring") if connection.api_key == "keyring" else _("environment")
        share = connection.requests_per_minute * connection.budget_share // 100
        rate = _("{rate}/min").format(rate=number(share)) if self._manages() else ""
        place: Line = ((cut(where, 12) if self._manages() else "", "muted"),)
        return TableRow(
            connection.id,
            (
                ((cut(clean(connection.name), 21 + self.spare // 2), ""),),
                ((cut(brand, 19 + self.spare - self.spare // 2), "muted"),),
                place,
                ((f"{rate:>11}", "muted"),),
                ((f"{number(used):>9}", "" if used else "muted"),),
            ),
        )

    def _pane(self, width: int) -> Sequence[Line]:
        marked = self.query_one(Table).marked
        connection = next((c for c in self._visible() if c.id == marked), None)
        if connection is None or not self._manages():
            return []
        exports = connections.dependents(self.omnisend.workspace, connection)
        return facts(connection, self._known(connection), exports, self.now, width)


def _removed(connection: Connection, left: Sequence[Snapshot]) -> str:
    if not left:
        return _("Connection “{name}” is removed.").format(name=connection.name)
    return _("Connection “{name}” is removed, but “{export}” didn't stop: end its process.").format(
        name=connection.name, export=left[0].export
    )

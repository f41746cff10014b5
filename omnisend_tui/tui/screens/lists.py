"""Connections and Sources: read-only lists with the command that makes one."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.widgets.frame import Key, Said
from omnisend_tui.tui.widgets.table import Row, RowTable
from omnisend_tui.tui.widgets.texts import fit

_WIDTHS = (22, 36, 18)


class ListScreen(HomeScreen):
    """Name, facts, what it is used by; below, the command that makes one."""

    BINDINGS: ClassVar = [
        Binding("escape", "app.tab('exports')", show=False),
        Binding("n", "new", show=False),
    ]
    command = ""

    def body(self) -> Sequence[Widget]:
        return (
            RowTable(_WIDTHS, "body"),
            Said(id="empty"),
            Said(id="made", classes="text muted"),
        )

    def on_mount(self) -> None:
        self.query_one(RowTable).focus()

    def keys(self) -> Sequence[Key]:
        return (
            Key("1-4", _("Tabs"), "app.tab('exports')"),
            Key("?", _("Help"), "app.help"),
            Key("^Q", _("Quit"), "app.quit"),
        )

    def labels(self) -> list[str]:
        return []

    def facts(self) -> list[tuple[str, str, int]]:
        """Name, what it is, by how many exports it is used."""
        return []

    def sentence(self) -> str:
        """What would stand here."""
        return ""

    def draw_body(self) -> None:
        facts, palette = self.facts(), self.palette
        self.set_class(not facts, "-empty")
        self.query_one("#empty", Said).say(self.sentence())
        self.query_one("#made", Said).say(_("A command makes one:") + f"\n{self.command}\n")
        table = self.query_one(RowTable)
        table.head(self.labels(), palette)
        table.show([self._row(*fact) for fact in facts], palette)

    def _row(self, name: str, fact: str, used: int) -> Row:
        palette = self.palette
        told = ngettext("{n} export", "{n} exports", used).format(n=used) if used else "-"
        return Row(
            name,
            (
                Text(fit(name, _WIDTHS[0] - 1) + " ", palette.style(), end=""),
                Text(fit(fact, _WIDTHS[1] - 1) + " ", palette.style("muted"), end=""),
                Text(fit(told, _WIDTHS[2]), palette.style("muted"), end=""),
            ),
        )

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        self.query_one(RowTable).mark()

    def action_new(self) -> None:
        self.owner.tell(_("A command makes one:"), hint=self.command)


class ConnectionsScreen(ListScreen):
    """The Omnisend brands of the workspace."""

    place = 1
    command = "omnisend-tui connection add --name NAME --agree-to-data-privacy"

    def labels(self) -> list[str]:
        return [_("Connection"), _("Brand"), _("Used by")]

    def sentence(self) -> str:
        return _("Here the Omnisend brands will stand that profiles are sent to.")

    def facts(self) -> list[tuple[str, str, int]]:
        config = self.owner.workspace.config
        return [
            (name, self._brand(one.id) or one.base_url, _used(config.exports, "connection", name))
            for name, one in config.connections.items()
        ]

    def _brand(self, connection_id: str) -> str:
        try:
            brand = self.owner.workspace.state.brand(connection_id)
        except AppError:
            return ""
        return "" if brand is None else " ".join((brand.name or brand.id, brand.website)).strip()


class SourcesScreen(ListScreen):
    """Where profiles come from."""

    place = 2
    command = "omnisend-tui source add files --name NAME --path PATH_OR_GLOB"

    def labels(self) -> list[str]:
        return [_("Source"), _("Files"), _("Used by")]

    def sentence(self) -> str:
        return _("Here the files will stand that profiles are read from.")

    def facts(self) -> list[tuple[str, str, int]]:
        config = self.owner.workspace.config
        return [
            (name, one.path, _used(config.exports, "source", name))
            for name, one in config.sources.items()
        ]


def _used(exports: dict[str, Export], kind: str, name: str) -> int:
    return sum(getattr(export, kind) == name for export in exports.values())

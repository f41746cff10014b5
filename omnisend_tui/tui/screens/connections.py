"""The connections: a list of facts."""

from collections.abc import Sequence
from typing import ClassVar

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.records import Brand
from omnisend_tui.tui.live import View
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.tui.widgets.table import Column, TableRow


class ConnectionsScreen(HomeScreen):
    """Tab 2."""

    tab: ClassVar[int] = 2

    def counted(self) -> str:
        count = len(self.omnisend.workspace.config.connections)
        return ngettext("Search {count} connection", "Search {count} connections", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        return _(
            "Here stand the Omnisend shops that profiles go to. The first one is made with:"
            " omnisend-tui connection add --name Shop --agree-to-data-privacy"
        )

    def gather(self, view: View) -> dict[str, Brand | None]:
        """The brand of each connection, by its id."""
        state = self.omnisend.workspace.state
        connections = self.omnisend.workspace.config.connections.values()
        return {connection.id: state.brand(connection.id) for connection in connections}

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Connection"), 22),
            Column(_("Brand"), 20),
            Column(_("Key"), 13),
            Column(_("Requests"), 11, numeric=True),
            Column(_("Exports") + " ", 10, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        config = self.omnisend.workspace.config
        brands = self.gathered if isinstance(self.gathered, dict) else {}
        rows: list[TableRow] = []
        for connection in sorted(config.connections.values(), key=lambda c: c.name.casefold()):
            brand = brands.get(connection.id)
            brand_name = clean((brand.name or brand.id) if brand else "") or "–"
            if not matches(self.wanted, connection.name, brand_name):
                continue
            used = sum(export.connection == connection.name for export in config.exports.values())
            where = _("keyring") if connection.api_key == "keyring" else _("environment")
            share = connection.requests_per_minute * connection.budget_share // 100
            rate = _("{rate}/min").format(rate=number(share))
            rows.append(
                TableRow(
                    connection.id,
                    (
                        ((cut(clean(connection.name), 21), ""),),
                        ((cut(brand_name, 19), "muted"),),
                        ((cut(where, 12), "muted"),),
                        ((f"{rate:>11}", "muted"),),
                        ((f"{number(used):>9}", "" if used else "muted"),),
                    ),
                )
            )
        return rows

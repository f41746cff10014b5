"""The sources: a list of facts."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.tui.widgets.table import Column, TableRow


class SourcesScreen(HomeScreen):
    """Tab 3."""

    tab: ClassVar[int] = 3
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "new", show=False)]

    def counted(self) -> str:
        count = len(self.omnisend.workspace.config.sources)
        return ngettext("Search {count} source", "Search {count} sources", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        return _("Here stand the files that profiles come from. n names the first ones.")

    def footer_keys(self) -> Sequence[Key]:
        return [Key("n", _("New"), "new"), *super().footer_keys()]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [("n", _("names another source of profiles")), *super().help_keys()]

    def action_new(self) -> None:
        begin(self.omnisend, "source")

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Source"), 22),
            Column(_("Files"), 32),
            Column(_("Key"), 12),
            Column(_("Exports") + " ", 10, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        config = self.omnisend.workspace.config
        rows: list[TableRow] = []
        for source in sorted(config.sources.values(), key=lambda s: s.name.casefold()):
            if not matches(self.wanted, source.name, source.path):
                continue
            used = sum(export.source == source.name for export in config.exports.values())
            path = clean(source.path)
            if len(path) > 31:
                path = "…" + path[-30:]  # the end of a path tells more
            rows.append(
                TableRow(
                    source.id,
                    (
                        ((cut(clean(source.name), 21), ""),),
                        ((cut(path, 31), "muted"),),
                        ((cut(clean(source.key) or _("row number"), 11), "muted"),),
                        ((f"{number(used):>9}", "" if used else "muted"),),
                    ),
                )
            )
        return rows

"""The sources: a list, what the marked one has, and what can be done with it."""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui import saved
from omnisend_tui.config.models import Export, Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.permissions import may, why_not
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.doing import Doing
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.source_pane import facts, state_word
from omnisend_tui.tui.sourcing.draft import end_of
from omnisend_tui.tui.sourcing.looks import Look, look_at
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut
from omnisend_tui.tui.widgets.table import Column, Table, TableRow

_PAUSE = 0.3  # seconds that a source is marked before it is opened
_AGAIN = 5.0  # seconds after which the files are looked at again
_PATH = 31


class SourcesScreen(Doing):
    """Tab 3. The marked source is opened in a thread, and again when its files change."""

    tab: ClassVar[int] = 3
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", show=False),
        Binding("e", "open", show=False),
        Binding("delete,backspace", "remove", show=False),
    ]

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place)
        self._looks: dict[str, Look] = {}  # by the ids of the sources
        self._looking: tuple[str, Attempt[Look]] | None = None
        self._since: tuple[Source | None, float] = (None, 0.0)  # what is marked, and when to look

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(0.1, self._look)

    def content(self) -> Iterable[Widget]:
        with Container(id="body"):
            yield Table()
            yield Lines(self._pane, id="pane")
        yield Static(self.nothing(), id="none", markup=False)

    def counted(self) -> str:
        count = len(self.omnisend.workspace.config.sources)
        return ngettext("Search {count} source", "Search {count} sources", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        return _("Here stand the files that profiles come from. n names the first ones.")

    def show(self) -> None:
        super().show()
        self.query_one("#pane", Lines).show()

    def footer_keys(self) -> Sequence[Key]:
        general = super().footer_keys()
        if not self._manages():
            return general
        new = Key("n", _("New"), "new")
        if self.empty():
            return [new, *general[1:]]
        edit, remove = Key("e", _("Edit"), "open"), Key("Del", _("Remove"), "remove")
        return [new, edit, remove, *(key for key in general if key.sign != "^p")]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("n", _("names another source of profiles")),
            ("e Enter", _("edits its path, key, segments and name")),
            ("Del", _("removes it, once no export uses it; its files stay")),
            *super().help_keys(),
        ]

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Source"), 22 + self.spare // 3),
            Column(_("Type"), 12),
            Column(_("Path"), self._path_cells() + 1),
            Column(_("Exports") + " ", 10, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        known = self.omnisend.workspace.config.sources.values()
        return [
            self._row(source)
            for source in sorted(known, key=lambda each: each.name.casefold())
            if matches(self.wanted, source.name, source.path)
        ]

    # Actions.

    def action_new(self) -> None:
        begin(self.omnisend, "source")

    def action_open(self) -> None:
        source = self._marked()
        if source is not None and self._may():
            from omnisend_tui.tui.sourcing.wizard import edit_source

            app = self.omnisend
            app.push_screen(edit_source(app.workspace, source, app.stored))

    def action_remove(self) -> None:
        source = self._marked()
        if source is None or not self._may():
            return
        if self.busy():
            return
        from omnisend_tui.tui.screens.removing import remove_source_dialog

        workspace = self.omnisend.workspace

        def answered(answer: str | None) -> None:
            if answer == "remove":
                self.do(remove)

        def remove() -> str:
            saved.remove_source(workspace, source)
            return _("Source “{name}” is removed.").format(name=source.name)

        self.app.push_screen(remove_source_dialog(source, self._exports(source)), answered)

    # Looking at the marked one.

    def _look(self) -> None:
        """Opens what is marked for a moment, one at a time; what was found shows at once."""
        if self._looking is not None:
            name, attempt = self._looking
            if not attempt.done:
                return
            self._looking = None
            if attempt.result is not None:
                self._looks[name] = attempt.result
            elif attempt.error is not None and (source := self._by_id(name)) is not None:
                self._looks[name] = Look(source, errors=(attempt.error,))
            if self.is_current:
                self._all()
        source = self._marked()
        marked, due = self._since
        if source != marked:
            self._since = (source, monotonic() + _PAUSE)
        elif source is not None and monotonic() >= due and self.is_current:
            workspace, known = self.omnisend.workspace, self._looks.get(source.id)
            self._since = (source, monotonic() + _AGAIN)
            self._looking = (
                source.id,
                Attempt(lambda _attempt: look_at(workspace, source, known)),
            )

    def _known(self, source: Source) -> Look | None:
        """What was found, unless the source was edited since then."""
        look = self._looks.get(source.id)
        return look if look is not None and look.source == source else None

    # Parts.

    def _by_id(self, name: str | None) -> Source | None:
        known = self.omnisend.workspace.config.sources.values()
        return next((each for each in known if each.id == name), None)

    def _marked(self) -> Source | None:
        return self._by_id(self.query_one(Table).marked)

    def _exports(self, source: Source) -> list[Export]:
        return saved.source_dependents(self.omnisend.workspace, source)

    def _manages(self) -> bool:
        return may(self.omnisend.workspace.actor, "manage_sources")

    def _may(self) -> bool:
        if why := why_not(self.omnisend.workspace.actor, "manage_sources"):
            self.say(why)
        return not why

    def _row(self, source: Source) -> TableRow:
        used = len(self._exports(source))
        sign, word, ink = state_word(self._known(source))
        kind: Line = ((f"{sign or ' '} ", ink), (cut(word, 9), "muted"))
        return TableRow(
            source.id,
            (
                ((cut(clean(source.name), 21 + self.spare // 3), ""),),
                kind,
                ((end_of(source.path, self._path_cells()), "muted"),),
                ((f"{number(used):>9}", "" if used else "muted"),),
            ),
        )

    def _path_cells(self) -> int:
        return _PATH + self.spare - self.spare // 3

    def _pane(self, width: int) -> Sequence[Line]:
        source = self._marked()
        if source is None:
            return []
        height = self.query_one("#pane", Lines).size.height
        return facts(source, self._known(source), self._exports(source), width, height)

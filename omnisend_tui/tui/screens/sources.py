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
from omnisend_tui.formats import natural, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.permissions import may, why_not
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.doing import Doing
from omnisend_tui.tui.screens.environment_pane import environment_facts, needs_sign_in
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.source_pane import facts, short_place, state_sign, type_word
from omnisend_tui.tui.sourcing.looks import Look, look_at
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut
from omnisend_tui.tui.widgets.table import Column, Table, TableRow

_PAUSE = 0.3  # seconds that a source is marked before it is opened
_AGAIN = 5.0  # seconds after which the files are looked at again
_ASKED = 300.0  # the same for an environment, which is asked over the network
_AT_ONCE = {"files": 1, "dataverse": 4}  # one that is slow to answer doesn't hold up others
_TYPE, _PATH = 20, 23


class SourcesScreen(Doing):
    """Tab 3. The marked source is opened in a thread, and again when its files change.

    An environment of Customer Insights is asked once, and then every few minutes or by a key.
    """

    tab: ClassVar[int] = 3
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", show=False),
        Binding("e", "open", show=False),
        Binding("i", "sign_in", show=False),
        Binding("u", "look_again", show=False),
        Binding("delete,backspace", "remove", show=False),
    ]

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place)
        self._looks: dict[str, Look] = {}  # by the ids of the sources
        self._looking: dict[str, tuple[Source, Attempt[Look]]] = {}  # by the ids of the sources
        self._since: tuple[Source | None, float] = (None, 0.0)  # what is marked, and when to look
        self._asked: dict[str, tuple[Source, float]] = {}  # environments, and when to ask again

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
        return _("Here stand the files and environments that profiles come from. n adds one.")

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
        keys = [new, Key("e", _("Edit"), "open")]
        if self._environment() is not None:
            keys.append(Key("i", _("Sign in"), "sign_in"))
        keys.append(Key("Del", _("Remove"), "remove"))
        keys += [key for key in general if key.sign != "^p"]
        spare = ("^q",) if sum(key.cells for key in keys) >= self.app.size.width else ()
        return [key for key in keys if key.sign not in spare]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("n", _("names another source of profiles")),
            ("e Enter", _("edits its path or environment, its segments and its name")),
            ("i", _("signs in to Customer Insights anew, as yourself or as the application")),
            ("u", _("asks Customer Insights again; by itself that is every 5 minutes")),
            ("Del", _("removes it, once no export uses it; its files stay")),
            *super().help_keys(),
        ]

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Source"), 22 + self.spare // 3),
            Column(_("Type"), _TYPE),
            Column(_("Place"), self._path_cells() + 1),
            Column(_("Exports") + " ", 10, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        known = self.omnisend.workspace.config.sources.values()
        return [
            self._row(source)
            for source in sorted(known, key=lambda each: natural(each.name))
            if matches(self.wanted, source.name, source.place)
        ]

    # Actions.

    def action_new(self) -> None:
        begin(self.omnisend, "source")

    def action_open(self) -> None:
        source = self._marked()
        if source is not None and self._may():
            from omnisend_tui.tui.sourcing.wizard import edit_source

            app = self.omnisend
            look = self._known(source)
            app.push_screen(edit_source(app.workspace, source, app.stored, look))

    def action_sign_in(self) -> None:
        source = self._environment()
        if source is None:
            if self._marked() is not None:
                self.say(_("Files are read with your own rights: there is nothing to sign in to."))
        elif self._may():
            from omnisend_tui.tui.sourcing.wizard import sign_in_again

            app = self.omnisend
            found = needs_sign_in(self._known(source))
            again = sign_in_again(app.workspace, source, self._signed_in, found=found)
            app.push_screen(again)

    def action_look_again(self) -> None:
        source = self._marked()
        if source is not None and source.id not in self._looking:
            self._asked.pop(source.id, None)
            self._looks.pop(source.id, None)
            self._since = (source, 0.0)
            self._all()

    def _signed_in(self) -> None:
        self.action_look_again()
        self.omnisend.stored()

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
        """Opens what is marked for a moment; what was found shows at once."""
        if self._take_looks() and self.is_current:
            self._all()
        source = self._marked()
        marked, due = self._since
        if source != marked:
            self._since = (source, monotonic() + _PAUSE)
        elif source is not None and monotonic() >= due and self.is_current:
            if self._held(source):
                return
            workspace, known = self.omnisend.workspace, self._looks.get(source.id)
            self._since = (source, monotonic() + _AGAIN)
            if source.type == "dataverse":
                asked, again = self._asked.get(source.id, (None, 0.0))
                if asked == source and monotonic() < again:
                    return
                self._asked[source.id] = (source, monotonic() + _ASKED)
            attempt = Attempt(lambda _attempt: look_at(workspace, source, known))
            self._looking[source.id] = (source, attempt)

    def _held(self, source: Source) -> bool:
        """Whether it has to wait for looks that go on."""
        alike = [each for each, _attempt in self._looking.values() if each.type == source.type]
        return source.id in self._looking or len(alike) >= _AT_ONCE[source.type]

    def _take_looks(self) -> bool:
        """Takes what is done; whether anything was."""
        ended = [each for each in self._looking.items() if each[1][1].done]
        for name, (source, attempt) in ended:
            del self._looking[name]
            if attempt.result is not None:
                self._looks[name] = attempt.result
            elif attempt.error is not None:
                self._looks[name] = Look(source, errors=(attempt.error,))
        return bool(ended)

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

    def _environment(self) -> Source | None:
        """The marked source where that is one of Customer Insights."""
        source = self._marked()
        return source if source is not None and source.type == "dataverse" else None

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
        sign, ink = state_sign(self._known(source))
        kind: Line = ((f"{sign or ' '} ", ink), (cut(type_word(source), _TYPE - 3), "muted"))
        return TableRow(
            source.id,
            (
                ((cut(clean(source.name), 21 + self.spare // 3), ""),),
                kind,
                ((short_place(source, self._path_cells()), "muted"),),
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
        look, exports = self._known(source), self._exports(source)
        if source.type == "dataverse":
            return environment_facts(source, look, exports, width, height, self.now)
        return facts(source, look, exports, width, height)

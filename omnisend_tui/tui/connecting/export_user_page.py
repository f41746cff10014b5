"""The export user: whose rights read the sources, and the way to signing in."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult

from omnisend_tui import sign_in
from omnisend_tui.config.models import Source
from omnisend_tui.formats import natural
from omnisend_tui.i18n import _
from omnisend_tui.permissions import why_not
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.page import Page
from omnisend_tui.workspace import Workspace

_Who = dict[str, str]  # who is signed in, by the ids of the sources


class ExportUserPage(Page[Draft]):
    """The sources of Customer Insights with who is signed in; nothing has to be done here."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        self._sources: tuple[Source, ...] = ()
        self._who: _Who = {}
        self._looking: Attempt[_Who] | None = None
        self._picker = Picker((), self._source, id="environments")

    def title_line(self) -> str:
        return _("Export user")

    def compose(self) -> ComposeResult:
        yield Lines(self._words, classes="text")
        yield self._picker

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._again()

    def own_keys(self) -> Sequence[Key]:
        keys = [Key("F5", _("Sign in"), "sign_in")] if self._marked() is not None else []
        return [*keys, Key("F6", _("New source"), "new")]

    def again_label(self) -> str:
        return _("Sign in") if self._marked() is not None else _("New source")

    def do_again(self) -> None:
        if self._marked() is not None:
            self.do_sign_in()
        else:
            self.do_new()

    def about(self) -> tuple[str, str]:
        return _("Export user"), _(
            "The person or the application whose rights read the profiles. It belongs to the"
            " source, so that one connection serves several sources."
        )

    def do_sign_in(self) -> None:
        source = self._marked()
        if source is not None and self._may():
            from omnisend_tui.tui.sourcing.wizard import sign_in_again

            self.app.push_screen(sign_in_again(self.draft.workspace, source, self._again))

    def do_new(self) -> None:
        if self._may():
            from omnisend_tui.tui.sourcing.wizard import new_source

            wizard = new_source(self.draft.workspace, self._again, dataverse=True)
            self.app.push_screen(wizard)

    def _may(self) -> bool:
        why = why_not(self.draft.workspace.actor, "manage_sources")
        if why:
            self.omnisend.say(why)
        return not why

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    @on(Picker.Marked)
    def _moved(self) -> None:
        self.wizard.renew()

    def _marked(self) -> Source | None:
        index = self._picker.index
        return self._sources[index] if index is not None and self._sources else None

    def _again(self) -> None:
        """Looks at what is there now, and who is signed in."""
        workspace = self.draft.workspace
        known = sorted(workspace.config.sources.values(), key=lambda each: natural(each.name))
        self._sources = tuple(each for each in known if each.type == "dataverse")
        self._picker.set_names([each.name for each in self._sources], self._picker.index or 0)
        sources = self._sources
        self._looking = Attempt(lambda _attempt: _signed_in(workspace, sources))
        self.wizard.renew()

    def _look(self) -> None:
        if self._looking is not None and self._looking.done:
            self._who = self._looking.result or {}
            self._looking = None
            self.wizard.renew()

    def _words(self, width: int) -> Sequence[Line]:
        who = clean(self.draft.workspace.actor.name)
        files = _("Files are read with your own rights on this machine ({who}): there is nothing"
                  " to sign in to.").format(who=who)  # fmt: skip
        lines = [*wrapped(files, width), ()]
        if not self._sources:
            none = _(
                "Customer Insights asks for a sign-in, and no source of it is here yet. F6 adds"
                " one and comes back to this step; that can wait until later too."
            )
            return [*lines, *wrapped(none, width)]
        told = _("Customer Insights is read by whoever is signed in. F5 signs in to the marked"
                 " source; that can wait until later too.")  # fmt: skip
        head = between(((_("Source"), "muted"),), ((_("Signed in"), "muted"),), width - 2)
        return [*lines, *wrapped(told, width), (), head]

    def _source(self, index: int, width: int) -> Line:
        source = self._sources[index]
        name: Line = ((cut(clean(source.name), width // 2), ""),)
        if source.id not in self._who:
            return between(name, ((_("looking"), "muted"),), width)
        who = clean(self._who[source.id])
        if not who:
            return between(name, ((_("! nobody yet"), "warning"),), width)
        return between(name, ((cut(who, width // 2), "muted"),), width)


def _signed_in(workspace: Workspace, sources: Sequence[Source]) -> _Who:
    return {each.id: sign_in.signed_in(workspace, each) for each in sources}

"""Data privacy and compliance: the whole text, and agreeing to it."""

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from omnisend_tui import consent
from omnisend_tui.i18n import _, language
from omnisend_tui.tui.connecting.draft import LANGUAGES, Draft
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, right, wrapped
from omnisend_tui.tui.wizard.save import Saving


class _Text(VerticalScroll):
    """The text; it scrolls by keys and mouse, and Enter does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "page_down", show=False),
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
    ]


class PrivacyPage(Saving[Draft]):
    """Agreeing takes the button or its own key; every other way out stores nothing."""

    by_keys = False

    def title_line(self) -> str:
        return _("Data privacy and compliance")

    def beside_title(self) -> str:
        return _("version {version}, {language}").format(
            version=consent.VERSION, language=LANGUAGES[language()]
        )

    def compose(self) -> ComposeResult:
        with _Text(id="privacy", can_focus=True):
            yield Lines(self._text, classes="text")
        yield Lines(self._seen, id="seen")
        yield Lines(self._sentence, classes="text")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.query_one("#privacy"), "scroll_y", self.show, init=False)

    def next_label(self, following: str) -> str:
        return _("I agree")

    def other_label(self) -> str:
        return _("Leave, store nothing")

    def do_other(self) -> None:
        self.wizard.quit_wizard()

    def own_keys(self) -> Sequence[Key]:
        return [Key("F8", _("I agree"), "agree")]

    def do_agree(self) -> None:
        self.wizard.go_on()

    def go_on(self) -> None:
        self.draft.agreed_at = self.draft.now()
        if self.draft.before is None:
            self.wizard.advance()
        else:
            super().go_on()

    def about(self) -> tuple[str, str]:
        return _("Consent"), _(
            "Agreeing is recorded with your name, the time, the version, the language and the"
            " SHA-256 of the text. A changed text, or another address of Omnisend, asks again"
            " before the next run."
        )

    def _text(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        for block in consent.text(language()).strip().split("\n\n"):
            first, *rest = block.splitlines()
            lines += wrapped(first, width, "bold" if rest else "")
            for line in rest:
                lines += wrapped(line, width)
            lines.append(())
        return lines[:-1]

    def _seen(self, width: int) -> Sequence[Line]:
        text = self.query_one("#privacy", _Text)
        whole = max(1, text.virtual_size.height)
        seen = min(whole, int(text.scroll_y) + text.size.height)
        told = right(_("{percent} % seen").format(percent=seen * 100 // whole), 14)
        return [(*line_bar(seen, whole, width - 14), (told, "muted"))]

    def _sentence(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return self.complaint_lines(width)
        who = clean(self.draft.workspace.actor.name)
        host = urlsplit(self.draft.connection.base_url).netloc
        told = _("I agree as {who}, for Omnisend at {host}.").format(who=who, host=clean(host))
        return wrapped(told, width)

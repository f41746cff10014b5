"""Connect: the key is tried, and the user sees whose shop it is."""

import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.widgets import Button

from omnisend_tui import connections
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, left, wrapped
from omnisend_tui.tui.wizard.page import Page, in_sentence
from omnisend_tui.tui.words import hint_of


class ConnectPage(Page[Draft]):
    """Tries as soon as it is shown, unless this key was tried for this address already."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        self._host = urlsplit(draft.connection.base_url).netloc
        self._attempt: Attempt[Brand] | None = None
        self._passed: dict[str, float] = {}
        self._error: AppError | None = None
        self._stopped = False
        self._started = 0.0
        self._tried: Brand | None = None

    def title_line(self) -> str:
        return _("Connect to Omnisend")

    def compose(self) -> ComposeResult:
        yield Lines(self._lines, classes="text")

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        if self.draft.brand is None:
            self.do_again()

    # Buttons and keys.

    def next_label(self, following: str) -> str:
        if self.draft.brand is None:
            return super().next_label(following)
        return _("Yes, next: {step}").format(step=in_sentence(following))

    def other_label(self) -> str:
        return _("No, another key") if self.draft.brand is not None else ""

    def again_label(self) -> str:
        if self.busy():
            return _("Stop")
        return _("Try again") if self.draft.brand is None else ""

    def ready(self) -> bool:
        return self.draft.brand is not None

    def own_keys(self) -> Sequence[Key]:
        if self.busy():
            return ()
        keys = [Key("F5", _("Try again"), "again")]
        if self.draft.brand is not None and self.draft.before is None:
            keys.append(Key("F6", _("Behaviour check"), "probe"))
        return keys

    def about(self) -> tuple[str, str]:
        return _("permissions"), _(
            "An API key of Omnisend carries its own permissions. Contacts covers reading, writing"
            " and the batches. The brand's name is read only if the key may."
        )

    def do_other(self) -> None:
        self.wizard.go_to("API key")

    def do_again(self) -> None:
        if self.busy():
            self.stop()
            return
        draft = self.draft
        self._tried = draft.brand or self._tried
        draft.brand = None
        self._error, self._stopped, self._passed = None, False, {}
        self._started = time.monotonic()
        self._attempt = Attempt(
            lambda attempt: connections.connect(
                draft.workspace, draft.connection, draft.find_key(), attempt.note, attempt.stop
            )
        )
        self.wizard.renew()

    def do_probe(self) -> None:
        if self.draft.brand is not None:
            draft = self.draft
            probe = Probe(draft.connection, draft.find_key, self.draft.brand)
            self.app.push_screen(probe, self._probed)

    def busy(self) -> bool:
        return self._attempt is not None

    def stop(self) -> None:
        if self._attempt is not None:
            self._attempt.stop.set()
            self._attempt = None
            self._stopped = True
            self.wizard.renew()
            self.wizard.query_one("#again", Button).focus()

    def _probed(self, behaviour: Behaviour | None) -> None:
        if behaviour is not None:
            self.draft.behaviour = behaviour
            self.wizard.renew()

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        self._passed = dict(attempt.steps)
        if not attempt.done:
            self.show()
            return
        self._attempt = None
        self._error, self.draft.brand = attempt.error, attempt.result
        if attempt.result is not None and self._tried != attempt.result:
            # What was measured on another brand says nothing about this one.
            self.draft.behaviour = None
        self.wizard.renew()
        name = "next" if self.draft.brand is not None else "again"
        self.wizard.query_one(f"#{name}", Button).focus()

    # What it says.

    def _lines(self, width: int) -> Sequence[Line]:
        brand = self.draft.brand
        if brand is None:
            return self._trying(width)
        lines = [
            self._step(self._reached(), "reached", width),
            self._step(_("The key is accepted and may read contacts"), "accepted", width),
        ]
        name = brand.name or brand.id
        if brand.name:
            told = _("It belongs to the brand")
            line: Line = (("✔  ", "success"), (f"{told} ", ""), (clean(name), "bold"))
            lines.append(between(line, self._time("brand"), width))
        else:
            told = _("The key may not read the brand's name; the rest works without it")
            lines.append((("!  ", "warning"), (told, "")))
        return [*lines, *self._behaviour(width), (), *self._shop(brand, width)]

    def _trying(self, width: int) -> list[Line]:
        lines: list[Line] = []
        if "reached" in self._passed:
            lines.append(self._step(self._reached(), "reached", width))
        if "accepted" in self._passed:
            told = _("The key is accepted and may read contacts")
            lines.append(self._step(told, "accepted", width))
        error = self._error
        if error is not None:
            lines += self._failure(error, width)
        elif self._stopped:
            lines += [(("■  ", "muted"), (_("Stopped; nothing came back yet"), ""))]
        else:
            seconds = int(time.monotonic() - self._started) if self.busy() else 0
            told = _("Calling {host}").format(host=clean(self._host))
            beside = _("{seconds} s, Esc stops it").format(seconds=number(seconds))
            sign = "●" if seconds % 2 == 0 else "◌"
            lines.append(
                between(((f"{sign}  ", "accent"), (told, "")), ((beside, "muted"),), width)
            )
        later = _("not asked yet")
        for label in (_("Brand"), _("Behaviour check")):
            lines.append(between((("•  ", "muted"), (label, "muted")), ((later, "muted"),), width))
        return lines

    def _failure(self, error: AppError, width: int) -> list[Line]:
        status = getattr(error, "status", None)
        answer = _("answer {status}").format(status=status) if status else ""
        first, *rest = wrapped(error.message, width - 15, "error bold") or [()]
        lines = [between((("✖  ", "error"), *first), ((answer, "muted"),), width)]
        lines += [(("   ", ""), *line) for line in rest]
        lines += [(("   ", ""), *line) for line in wrapped(clean(hint_of(error)), width - 3)]
        stays = _("What you entered stays: F9 goes back to it.")
        return [*lines, (("   ", ""), (stays, "muted")), ()]

    def _behaviour(self, width: int) -> list[Line]:
        if self.draft.before is not None:
            return []
        if self.draft.behaviour is not None:
            told = self.draft.behaviour_fact()
            lines = wrapped(_("Behaviour check: {told}").format(told=told), width - 3)
            return [(("✔  " if not n else "   ", "success"), *line) for n, line in enumerate(lines)]
        beside: Line = ((_("F6 does it, about a minute"), "muted"),)
        line: Line = (("-  ", "muted"), (_("Behaviour check not done"), ""))
        until = _("Until then tags take requests of their own: 67 minutes a million, not 28")
        return [
            between(line, beside, width),
            *[(("   ", ""), *w) for w in wrapped(until, width - 3, "muted")],
        ]

    def _shop(self, brand: Brand, width: int) -> list[Line]:
        limit = self.draft.connection.requests_per_minute
        share = limit * self.draft.connection.budget_share // 100
        rate = _("{limit} requests a minute, of which the app takes {share}").format(
            limit=number(limit), share=number(share)
        )
        facts = [
            (_("Brand"), clean(brand.name or brand.id)),
            (_("Website"), clean(brand.website)),
            (_("Currency"), clean(brand.currency)),
            (_("Rate limit"), rate),
        ]
        known = self.draft.known
        lines = [between(((_("Is this the right shop?"), "bold"),), (), width, ("─", "rule"))]
        lines += [
            ((left(label, 12), "muted"), (fact, "bold" if label == _("Brand") else ""))
            for label, fact in facts
            if fact
        ]
        if known is not None and known.id != brand.id:
            lines += wrapped(
                _(
                    "This is another brand than before: {brand}. Its exports start anew there."
                ).format(brand=clean(known.name or known.id)),
                width,
                "warning",
            )
        return lines

    def _reached(self) -> str:
        return _("Reached {host}").format(host=clean(self._host))

    def _step(self, told: str, step: str, width: int) -> Line:
        return between((("✔  ", "success"), (told, "")), self._time(step), width)

    def _time(self, step: str) -> Line:
        # The first two are one request, whose time stands once.
        seconds = None if step == "accepted" else self._passed.get(step)
        if seconds is None:
            return ()
        return ((_("{time} ms").format(time=number(round(seconds * 1000))), "muted"),)

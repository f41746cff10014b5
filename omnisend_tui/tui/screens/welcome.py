"""What an empty workspace shows: the four steps to the first run, and the demo."""

from omnisend_tui.config.models import Config
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.paint import Line, between, left

_INDENT = "     "
_COMMAND = " " * 10


def welcome(config: Config, width: int) -> list[Line]:
    """The steps, those done with a sign; the next one stands out."""
    steps = [
        (_("Connection"), _("one Omnisend shop, its API key"), bool(config.connections),
         "omnisend-tui connection add --name Shop --agree-to-data-privacy"),
        (_("Source"), _("a file with profiles, or many"), bool(config.sources),
         "omnisend-tui source add files --name People --path people.csv"),
        (_("Export"), _("which segments, which fields"), bool(config.exports),
         "omnisend-tui export add --help"),
        (_("First run"), _("here, with the key r"), False, ""),
    ]  # fmt: skip
    done = sum(step[2] for step in steps)
    wide = min(width, 80) - 5
    counted = _("{done} of {all} done").format(done=number(done), all=number(len(steps)))
    lines: list[Line] = [
        (),
        between(
            ((_INDENT, ""), (_("Bring your segments into Omnisend"), "bold")),
            ((counted, "muted"),),
            wide,
        ),
        ((_INDENT + _("Four steps, once. Each is one command; this page notices it."), "muted"),),
        (),
    ]
    following = next(index for index, step in enumerate(steps) if not step[2])
    for index, (name, what, ready, command) in enumerate(steps):
        sign = (
            ("✔", "success") if ready else ("●", "accent") if index == following else ("•", "muted")
        )
        ink = "bold" if index == following else ""
        label = left(f"{index + 1} {name}", 17)
        lines.append(((_INDENT, ""), sign, ("  ", ""), (label, ink), (what, "muted")))
        if command and not ready:
            lines.append(((_COMMAND, ""), (command, "accent" if index == following else "muted")))
    lines.append((("  ", ""), ("─" * (wide - 2), "rule")))
    lines.append(
        (
            (_INDENT, ""),
            ("d", "accent bold"),
            ("  ", ""),
            (left(_("Try the demo"), 17), ""),
            (_("sample profiles, no account, no network"), "muted"),
        )
    )
    lines.append(((_COMMAND + "omnisend-tui demo", "muted"),))
    return lines

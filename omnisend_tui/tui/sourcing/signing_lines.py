"""How a sign-in by device code, and one that failed, are shown."""

from collections.abc import Sequence

from omnisend_tui.errors import AppError
from omnisend_tui.formats import duration
from omnisend_tui.i18n import _
from omnisend_tui.source_sentences import sign_in_silent
from omnisend_tui.sources.entra import DeviceCode
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.signing import Signing
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.paint import Line, clean, left, right, wrapped
from omnisend_tui.tui.wizard.page import sentence_of

_LABEL = 12
_TIME = 8  # cells of the time left
_BAR = 44


def code_lines(signing: Signing, code: DeviceCode, width: int) -> Sequence[Line]:
    """The code, where to enter it, how long it still holds, and for what is waited."""
    seconds = signing.seconds_left()
    bar = max(8, min(_BAR, width - _LABEL - _TIME))
    ink = "accent" if seconds > 60 else "warning"
    steps = int(seconds * 1000)
    waiting: list[Line] = [(("● ", "accent"), (_("Waiting for you"), "bold"))]
    if signing.silent.is_set():
        told = sign_in_silent(clean(signing.draft.sign_in_host()))
        waiting = wrapped(f"! {told}", width, "warning")
    return [
        (),
        (_label(_("Code")), (" ".join(clean(code.code)), "accent bold")),
        (),
        (_label(_("Address")), (clean(code.address), "bold")),
        (),
        (
            _label(_("Time left")),
            *line_bar(steps, code.seconds * 1000, bar, ink),
            (right(duration(seconds), _TIME), ""),
        ),
        (),
        *waiting,
        *wrapped(
            _("Open the address in any browser, enter the code and sign in there. F5 copies both;"
              " this page goes on by itself."), width, "muted",
        ),
    ]  # fmt: skip


def failed_lines(draft: DataverseDraft, error: AppError, width: int) -> list[Line]:
    lines = wrapped(f"✖ {sentence_of(error)}", width, "error")
    return [*lines, *_unnamed(draft, width)] if error.code == "no_keyring" else lines


def ahead_lines(draft: DataverseDraft, width: int) -> list[Line]:
    """What Next will do."""
    if draft.person:
        text = _("You get a code and enter it at Microsoft, in any browser, on this machine or"
                 " another. The app never sees your password.")  # fmt: skip
        return wrapped(text, width)
    if draft.given is not None:
        text = _("The environment or the credentials folder has a client secret for this source"
                 " ({variable}). It goes before any other sign-in, so nothing is asked"
                 " for.")  # fmt: skip
    elif draft.has_secret():
        text = _("A client secret is stored; leave the field empty to keep it.")
    else:
        text = _("Paste the value of the client secret from Entra. It goes into the keyring, never"
                 " into a file. On a server {variable} works too.")  # fmt: skip
        lines = wrapped(text.format(variable=draft.secret_variable()), width)
        return [*lines, *_unnamed(draft, width)]
    return wrapped(text.format(variable=draft.secret_variable()), width)


def checking_words(draft: DataverseDraft) -> str:
    """That the environment is asked whether it lets in who signed in."""
    if draft.person:
        return _("Asking {host} whether you may read").format(host=clean(draft.host()))
    return _("Asking {host} whether the application may read").format(host=clean(draft.host()))


def help_words(draft: DataverseDraft) -> tuple[str, str]:
    """What a device code or a client secret is, and some sentences about it."""
    if draft.person:
        return _("device code"), _(
            "The code stands for this sign-in alone. Whoever enters it at the address and signs"
            " in there lends the app their rights in Customer Insights, so give it to nobody."
            "\n\nWhat comes back is kept in the keyring of this machine and renewed by itself;"
            " it ends when the organization says so."
        )
    return _("client secret"), _(
        "Entra shows a client secret once, when it is made; it runs out after months. The"
        " secret's value is needed, not its id.\n\nOn a server it may stand in the environment"
        " instead: {variable}."
    ).format(variable=draft.secret_variable())


def _unnamed(draft: DataverseDraft, width: int) -> list[Line]:
    """That the variable may be another one: the name of a new source comes after the sign-in."""
    if draft.before is not None:
        return []
    told = _("So it is called for a source named “{name}”; under another name the last page tells"
             " it.").format(name=clean(draft.source.name))  # fmt: skip
    return wrapped(told, width, "muted")


def _label(text: str) -> tuple[str, str]:
    return (left(text, _LABEL), "muted")

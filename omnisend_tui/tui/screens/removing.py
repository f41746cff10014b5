"""Asking before something is removed: what depends on it, and what becomes of that."""

from collections.abc import Sequence

from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.paint import clean, cut

_NAMED = 3


def remove_export_dialog(export: Export, *, running: bool) -> Choice:
    """Ends with 'keep' or 'remove'."""
    question = _("Remove the export “{name}”?").format(name=cut(clean(export.name), 60))
    told = [
        _(
            "The contacts and tags that it sent stay in Omnisend, and whoever leaves the segment"
            " later keeps the tag: nothing takes it away any more."
        )
    ]
    if running:
        told.insert(
            0,
            _("Its run is cancelled first; what is on its way is still confirmed."),
        )
    answers = (("keep", _("Keep export")), ("remove", _("Remove export")))
    return Choice(question, " ".join(told), answers)


def remove_dialog(connection: Connection, exports: Sequence[Export], running: int) -> Choice:
    """Ends with 'keep', 'detach' or 'remove'."""
    question = _("Remove the connection “{name}”?").format(name=cut(clean(connection.name), 60))
    told = [_("Its key is deleted from the keyring. What Omnisend has received stays there.")]
    if running:
        told.append(
            ngettext(
                "{count} run on it stops: what is on its way is still confirmed, for 30 seconds.",
                "{count} runs on it stop: what is on its way is still confirmed, for 30 seconds.",
                running,
            ).format(count=number(running))
        )
    keep = ("keep", _("Keep connection"))
    if not exports:
        return Choice(question, " ".join(told), (keep, ("detach", _("Remove connection"))))
    names = ", ".join(f"“{cut(clean(export.name), 30)}”" for export in exports[:_NAMED])
    if len(exports) > _NAMED:
        names += " …"
    told.append(
        ngettext(
            "{count} export uses it: {names}. Detached, it stays and doesn't run until it gets"
            " another connection.",
            "{count} exports use it: {names}. Detached, they stay and don't run until they get"
            " another connection.",
            len(exports),
        ).format(count=number(len(exports)), names=names)
    )
    answers = (
        keep,
        ("detach", _("Remove, detach exports")),
        ("remove", _("Remove, exports too")),
    )
    return Choice(question, " ".join(told), answers)


def remove_source_dialog(source: Source, exports: Sequence[Export]) -> Choice:
    """Ends with 'keep' or 'remove'; the latter only where no export uses it."""
    name = cut(clean(source.name), 60)
    keep = ("keep", _("Keep source"))
    if not exports:
        stays = (
            _("Its files stay where they are. What Omnisend has received stays there too.")
            if source.type == "files"
            else _("Its sign-in is forgotten. What Omnisend has received stays there.")
        )
        return Choice(
            _("Remove the source “{name}”?").format(name=name),
            stays,
            (keep, ("remove", _("Remove source"))),
        )
    names = ", ".join(f"“{cut(clean(export.name), 30)}”" for export in exports[:_NAMED])
    if len(exports) > _NAMED:
        names += " …"
    told = ngettext(
        "{count} export reads it: {names}. Give it another source or remove it first.",
        "{count} exports read it: {names}. Give them another source or remove them first.",
        len(exports),
    ).format(count=number(len(exports)), names=names)
    return Choice(_("The source “{name}” is in use.").format(name=name), told, (keep,))

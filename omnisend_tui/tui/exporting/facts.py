"""An export in words: everything of a new one, and what an edit changes."""

from collections.abc import Sequence

from omnisend_tui import forms
from omnisend_tui.bare_names import bare_segments
from omnisend_tui.config.models import Export
from omnisend_tui.engine.compare import segment_tag
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.fields import custom_name
from omnisend_tui.tui.exporting.looking import Looked, reach_of, segment_label
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.typed_schedule import parse

_FACT = 120  # cells of a fact on the last page

Facts = list[tuple[str, str]]


def export_facts(export: Export, total: int | None, found: Looked | None = None) -> Facts:
    """Labels and what will be stored; ``total`` profiles, None where that isn't known.

    ``found`` is what its source has, which tells what its segments are called.
    """
    facts = []
    usual = {label: fact for label, fact in _all(Export()) if label in _limits()}
    for label, fact in _all(export, found):
        if usual.get(label) == fact:
            continue
        counted = _counted(total) if label == _("Segments") else ""
        # What is empty changes nothing; but that nobody gets a tag is worth saying.
        if fact or label == _("Tags"):
            facts.append((label, (fact or _("none")) + counted))
    return facts


def changed_facts(
    before: Export, after: Export, total: int | None, found: Looked | None = None
) -> Facts:
    """What is another one than before; ``found`` as for ``export_facts``."""
    changed: Facts = []
    was_found = found if before.source == after.source else None
    pairs = zip(_all(before, was_found), _all(after, found), strict=True)
    for (label, old), (_label, new) in pairs:
        if old != new:
            told = _("{old} → {new}").format(old=old or _("none"), new=new or _("none"))
            changed.append((label, told + (_counted(total) if label == _("Segments") else "")))
        elif label == _("E-mail status") and reach_of(before) != reach_of(after):
            changed.append((label, new))
    was = {each.field: each for each in before.mapping}
    other = [each.field for each in after.mapping if was.get(each.field, each) != each]
    if other:
        told = ", ".join(field_word(name) for name in other)
        changed.append((_("Matching of"), cut(clean(told), _FACT)))
    return changed or [(_("Changes"), _("none"))]


def field_word(name: str) -> str:
    """A field of Omnisend in words."""
    if name_ := custom_name(name):
        return _("Custom property {name}").format(name=name_)
    return {
        "email": _("E-mail"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "address": _("Address"),
        "country": _("Country"),
        "state": _("State"),
        "city": _("City"),
        "postal_code": _("Postal code"),
        "phone": _("Phone"),
        "birthdate": _("Birthdate"),
        "gender": _("Gender"),
    }.get(name, name)


def sure_word(confidence: str) -> str:
    """How sure a proposal is."""
    return {"sure": _("sure"), "likely": _("likely"), "guess": _("a guess")}[confidence]


def schedule_word(written: str) -> str:
    """When an export runs by itself; as it is written where that can't be read."""
    try:
        return parse(written).words()
    except UsageError:
        return written


def _named(names: Sequence[str], found: Looked | None) -> str:
    """Segments as people call them, each with the name that it has inside."""
    bare = bare_segments(each.name for each in found.segments) if found is not None else {}
    told = ((segment_label(found, name), bare.get(name, name)) for name in names)
    return ", ".join(f"{label} ({name})" if label not in ("", name) else name
                     for label, name in told)  # fmt: skip


def _all(export: Export, found: Looked | None = None) -> Facts:
    if export.email_status:
        status = _("subscribed, by {column}; source: {source}").format(
            column=export.consent_column, source=export.consent_source
        )
    else:
        status = _("none is sent")
    facts = [
        (_("Name"), export.name),
        (_("Connection"), export.connection),
        (_("Source"), export.source),
        (_("Segments"), _named(export.segments, found)),
        (_("Not those in"), _named(export.except_segments, found)),
        (_("Fields"), ", ".join(field_word(each.field) for each in export.mapping)),
        (_("Tags"), ", ".join(export.tags)),
        (_("E-mail status"), status),
        (_("Segment tag"), ", ".join(segment_tag(export, each) for each in export.segments)),
        (_("Welcome messages"), _("on") if export.send_welcome else _("off")),
        (_("Profiles at most"), number(export.max_profiles)),
        (_("Rejects at most"), f"{export.max_rejects} %"),
        (_("Leavers at most"), f"{export.max_leavers} %"),
        (_("Leavers always"), number(export.max_leavers_people)),
        (_("Country"), export.country),
        (_("Dates"), export.date_format),
        (_("Schedule"), schedule_word(export.schedule)),
    ]
    return [(label, cut(clean(fact), _FACT)) for label, fact in facts]


def _limits() -> tuple[str, ...]:
    """What is worth a line only where it isn't as usual."""
    labels = (forms.MAX_PROFILES, forms.MAX_REJECTS, forms.MAX_LEAVERS, forms.MAX_LEAVERS_PEOPLE)
    return tuple(_(each.label) for each in labels)


def _counted(total: int | None) -> str:
    if total is None:
        return ""
    counted = ngettext("{count} profile", "{count} profiles", total)
    return ", " + counted.format(count=number(total))

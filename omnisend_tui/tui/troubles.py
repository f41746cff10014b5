"""Why exports can't run as they are set up: at once from the config, and from their sources."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisend_tui.config.models import Config, Export, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import may
from omnisend_tui.progress import RunError
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.words import hint_of
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.troubles import Trouble

_OFTEN = 2.0  # seconds between two looks at the files of one export


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an export: in a few words, and as a sentence that says how to mend it."""

    words: str
    error: RunError


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a source was found to have, and for which records and files that holds."""

    export: Export
    source: Source
    files: tuple[object, ...]
    there: bool
    troubles: "tuple[Trouble, ...]"


@dataclass
class Troubles:
    """Usable from any thread; ``look`` alone takes its time."""

    workspace: Workspace
    _looked: dict[str, _Looked] = field(default_factory=dict)
    _checked: "tuple[Config | None, dict[str, list[Trouble]]]" = field(
        default_factory=lambda: (None, {})
    )
    _attempt: Attempt[None] | None = None
    _last: tuple[str, float] = ("", 0.0)

    def of(self, export: Export) -> Wrong | None:
        """From the config, and from what its source had when it was looked at last.

        A detached export rests and nothing is wrong with it.
        """
        found = [each for each in self.known(export) if each.hinders]
        config = self.workspace.config
        if not export.connection or not found:
            return None
        if self._config_troubles(export):
            if export.connection not in config.connections:
                words, way = _("the connection is gone"), _("t gives it another connection.")
            elif export.source not in config.sources:
                words, way = _("the source is gone"), _("e gives it another source.")
            else:
                words, way = _("it can't run"), _("e edits it.")
            return self._wrong(words, found, way)
        there = self._looked[export.id].there
        words = _("the source has changed") if there else _("the source is gone")
        return self._wrong(words, found, _("e edits the export, 3 shows its source."))

    def note(self, export: Export) -> str:
        """What its source was found to lack of an export that runs all the same, else ''."""
        return " ".join(each.sentence for each in self.known(export) if not each.hinders)

    def known(self, export: Export) -> "Sequence[Trouble]":
        """What config.toml says against a run, or else what its source did when looked at."""
        if found := self._config_troubles(export):
            return found
        looked = self._looked.get(export.id)
        source = self.workspace.config.sources.get(export.source)
        if looked is None or (looked.export, looked.source) != (export, source):
            return ()  # not looked at, or changed since
        return looked.troubles

    def _config_troubles(self, export: Export) -> "Sequence[Trouble]":
        """What config.toml alone says; told anew only once it has changed."""
        from omnisend_tui.troubles import export_troubles

        config = self.workspace.config
        checked_config, checked = self._checked
        if checked_config is not config:
            checked = {}
            self._checked = (config, checked)
        if config.exports.get(export.name) is not export:
            return export_troubles(self.workspace, export)
        if export.id not in checked:
            checked[export.id] = export_troubles(self.workspace, export)
        return checked[export.id]

    def look(self, export: Export) -> None:
        """Opens its source where the files or the records changed. Raises ``AppError``.

        An environment isn't asked, over the network and again and again: a run finds what it lost.
        """
        from omnisend_tui.sources.paths import find_files
        from omnisend_tui.troubles import source_troubles

        source = self.workspace.config.sources.get(export.source)
        if source is None or source.is_asked:
            return
        try:
            files: tuple[object, ...] = tuple(find_files(source.path))
            there = True
        except SourceError as error:
            files, there = (error.code,), False
        kept = self._looked.get(export.id)
        if kept is None or (kept.export, kept.source, kept.files) != (export, source, files):
            found = tuple(source_troubles(self.workspace, export))
            self._looked[export.id] = _Looked(export, source, files, there, found)

    def watch(self, export: Export, now: float) -> None:
        """Looks in a thread of its own, now and then: a folder may be slow to answer, or never do.

        ``now`` is in seconds of a clock that never goes back.
        """
        before, at = self._last
        if self._attempt is not None and not self._attempt.done:
            return
        if before != export.id or now - at >= _OFTEN:
            self._last = (export.id, now)
            self._attempt = Attempt(lambda _attempt: self.look(export))

    def _wrong(self, words: str, found: "Sequence[Trouble]", way: str) -> Wrong:
        sentences = " ".join(trouble.sentence for trouble in found)
        # Of what is gone, the way says all.
        known = found[0].code in ("unknown_connection", "unknown_source")
        hint = "" if known else hint_of(RunError("", "", found[0].hint))
        if may(self.workspace.actor, "manage_exports"):
            hint = f"{hint} {way}".strip()
        return Wrong(words, RunError("", sentences, hint))

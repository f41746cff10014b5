"""Opens a workspace: its configuration, state and secrets; what everything else is handed."""

import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from omnisend_tui.bare_names import called_segments
from omnisend_tui.config.files import make_private_folder, unwritable
from omnisend_tui.config.models import Config, Connection, Export, Source
from omnisend_tui.config.store import load
from omnisend_tui.errors import StateError, UsageError
from omnisend_tui.folders import TemporaryFolder, user_state_folder, workspace_folders
from omnisend_tui.i18n import _
from omnisend_tui.keeping import Keeper
from omnisend_tui.ledger_key import ledger_key
from omnisend_tui.log import start_log, stop_log
from omnisend_tui.permissions import Actor, current_actor
from omnisend_tui.secrets import Secrets
from omnisend_tui.state import State

if TYPE_CHECKING:
    from omnisend_tui.sources.base import Access, ProfileSource, Segment

_DAY = 86_400.0  # seconds
Kept = TypeVar("Kept", Connection, Source, Export)


class Workspace:
    """An open workspace. ``close`` it, or use it in a ``with`` statement."""

    name: str
    named: Path | None
    config_path: Path
    state_dir: Path
    log_path: Path
    budget_path: Path
    config: Config
    state: State
    secrets: Secrets
    actor: Actor
    trouble: StateError | None

    def __init__(
        self,
        directory: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        budget_path: Path | None = None,
        *,
        reading: bool = False,
        keeper: Keeper | None = None,
    ) -> None:
        folders = workspace_folders(directory, environ)
        self.name = folders.name
        self.named = folders.named
        self.config_path = folders.config / "config.toml"
        self.state_dir = folders.state
        self.log_path = folders.state / "omnisend-tui.log"
        self.budget_path = budget_path or user_state_folder() / "budget.sqlite"
        self._environ = environ
        self._ledgers = folders.state / "ledgers"
        self._locks = folders.state / "locks"
        # The user's mistakes in the configuration are told before anything is made.
        self._config_stamp = _stamp(self.config_path)
        self.config = load(self.config_path)
        self.secrets = Secrets(environ, keeper)
        self.actor = current_actor()
        self.trouble = None
        self._temporary: TemporaryFolder | None = None
        try:
            self._open(folders.state)
        except StateError as error:
            if not reading or error.code != "unwritable":
                raise
            self.state = State.open_to_read(folders.state / "state.sqlite")
            self.trouble = error
        self._log = start_log(self.log_path)

    @classmethod
    def open(
        cls,
        directory: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        budget_path: Path | None = None,
        *,
        reading: bool = False,
        keeper: Keeper | None = None,
    ) -> "Workspace":
        """Opens the workspace in ``directory``, made where it is missing.

        Without one: the folder that OMNISEND_TUI_WORKSPACE in ``environ`` names, else the config
        and state folders of this user. ``budget_path`` is the file of the request budgets, shared
        by all workspaces of the user. ``reading``: a state that can't be written is opened all the
        same, and ``trouble`` says why. ``keeper`` takes the place of the machine's keyring.
        Raises ``ConfigError`` and ``StateError``.
        """
        return cls(directory, environ, budget_path, reading=reading, keeper=keeper)

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_reason: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the state and removes temporary copies; a second call does nothing."""
        self.state.close()
        if self._temporary is not None:
            self._temporary.close()
        stop_log(self._log)

    def reload_config(self) -> Config:
        """Reads config.toml again; after a ``ConfigError`` the earlier one still holds."""
        self.config = load(self.config_path)
        return self.config

    def refresh_config(self) -> None:
        """As ``reload_config``, where config.toml was written since the last look."""
        if (stamp := _stamp(self.config_path)) != self._config_stamp:
            self._config_stamp = stamp
            self.reload_config()

    @property
    def temp_dir(self) -> Path:
        """A private folder for temporary copies, of this process alone and gone with it.

        Raises ``StateError`` where the state is only read.
        """
        if self._temporary is None:
            raise self.trouble or unwritable(self.state_dir, OSError())
        return self._temporary.path

    def ledger_path(self, export_id: str, brand_id: str) -> Path:
        """The ledger of an export in a brand; its folder exists.

        Another brand has never heard of anybody, so it gets a ledger of its own.
        """
        from hashlib import blake2b  # brings OpenSSL

        brand = blake2b(brand_id.encode(), digest_size=4).hexdigest()
        return self._ledgers / f"{export_id}-{brand}.sqlite"

    def lock_path(self, export_id: str) -> Path:
        """The file whose lock a running export holds; its folder exists."""
        return self._locks / f"{export_id}.lock"

    def ledger_key(self) -> bytes:
        """The 64 bytes under which ledgers seal addresses. Raises ``CredentialsError``."""
        return ledger_key(self.state_dir, self._ledgers, self._environ)

    def access(self, source: Source, *, pinned: bool = False) -> "Access":
        """What ``source`` is opened with; nobody is asked for anything before it is read.

        ``pinned``: for a job, which goes on with what it began with while the source is edited.
        """
        from omnisend_tui.sources.base import Access

        if source.type == "files":
            return Access()
        from omnisend_tui import sign_in

        tokens = sign_in.pinned if pinned else sign_in.tokens
        return Access(
            tokens=tokens(self.secrets, source),
            listed=partial(self._keep_labels, source.id),
            labels=self.labels(source),
        )

    def labels(self, source: Source) -> Mapping[str, str]:
        """What people call the segments of ``source``, by their names, as it listed them last."""
        with suppress(StateError):
            return self.state.labels().get(source.id, {})
        return {}

    def forget_labels(self, source: Source) -> None:
        """Drops what people call the segments of a source that is gone, or is elsewhere now."""
        with suppress(StateError):
            self.state.forget_labels(source.id)

    def _keep_labels(self, source_id: str, segments: Sequence["Segment"]) -> None:
        """What isn't kept is listed again."""
        called = called_segments({each.name: each.label for each in segments})
        known = {name: label for name, label in called.items() if label}
        with suppress(StateError):
            self.state.save_labels(source_id, known)

    def open_source(self, source: Source, *, hurried: bool = False) -> "ProfileSource":
        """``source``, for somebody who waits for it; ``hurried``: before a screen.

        Raises ``StateError`` as ``temp_dir``.
        """
        from omnisend_tui.sources import open_source

        access = self.access(source)
        return open_source(source, self.temp_dir, access.hurried() if hurried else access)

    def connection(self, name: str) -> Connection:
        """The connection ``name``; raises ``UsageError`` with the known names."""
        unknown = _("There is no connection “{name}”.").format(name=name)
        return _known("connection", name, self.config.connections, unknown)

    def source(self, name: str) -> Source:
        """The source ``name``; raises ``UsageError`` with the known names."""
        unknown = _("There is no source “{name}”.").format(name=name)
        return _known("source", name, self.config.sources, unknown)

    def export(self, name: str) -> Export:
        """The export ``name``; raises ``UsageError`` with the known names."""
        unknown = _("There is no export “{name}”.").format(name=name)
        return _known("export", name, self.config.exports, unknown)

    def forget_details(self) -> None:
        """Drops rejects, warnings and logs that are older than wished; ``StateError``."""
        self.state.forget_details(time.time() - self.config.settings.keep_days * _DAY)

    def _open(self, folder: Path) -> None:
        """Makes the folders and opens the state; raises ``StateError`` alone."""
        try:
            for needed in (folder, self._ledgers, self._locks, self.budget_path.parent):
                make_private_folder(needed)
            self.state = State.open(folder / "state.sqlite")
            try:
                self.forget_details()
                self._temporary = TemporaryFolder(folder / "temp")
            except BaseException:
                self.state.close()
                raise
        except OSError as error:
            raise unwritable(folder, error) from None
        except sqlite3.Error:
            raise unwritable(folder, OSError()) from None


def _stamp(path: Path) -> int:
    """When a file was written last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _known(kind: str, name: str, records: Mapping[str, Kept], unknown: str) -> Kept:
    if name in records:
        return records[name]
    if records:
        names = ", ".join(f"“{known}”" for known in sorted(records, key=str.casefold))
        hint = _("Known are: {names}.").format(names=names)
    else:
        hint = _("There is none yet; `omnisend-tui {kind} add` makes one.").format(kind=kind)
    raise UsageError(f"unknown_{kind}", unknown, hint)

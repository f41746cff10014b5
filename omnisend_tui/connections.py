"""Setting up and managing connections: what the app and the command line both call.

Nothing is stored before everything was checked, and a step that fails takes back those before it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from omnisend_tui import api_keys, consent
from omnisend_tui.config import store
from omnisend_tui.config.checks import storing_fault
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.errors import CredentialsError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.noting import left_behind
from omnisend_tui.permissions import require
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand, Consent
from omnisend_tui.removal import PATIENCE, drop_ledgers, runs_where, stop_runs
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.omnisend.behaviour import Step
    from omnisend_tui.omnisend.connect import Told


class Known(NamedTuple):
    """What the state has of a connection: its newest consent, and whether that still holds."""

    brand: Brand | None = None
    consent: Consent | None = None
    valid: bool = False
    behaviour: Behaviour | None = None


def known(workspace: Workspace, connection: Connection) -> Known:
    state = workspace.state
    consents = state.consents(connection.id)
    return Known(
        state.brand(connection.id),
        consents[0] if consents else None,
        consent.holds(state, connection),
        state.behaviour(connection.id),
    )


def new_id() -> str:
    return token_hex(8)


def fault(workspace: Workspace, wanted: Connection) -> str:
    """Why ``wanted`` can't be stored, '' where it can; its own record may have its name."""
    return storing_fault(wanted, workspace.config.connections)


def add(
    workspace: Workspace,
    wanted: Connection,
    *,
    key: str,
    agreed: Consent,
    brand: Brand,
    behaviour: Behaviour | None = None,
) -> Connection:
    """Stores a connection whose key was tried: secret, consent, brand and config, or nothing.

    ``key`` is '' for one whose key comes from the environment. Raises ``UsageError``,
    ``CredentialsError`` (the keyring), ``ConfigError`` or ``StateError``.
    """
    require(workspace.actor, "manage_connections")
    with api_keys.keeping(workspace, wanted, key), ExitStack() as undo:
        undo.callback(_forget, workspace, wanted)
        workspace.state.add_consent(agreed)
        _keep_brand(workspace, wanted, brand, behaviour)
        # The config comes last: until it names the connection, nothing refers to the rest.
        store.add_connection(workspace.config_path, wanted)
        undo.pop_all()
    workspace.reload_config()
    return workspace.connection(wanted.name)


def must_try(workspace: Workspace, before: Connection, after: Connection) -> bool:
    """Whether ``after`` reaches Omnisend in another way than ``before``, so that Connect is due.

    Another address or place of the key does, and another name with which the environment answers
    another key. Raises ``CredentialsError`` for a credential that can't be read.
    """
    if (before.base_url, before.api_key) != (after.base_url, after.api_key):
        return True
    if before.name == after.name:
        return False
    old, new = (workspace.secrets.given_key(each.name) for each in (before, after))
    return (old.value if old else "") != (new.value if new else "")


def edit(
    workspace: Workspace,
    before: Connection,
    after: Connection,
    *,
    key: str = "",
    brand: Brand | None = None,
) -> Connection:
    """Changes what differs between ``before`` (as the user saw it) and ``after``.

    Exports follow a new name. ``key``, where it is given, is kept in the keyring, and ``brand`` is
    whose it is; a key that the environment gives from now on leaves the keyring. Raises
    ``UsageError``, ``CredentialsError``, or ``ConfigError`` 'config_changed' where somebody else
    changed the same meanwhile.
    """
    require(workspace.actor, "manage_connections")
    with api_keys.keeping(workspace, before, key):
        merged = store.edit_connection(workspace.config_path, before, after)
    workspace.reload_config()
    if merged.base_url != before.base_url:
        # What was measured at another address says nothing about this one.
        workspace.state.forget_brand(merged.id)
    if brand is not None:
        _change_brand(workspace, merged, brand)
    if before.api_key == "keyring" and merged.api_key == "environment":
        api_keys.forget(workspace, before)
    return merged


def new_key(workspace: Workspace, connection: Connection, key: str, brand: Brand) -> Connection:
    """Gives a connection a key that was tried, in the keyring."""
    after = replace(connection, api_key="keyring")
    return edit(workspace, connection, after, key=key, brand=brand)


def agree(workspace: Workspace, connection: Connection, now: float | None = None) -> Consent:
    """Records that the actor agrees to the data privacy text in use.

    Raises ``UsageError`` for a connection that was removed meanwhile.
    """
    require(workspace.actor, "manage_connections")
    if connection.id not in {c.id for c in workspace.reload_config().connections.values()}:
        raise UsageError(
            "removed", _("Somebody removed the connection meanwhile; nothing was recorded.")
        )
    given = consent.record(connection, workspace.actor.name, time.time() if now is None else now)
    workspace.state.add_consent(given)
    return given


def connect(
    workspace: Workspace,
    connection: Connection,
    key: str,
    told: "Told | None" = None,
    stop: threading.Event | None = None,
) -> Brand:
    """Whose brand ``key`` belongs to; its requests are counted like any other of the brand.

    Raises what ``omnisend.connect.connect`` does.
    """
    # 100 ms of imports that listing connections doesn't need.
    from omnisend_tui.omnisend.budget import open_budget
    from omnisend_tui.omnisend.connect import brand_of_key, connect

    with open_budget(workspace.budget_path, connection, brand_of_key(key)) as budget:
        return connect(connection.base_url, key, budget, told, stop)


def test(workspace: Workspace, connection: Connection) -> Brand:
    """Connect with the stored key. Raises ``CredentialsError`` or what ``connect`` raises."""
    brand = connect(workspace, connection, workspace.secrets.api_key(connection).value)
    _change_brand(workspace, connection, brand)
    return brand


def behaviour_check(
    workspace: Workspace,
    connection: Connection,
    key: str,
    brand: Brand,
    address: str,
    stop: threading.Event,
    told: Callable[["Step"], None],
) -> Behaviour:
    """Measures the brand with ``address`` (contracts/omnisend.md); nothing is stored here.

    Raises ``UsageError`` for an address that Omnisend knows, ``Stopped``, or what requests raise.
    """
    require(workspace.actor, "manage_connections")
    from omnisend_tui.omnisend.behaviour import check_behaviour
    from omnisend_tui.omnisend.budget import open_budget
    from omnisend_tui.omnisend.client import OmnisendClient
    from omnisend_tui.omnisend.connect import brand_of_key

    with open_budget(workspace.budget_path, connection, brand.id or brand_of_key(key)) as budget:
        client = OmnisendClient(connection.base_url, key, budget, connections=1)
        try:
            return check_behaviour(client, address, stop, told=told)
        finally:
            client.close()


def keep_behaviour(workspace: Workspace, connection: Connection, behaviour: Behaviour) -> None:
    """Keeps what the check saw, for the runs to come."""
    require(workspace.actor, "manage_connections")
    workspace.state.save_behaviour(connection.id, behaviour)


def dependents(workspace: Workspace, connection: Connection) -> list[Export]:
    """The exports that use a connection."""
    exports = workspace.config.exports.values()
    return [export for export in exports if export.connection == connection.name]


def running(workspace: Workspace, connection: Connection) -> list[Snapshot]:
    """The runs of a connection that go on, in whatever process."""
    return runs_where(workspace, lambda run: run.connection_id == connection.id)


def remove(
    workspace: Workspace, connection: Connection, *, detach: bool, patience: float = PATIENCE
) -> list[Snapshot]:
    """Removes a connection and its secret; its exports are detached, or removed with it.

    Its runs are cancelled wherever they are, and waited for: what is in flight is confirmed for at
    most 30 seconds. Removed exports take their ledgers with them. Returns the runs that had not
    ended after ``patience`` seconds (their process hangs). Raises ``ConfigError``, or, once it is
    removed, ``StateError`` 'ledger_left', or ``CredentialsError`` where the keyring doesn't delete
    the key (`doctor` finds it then).
    """
    require(workspace.actor, "manage_connections")
    before = workspace.reload_config().exports.values()
    # Once the config doesn't name it any more, nothing new starts.
    store.remove_connection(workspace.config_path, connection, detach=detach)
    kept = {export.id for export in workspace.reload_config().exports.values()}
    gone = {export.id: export for export in before if export.id not in kept}
    left = stop_runs(
        workspace,
        lambda run: run.connection_id == connection.id or run.export_id in gone,
        patience,
    )
    # From the last to the first, each whatever becomes of the others; a key left weighs most.
    with ExitStack() as cleared:
        cleared.callback(_forget_removed_key, workspace, connection)
        cleared.callback(workspace.state.withdraw, connection.id, time.time())
        cleared.callback(workspace.state.forget_brand, connection.id)
        for export in gone.values():
            cleared.callback(drop_ledgers, workspace, export)
    return left


def _keep_brand(
    workspace: Workspace, connection: Connection, brand: Brand, behaviour: Behaviour | None
) -> None:
    workspace.state.save_brand(connection.id, brand)
    if behaviour is not None:
        workspace.state.save_behaviour(connection.id, behaviour)


def _change_brand(workspace: Workspace, connection: Connection, brand: Brand) -> None:
    known = workspace.state.brand(connection.id)
    if known is not None and known.id != brand.id:
        # What was measured on another brand says nothing about this one.
        workspace.state.forget_brand(connection.id)
    workspace.state.save_brand(connection.id, brand)


def _forget(workspace: Workspace, connection: Connection) -> None:
    workspace.state.forget_brand(connection.id)
    workspace.state.forget_consents(connection.id)


def _forget_removed_key(workspace: Workspace, connection: Connection) -> None:
    try:
        api_keys.forget(workspace, connection)
    except CredentialsError as error:
        told = _("“{name}” is removed, but its key may still be in the keyring. {why}")
        raise left_behind(error, told, connection.name) from None

"""The wizards of a connection: a new one, a new key, the editor, and consent given again."""

from collections.abc import Callable

from omnisend_tui import connections
from omnisend_tui.config.models import Connection
from omnisend_tui.i18n import N_, _
from omnisend_tui.records import Brand
from omnisend_tui.tui.connecting.connect_page import ConnectPage
from omnisend_tui.tui.connecting.draft import AgreeDraft, Draft, EditDraft, KeyDraft
from omnisend_tui.tui.connecting.export_user_page import ExportUserPage
from omnisend_tui.tui.connecting.key_page import KeyPage
from omnisend_tui.tui.connecting.pages import EditPage, NamePage, UsersPage
from omnisend_tui.tui.connecting.privacy_page import PrivacyPage
from omnisend_tui.tui.wizard.page import Step
from omnisend_tui.tui.wizard.save import SavePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

Clock = Callable[[], float]
Ended = Callable[[], None]

_KEY = Step[Draft](N_("API key"), KeyPage, lambda draft: draft.key_place())
_CONNECT = Step[Draft](N_("Connect"), ConnectPage, lambda draft: draft.brand_name())
_SAVE = Step[Draft](N_("Save"), SavePage, lambda _draft: "")
_PRIVACY = Step[Draft](N_("Privacy"), PrivacyPage, lambda draft: draft.agreed())
NEW = (
    Step[Draft](N_("Name"), NamePage, lambda draft: draft.connection.name),
    Step[Draft](N_("Users"), UsersPage, lambda draft: draft.users()),
    _KEY,
    _PRIVACY,
    _CONNECT,
    Step[Draft](N_("Export user"), ExportUserPage, lambda _draft: _("belongs to the source")),
    _SAVE,
)
"""In the order of spec.md 'Setting up a connection'."""


def new_connection(workspace: Workspace, now: Clock, ended: Ended) -> WizardScreen[Draft]:
    draft = Draft(workspace, Connection(id=connections.new_id()), now)
    return WizardScreen(_("New connection"), NEW, draft, ended)


def new_key(
    workspace: Workspace, connection: Connection, known: Brand | None, now: Clock, ended: Ended
) -> WizardScreen[Draft]:
    """A new key for a connection: entered, tried, and stored. ``known`` is its brand so far."""
    draft = KeyDraft(workspace, connection, now, before=connection, known=known)
    return WizardScreen(_of(connection, _("New key")), (_KEY, _CONNECT, _SAVE), draft, ended)


def editor(
    workspace: Workspace, connection: Connection, known: Brand | None, now: Clock, ended: Ended
) -> WizardScreen[Draft]:
    """Name, users, address and limits; what reaches Omnisend in another way is tried first."""
    draft = EditDraft(workspace, connection, now, before=connection, known=known)
    edit = Step[Draft](N_("Edit"), EditPage, lambda draft: draft.connection.name)
    return WizardScreen(_of(connection, _("Edit")), (edit, _CONNECT, _SAVE), draft, ended)


def agree_again(
    workspace: Workspace, connection: Connection, known: Brand | None, now: Clock, ended: Ended
) -> WizardScreen[Draft]:
    """The data privacy text, and agreeing to it."""
    draft = AgreeDraft(workspace, connection, now, before=connection, known=known)
    return WizardScreen(_of(connection, _("Privacy")), (_PRIVACY,), draft, ended)


def _of(connection: Connection, what: str) -> str:
    return _("{connection}: {what}").format(connection=connection.name, what=what)

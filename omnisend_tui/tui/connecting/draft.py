"""What the wizard of a connection collects before anything is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from omnisend_tui import connections, consent, forms
from omnisend_tui.config.models import Connection
from omnisend_tui.i18n import _, language
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.secrets import Secret
from omnisend_tui.sentences import behaviour_sentence
from omnisend_tui.tui.wizard.drafts import on_top
from omnisend_tui.workspace import Workspace


@dataclass
class Draft:
    """``before`` is the stored connection that is edited, None for a new one."""

    workspace: Workspace
    connection: Connection
    now: Callable[[], float]
    before: Connection | None = None
    key: str = field(default="", repr=False)
    given: Secret | None = None  # what the environment or the credentials folder has
    keyring: str = ""
    agreed_at: float | None = None
    brand: Brand | None = None
    behaviour: Behaviour | None = None
    known: Brand | None = None  # whose key it had before

    # The fields of its record.

    def value(self, name: str) -> Any:
        return getattr(self.connection, name)

    def take(self, values: dict[str, Any]) -> str:
        """Takes fields of the record; another address needs another consent and Connect."""
        if "base_url" in values:
            values["base_url"] = values["base_url"].rstrip("/")
            if values["base_url"] != self.connection.base_url:
                self.agreed_at = None
                self.brand = self.behaviour = None
        self.connection = replace(self.connection, **values)
        return connections.fault(self.workspace, self.connection)

    def take_key(self, key: str) -> None:
        """Takes a key as it was typed; '' for the one of the environment."""
        if key != self.key:
            self.brand = self.behaviour = None
        self.key = key
        kept = "keyring" if key else "environment"
        self.connection = replace(self.connection, api_key=kept)

    def take_given(self, given: Secret | None) -> None:
        """Takes what the environment or the credentials folder has for its name."""
        if given != self.given:
            self.brand = self.behaviour = None
        self.given = given

    def find_key(self) -> str:
        """The key that runs will use; asks the keyring, so not for the event loop.

        Raises ``CredentialsError``.
        """
        return self.key or self.workspace.secrets.api_key(self.connection).value

    def must_try(self) -> bool:
        """Whether Connect is due before it is stored. Raises ``CredentialsError``."""
        before = self.before
        return before is None or connections.must_try(self.workspace, before, self.connection)

    # What was done so far, in words.

    def users(self) -> str:
        return dict_of(forms.FOR_CONTRIBUTORS)[self.connection.for_contributors]

    def key_place(self) -> str:
        """Where the key is, or will be."""
        if self.key:
            return _("in the keyring")
        if self.given is not None and self.given.origin == "credentials":
            return _("from the credentials folder")
        return _("from the environment")

    def key_fact(self) -> str:
        """The same, with the keyring's name."""
        place = self.key_place()
        return f"{place} ({self.keyring})" if self.key and self.keyring else place

    def agreed(self) -> str:
        return _("agreed by {who}").format(who=self.workspace.actor.name)

    def brand_name(self) -> str:
        return (self.brand.name or self.brand.id) if self.brand else ""

    def brand_fact(self) -> str:
        if self.brand is None:
            return ""
        facts = (self.brand.name or self.brand.id, self.brand.website, self.brand.currency)
        return ", ".join(fact for fact in facts if fact)

    def behaviour_fact(self) -> str:
        return behaviour_sentence(self.behaviour)

    # Storing it.

    def unsaved(self) -> bool:
        """Whether anything was entered that isn't stored."""
        kept = self.before or Connection(id=self.connection.id)
        return bool(self.key) or self.connection != kept

    def save_label(self) -> str:
        return _("Save connection")

    def note(self) -> str:
        return _("Saving sends no profile. The next step is a source, or an export.")

    def facts(self) -> Sequence[tuple[str, str]]:
        version = _("{who}, version {version}, {language}").format(
            who=self.agreed(), version=consent.VERSION, language=LANGUAGES[language()]
        )
        return [
            (_("Name"), self.connection.name),
            (_("Users"), self.users()),
            (_("API key"), self.key_fact()),
            (_("Privacy"), version),
            (_("Brand"), self.brand_fact()),
            (_("Behaviour check"), self.behaviour_fact()),
            (_("Omnisend at"), self.connection.base_url),
        ]

    def save(self) -> str:
        assert self.brand is not None
        assert self.agreed_at is not None
        saved = connections.add(
            self.workspace,
            self.connection,
            key=self.key,
            agreed=consent.record(self.connection, self.workspace.actor.name, self.agreed_at),
            brand=self.brand,
            behaviour=self.behaviour,
        )
        return _("Connection “{name}” is saved.").format(name=saved.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw; what he changed stays changed."""
        known = self.workspace.reload_config().connections.values()
        if self.before is not None and (both := on_top(self.connection, self.before, known)):
            self.before, self.connection = both


class KeyDraft(Draft):
    """A new key for a stored connection."""

    def unsaved(self) -> bool:
        return bool(self.key)

    def save_label(self) -> str:
        return _("Save key")

    def note(self) -> str:
        return _("The new key takes the place of the old one in the keyring.")

    def facts(self) -> Sequence[tuple[str, str]]:
        return [
            (_("Name"), self.connection.name),
            (_("API key"), self.key_fact()),
            (_("Brand"), self.brand_fact()),
        ]

    def save(self) -> str:
        assert self.brand is not None
        assert self.before is not None
        saved = connections.new_key(self.workspace, self.before, self.key, self.brand)
        return _("Connection “{name}” has a new key.").format(name=saved.name)


class EditDraft(Draft):
    """Name, users, address and limits of a stored connection."""

    def facts(self) -> Sequence[tuple[str, str]]:
        return [
            (_("Name"), self.connection.name),
            (_("Omnisend at"), self.connection.base_url),
            (_("Brand"), self.brand_fact()),
        ]

    def note(self) -> str:
        return _("Exports follow a new name. Another address asks for consent before the next run.")

    def save_label(self) -> str:
        return _("Save connection")

    def save(self) -> str:
        assert self.before is not None
        saved = connections.edit(
            self.workspace, self.before, self.connection, brand=self.brand or None
        )
        if saved.base_url != self.before.base_url:
            return _(
                "Saved. The address changed, so the next run needs consent again: key a agrees."
            )
        return _("Connection “{name}” is saved.").format(name=saved.name)


class AgreeDraft(Draft):
    """Consent, given again: agreeing stores it."""

    def unsaved(self) -> bool:
        return False

    def save(self) -> str:
        connections.agree(self.workspace, self.connection, self.agreed_at)
        return _("Recorded: {who} agrees.").format(who=self.workspace.actor.name)


LANGUAGES = {"en": "English", "fi": "suomi"}


def dict_of(choice: forms.Field) -> dict[object, str]:
    """A choice's values with what each means, translated."""
    return {value: _(meaning) for value, meaning in choice.choices}

"""What config.toml holds: connections, sources, exports, hooks and settings, as frozen records.

The first three are keyed by name in ``Config``. ``id`` never changes when a name does: the keyring,
the consents, the state and the ledgers go by it. Where a hand-written file has none, the loader
derives it from the name.
"""

from typing import Annotated, Literal

import msgspec

ALL_PROFILES = "All profiles"
CUSTOMER_ID = "msdynci_customerid"  # names a profile (contracts/dataverse.md)
BASE_URL = "https://api.omnisend.com/api"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of config.toml; fields with their default value are not written."""


class Settings(Record, frozen=True, omit_defaults=True):
    """How the app looks and tells. ``bell`` and ``title`` are the terminal's.

    ``animation`` 'auto' is on, but for a terminal reached over SSH. Rejects, warnings and logs of
    runs are kept for ``keep_days``.
    """

    language: Literal["auto", "en", "fi"] = "auto"
    theme: str = "kaamos"
    ascii: bool = False
    bell: bool = False
    title: bool = True
    animation: Literal["auto", "on", "off"] = "auto"
    keep_days: Annotated[int, msgspec.Meta(ge=1)] = 30


class Connection(Record, frozen=True, omit_defaults=True):
    """One Omnisend brand. Rates are requests a minute; ``budget_share`` is percent of them."""

    name: str = ""
    id: str = ""
    base_url: str = BASE_URL
    for_contributors: bool = False
    api_key: Literal["keyring", "environment"] = "keyring"
    requests_per_minute: int = 400
    tag_requests_per_minute: int = 60
    budget_share: int = 90
    max_new: int | None = None


class Source(Record, frozen=True, omit_defaults=True):
    """Where profiles come from; ``type`` says which fields it has.

    'files': ``path`` is a path or a glob, ``segments`` are names -> SQL conditions. 'dataverse': a
    Customer Insights environment at ``url``, read by a ``client_id`` that is registered in
    ``tenant``; ``authority`` is another place to sign in at, tenant included. ``sign_in`` as a
    person is by device code, as an application by a client secret; ``segments`` are names that
    the environment doesn't list, without conditions.
    """

    name: str = ""
    id: str = ""
    type: Literal["files", "dataverse"] = "files"
    path: str = ""
    segments_column: str = ""
    segments: dict[str, str] = {}
    key: str = ""
    url: str = ""
    tenant: str = ""
    client_id: str = ""
    authority: str = ""
    sign_in: Literal["person", "application"] = "person"

    @property
    def place(self) -> str:
        """Where it lies: a path, or the address of an environment."""
        return self.path if self.type == "files" else self.url

    @property
    def is_asked(self) -> bool:
        """Whether a service is asked over the network: each look costs requests, a count many."""
        return self.type == "dataverse"

    @property
    def lists_segments(self) -> bool:
        """Whether it has segments of its own, to which ``segments`` adds names."""
        return self.type == "dataverse"


Confidence = Literal["sure", "likely", "guess"]
CustomType = Literal["text", "number", "boolean", "date"]
Case = Literal["", "lower", "title"]


class Attribute(Record, frozen=True, omit_defaults=True):
    """One mapped field: a ``column`` or a constant ``value``; ``default`` replaces an empty cell.

    ``field`` is one of ``mapping.fields.FIELDS`` or ``custom:NAME``; ``type`` is for the latter.
    ``case`` changes texts, ``date_format`` is how this column writes dates; '' is the export's.
    """

    field: str
    column: str = ""
    value: str = ""
    default: str = ""
    type: CustomType = "text"
    confidence: Confidence = "sure"
    case: Case = ""
    date_format: str = ""


class Export(Record, frozen=True, omit_defaults=True):
    """A saved job. An empty ``connection`` means detached. Percentages are of the profiles read.

    ``tags`` are given to everybody. ``segment_tag`` is a template: ``{segment}`` is the segment's
    name; who leaves the segment loses it. ``subscribed`` is sent once for who agreed by the
    ``consent_column``; ``consent_source`` names where. ``schedule`` is written as on the command
    line, '' is off. More leavers of one tag than ``max_leavers`` percent and
    ``max_leavers_people`` stop a run before anything is removed.
    """

    name: str = ""
    id: str = ""
    connection: str = ""
    source: str = ""
    segments: tuple[str, ...] = (ALL_PROFILES,)
    except_segments: tuple[str, ...] = ()
    mapping: tuple[Attribute, ...] = ()
    date_format: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    segment_tag: str = "segment: {segment}"
    email_status: Literal["", "subscribed"] = ""
    consent_column: str = ""
    consent_source: str = ""
    send_welcome: bool = False
    max_profiles: int = 1_000_000
    max_rejects: int = 20
    max_leavers: int = 20
    max_leavers_people: int = 50
    schedule: str = ""


Ending = Literal["finished", "finished_with_rejects", "failed"]


class Hook(Record, frozen=True, omit_defaults=True):
    """What is told that a run ended ``on`` one of these: a ``command`` or a ``url``, never both.

    ``command`` is a program and its arguments, started without a shell. It is ended, or the request
    given up, after ``seconds``.
    """

    command: tuple[str, ...] = ()
    url: str = ""
    on: tuple[Ending, ...] = ("finished", "finished_with_rejects", "failed")
    seconds: int = 30


class Config(Record, frozen=True):
    settings: Settings = Settings()
    connections: dict[str, Connection] = {}
    sources: dict[str, Source] = {}
    exports: dict[str, Export] = {}
    hooks: tuple[Hook, ...] = ()

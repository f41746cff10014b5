"""The fields that people fill in, declared once for the wizard, the editor and the command line."""

from dataclasses import dataclass
from typing import Literal

from omnisend_tui.i18n import N_

Kind = Literal["text", "number", "choice", "secret"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: ``name`` of the record's field, its option, label and help.

    What is set in the app alone has no option. ``label`` and ``help`` are marked for translation
    and translated where they are shown. Numbers are whole, from ``least`` to ``most``; an
    ``optional`` one may be empty. ``choices`` are values with what each means.
    """

    name: str
    option: str
    label: str
    help: str
    kind: Kind = "text"
    least: int = 1
    most: int | None = None
    optional: bool = False
    choices: tuple[tuple[object, str], ...] = ()


NAME = Field("name", "--name", N_("Name"), N_("A unique name, up to 100 characters."))
BASE_URL = Field(
    "base_url", "--base-url", N_("Address"),
    N_("Where Omnisend is called; another one is for a proxy or the sandbox."),
)  # fmt: skip
FOR_CONTRIBUTORS = Field(
    "for_contributors", "--for-contributors", N_("Users"),
    N_("Contributors may use it too."), "choice",
    choices=((False, N_("administrators only")), (True, N_("contributors too"))),
)  # fmt: skip
API_KEY = Field(
    "api_key", "--api-key-stdin", N_("API key"),
    N_("Read the API key from standard input."), "secret",
)  # fmt: skip
REQUESTS = Field(
    "requests_per_minute", "--requests-per-minute", N_("Requests a minute"),
    N_("What Omnisend allows this brand."), "number",
)  # fmt: skip
TAG_REQUESTS = Field(
    "tag_requests_per_minute", "--tag-requests-per-minute", N_("Tag requests a minute"),
    N_("What Omnisend allows this brand for tags."), "number",
)  # fmt: skip
BUDGET_SHARE = Field(
    "budget_share", "--budget-share", N_("Share of the app"),
    N_("Percent of the requests that this app takes."), "number", most=100,
)  # fmt: skip

MAX_NEW = Field(
    "max_new", "--max-new", N_("New contacts at most"),
    N_("The most new contacts that a run may make; empty for no limit."), "number",
    least=0, optional=True,
)  # fmt: skip

CONNECTION = (
    NAME, BASE_URL, FOR_CONTRIBUTORS, API_KEY, REQUESTS, TAG_REQUESTS, BUDGET_SHARE, MAX_NEW,
)  # fmt: skip

PATH = Field(
    "path", "--path", N_("Path"),
    N_("A file, or many by a pattern such as *.csv: CSV, TSV, NDJSON or Parquet."),
)  # fmt: skip

URL = Field(
    "url", "--url", N_("Organization URL"),
    N_("The address of the environment, such as https://contoso.crm4.dynamics.com."),
)  # fmt: skip
TENANT = Field(
    "tenant", "--tenant", N_("Tenant"),
    N_("The directory in Entra: its id, or a domain such as contoso.onmicrosoft.com."),
)  # fmt: skip
CLIENT_ID = Field(
    "client_id", "--client-id", N_("Client id"),
    N_("The application (client) id of the app's registration in Entra."),
)  # fmt: skip
AUTHORITY = Field(
    "authority", "--authority", N_("Another authority"),
    N_("Where one signs in, tenant included, in a sovereign or private cloud; usually empty."),
    optional=True,
)  # fmt: skip
SIGN_IN = Field(
    "sign_in", "", N_("Sign-in"),
    N_("Whose rights read the profiles: yours, or those of an application."), "choice",
    choices=(
        ("person", N_("as yourself, by a code that you enter at Microsoft")),
        ("application", N_("as an application, by its client secret")),
    ),
)  # fmt: skip

TAGS = Field(
    "tags", "--tag", N_("Tags"),
    N_("Everybody of this export gets these tags, and keeps them after leaving."), optional=True,
)  # fmt: skip
SEGMENT_TAG = Field(
    "segment_tag", "--segment-tag", N_("Segment tag"),
    N_("Who is in a segment gets this tag, and loses it after leaving; {segment} is its name."),
    optional=True,
)  # fmt: skip
SEND_WELCOME = Field(
    "send_welcome", "--send-welcome", N_("Welcome messages"),
    N_("Omnisend may send its welcome messages to every new contact."), "choice",
    choices=((False, N_("none are sent")), (True, N_("Omnisend may send them"))),
)  # fmt: skip
MAX_PROFILES = Field(
    "max_profiles", "--max-profiles", N_("Profiles at most"),
    N_("A selection with more people is refused before anybody is sent."), "number",
)  # fmt: skip
MAX_REJECTS = Field(
    "max_rejects", "--max-rejects", N_("Rejects at most"),
    N_("Percent of the people who may be rejected before a run stops; 100 never stops one."),
    "number", least=0, most=100,
)  # fmt: skip
MAX_LEAVERS = Field(
    "max_leavers", "--max-leavers", N_("Leavers at most"),
    N_("Percent of a segment that may lose its tag in a run; more, and nobody does."),
    "number", least=0, most=100,
)  # fmt: skip
MAX_LEAVERS_PEOPLE = Field(
    "max_leavers_people", "--max-leavers-people", N_("Leavers always"),
    N_("So many people may lose a tag in a run, whatever share of the segment they are."),
    "number", least=0,
)  # fmt: skip
COUNTRY = Field(
    "country", "--country", N_("Country"),
    N_("Phone numbers without a country code belong to this country, such as FI."),
    optional=True,
)  # fmt: skip
DATE_FORMAT = Field(
    "date_format", "--date-format", N_("Dates"),
    N_("How birthdays and other dates are written, such as DD.MM.YYYY."), optional=True,
)  # fmt: skip
EMAIL_STATUS = Field(
    "email_status", "--email-status", N_("E-mail status"),
    N_("Who agreed by the consent column is subscribed, once; nobody is subscribed again."),
    "choice", choices=(("", N_("none is sent")), ("subscribed", N_("subscribed"))),
)  # fmt: skip
CONSENT_COLUMN = Field(
    "consent_column", "--consent-column", N_("Consent column"),
    N_("Who agreed: yes, true, 1, kyllä, or the time of the opt-in; anything else is no."),
    optional=True,
)  # fmt: skip
CONSENT_SOURCE = Field(
    "consent_source", "--consent-source", N_("Consent source"),
    N_("Where people agreed, such as “checkout form”; Omnisend keeps it with the consent."),
    optional=True,
)  # fmt: skip

EXPORT_OPTIONS = (
    TAGS, SEGMENT_TAG, SEND_WELCOME, MAX_PROFILES, MAX_REJECTS, MAX_LEAVERS, MAX_LEAVERS_PEOPLE,
    COUNTRY, DATE_FORMAT, EMAIL_STATUS, CONSENT_COLUMN, CONSENT_SOURCE,
)  # fmt: skip

SETTINGS = (
    Field(
        "language", "", N_("Language"),
        N_("The language of the app and of the command line."), "choice",
        choices=(("auto", N_("the system's")), ("en", "English"), ("fi", "suomi")),
    ),
    Field(
        "theme", "", N_("Colours"),
        N_("Key t lists more of them. Whoever sets NO_COLOR sees none."), "choice",
        choices=(("kaamos", N_("kaamos, dark")), ("hanki", N_("hanki, light"))),
    ),
    Field(
        "ascii", "", N_("Signs"),
        N_("Plain letters and signs are for fonts that lack the others."), "choice",
        choices=((False, N_("all")), (True, N_("plain ones only"))),
    ),
    Field(
        "animation", "", N_("Animation"),
        N_("What moves or blinks is sent over the line again and again."), "choice",
        choices=(("auto", N_("not over SSH")), ("on", N_("on")), ("off", N_("off"))),
    ),
    Field(
        "bell", "", N_("Bell"),
        N_("The terminal's bell rings when a run ends."), "choice",
        choices=((False, N_("off")), (True, N_("on"))),
    ),
    Field(
        "title", "", N_("Title"),
        N_("The terminal's title tells what runs, and what ended last."), "choice",
        choices=((True, N_("on")), (False, N_("off"))),
    ),
    Field(
        "keep_days", "", N_("Rejects and logs"),
        N_("Of older runs only the figures stay; the rest goes when the app is opened."), "choice",
        choices=(
            (7, N_("7 days")), (30, N_("30 days")), (90, N_("90 days")), (365, N_("365 days")),
        ),
    ),
)  # fmt: skip

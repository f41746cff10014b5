"""The fields that people fill in, declared once for the wizard, the editor and the command line."""

from dataclasses import dataclass
from typing import Literal

from omnisend_tui.i18n import N_

Kind = Literal["text", "number", "choice", "secret"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: ``name`` of the record's field, its option, label and help.

    ``label`` and ``help`` are marked for translation and translated where they are shown. Numbers
    are whole, from ``least`` to ``most``; an ``optional`` one may be empty. ``choices`` are values
    with what each means.
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

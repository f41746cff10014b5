"""A workspace at the step of data matching, for tests and pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.matching_page import MatchingPage, MatchTable
from omnisend_tui.tui.exporting.wizard import NEW
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in
from tui.screen_app import settle, still_app, text_of, until

HEADER = (
    "msdynci_emailaddress1,msdynci_firstname,msdynci_lastname,msdynci_address1_line1,"
    "msdynci_address1_country,msdynci_address1_city,msdynci_address1_postalcode,"
    "msdynci_telephone1,msdynci_loyalty_level,msdynci_points"
)
PEOPLE = (
    "anna@example.com,Anna,Virtanen,Bulevardi 5,Suomi,Helsinki,00100,+358 40 1234567,gold,10",
    "bo@example.com,Bo,Ek,Storgatan 2,SE,Stockholm,111 22,+46 70 123 45 67,silver,20",
    "kari@@example,Kari,Salo,Kirkkotie 1,Suomi,Espoo,02100,,gold,30",
    "liisa@example.com,Liisa,Laine,Rantatie 3,Atlantis,Turku,20100,call me,silver,40",
    ",Ville,Niemi,Puistotie 4,FI,Oulu,90100,,gold,50",
    "ANNA@example.com,Anna,Again,Bulevardi 5,Suomi,Helsinki,00100,,gold,60",
)


def people(folder: Path, header: str = HEADER, rows: Sequence[str] = PEOPLE) -> Workspace:
    """A workspace with one source 'CI Helsinki' and the export's connection."""
    path = folder / "people.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    workspace = workspace_in(folder)
    shop = Connection(name="Acme Store", id="acme", api_key="environment")
    store.add_connection(workspace.config_path, shop)
    store.add_source(workspace.config_path, Source(name="CI Helsinki", id="ci", path=str(path)))
    workspace.reload_config()
    return workspace


def wizard(workspace: Workspace) -> WizardScreen[ExportDraft]:
    """The wizard of a new export at the step of data matching."""
    export = Export(name="VIP customers", id="e1", connection="Acme Store", source="CI Helsinki")
    screen = WizardScreen("New export", NEW, ExportDraft(workspace, export))
    screen.at = screen._done = [step.label for step in NEW].index("Matching")
    return screen


class Matching:
    """Data matching under the keys of a test."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.screen = wizard(workspace)
        self.app: OmnisendApp = still_app(workspace)
        self.pilot: Pilot[Any]

    @property
    def page(self) -> MatchingPage:
        page = self.screen.page
        assert isinstance(page, MatchingPage)
        return page

    @property
    def text(self) -> str:
        return text_of(self.app)

    @property
    def fields(self) -> dict[str, str]:
        """Columns and values by field."""
        return {each.field: each.column or each.value for each in self.screen.draft.mapping()}

    async def open(self, pilot: Pilot[Any], *, counted: bool = True) -> None:
        self.pilot = pilot
        await settle(self.app, pilot)
        self.app.push_screen(self.screen)
        await until(pilot, lambda: isinstance(self.screen.page, MatchingPage))
        if counted:
            await self.counted()
        for field in self.app.screen.query(Input):
            field.cursor_blink = False

    async def counted(self) -> None:
        """Waits for the figures of the whole segment."""
        await self.until(lambda: self.page._work.counts and self.page._work.counts.done)
        self.screen.renew()
        await self.pilot.pause()

    async def until(self, met: Any) -> None:
        await until(self.pilot, met)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def mark(self, field: str) -> None:
        """Puts the cursor on the row of a field."""
        table = self.screen.query_one(MatchTable)
        table.move_cursor(row=[row.key for row in table._shown].index(field))
        await self.pilot.pause()

    def row(self, word: str) -> str:
        """The line that starts with a word."""
        return next(line for line in self.text.splitlines() if line[3:].startswith(word))

"""Sample profiles: made-up people as the CRM of a Finnish shop would export them."""

import csv
import random
from pathlib import Path

from omnisend_tui.sandbox.faults import Faults, ItemFault

HEADER = (
    "CustomerID", "FirstName", "LastName", "Email", "Phone", "Street", "City", "PostalCode",
    "Country", "BirthDate", "Gender", "LoyaltyPoints", "Segments",
)  # fmt: skip

FIRST = """
    Aino Eino Maija Väinö Helmi Toivo Lumi Onni Siiri Eetu Kerttu Urho Saga Leo Ebba Otto Liisa
    Kalle Tuuli Veikko Astrid Nils Freja Sven Kadri Jaan Mari Tiit Oona Aarne
""".split()  # noqa: SIM905
LAST = """
    Korhonen Virtanen Mäkinen Nieminen Hämäläinen Laine Koskinen Järvinen Lehtonen Salo
    Lindqvist Nyström Åkerblom Sjöberg Tamm Saar Kask O'Brien Öhman Heikkilä Karjalainen
    Rantanen Saarinen Ahonen Niemi Kallio Peltola Kivelä Hakala Suominen
""".split()  # noqa: SIM905
STREETS = ("Koivukuja", "Rantatie", "Mannerkatu", "Satamakatu", "Kirkkotie", "Puistotie")
CITIES = (
    ("Helsinki", "00100"), ("Tampere", "33100"), ("Turku", "20100"), ("Oulu", "90100"),
    ("Espoo", "02100"), ("Jyväskylä", "40100"), ("Kuopio", "70100"), ("Porvoo", "06100"),
)  # fmt: skip
COUNTRIES = (
    "Finland",
    "Suomi",
    "FI",
    "fin",
    "Finland ",
    "SUOMI",
    "Sverige",
    "Viro",
    "Eesti",
    "UK",
)
DOMAINS = ("example.com", "example.org", "example.net")
SEGMENTS = ("Newsletter", "VIP", "Loyalty gold", "Win back")
BROKEN = ("", "", "no address", "two@@example.com", "name@", "a b@example.com", "@example.com")
REFUSED = "bounced*@example.com"


def write_samples(path: Path, profiles: int, seed: int = 1) -> None:
    """Writes a CSV of ``profiles`` rows, the same for one seed.

    About 1 % are duplicates (other case, stray spaces), 0.6 % have no usable address, 1 % have an
    optional value that can't be used, and one in 2,000 is refused by ``demo_faults``.
    """
    chance = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(1, profiles + 1):
            writer.writerow(_row(number, chance))


def demo_faults() -> Faults:
    """Refuses a few of the sample addresses, as Omnisend does with some that look right."""
    return Faults(items=(ItemFault(email=REFUSED, message="The address bounced before."),))


def _row(number: int, chance: random.Random) -> tuple[str, ...]:
    pick = chance.random
    first = FIRST[int(pick() * len(FIRST))]
    last = LAST[int(pick() * len(LAST))]
    city, postal = CITIES[int(pick() * len(CITIES))]
    odd = int(pick() * 1000)
    born = f"{1945 + int(pick() * 60)}-{1 + int(pick() * 12):02}-{1 + int(pick() * 28):02}"
    phone = f"+35840{1_000_000 + number % 9_000_000}"
    country = COUNTRIES[int(pick() * len(COUNTRIES))]
    if odd < 4:
        phone = "call me"
    elif odd < 7:
        born = "31.31.1980"
    elif odd < 10:
        country = "Atlantis"
    segments = SEGMENTS[: 1 + number % len(SEGMENTS)]
    return (
        f"CID-{number:06}",
        first,
        last,
        email_of(number, odd),
        phone,
        f"{STREETS[number % len(STREETS)]} {1 + number % 90}",
        city,
        postal,
        country,
        born,
        "female" if number % 2 else "mies",
        str(int(pick() * 5000)),
        ";".join(segments),
    )


def email_of(number: int, odd: int) -> str:
    """The address of a sample person; ``odd`` (0 to 999) says whether it is a wrong one."""
    domain = DOMAINS[number % len(DOMAINS)]
    if number % 2000 == 77:
        return f"bounced{number}@example.com"
    if 100 <= odd < 106:
        return BROKEN[number % len(BROKEN)]
    if 110 <= odd < 120 and number > 10:
        before = number - 10
        return f"  PERSON{before}@{DOMAINS[before % len(DOMAINS)].upper()}\N{NO-BREAK SPACE}"
    return f"person{number}@{domain}"

"""Sample profiles: made-up people as the CRM of a Finnish shop would export them."""

import csv
import random
from pathlib import Path

from omnisend_tui.sandbox.faults import Faults, ItemFault

HEADER = (
    "CustomerID", "FirstName", "LastName", "Email", "Phone", "Street", "City", "PostalCode",
    "Country", "BirthDate", "Gender", "LoyaltyPoints", "Segments",
)  # fmt: skip

_FIRST = """
    Aino Eino Maija Väinö Helmi Toivo Lumi Onni Siiri Eetu Kerttu Urho Saga Leo Ebba Otto Liisa
    Kalle Tuuli Veikko Astrid Nils Freja Sven Kadri Jaan Mari Tiit Oona Aarne
""".split()  # noqa: SIM905
_LAST = """
    Korhonen Virtanen Mäkinen Nieminen Hämäläinen Laine Koskinen Järvinen Lehtonen Salo
    Lindqvist Nyström Åkerblom Sjöberg Tamm Saar Kask O'Brien Öhman Heikkilä Karjalainen
    Rantanen Saarinen Ahonen Niemi Kallio Peltola Kivelä Hakala Suominen
""".split()  # noqa: SIM905
_STREETS = ("Koivukuja", "Rantatie", "Mannerkatu", "Satamakatu", "Kirkkotie", "Puistotie")
_CITIES = (
    ("Helsinki", "00100"), ("Tampere", "33100"), ("Turku", "20100"), ("Oulu", "90100"),
    ("Espoo", "02100"), ("Jyväskylä", "40100"), ("Kuopio", "70100"), ("Porvoo", "06100"),
)  # fmt: skip
_COUNTRIES = (
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
_DOMAINS = ("example.com", "example.org", "example.net")
_SEGMENTS = ("Newsletter", "VIP", "Loyalty gold", "Win back")
_BROKEN = ("", "", "no address", "two@@example.com", "name@", "a b@example.com", "@example.com")
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
    first = _FIRST[int(pick() * len(_FIRST))]
    last = _LAST[int(pick() * len(_LAST))]
    city, postal = _CITIES[int(pick() * len(_CITIES))]
    odd = int(pick() * 1000)
    born = f"{1945 + int(pick() * 60)}-{1 + int(pick() * 12):02}-{1 + int(pick() * 28):02}"
    phone = f"+35840{1_000_000 + number % 9_000_000}"
    country = _COUNTRIES[int(pick() * len(_COUNTRIES))]
    if odd < 4:
        phone = "call me"
    elif odd < 7:
        born = "31.31.1980"
    elif odd < 10:
        country = "Atlantis"
    segments = _SEGMENTS[: 1 + number % len(_SEGMENTS)]
    return (
        f"CID-{number:06}",
        first,
        last,
        _email(number, odd),
        phone,
        f"{_STREETS[number % len(_STREETS)]} {1 + number % 90}",
        city,
        postal,
        country,
        born,
        "female" if number % 2 else "mies",
        str(int(pick() * 5000)),
        ";".join(segments),
    )


def _email(number: int, odd: int) -> str:
    domain = _DOMAINS[number % len(_DOMAINS)]
    if number % 2000 == 77:
        return f"bounced{number}@example.com"
    if 100 <= odd < 106:
        return _BROKEN[number % len(_BROKEN)]
    if 110 <= odd < 120 and number > 10:
        before = number - 10
        return f"  PERSON{before}@{_DOMAINS[before % len(_DOMAINS)].upper()}\N{NO-BREAK SPACE}"
    return f"person{number}@{domain}"

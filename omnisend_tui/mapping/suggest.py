"""Proposals for a mapping, from the names and the sample values of columns."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from omnisend_tui.config.models import Attribute, Confidence
from omnisend_tui.mapping.countries import country_code
from omnisend_tui.mapping.emails import normalise
from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.mapping.values import read_gender
from omnisend_tui.profiles import Column

# Names as _compact writes them. Left of the bar: said so, surely; right of it: likely.
_NAMES = {
    "email": "email emailaddress emailaddress1 mail mailaddress sahkoposti sahkopostiosoite "
    "spostiosoite sposti epost epostadress | primaryemail emailprimary contactemail customeremail "
    "useremail workemail emailaddress2 personalemail meili",
    "first_name": "firstname givenname fname forename etunimi fornamn | etunimet first kutsumanimi "
    "tilltalsnamn firstnames",
    "last_name": "lastname surname familyname lname sukunimi efternamn | last sirname",
    "address": "address address1 address1line1 addressline1 street streetaddress katuosoite "
    "lahiosoite gatuadress postaladdress streetname1 | osoite postiosoite adress addressstreet "
    "street1 addressline mailingaddress katu homeaddress addressstreet1 line1",
    "country": "country countryregion address1country addresscountry maa countrycode maakoodi land "
    "countryname | kotimaa asuinmaa maatunnus countryiso landkod residencecountry nation",
    "state": "state address1stateorprovince stateorprovince province stateprovince addressstate "
    "maakunta osavaltio | region county lan delstat laani",
    "city": "city address1city addresscity town kaupunki postitoimipaikka stad postort ort "
    "| paikkakunta kunta municipality locality kotikunta hometown",
    "postal_code": "postalcode postcode zip zipcode address1postalcode addresspostalcode "
    "addresszip postinumero postnummer postnr | addresspostcode postno postinro plz",
    "phone": "phone phonenumber telephone telephone1 mobile mobilephone mobilenumber puhelin "
    "puhelinnumero matkapuhelin matkapuhelinnumero telefon cellphone gsm phone1 | puh puhnro tel "
    "telefonnummer cell mobiili kannykka primaryphone telephone2 mobil homephone",
    "birthdate": "birthdate dateofbirth birthday dob syntymaaika syntymapaiva fodelsedatum "
    "fodelsedag | birth born syntynyt syntaika bday birthdt",
    "gender": "gender gendercode sex sukupuoli kon | sukup gendertype",
}
_PREFIXES = ("msdynci", "customer", "contact", "asiakas", "asiakkaan", "profile", "cust", "user")
_CONFIDENCES: tuple[Confidence, ...] = ("guess", "likely", "sure")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,20}\Z")
_DATE = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\b")
_FITS: dict[str, Callable[[str], object]] = {
    "email": lambda text: normalise(text)[0],
    "country": country_code,
    "phone": lambda text: _PHONE.match(text) and sum(map(str.isdigit, text)) >= 6,
    "birthdate": lambda text: _DATE.match(text) or (text.isdigit() and len(text) == 8),
    "gender": lambda text: read_gender(text)[0],
    "first_name": lambda text: not any(map(str.isdigit, text)),
    "last_name": lambda text: not any(map(str.isdigit, text)),
    "city": lambda text: not text.isdigit(),
    "postal_code": lambda text: len(text) <= 12,
}  # fmt: skip


def suggest(columns: Sequence[Column]) -> tuple[Attribute, ...]:
    """A match for each standard field that has one, in the order of ``FIELDS``.

    No column is proposed twice. 'sure': the name says so and the values fit; 'likely': a name often
    used so, or addresses under another name; 'guess': the name says so, but the values don't.
    """
    found = {column.name: _scores(column, _shared_prefix(columns)) for column in columns}
    best: dict[str, tuple[str, int]] = {}
    ranked = [
        (-score, FIELDS.index(field), place, name)
        for place, (name, scores) in enumerate(found.items())
        for field, score in scores.items()
    ]
    taken: set[str] = set()
    for score, place, _, name in sorted(ranked):
        field = FIELDS[place]
        if field not in best and name not in taken:
            best[field] = (name, -score)
            taken.add(name)
    return tuple(
        Attribute(field=field, column=best[field][0], confidence=_CONFIDENCES[best[field][1] // 10])
        for field in FIELDS
        if field in best
    )


def _scores(column: Column, prefix: str) -> dict[str, int]:
    """Field -> 0 to 29: the tens are the confidence, the ones the order of the names known."""
    names = _forms(column.name.removeprefix(prefix)) | _forms(column.name)
    samples = [sample.strip() for sample in column.samples if sample.strip()]
    scores: dict[str, int] = {}
    for field, words in _NAMES.items():
        surely, _, likely = words.partition("|")
        score = max(_rank(names, surely.split(), 20), _rank(names, likely.split(), 10))
        fitting = _share(field, samples)
        if field == "email" and samples and fitting >= 0.5:
            score = max(score, 10)
        if score >= 0:
            scores[field] = score if fitting >= 0.5 else score % 10
    return scores


def _rank(names: set[str], words: list[str], base: int) -> int:
    """``base`` plus up to 9, more for an earlier word; -1 where no name is among them."""
    places = [words.index(name) for name in names if name in words]
    return base + max(0, 9 - min(places)) if places else -1


def _share(field: str, samples: list[str]) -> float:
    fits = _FITS.get(field)
    return sum(bool(fits(text)) for text in samples) / len(samples) if fits and samples else 1.0


def _shared_prefix(columns: Sequence[Column]) -> str:
    """What all names start with, up to a separator: ``msdynci_``."""
    starts = {re.split(r"(?<=[_.:])", column.name, maxsplit=1)[0] for column in columns}
    return starts.pop() if len(columns) > 1 and len(starts) == 1 else ""


def _forms(name: str) -> set[str]:
    """The name compact, and without the prefix of an entity such as ``customer_``."""
    compact = _compact(name)
    forms = {compact}
    forms |= {compact.removeprefix(prefix) for prefix in _PREFIXES if compact.startswith(prefix)}
    return forms


def _compact(name: str) -> str:
    """``First Name``, ``firstName`` and ``FIRST_NAME`` as ``firstname``, accents folded."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in spread if sign.isalnum())

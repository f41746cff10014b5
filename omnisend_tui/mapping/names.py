"""Names of columns: what is known of them, and how alike a heading is to one.

English, Finnish and Swedish, and the commonest ones of some neighbours' languages.
"""

import re
import unicodedata
from functools import cache
from itertools import permutations

# Names as ``compact`` writes them. Left of the bar: said so, surely; right of it: likely.
_NAMES = {
    "email": "email emailaddress emailaddress1 mail mailaddress sahkoposti sahkopostiosoite "
    "spostiosoite sposti epost epostadress emailadresse | primaryemail emailprimary contactemail "
    "customeremail useremail workemail emailaddress2 personalemail meili epostaadress epostadresse",
    "first_name": "firstname givenname fname forename etunimi fornamn vorname eesnimi fornavn "
    "prenom | etunimet first kutsumanimi tilltalsnamn firstnames",
    "last_name": "lastname surname familyname lname sukunimi efternamn nachname familienname "
    "perekonnanimi etternavn efternavn | last sirname",
    "address": "address address1 address1line1 addressline1 street streetaddress katuosoite "
    "lahiosoite gatuadress postaladdress streetname1 strasse postadress gateadresse | osoite "
    "postiosoite adress addressstreet street1 addressline mailingaddress katu homeaddress "
    "addressstreet1 line1 adresse aadress",
    "country": "country countryregion address1country addresscountry maa countrycode maakoodi land "
    "countryname | kotimaa asuinmaa maatunnus countryiso landkod residencecountry nation landcode "
    "countryiso2 riik pays",
    "state": "state address1stateorprovince stateorprovince province stateprovince addressstate "
    "maakunta osavaltio | region county lan delstat laani stateregion statecode provincecode "
    "statename provincename bundesland maakond",
    "city": "city address1city addresscity town kaupunki postitoimipaikka stad postort ort "
    "| paikkakunta kunta municipality locality kotikunta hometown cityname postitmp stadt linn "
    "poststed ville",
    "postal_code": "postalcode postcode zip zipcode address1postalcode addresspostalcode "
    "addresszip postinumero postnummer postnr plz postleitzahl zippostalcode sihtnumber | "
    "addresspostcode postno postinro postalzip codepostal",
    "phone": "phone phonenumber telephone telephone1 mobile mobilephone mobilenumber puhelin "
    "puhelinnumero matkapuhelin matkapuhelinnumero telefon cellphone gsm phone1 | puh puhnro tel "
    "telefonnummer cell mobiili kannykka primaryphone telephone2 mobil homephone mobiltelefon "
    "mobilnummer matkapuh handy contactnumber contactno contactnr",
    "birthdate": "birthdate dateofbirth birthday dob syntymaaika syntymapaiva fodelsedatum "
    "fodelsedag geburtsdatum sunnikuupaev fodselsdato | birth born syntynyt syntaika bday birthdt",
    "gender": "gender gendercode sex sukupuoli kon geschlecht sugu kjonn | sukup gendertype",
}
_KNOWN = {
    field: (surely.split(), likely.split())
    for field, (surely, _, likely) in (
        (field, words.partition("|")) for field, words in _NAMES.items()
    )
}
# In compact headings they stand before a name without a separator.
_PREFIXES = ("msdynci", "customer", "contact", "asiakas", "asiakkaan", "profile", "cust", "user")
# Words that say whose or which one, and change nothing about what a column holds.
_IDLE = frozenset(
    """
    customer customers contact contacts user person profile client member subscriber buyer guest
    shopper cust consumer recipient asiakas asiakkaan jasen jasenen henkilo henkilon kunde kunden
    kundens kund medlem msdynci home work personal private primary default main preferred current
    business office billing bill shipping ship delivery mailing invoice card koti kotona tyo oma
    ensisijainen laskutus toimitus value field column input no nr num nro of the your my s 1
    """.split()  # noqa: SIM905
)
_WHOLES = ("address", "osoite")
# Nearly a name, but something else.
_OTHERS = {
    "count", "counts", "counter", "countycode", "sender", "status", "lastdate", "firstdate",
    "ipaddress", "addressip",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-zåäöõü])(?=[A-ZÅÄÖÕÜ])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_FOLDED = str.maketrans({"ø": "o", "æ": "ae", "ł": "l", "đ": "d"})
_MOST_WORDS = 4  # of which every order is tried

SURE, LIKELY, NEARLY = 30, 20, 10


def likeness(heading: str, stem: str = "") -> dict[str, int]:
    """Field -> how well the heading names it; fields that it doesn't name are absent.

    From ``SURE`` on it is a field's own name, from ``LIKELY`` on one that is often used so, with
    the words in another order or among idle ones; from ``NEARLY`` on a misspelt one. What is over
    these (up to 9) orders the known names. ``stem`` is the heading without what all headings of
    the table start with.
    """
    forms = _forms(heading) | _forms(stem)
    looser = _orders(heading) | (_orders(stem) if stem else set())
    found: dict[str, int] = {}
    for field, (surely, likely) in _KNOWN.items():
        score = max(_place(forms, surely, SURE), _place(forms, likely, LIKELY))
        if score < 0 and (place := _place(looser, [*surely, *likely], 0)) >= 0:
            score = LIKELY + place // 2  # after the names as they are
        if score >= 0:
            found[field] = score
    return found or _misspelt(forms | looser)


def compact(name: str) -> str:
    """``First Name``, ``firstName`` and ``FIRST_NAME`` as ``firstname``, accents folded."""
    spread = unicodedata.normalize("NFKD", name.casefold().translate(_FOLDED))
    return "".join(sign for sign in spread if sign.isalnum())


def words(heading: str) -> list[str]:
    """The heading's words, compact: ``Phone1 (GSM)`` as phone, 1 and gsm."""
    parts = re.split(r"[\W_]+", _CAMEL.sub(" ", unicodedata.normalize("NFC", heading)))
    return [word for part in parts if (word := compact(part))]


def _place(forms: set[str], names: list[str], base: int) -> int:
    """``base`` plus up to 9, more for an earlier name; -1 where no form is among them."""
    places = [names.index(form) for form in forms if form in names]
    return base + max(0, 9 - min(places)) if places else -1


def _forms(name: str) -> set[str]:
    """The name compact, and without the prefix of an entity such as ``customer_``."""
    whole = compact(name)
    forms = {whole}
    forms |= {whole.removeprefix(prefix) for prefix in _PREFIXES if whole.startswith(prefix)}
    return forms - {""}


def _orders(heading: str) -> set[str]:
    """The heading's words joined in every order, less the idle ones, with and without brackets."""
    found: set[str] = set()
    for text in {heading, _BRACKETS.sub(" ", heading)}:
        every = words(text)
        telling = [word for word in every if word not in _IDLE]
        # The parts of an address: Address 1 - City, Default Address Address1
        parts = [word for word in telling if word not in _WHOLES]
        once = list(dict.fromkeys(telling))
        for some in (every, telling, parts, once):
            if len(some) <= _MOST_WORDS:
                found |= {"".join(order) for order in permutations(some)}
    return found - {""}


def _misspelt(forms: set[str]) -> dict[str, int]:
    from rapidfuzz.distance import OSA

    found: dict[str, int] = {}
    for form in forms:
        if len(form) < 5 or form in _OTHERS:
            continue
        most = 1 if len(form) < 10 else 2
        for name, field in _long_names():
            if name[0] != form[0] or _digits(name) != _digits(form):
                continue
            if (distance := OSA.distance(form, name, score_cutoff=most)) <= most:
                found[field] = max(found.get(field, 0), NEARLY + 2 - distance)
    return found


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


@cache
def _long_names() -> list[tuple[str, str]]:
    """Names that are long enough to be told from others with a slip, and their fields."""
    return [
        (name, field)
        for field, known in _KNOWN.items()
        for name in (*known[0], *known[1])
        if len(name) >= 5
    ]

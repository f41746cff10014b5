"""What Omnisend would refuse in a contact."""

import re

import msgspec
from msgspec import UNSET

from omnisend_tui.sandbox.answers import FieldError, Refusal
from omnisend_tui.sandbox.models import Contact
from omnisend_tui.sandbox.parameters import is_date

MOST_BYTES = 1_000_000

# ISO 3166-1 alpha-2, officially assigned.
COUNTRY_CODES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905
)

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(
    rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z]"
).fullmatch
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}").fullmatch
_PROPERTY = re.compile(r"[a-zA-Z0-9_]{1,128}").fullmatch
_PLACE = re.compile(r"`\$\.?(.*?)`$")
_NOT_VALID = "The contact is not valid."


def not_valid(error: msgspec.DecodeError) -> Refusal:
    """The 400 for a body that is no JSON, or has a wrong or unknown field."""
    message = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return Refusal.of_field("", "invalid_json", message)
    place = _PLACE.search(message)
    return Refusal.of_field(place.group(1) if place else "", "invalid", message)


def check(contact: Contact) -> tuple[str, str]:
    """The contact's address (lower case) and number, '' where it has none.

    Raises Refusal (400) with everything that Omnisend would refuse.
    """
    errors: list[FieldError] = []
    keys = _check_identifiers(contact, errors)
    code = contact.country_code
    if code is not UNSET and code not in COUNTRY_CODES:
        errors.append(FieldError("countryCode", "invalid", "Not an ISO 3166-1 alpha-2 code."))
    born = contact.birthdate
    if born is not UNSET and not is_date(str(born)):
        errors.append(FieldError("birthdate", "invalid", "Not a date of the form YYYY-MM-DD."))
    properties = contact.custom_properties
    if not isinstance(properties, msgspec.UnsetType):
        errors.extend(
            FieldError(f"customProperties.{name}", "invalid", "Not a name of a custom property.")
            for name in properties
            if not _PROPERTY(name)
        )
    if errors:
        raise Refusal(400, _NOT_VALID, tuple(errors))
    return keys


def _check_identifiers(contact: Contact, errors: list[FieldError]) -> tuple[str, str]:
    identifiers = contact.identifiers
    email = phone = ""
    if isinstance(identifiers, msgspec.UnsetType):
        return email, phone
    for place, identifier in enumerate(identifiers):
        field = f"identifiers[{place}]"
        channels = identifier.channels
        if identifier.type == "email":
            if email:
                errors.append(FieldError(field, "duplicate", "A second e-mail address."))
            email = identifier.id.lower()
            if not _EMAIL(email):
                errors.append(FieldError(f"{field}.id", "invalid", "Not an e-mail address."))
            wrong = not isinstance(channels, msgspec.UnsetType) and channels.sms is not UNSET
        else:
            if phone:
                errors.append(FieldError(field, "duplicate", "A second phone number."))
            phone = identifier.id
            if not _PHONE(phone):
                errors.append(FieldError(f"{field}.id", "invalid", "Not a number in E.164."))
            wrong = not isinstance(channels, msgspec.UnsetType) and channels.email is not UNSET
        if wrong:
            errors.append(FieldError(f"{field}.channels", "invalid", "Not a channel of this type."))
    return email, phone


def require_identifier(email: str, phone: str) -> None:
    """Raises Refusal (400) for a new contact without any identifier."""
    if not email and not phone:
        raise Refusal(
            400,
            _NOT_VALID,
            (FieldError("identifiers", "required", "An e-mail address or a phone is needed."),),
        )

"""Makes omnisend_tui/mapping/country_names.txt out of Babel: python tests/make_country_names.py

One line a name: the name as countries.py looks it up, a tab, the ISO 3166-1 alpha-2 code.
"""

import re
from pathlib import Path

from babel import Locale
from babel.core import get_global

from omnisend_tui.mapping.countries import fold, form

TARGET = Path(__file__).parent.parent / "omnisend_tui" / "mapping" / "country_names.txt"

# The first that claims a name keeps it.
LOCALES = """
    en fi sv nb nn da is et de de_CH de_AT fr es it pt pt_PT nl pl cs sk hu ro lt lv ru uk el tr
    bg hr sl sr ar he fa hi zh zh_Hant ja ko vi th id ga ca eu se
""".split()  # noqa: SIM905

# Territories of CLDR that have no code in ISO 3166-1.
NO_COUNTRIES = {
    "AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ",
}  # fmt: skip

ALIASES = {
    "GB": "UK,U.K.,G.B.,Great Britain,Britain,England,Scotland,Wales,Northern Ireland,"
    "United Kingdom of Great Britain and Northern Ireland,Englanti,Skotlanti,Iso Britannia,"
    "Storbritannien och Nordirland,Angleterre,Inghilterra,Inglaterra,Grossbritannien",
    "US": "U.S.A.,U.S.,United States of America,The United States,America,Amerikan Yhdysvallat,"
    "Yhdysvallat,USA,Etats-Unis d'Amerique,Vereinigte Staaten von Amerika,"
    "Estados Unidos de America",
    "NL": "Holland,The Netherlands,Hollanti,Holanda,Hollande,Olanda,Niederlande",
    "TR": "Turkey,Turkiye,Republic of Turkey,Republic of Türkiye",
    "RU": "Russia,Russian Federation,Venäjän federaatio,Ryska federationen",
    "CI": "Ivory Coast,Cote d'Ivoire,Republic of Cote d'Ivoire",
    "XK": "Kosovo,XK,XKX,RKS",
    "CZ": "Czech Republic,Czechia,Tsekki,Tšekin tasavalta",
    "KR": "South Korea,Korea,Republic of Korea,Korea (Republic of),Korea Republic of,"
    "Korea (South),Korean tasavalta",
    "KP": "North Korea,DPRK,Democratic People's Republic of Korea",
    "VN": "Viet Nam,Vietnam",
    "IR": "Iran,Iran (Islamic Republic of),Islamic Republic of Iran",
    "SY": "Syria,Syrian Arab Republic",
    "LA": "Laos,Lao People's Democratic Republic",
    "MD": "Moldova,Republic of Moldova,Moldova (Republic of)",
    "TZ": "Tanzania,United Republic of Tanzania",
    "BO": "Bolivia,Plurinational State of Bolivia",
    "VE": "Venezuela,Bolivarian Republic of Venezuela",
    "MK": "Macedonia,North Macedonia,FYROM,Makedonia",
    "SZ": "Swaziland,Eswatini",
    "MM": "Burma,Myanmar",
    "CV": "Cape Verde,Cabo Verde",
    "CG": "Congo,Republic of the Congo,Congo-Brazzaville",
    "CD": "DR Congo,DRC,Democratic Republic of the Congo,Congo-Kinshasa,Zaire",
    "TW": "Taiwan,Republic of China,Chinese Taipei",
    "HK": "Hong Kong",
    "MO": "Macau,Macao",
    "PS": "Palestine,State of Palestine",
    "VA": "Vatican,Holy See,Vatican City",
    "IE": "Republic of Ireland,Eire,Ireland,Irlannin tasavalta",
    "CN": "PRC,P.R. China,People's Republic of China,Mainland China",
    "AE": "UAE,U.A.E.,Emirates",
    "BA": "Bosnia,Bosnia-Herzegovina,Bosnia and Herzegovina",
    "BY": "Belorussia,Valko-Venäjä,Vitryssland,Weissrussland",
    "AX": "Aland,Aland Islands,Ahvenanmaa",
    "FI": "Republic of Finland,Suomen tasavalta,Suomi Finland,Suomi-Finland",
    "DE": "Federal Republic of Germany,BRD,Saksan liittotasavalta",
    "EE": "Eesti Vabariik,Viron tasavalta,Estonian Republic",
    "BN": "Brunei Darussalam",
    "FM": "Micronesia",
    "ST": "Sao Tome",
    "GM": "The Gambia",
    "BS": "The Bahamas",
    "PH": "The Philippines",
}


def main() -> None:
    codes = {
        code for code in map(str, Locale("en").territories)
        if re.fullmatch(r"[A-Z]{2}", code) and code not in NO_COUNTRIES
    }  # fmt: skip
    names: dict[str, str] = {form(code): code for code in sorted(codes)}
    aliases = get_global("territory_aliases")
    for alias, found in sorted(aliases.items()):
        if re.fullmatch(r"[A-Z]{3}|[0-9]{3}", alias) and len(found) == 1 and found[0] in codes:
            names.setdefault(form(alias), found[0])
    for code, texts in ALIASES.items():
        for text in texts.split(","):
            names[form(text)] = code
    for locale in LOCALES:
        for code, text in sorted(Locale.parse(locale).territories.items()):
            if code in codes:
                names.setdefault(form(text), code)
    add_folded(names)
    lines = sorted(f"{name}\t{code}\n" for name, code in names.items() if name)
    TARGET.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} names of {len(set(names.values()))} countries in {TARGET.name}")


def add_folded(names: dict[str, str]) -> None:
    """Adds each name without accents and punctuation, unless that names two countries."""
    folded: dict[str, set[str]] = {}
    for name, code in names.items():
        folded.setdefault(fold(name), set()).add(code)
    for name, found in folded.items():
        # Two or three letters left of a name (a Czech "Čad") are a code to everybody else.
        if len(found) == 1 and len(name) > 3:
            names.setdefault(name, found.pop())


if __name__ == "__main__":
    main()

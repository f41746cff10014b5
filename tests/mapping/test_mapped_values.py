from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.mapping.countries import country_code, is_code
from omnisend_tui.mapping.dates import birthdate_reader, date_reader, directives
from omnisend_tui.mapping.phones import phone_reader
from omnisend_tui.mapping.texts import clean, clean_column
from omnisend_tui.mapping.values import read_boolean, read_gender, read_number

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+358401234567", "", "+358401234567"),
        ("+358 40 123 4567", "", "+358401234567"),
        ("+358 (0)40 123 4567", "", "+358401234567"),
        ("+3580401234567", "", "+358401234567"),
        ("00358401234567", "FI", "+358401234567"),
        ("00358401234567", "", "+358401234567"),
        ("00358401234567", "US", "+358401234567"),
        ("040 123 4567", "FI", "+358401234567"),
        ("040-1234567", "fi", "+358401234567"),
        ("358401234567", "FI", "+358401234567"),
        ("+39 06 1234 5678", "", "+390612345678"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("+1 201 555 0123 ext. 5", "", "+12015550123"),
        ("+44 20 7946 0000", "FI", "+442079460000"),
        ("070-123 45 67", "SE", "+46701234567"),
        ("٠٤٠١٢٣٤٥٦٧", "FI", "+358401234567"),
    ],
)
def test_phones(text: str, country: str, number: str) -> None:
    assert phone_reader(country)(text) == (number, "")
    assert phone_reader("")(number) == (number, "")


@pytest.mark.parametrize(
    ("text", "country", "fault"),
    [
        ("0401234567", "", "no_country_code"),
        ("12", "FI", "not_valid"),
        ("+1", "FI", "not_valid"),
        ("+999123456789", "", "not_valid"),
        ("+12015550", "", "not_valid"),
        ("+1201555012345", "", "not_valid"),
        ("none", "FI", "no_digits"),
        ("1" * 61, "FI", "too_long"),
    ],
)
def test_phones_that_cannot_be_used(text: str, country: str, fault: str) -> None:
    assert phone_reader(country)(text) == (None, fault)


@given(st.text(max_size=80) | st.from_regex(r"\+?[0-9 ()-]{1,25}", fullmatch=True))
def test_any_text_is_a_number_or_a_fault(text: str) -> None:
    number, fault = phone_reader("FI")(text)
    assert (number is None) == bool(fault)
    assert number is None or (number[0] == "+" and number[1:].isdigit() and 7 <= len(number) <= 16)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[(name, "FI") for name in ("FI", "fi", "FIN", "246", "Finland", " suomi ", "SUOMI")],
        *[(name, "GB") for name in ("UK", "U.K.", "England", "Scotland", "Great  Britain")],
        *[(name, "GB") for name in ("Iso-Britannia", "Iso Britannia", "Storbritannien")],
        *[(name, "US") for name in ("USA", "U.S.A.", "United States", "Yhdysvallat")],
        *[(name, "TR") for name in ("Turkey", "Türkiye", "Turkiye", "Turkki")],
        *[(name, "CI") for name in ("Ivory Coast", "Côte d’Ivoire", "cote d ivoire")],
        ("Österreich", "AT"), ("Osterreich", "AT"), ("Sverige", "SE"), ("Ruotsi", "SE"),
        ("Holland", "NL"), ("Russia", "RU"), ("Russian Federation", "RU"), ("XK", "XK"),
        ("Kosovo", "XK"), ("Åland", "AX"), ("Viro", "EE"), ("Deutschland", "DE"), ("日本", "JP"),
        ("Česko", "CZ"), ("Georgia", "GE"), ("Niger", "NE"), ("Nigeria", "NG"), ("Россия", "RU"),
    ],
)  # fmt: skip
def test_countries(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "-", "n/a", "EU", "ZZ", "Suomi/FI", "Atlantis", "x" * 500])
def test_unknown_countries(text: str) -> None:
    assert country_code(text) is None


def test_codes() -> None:
    assert is_code("FI")
    assert not is_code("UK")
    assert not is_code("FIN")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-01-05", "1990-01-05"),
        ("1990-1-5", "1990-01-05"),
        ("1990/01/05", "1990-01-05"),
        ("19900105", "1990-01-05"),
        ("1990-01-05T00:00:00Z", "1990-01-05"),
        ("1990-01-05 00:00:00.000", "1990-01-05"),
        ("1990-01-05T02:00:00+02:00", "1990-01-05"),
        ("5.1.1990", "1990-01-05"),
        ("05.01.1990", "1990-01-05"),
        ("5. 1. 1990", "1990-01-05"),
        ("25/12/1990", "1990-12-25"),
        ("12/25/1990", "1990-12-25"),
        ("12/25/1990 12:00:00 AM", "1990-12-25"),
        ("7/7/1990", "1990-07-07"),
        ("2000-02-29", "2000-02-29"),
        ("1900-01-01", "1900-01-01"),
        ("2026-11-25", "2026-11-25"),
    ],
)
def test_birthdates(text: str, day: str) -> None:
    assert birthdate_reader("", TODAY)(text) == (day, "")
    assert birthdate_reader("", TODAY)(day) == (day, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5/1/1990", "day_or_month_first"),
        ("5-1-1990", "day_or_month_first"),
        ("5.1.90", "two_digit_year"),
        ("30.2.1990", "no_such_day"),
        ("2001-02-29", "no_such_day"),
        ("2026-11-26", "in_the_future"),
        ("1899-12-31", "before_1900"),
        ("soon", "not_a_date"),
        ("1990", "not_a_date"),
        ("1" * 100, "not_a_date"),
        ("٠٥.٠١.١٩٩٠", "not_a_date"),
    ],
)
def test_birthdates_that_cannot_be_used(text: str, fault: str) -> None:
    assert birthdate_reader("", TODAY)(text) == (None, fault)


@pytest.mark.parametrize(
    ("date_format", "text", "day"),
    [
        ("DD/MM/YYYY", "05/01/1990", "1990-01-05"),
        ("MM/DD/YYYY", "05/01/1990", "1990-05-01"),
        ("d/m/Y", "5/1/1990", "1990-01-05"),
        ("pp.kk.vvvv", "5.1.1990", "1990-01-05"),
        ("%m/%d/%Y", "05/01/1990 00:00:00", "1990-05-01"),
        ("DD.MM.YY", "05.01.50", "1950-01-05"),
        ("DD.MM.YY", "05.01.90", "1990-01-05"),
        ("DD/MM/YYYY", "1990-01-05", "1990-01-05"),
        ("DD.MM.YYYY", "05/01/1990", None),
    ],
)
def test_birthdates_by_format(date_format: str, text: str, day: str | None) -> None:
    fault = "" if day else "not_in_the_format"
    assert birthdate_reader(directives(date_format), TODAY)(text) == (day, fault)


@pytest.mark.parametrize("text", ["", "DD.MM", "YYYY", "%d.%m", "%d.%d.%Y", "%", "hello", "\ud800"])
def test_what_is_no_date_format(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        directives(text)


@given(st.text(max_size=50) | st.from_regex(r"[0-9./:T -]{4,25}", fullmatch=True))
def test_any_text_is_a_date_or_a_fault(text: str) -> None:
    for date_format in ("", "%d/%m/%Y", "%d.%m.%y"):
        day, fault = birthdate_reader(date_format, TODAY)(text)
        assert (day is None) == bool(fault)
        assert day is None or date(1900, 1, 1) <= date.fromisoformat(day) <= TODAY
        value, fault = date_reader(date_format)(text)
        assert (value is None) == bool(fault)


def test_dates_keep_an_iso_time() -> None:
    read = date_reader("")
    assert read("2026-01-05T12:30:00Z") == ("2026-01-05T12:30:00+00:00", "")
    assert read("2126-01-05") == ("2126-01-05", "")
    assert read("5.1.2026 9:05") == ("2026-01-05", "")
    assert read("5/1/2026") == (None, "day_or_month_first")
    for empty in ("0001-01-01", "0001-01-01T00:00:00", "0001-01-01 00:00:00Z", "01.01.0001"):
        assert read(empty) == (None, "empty_date")


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        *[(word, "f") for word in ("f", "F", "Female", "nainen", "Kvinna", "weiblich", "2")],
        *[(word, "m") for word in ("m", "MALE", "mies", "man", "männlich", "1")],
        *[(word, None) for word in ("n", "other", "muu", "divers", "0", "9", "x" * 90)],
    ],
)
def test_genders(text: str, gender: str | None) -> None:
    assert read_gender(text) == (gender, "" if gender else "other_word")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), ("-12", -12), ("\u22125", -5), ("007", 7), ("1.5", 1.5), ("1,5", 1.5),
        ("1 234,50", 1234.5), ("1\u00a0234\u00a0567", 1234567), ("1,234.56", 1234.56),
        ("1.234,56", 1234.56), ("1,234,567", 1234567), ("1.234.567", 1234567), ("0,123", 0.123),
        ("12,3456", 12.3456), ("1e3", 1000.0), (".5", 0.5), ("1'234.5", 1234.5), ("1.234", 1.234),
    ],
)  # fmt: skip
def test_numbers(text: str, number: float) -> None:
    assert read_number(text) == (number, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nan", "not_a_number"), ("Infinity", "not_a_number"), ("1e999", "too_large"),
        ("9" * 20, "too_large"), ("1,234", "comma_is_unclear"), ("12 €", "not_a_number"),
        ("1 2", "not_a_number"), ("", "not_a_number"), ("٣", "not_a_number"), ("-", "not_a_number"),
        ("1" * 99, "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_number(text: str, fault: str) -> None:
    assert read_number(text) == (None, fault)


@given(st.text(max_size=70) | st.from_regex(r"[0-9.,e+ -]{1,20}", fullmatch=True))
def test_any_text_is_a_finite_number_or_a_fault(text: str) -> None:
    number, fault = read_number(text)
    assert (number is None) == bool(fault)
    assert number is None or abs(number) < float("inf")


def test_booleans() -> None:
    assert [read_boolean(word)[0] for word in ("Yes", "kyllä", "1", "TRUE")] == [True] * 4
    assert [read_boolean(word)[0] for word in ("no", "Ei", "0", "false")] == [False] * 4
    assert read_boolean("maybe") == (None, "not_a_boolean")


@given(st.text())
def test_clean_texts_are_trimmed_sendable_and_stay(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\x00" not in cleaned
    assert clean_column([text], "") == [cleaned or None]


def test_clean_leaves_what_people_wrote() -> None:
    assert clean(" O'Brien ") == "O'Brien"
    assert clean("Bulevardi 5\nA 3") == "Bulevardi 5\nA 3"
    assert clean("\u00a0a\u00a0b\u2003") == "a\u00a0b"
    assert clean("a\u200db") == "a\u200db"
    assert clean("a\x00b\ud800") == "ab"
    assert clean_column([" ", None, "x"], "d") == ["d", "d", "x"]

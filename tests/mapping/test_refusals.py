"""Consent columns whose name says who refused."""

import pytest

from omnisend_tui.mapping.refusals import means_refusal, refusal_warning


@pytest.mark.parametrize(
    "column",
    [
        "do_not_email", "donotemail", "msdynci_donotbulkemail", "DoNotEMail", "Do not e-mail",
        "unsubscribed", "UnsubscribedAt", "opt_out", "optout", "Email Opt-Out", "OptedOut",
        "suppressed", "suppression_reason", "markkinointikielto", "Kielto", "KIELTÄNYT", "estetty",
        "peruutettu", "Ei markkinointia", "inte_reklam", "no_marketing", "customer.do.not.contact",
    ],
)  # fmt: skip
def test_a_name_that_means_a_refusal(column: str) -> None:
    assert means_refusal(column)


@pytest.mark.parametrize(
    "column",
    [
        "", "opt_in", "OptIn", "email_consent", "acceptsMarketing", "markkinointilupa", "suostumus",
        "subscribed", "newsletter", "msdynci_optinemail", "samtycke", "notes", "donor", "Phone no",
    ],
)  # fmt: skip
def test_a_name_that_means_none(column: str) -> None:
    assert not means_refusal(column)


def test_a_label_says_it_too() -> None:
    assert "“Do not e-mail”" in refusal_warning("crm_attr7", "Do not e-mail")
    assert refusal_warning("crm_attr7", "Wants mail") == ""

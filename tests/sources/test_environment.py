"""Whether an environment can be where somebody says, before anybody signs in."""

import pytest

from omnisend_tui.config.addresses import authority_fault, base_url_fault, organization_fault
from omnisend_tui.config.checks import record_fault
from omnisend_tui.config.models import Source
from omnisend_tui.errors import SourceError
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import running_dataverse
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import running_sandbox
from omnisend_tui.sources.environment import check_environment, organization_url


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" contoso.crm4.dynamics.com/ ", "https://contoso.crm4.dynamics.com"),
        ("https://contoso.crm4.dynamics.com", "https://contoso.crm4.dynamics.com"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
        (
            "https://contoso.crm4.dynamics.com/main.aspx?appid=1#top",
            "https://contoso.crm4.dynamics.com",
        ),
        ("contoso.example.com/main.aspx?from=https://example.com", "https://contoso.example.com"),
        ("https://me@contoso.example.com/main", "https://me@contoso.example.com"),
        ("https://[", "https://["),
        ("https:///main.aspx", "https:///main.aspx"),
        ("https://a.example.com\\@b/c", "https://a.example.com\\@b/c"),
        ("https://a.exa\nmple.com/c", "https://a.exa\nmple.com/c"),
        ("", ""),
    ],
)
def test_the_address_as_it_is_stored(typed: str, stored: str) -> None:
    assert organization_url(typed) == stored


@pytest.mark.parametrize(
    "host",
    [
        "contoso..crm4.dynamics.com", ".example.com", f"{'a' * 64}.example.com", "a" * 10_000,
        "a." * 200 + "com", f"{'ä' * 60}.example.com",
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_looked_up(host: str) -> None:
    assert "looks like" in organization_fault(f"https://{host}")
    assert "looks like" in authority_fault(f"https://{host}/contoso")
    assert "looks like" in base_url_fault(f"https://{host}/api")


@pytest.mark.parametrize(
    "host", ["contoso.crm4.dynamics.com", "my_org.example.com.", "äö.example.com", "[2001:db8::1]"]
)
def test_a_name_that_can_be_looked_up(host: str) -> None:
    assert organization_fault(f"https://{host}") == ""


def test_a_name_that_the_look_up_refuses_is_no_crash() -> None:
    with pytest.raises(SourceError) as caught:
        check_environment("http://127.0.0..1")
    assert caught.value.code == "source_unreachable"


@pytest.mark.parametrize(
    ("tenant", "authority", "fault"),
    [
        ("a b", "https://login.example.com/contoso", "tenant"),
        ("a b", "", "tenant"),
        ("", "", "tenant"),
        ("", "https://login.example.com/contoso", ""),
        ("contoso.example.com", "https://login.example.com/contoso", ""),
    ],
)
def test_a_tenant_has_its_form_whatever_the_authority(
    tenant: str, authority: str, fault: str
) -> None:
    source = Source(
        name="CI", type="dataverse", url="https://contoso.example.com", tenant=tenant,
        authority=authority, client_id="11111111-2222-3333-4444-555555555555",
    )  # fmt: skip
    found = record_fault(source)
    assert (found[0] if found else "") == fault


def test_only_dataverse_will_do() -> None:
    with running_dataverse(DataverseOptions(people=())) as sandbox:
        check_environment(sandbox.url)

    with pytest.raises(SourceError) as caught:
        check_environment(sandbox.url)
    assert caught.value.code == "source_unreachable"
    with running_sandbox(SandboxOptions()) as shop:
        with pytest.raises(SourceError) as caught:
            check_environment(shop.url.removesuffix("/api"))
        assert caught.value.code == "not_dataverse"

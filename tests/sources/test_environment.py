"""Whether an environment can be where somebody says, before anybody signs in."""

import pytest

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
        ("", ""),
    ],
)
def test_the_address_as_it_is_stored(typed: str, stored: str) -> None:
    assert organization_url(typed) == stored


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

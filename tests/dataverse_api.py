"""A client of a sandbox of Dataverse, and a clock that tests turn."""

from typing import Any, Protocol, Self

import httpx

from omnisend_tui.sandbox.dataverse.server import RunningDataverse

HEADERS = {"OData-Version": "4.0", "OData-MaxVersion": "4.0", "Accept": "application/json"}
PROFILES = "msdynci_customerprofiles"
MEMBERSHIPS = "msdynci_segmentmemberships"
METADATA = "mscipriv_segmentmetadata"


class Clock:
    """Seconds since the epoch, as the test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Service(Protocol):
    """What a client has to know of a sandbox."""

    url: str
    authority: str
    client_id: str
    client_secret: str


class Client(httpx.Client):
    """Signed in as the application; addresses are below the service's root."""

    def __init__(self, service: Service) -> None:
        # Without TLS no certificates need to be read, which takes longer than most tests.
        super().__init__(base_url=f"{service.url}/api/data/v9.2/", headers=HEADERS, verify=False)
        self._service = service

    def __enter__(self) -> Self:
        super().__enter__()
        self.sign_in()
        return self

    def sign_in(self) -> None:
        """Takes a new token."""
        answer = self.entra("token", **self.application())
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def application(self) -> dict[str, str]:
        """The form of the client credentials."""
        return {
            "grant_type": "client_credentials",
            "client_id": self._service.client_id,
            "client_secret": self._service.client_secret,
            "scope": f"{self._service.url}/.default",
        }

    def entra(self, endpoint: str, **form: str) -> httpx.Response:
        """Posts a form to an endpoint of the tenant."""
        return self.post(f"{self._service.authority}/oauth2/v2.0/{endpoint}", data=form)

    def rows(self, table: str, size: int = 5000, **options: str) -> list[dict[str, Any]]:
        """All rows, page by page."""
        params = {f"${name}": value for name, value in options.items()}
        prefer = {"Prefer": f"odata.maxpagesize={size}"}
        answer = self.get(table, params=params, headers=prefer).raise_for_status().json()
        rows: list[dict[str, Any]] = answer["value"]
        while link := answer.get("@odata.nextLink"):
            answer = self.get(link, headers=prefer).raise_for_status().json()
            assert 0 < len(answer["value"]) <= size
            rows += answer["value"]
        return rows

    def members(self, needle: str) -> list[str]:
        """The ids of those with a membership in whose text ``needle`` is found."""
        where = f"contains(msdynci_segments,'{needle}')"
        found = self.rows(MEMBERSHIPS, select="msdynci_customerid", filter=where)
        return [row["msdynci_customerid"] for row in found]


class Api(Client):
    """The client of a sandbox in this process, which the test steers."""

    def __init__(self, sandbox: RunningDataverse) -> None:
        super().__init__(sandbox)
        self.sandbox = sandbox

"""The one brand of a sandbox: its key, limits, contacts and batches."""

from omnisend_tui.sandbox.answers import Connections
from omnisend_tui.sandbox.batches import Batches
from omnisend_tui.sandbox.contacts import Contacts
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.limits import Limits
from omnisend_tui.sandbox.options import SandboxOptions, new_api_key
from omnisend_tui.sandbox.statistics import Statistics


class Brand:
    """What every route works on."""

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.api_key = options.api_key or new_api_key()
        self.plan = FaultPlan(options.faults)
        self.limits = Limits(options.requests_per_minute, options.tag_requests_per_minute)
        self.counts = Statistics()
        self.contacts = Contacts(self.plan)
        self.batches = Batches(self.contacts, self.plan, options.batch_seconds)
        self.connections: Connections = {}

    def document(self) -> dict[str, object]:
        """``GET /brands/current``."""
        return {
            "brandID": self.api_key.partition("-")[0],
            "name": "Sandbox shop",
            "website": "https://shop.example.com",
            "platform": "custom",
            "currency": "EUR",
            "timezone": "Europe/Helsinki",
            "connected": True,
            "version": "1",
        }

    def statistics(self) -> dict[str, object]:
        """What was counted; not a part of Omnisend's API."""
        return self.counts.document() | {
            "contacts": len(self.contacts),
            "upserts": self.contacts.upserts,
            "batches": len(self.batches),
        }

    def close(self) -> None:
        self.contacts.close()
        self.batches.close()

"""The one environment of a sandbox: its tables, the state of its data, its limits and counts."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from omnisend_tui.sandbox.answers import Connections
from omnisend_tui.sandbox.dataverse.generated import Generated
from omnisend_tui.sandbox.dataverse.odata import ODataError, too_many
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.population import (
    Listed,
    Population,
    guid_of,
    key_of,
    time_of,
)
from omnisend_tui.sandbox.dataverse.schema import (
    MEMBERSHIPS,
    METADATA,
    PROFILES,
    REFRESHED,
    Table,
    without,
)
from omnisend_tui.sandbox.dataverse.statistics import Statistics
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.limits import SlidingWindow

WINDOW = 300.0
_READ = "Principal user is missing prvRead{table} privilege."


class Environment:
    """What the routes of Dataverse work on. ``clock`` gives seconds since the epoch."""

    def __init__(self, options: DataverseOptions, clock: Callable[[], float]) -> None:
        self.options = options
        self.clock = clock
        self.generation = 0
        self.counts = Statistics()
        self.plan = FaultPlan(options.faults)
        self.connections: Connections = {}
        self.secret = secrets.token_bytes(16)
        self.first = datetime.fromisoformat(options.refreshed_at).astimezone(UTC)
        self.ids = {
            "BusinessUnitId": str(uuid.uuid4()),
            "UserId": str(uuid.uuid4()),
            "OrganizationId": str(uuid.uuid4()),
        }
        self.population: Population = Generated(
            options.profiles if options.people is None else 0,
            options.seed,
            options.segment_prefix,
            self.first,
        )
        if options.people is not None:
            self.change(options.people)
        self._window = SlidingWindow(options.requests_per_5_minutes, WINDOW)
        self.at_once = 0

    def change(self, people: Sequence[Person]) -> None:
        """Other people from now on."""
        self.population = Listed(people, self.first)

    def tables(self) -> dict[str, Table]:
        """Entity set -> table."""
        metadata = METADATA if self.options.refreshed else without(METADATA, REFRESHED)
        profiles = PROFILES.with_columns(self.population.further_columns())
        return {table.entity_set: table for table in (profiles, MEMBERSHIPS, metadata)}

    def check_limits(self) -> None:
        """Counts a request; ODataError (429) over one of the limits."""
        limit = self.options.requests_at_once
        if self.at_once > limit:
            raise too_many(
                f"Number of concurrent requests exceeded the limit of {limit}.", "0x80072326", 1
            )
        now = self.clock()
        if seconds := self._window.wait(now):
            raise self.over_limit(seconds)
        self._window.take(now)

    def over_limit(self, seconds: int | None) -> ODataError:
        """Too many requests in 5 minutes; ``seconds`` None doesn't say how long to wait."""
        return too_many(
            "Number of requests exceeded the limit of"
            f" {self._window.limit} over time window of {WINDOW:.0f} seconds.",
            "0x80072322",
            seconds,
        )

    def check_readable(self, table: Table) -> None:
        """ODataError where nobody may read the table, or the environment has none."""
        kind = self.options.metadata
        if table.entity_set != METADATA.entity_set or kind == "full":
            return
        if kind == "no_table":
            raise ODataError(
                404, "0x8006088a", f"Resource not found for the segment '{table.entity_set}'."
            )
        raise ODataError(403, "0x80040220", _READ.format(table=table.logical_name))

    def segment_rows(self, columns: Sequence[str]) -> list[str]:
        """The rows of the segments' metadata."""
        now = time_of(self.generation, self.first)
        rows = []
        for number, segment in enumerate(self.population.segments()):
            row: dict[str, object] = {
                "mscipriv_segmentmetadataid": key_of(segment.name, "segment"),
                "mscipriv_name": segment.name,
                "mscipriv_friendlyname": segment.label,
                "mscipriv_membercount": segment.members,
                REFRESHED: now,
                "createdon": time_of(0, self.first),
                "modifiedon": now,
                "versionnumber": 5000 + number + 1000 * self.generation,
                "statecode": 0,
            }
            etag = {"@odata.etag": f'W/"{row["versionnumber"]}"'}
            cells = etag | {column: row[column] for column in columns}
            rows.append(msgspec.json.encode(cells).decode())
        return rows

    def attribute_rows(self, table: Table, wanted: Sequence[str]) -> list[dict[str, object]]:
        """The metadata of a table's columns."""
        rows: list[dict[str, object]] = []
        for number, field in enumerate(table.fields):
            label = {
                "Label": field.label,
                "LanguageCode": 1033,
                "IsManaged": True,
                "MetadataId": guid_of(f"{number:032x}"),
                "HasChanged": None,
            }
            labels = [label] if field.label else []
            row = {
                "LogicalName": field.name,
                "AttributeType": field.kind,
                "DisplayName": {
                    "LocalizedLabels": labels,
                    "UserLocalizedLabel": labels[0] if labels else None,
                },
                "SchemaName": field.name,
                "IsValidForRead": True,
            }
            kind = {
                "@odata.type": f"#Microsoft.Dynamics.CRM.{field.kind}AttributeMetadata",
                "MetadataId": key_of(field.name, table.logical_name),
            }
            rows.append(kind | {name: row[name] for name in wanted})
        return rows

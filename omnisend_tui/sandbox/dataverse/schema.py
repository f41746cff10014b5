"""The tables of the sandbox: their entity sets, columns and what a maker called those."""

from collections.abc import Iterable

import msgspec

CUSTOMER_ID = "msdynci_customerid"
SEGMENTS = "msdynci_segments"
REFRESHED = "mscipriv_lastrefreshdate"
# Types of columns that metadata lists, but no query can select by their name.
UNSELECTABLE = ("Lookup", "Virtual", "Owner")


class Field(msgspec.Struct, frozen=True):
    """A column; ``kind`` is the AttributeType of its metadata."""

    name: str
    label: str
    kind: str = "String"


class Table(msgspec.Struct, frozen=True):
    """``entity_set`` is in addresses, ``logical_name`` in metadata, ``key`` is in every row."""

    entity_set: str
    logical_name: str
    key: str
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """What can be selected, in the order of an answer without ``$select``."""
        return tuple(field.name for field in self.fields if field.kind not in UNSELECTABLE)

    def with_columns(self, names: Iterable[str]) -> "Table":
        """The table with further columns of text."""
        more = tuple(Field(name, name) for name in names if name not in self.columns)
        return Table(self.entity_set, self.logical_name, self.key, self.fields + more)


_SYSTEM = (
    Field("createdon", "Created On", "DateTime"),
    Field("modifiedon", "Modified On", "DateTime"),
    Field("versionnumber", "Version Number", "BigInt"),
    Field("statecode", "Status", "State"),
)
_OWNER = (
    Field("ownerid", "Owner", "Owner"),
    Field("createdby", "Created By", "Lookup"),
    Field("statecodename", "", "Virtual"),
)
PROFILES = Table(
    "msdynci_customerprofiles",
    "msdynci_customerprofile",
    "msdynci_customerprofileid",
    (
        Field("msdynci_customerprofileid", "Customer Profile", "Uniqueidentifier"),
        Field(CUSTOMER_ID, "Customer ID"),
        Field("msdynci_firstname", "First name"),
        Field("msdynci_lastname", "Last name"),
        Field("msdynci_fullname", "Full name"),
        Field("msdynci_emailaddress1", "E-mail"),
        Field("msdynci_telephone1", "Phone"),
        Field("msdynci_address1_line1", "Street"),
        Field("msdynci_address1_city", "City"),
        Field("msdynci_address1_postalcode", "Postal code"),
        Field("msdynci_address1_country", "Country"),
        Field("msdynci_birthdate", "Birth date", "DateTime"),
        Field("msdynci_gendercode", "Gender"),
        Field("msdynci_loyaltypoints", "Loyalty points", "Integer"),
        Field("msdynci_marketingconsent", "Marketing consent", "Boolean"),
        *_SYSTEM,
        Field("msdynci_contactid", "Contact", "Lookup"),
        *_OWNER,
    ),
)
MEMBERSHIPS = Table(
    "msdynci_segmentmemberships",
    "msdynci_segmentmembership",
    "msdynci_segmentmembershipid",
    (
        Field("msdynci_segmentmembershipid", "Segment Membership", "Uniqueidentifier"),
        Field(CUSTOMER_ID, "Customer ID"),
        Field(SEGMENTS, "Segments", "Memo"),
        Field("msdynci_segmentprovider", "Segment provider"),
        Field("msdynci_segmentmembershiptype", "Type"),
        Field("msdynci_identifier", "Identifier"),
        *_SYSTEM,
        *_OWNER,
    ),
)
METADATA = Table(
    "mscipriv_segmentmetadata",
    "mscipriv_segmentmetadata",
    "mscipriv_segmentmetadataid",
    (
        Field("mscipriv_segmentmetadataid", "Segment metadata", "Uniqueidentifier"),
        Field("mscipriv_name", "Name"),
        Field("mscipriv_friendlyname", "Friendly name"),
        Field("mscipriv_membercount", "Members", "Integer"),
        Field(REFRESHED, "Last refresh", "DateTime"),
        *_SYSTEM,
        *_OWNER,
    ),
)


def without(table: Table, name: str) -> Table:
    """The table without the column ``name``."""
    fields = tuple(field for field in table.fields if field.name != name)
    return Table(table.entity_set, table.logical_name, table.key, fields)

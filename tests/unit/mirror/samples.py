"""Describes and rows for the tests of the mirror."""

from __future__ import annotations

from typing import Any

from core.mirror import schema
from core.mirror.mirror import Mirror
from core.mirror.tables import Table
from core.model.describe import ObjectInfo, parse_object
from core.model.refs import long_id

LEAD_FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "Id", "type": "id"},
    {"name": "IsDeleted", "type": "boolean"},
    {"name": "LastName", "type": "string"},
    {"name": "Name", "type": "string", "nameField": True},
    {"name": "Description", "type": "textarea", "length": 32000},
    {"name": "Company", "type": "string"},
    {"name": "Email", "type": "email"},
    {"name": "Address", "type": "address"},
    {"name": "HasOptedOutOfEmail", "type": "boolean"},
    {"name": "AnnualRevenue", "type": "currency", "precision": 18, "scale": 0},
    {"name": "Score__c", "type": "double", "precision": 10, "scale": 4, "custom": True},
    {"name": "NumberOfEmployees", "type": "int", "digits": 8},
    {"name": "Birthday__c", "type": "date", "custom": True},
    {"name": "Call_At__c", "type": "time", "custom": True},
    {"name": "Tags__c", "type": "multipicklist", "custom": True},
    {"name": "OwnerId", "type": "reference", "referenceTo": ["User", "Group"]},
    {"name": "LastModifiedById", "type": "reference", "referenceTo": ["User"]},
    {"name": "LastModifiedDate", "type": "datetime"},
    {"name": "SystemModstamp", "type": "datetime"},
)


def describe(name: str, *fields: dict[str, Any], **more: Any) -> ObjectInfo:
    """A describe with these fields (all of a Lead's when none is given)."""
    return parse_object(
        {"name": name, "label": name, "labelPlural": name + "s", "fields": fields or LEAD_FIELDS, **more}
    )


def without(*names: str) -> tuple[dict[str, Any], ...]:
    return tuple(f for f in LEAD_FIELDS if f["name"] not in names)


def lead_table(mirror: Mirror, name: str = "Lead", *fields: dict[str, Any]) -> Table:
    """Make the table and answer it as the snapshot has it."""
    mirror.write(lambda s: schema.ensure_table(s, describe(name, *fields)))
    return mirror.tables()[name]


def lead_id(number: int) -> str:
    return long_id(f"00Q{number:012d}")


def stamp(second: int) -> str:
    return f"2024-03-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"


def lead(number: int, second: int = 0, **values: Any) -> dict[str, Any]:
    """A REST record of a lead with every field, as of `second`."""
    record: dict[str, Any] = {f["name"]: None for f in LEAD_FIELDS if f["type"] != "address"}
    record |= {
        "attributes": {"type": "Lead"},
        "Id": lead_id(number),
        "IsDeleted": False,
        "LastName": f"Name {number}",
        "Name": f"Name {number}",
        "HasOptedOutOfEmail": False,
        "LastModifiedById": long_id("005000000000001"),
        "LastModifiedDate": stamp(second),
        "SystemModstamp": stamp(second),
    }
    return record | values


def select(mirror: Mirror, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows as a reader sees them."""
    return mirror.read(lambda s: s.conn.execute(sql, values).fetchall())

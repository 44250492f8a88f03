"""A small org in a mirror, for tests that read: every kind of field, look-ups of every sort, names in many scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.mirror import meta, search
from core.mirror.meta import Owner
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.schema import ensure_table
from core.model.describe import ObjectInfo, parse_object
from core.model.refs import long_id

KEY = bytes(range(32))
STAMP = "2024-05-07T22:07:19.000Z"
_LENGTHS = {"string": 255, "email": 80, "phone": 40, "url": 255, "id": 18, "reference": 18, "picklist": 255}


def field(name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    """A field of a describe answer."""
    raw = {"name": name, "label": more.pop("label", name.removesuffix("__c")), "type": type_}
    raw |= {"length": _LENGTHS.get(type_, 0), "custom": name.endswith("__c")}
    return raw | more


def describe(name: str, prefix: str, fields: Sequence[dict[str, Any]], **more: Any) -> ObjectInfo:
    """A described object with the system fields added."""
    system = [field("Id", "id"), field("IsDeleted", "boolean")]
    stamps = [field("CreatedDate", "datetime"), field("SystemModstamp", "datetime")]
    label = more.pop("label", name.removesuffix("__c"))
    plural = more.pop("labelPlural", f"{label}s")
    raw = {"name": name, "label": label, "labelPlural": plural, "keyPrefix": prefix, "custom": name.endswith("__c")}
    return parse_object(raw | {"fields": [*system, *fields, *stamps]} | more)


def picked(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Pick-list values with their labels."""
    return [{"value": value, "label": label, "active": True} for value, label in pairs]


USER = describe("User", "005", [field("Name", nameField=True), field("Username"), field("Title")])
GROUP = describe("Group", "00G", [field("Name", nameField=True), field("Type", "picklist")])
ACCOUNT = describe(
    "Account",
    "001",
    [
        field("Name", nameField=True, label="Account Name"),
        field("Industry", "picklist", picklistValues=picked(("Tech", "Technology"), ("Bank", "Banking"))),
        field("Phone", "phone"),
        field("BillingCity"),
        field("OwnerId", "reference", referenceTo=["User"]),
        field("ParentId", "reference", referenceTo=["Account"]),
    ],
)
LEAD = describe(
    "Lead",
    "00Q",
    [
        field("LastName"),
        field("FirstName"),
        field("Name", nameField=True),
        field("Title"),
        field("Company"),
        field("Street", "textarea", length=255),
        field("City"),
        field("Country"),
        field("Phone", "phone"),
        field("MobilePhone", "phone"),
        field("Email", "email"),
        field("Website", "url"),
        field("Description", "textarea", length=32000),
        field("Status", "picklist", picklistValues=picked(("Open", "Open - Not Contacted"), ("Closed", "Closed"))),
        field("OwnerId", "reference", referenceTo=["Group", "User"]),
    ],
)
TASK = describe(
    "Task",
    "00T",
    [
        field("Subject", "combobox", nameField=True, length=255),
        field("WhoId", "reference", referenceTo=["Contact", "Lead"]),
        field("WhatId", "reference", referenceTo=["Account", "Thing__c"]),
        field("ActivityDate", "date"),
        field("OwnerId", "reference", referenceTo=["User"]),
    ],
)
THING = describe(
    "Thing__c",
    "a00",
    [
        field("Name", nameField=True),
        field("Amount__c", "currency", precision=18, scale=2),
        field("Price__c", "currency", precision=12, scale=2),
        field("Share__c", "percent", precision=5, scale=1),
        field("Count__c", "int", digits=9, precision=9),
        field("Ratio__c", "double", precision=15, scale=6),
        field("On__c", "boolean"),
        field("Day__c", "date"),
        field("At__c", "datetime"),
        field("Time__c", "time"),
        field("Colors__c", "multipicklist", length=4099, picklistValues=picked(("R", "Red"), ("G", "Green"))),
        field("Mail__c", "email"),
        field("Hotline__c", "phone"),
        field("Note__c"),
        field("Rich__c", "textarea", length=32000, htmlFormatted=True),
        field("Account__c", "reference", referenceTo=["Account"]),
        field("Ghost__c", "reference", referenceTo=["Nowhere__c"]),
    ],
)
INFOS = (USER, GROUP, ACCOUNT, LEAD, TASK, THING)


def record_id(info: ObjectInfo, number: int) -> str:
    """An 18-character id of the object."""
    return long_id(f"{info.key_prefix}{number:012d}")


class SampleOrg:
    """A mirror with tables for `INFOS`; `add` writes records, `ready` builds the indexes and marks all as loaded."""

    def __init__(self, path: Path, key: bytes | None = KEY, infos: Sequence[ObjectInfo] = INFOS) -> None:
        self.mirror = Mirror.create(path, key)
        self.infos = {info.name: info for info in infos}
        for info in infos:
            self.mirror.write(lambda s, info=info: ensure_table(s, info))
        owner = Owner("00D000000000000001", "Acme", user_id="005000000000000001", timezone="Europe/Berlin")
        self.mirror.write(lambda s: meta.claim(s, owner))
        self.mirror.write(lambda s: meta.set_(s, "instance_url", "https://acme.my.salesforce.com/"))
        self._next = dict.fromkeys(self.infos, 1)

    def add(self, object_name: str, *records: Mapping[str, Any]) -> list[str]:
        """Merge records, given by field name as REST would; returns their ids. Missing fields are empty."""
        table = self.mirror.tables()[object_name]
        rows = []
        for record in records:
            row: dict[str, Any] = {c.name: None for c in table.columns}
            row |= {"IsDeleted": False, "CreatedDate": STAMP, "SystemModstamp": STAMP}
            row |= record
            if row["Id"] is None:
                row["Id"] = record_id(self.infos[object_name], self._next[object_name])
                self._next[object_name] += 1
            rows.append(row)
        writer = RowWriter.for_json(table)
        self.mirror.write(lambda s: writer.merge(s, rows))
        return [row["Id"] for row in rows]

    def ready(self, *names: str) -> None:
        """First loads are done: search indexes are built and objects are marked as loaded."""
        for name in names or self.infos:
            search.build(self.mirror.writer, self.mirror.tables()[name])
        marks = ", ".join("?" * len(names or self.infos))
        sql = f"UPDATE om_object SET loaded = 1 WHERE name IN ({marks})"
        self.mirror.write(lambda s: s.conn.execute(sql, tuple(names or self.infos)))

    def close(self) -> None:
        self.mirror.close(drain=False)

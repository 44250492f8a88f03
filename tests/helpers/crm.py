"""A small org that can be edited, in a mirror: leads, contacts, campaigns, members, with the rights of their describes.

`crm_home` puts it into a home folder as a connection that needs no network, so that the command line runs over it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.api.records import RecordsApi
from core.connection.profile import ConnectionProfile, ProfileStore
from core.mirror import meta, search
from core.mirror.meta import Owner
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.schema import ensure_table
from core.model.describe import ObjectInfo, parse_object
from core.model.refs import long_id
from core.model.states import SignInMethod
from core.paths import Home

STAMP = "2024-03-01T00:00:00.000Z"
ME = long_id("005000000000001")
SLEEPER = long_id("005000000000002")
QUEUE = long_id("00G000000000001")
OTHER_QUEUE = long_id("00G000000000002")


def bitmap(*places: int) -> str:
    """`validFor` of a value that goes with the controlling values at these places."""
    bits = bytearray(2)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bytes(bits)).decode()


def field(name: str, type_: str = "string", *, write: bool = True, **more: Any) -> dict[str, Any]:
    raw = {"name": name, "label": more.pop("label", name.removesuffix("__c")), "type": type_, "nillable": True}
    raw |= {"length": {"string": 80, "email": 80, "phone": 40, "picklist": 255}.get(type_, 0)}
    raw |= {"createable": write, "updateable": write, "custom": name.endswith("__c")}
    return raw | more


def values(*names: str, off: Sequence[str] = (), **valid_for: str) -> list[dict[str, Any]]:
    return [
        {"value": name, "label": f"{name}!", "active": name not in off, "validFor": valid_for.get(name)}
        for name in names
    ]


def describe(name: str, prefix: str, *fields: dict[str, Any], **more: Any) -> ObjectInfo:
    """A described object with its system fields and every right, unless `more` says otherwise."""
    rights = {"createable": True, "updateable": True, "deletable": True, "layoutable": True}
    system = [field("Id", "id", write=False), field("IsDeleted", "boolean", write=False)]
    stamps = [field(n, "datetime", write=False) for n in ("CreatedDate", "LastModifiedDate", "SystemModstamp")]
    raw = {"name": name, "label": name, "labelPlural": f"{name}s", "keyPrefix": prefix}
    return parse_object(raw | rights | {"fields": [*system, *fields, *stamps]} | more)


OWNER = field("OwnerId", "reference", referenceTo=["Group", "User"], defaultedOnCreate=True, nillable=False)
PERSON = (
    field("Salutation", "picklist", picklistValues=values("Ms.", "Mr.")),
    field("FirstName", length=40),
    field("LastName", nillable=False, label="Last Name"),
    field("Name", write=False, nameField=True, length=121),
    field("Email", "email"),
    field("Phone", "phone"),
)
LEAD = describe(
    "Lead",
    "00Q",
    *PERSON,
    field("Company", nillable=False, length=255),
    field("Status", "picklist", picklistValues=values("Open", "Closed", "Old", off=["Old"]), restrictedPicklist=True),
    field("Country", "picklist", picklistValues=values("DE", "US")),
    field(
        "State",
        "picklist",
        picklistValues=values("Bavaria", "Ohio", Bavaria=bitmap(0), Ohio=bitmap(1)),
        dependentPicklist=True,
        controllerName="Country",
    ),
    field("Tags__c", "multipicklist", picklistValues=values("A", "B"), restrictedPicklist=True, length=255),
    field("AnnualRevenue", "currency", precision=18, scale=0),
    field("NumberOfEmployees", "int", digits=8),
    field("Share__c", "percent", precision=5, scale=2),
    field("Birthday__c", "date"),
    field("Call__c", "datetime"),
    field("At__c", "time"),
    field("HasOptedOutOfEmail", "boolean", nillable=False, defaultedOnCreate=True),
    field("Description", "textarea", length=32000),
    field("Score__c", "double", precision=10, scale=2, write=False, calculated=True),
    field("Number__c", write=False, autoNumber=True),
    field("IsConverted", "boolean", write=False),
    field("CreatedVia__c", updateable=False),
    OWNER,
    childRelationships=[
        {"childSObject": "CampaignMember", "field": "LeadId", "relationshipName": "CampaignMembers"},
        {"childSObject": "Task", "field": "WhoId", "relationshipName": "Tasks"},
    ],
)
CONTACT = describe(
    "Contact",
    "003",
    *PERSON,
    field("AccountId", "reference", referenceTo=["Account"], label="Account"),
    field("OwnerId", "reference", referenceTo=["User"], defaultedOnCreate=True, nillable=False),
)
ACCOUNT = describe(
    "Account", "001", field("Name", nameField=True, nillable=False, length=255), field("Industry"), OWNER
)
CAMPAIGN = describe("Campaign", "701", field("Name", nameField=True, nillable=False), field("IsActive", "boolean"))
MEMBER = describe(
    "CampaignMember",
    "00v",
    field("CampaignId", "reference", referenceTo=["Campaign"], updateable=False, nillable=False),
    field("LeadId", "reference", referenceTo=["Lead"], updateable=False),
    field("ContactId", "reference", referenceTo=["Contact"], updateable=False),
    field("Status", "picklist", picklistValues=values("Sent", "Responded")),
)
STATUS = describe(
    "CampaignMemberStatus",
    "01Y",
    field("CampaignId", "reference", referenceTo=["Campaign"], updateable=False, nillable=False),
    field("Label", nameField=True, nillable=False),
    field("SortOrder", "int", digits=9),
    field("IsDefault", "boolean"),
    field("HasResponded", "boolean"),
)
TASK = describe(
    "Task",
    "00T",
    field("Subject", "combobox", nameField=True, length=255),
    field("WhoId", "reference", referenceTo=["Contact", "Lead"]),
    field("WhatId", "reference", referenceTo=["Account", "Campaign"]),
    field("ActivityDate", "date"),
    field("Status", "picklist", nillable=False, picklistValues=values("Not Started", "Completed")),
    field("TaskSubtype", "picklist", updateable=False),
    field("Description", "textarea", length=32000),
)
USER = describe("User", "005", field("Name", nameField=True), field("Title"), field("IsActive", "boolean"))
GROUP = describe("Group", "00G", field("Name", nameField=True), field("Type", "picklist"))
QUEUES = describe("QueueSobject", "03g", field("QueueId", "reference", referenceTo=["Group"]), field("SobjectType"))
INFOS = (LEAD, CONTACT, ACCOUNT, CAMPAIGN, MEMBER, STATUS, TASK, USER, GROUP, QUEUES)


class Crm:
    """The mirror of the small org; `add` brings records as a pull would."""

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        for info in INFOS:
            mirror.write(lambda s, info=info: ensure_table(s, info))
        owner = Owner("00D000000000001EAA", "Acme", ME, "Ada", "America/New_York", "https://acme.my.salesforce.com")
        mirror.write(lambda s: meta.claim(s, owner))
        self._next = {info.name: 1 for info in INFOS}
        self.add(
            "User", {"Id": ME, "Name": "Ada", "IsActive": True}, {"Id": SLEEPER, "Name": "Sleeper", "IsActive": False}
        )
        self.add(
            "Group",
            {"Id": QUEUE, "Name": "Inbound", "Type": "Queue"},
            {"Id": OTHER_QUEUE, "Name": "Cases", "Type": "Queue"},
        )
        self.add(
            "QueueSobject", {"QueueId": QUEUE, "SobjectType": "Lead"}, {"QueueId": OTHER_QUEUE, "SobjectType": "Case"}
        )
        mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 1"))
        mirror.write(
            lambda s: s.conn.execute(
                "INSERT INTO om_watermark (object, safe_from) SELECT name, '2024-03-01T00:00:00.000Z' FROM om_object"
            )
        )

    def add(self, object_name: str, *records: Mapping[str, Any]) -> list[str]:
        """Merge records given by field name as REST would; returns their ids. Missing fields are empty."""
        table = self.mirror.tables()[object_name]
        rows = []
        for record in records:
            row: dict[str, Any] = {c.name: None for c in table.columns}
            row |= {c.name: False for c in table.columns if c.field.type == "boolean"}
            row |= {"CreatedDate": STAMP, "LastModifiedDate": STAMP, "SystemModstamp": STAMP} | dict(record)
            if row["Id"] is None:
                prefix = next(info.key_prefix for info in INFOS if info.name == object_name)
                row["Id"] = long_id(f"{prefix}{self._next[object_name]:012d}")
                self._next[object_name] += 1
            rows.append(row)
        writer = RowWriter.for_json(table)
        self.mirror.write(lambda s: writer.merge(s, rows))
        return [row["Id"] for row in rows]

    def index(self, *names: str) -> None:
        """Build search indexes."""
        for name in names:
            search.build(self.mirror.writer, self.mirror.tables()[name])

    def value(self, object_name: str, record_id: str, name: str) -> Any:
        """One stored value; KeyError where the record has no row."""
        sql = f'SELECT "{name}" FROM "{object_name}" WHERE "Id" = ?'
        row = self.mirror.read(lambda s: s.conn.execute(sql, (record_id,)).fetchone())
        if row is None:
            raise KeyError(record_id)
        return row[0]

    def records(self, **more: Any) -> RecordsApi:
        return RecordsApi(self.mirror, **more)


def crm_home(folder: Path) -> Home:
    """A home with the connection `acme` over a plain mirror of the small org."""
    home = Home(folder)
    home.create()
    profile = ConnectionProfile(
        uuid="11111111-2222-3333-4444-555555555555",
        name="acme",
        method=SignInMethod.TOKEN,
        login_url="https://login.salesforce.com",
        instance_url="https://acme.my.salesforce.com",
        org_id="00D000000000001EAA",
        user_id=ME,
        user_name="Ada",
        encrypted=False,
        created_at=STAMP,
    )
    path = home.connection(profile.uuid) / "mirror.db"
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    with Mirror.create(path, None) as mirror:
        crm = Crm(mirror)
        crm.add("Lead", {"LastName": "Lovelace", "FirstName": "Ada", "Name": "Ada Lovelace", "Company": "Acme"})
        crm.add("Contact", {"LastName": "Hopper", "Name": "Hopper"})
        (campaign,) = crm.add("Campaign", {"Name": "Fair"})
        crm.add("CampaignMemberStatus", {"CampaignId": campaign, "Label": "Sent", "IsDefault": True, "SortOrder": 1})
        crm.add("CampaignMemberStatus", {"CampaignId": campaign, "Label": "Came", "SortOrder": 2})
    ProfileStore(home.connections).add(profile)
    return home

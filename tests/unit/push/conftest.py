"""A mirror with leads and contacts, an org in memory with the same, and a push between them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.mirror import outbox, schema
from core.mirror.mirror import Mirror
from core.mirror.outbox import Entry
from core.mirror.rows import RowWriter
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.model.cancel import CancelToken
from core.model.describe import ObjectInfo, parse_object
from core.model.pushing import PushResult
from core.sync.push import Around, Pusher, PushSettings
from tests.helpers.memory_org import ME, MemoryOrg

STAMPS: tuple[dict[str, Any], ...] = (
    {"name": "Id", "type": "id"},
    {"name": "IsDeleted", "type": "boolean"},
    {"name": "CreatedDate", "type": "datetime"},
    {"name": "CreatedById", "type": "reference", "referenceTo": ["User"]},
    {"name": "LastModifiedDate", "type": "datetime"},
    {"name": "LastModifiedById", "type": "reference", "referenceTo": ["User"]},
    {"name": "SystemModstamp", "type": "datetime"},
)


def edit_field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "createable": True, "updateable": True, "nillable": True, **more}


LEAD = (
    *STAMPS,
    edit_field("FirstName", compoundFieldName="Name"),
    edit_field("LastName", compoundFieldName="Name"),
    {"name": "Name", "type": "string", "nameField": True},
    edit_field("Company"),
    edit_field("Email", "email"),
    edit_field("Phone", "phone"),
    edit_field("Status", "picklist"),
    edit_field("City", compoundFieldName="Address"),
    edit_field("Street", "textarea", compoundFieldName="Address"),
    {"name": "Address", "type": "address"},
    edit_field("AnnualRevenue", "currency", precision=18, scale=2),
    edit_field("NumberOfEmployees", "int", digits=8),
    edit_field("HasOptedOutOfEmail", "boolean"),
    edit_field("OwnerId", "reference", referenceTo=["User", "Group"]),
    edit_field("Key__c", length=18, externalId=True, unique=True, custom=True),
    {"name": "IsConverted", "type": "boolean"},
    {"name": "MasterRecordId", "type": "reference", "referenceTo": ["Lead"]},
    {"name": "ConvertedContactId", "type": "reference", "referenceTo": ["Contact"]},
)
CAMPAIGN = (*STAMPS, edit_field("Name", nameField=True), edit_field("Status", "picklist"))
MEMBER = (
    *STAMPS,
    edit_field("CampaignId", "reference", referenceTo=["Campaign"]),
    edit_field("LeadId", "reference", referenceTo=["Lead"]),
    edit_field("Status", "picklist"),
)
CONTACT = (
    *STAMPS,
    edit_field("FirstName", compoundFieldName="Name"),
    edit_field("LastName", compoundFieldName="Name"),
    {"name": "Name", "type": "string", "nameField": True},
    edit_field("Email", "email"),
    edit_field("Phone", "phone"),
    edit_field("MailingCity"),
)


def describe(name: str, fields: tuple[dict[str, Any], ...]) -> ObjectInfo:
    return parse_object(
        {
            "name": name,
            "label": name,
            "labelPlural": name + "s",
            "fields": fields,
            "createable": True,
            "updateable": True,
            "deletable": True,
        }
    )


class Rig:
    """The two sides, a clock for both, and what a person does."""

    def __init__(self, mirror: Mirror, org: MemoryOrg) -> None:
        self.mirror = mirror
        self.org = org
        self.slept: list[float] = []
        self.settings = PushSettings()
        self.tokens = 0
        self.groups = 0

    def now(self) -> datetime:
        return self.org.now

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.org.now += timedelta(seconds=seconds)

    def _token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    def table(self, name: str = "Lead") -> Table:
        return self.mirror.tables()[name]

    def add(self, name: str = "Lead", **values: Any) -> str:
        """A record of both sides; its id."""
        record_id = self.org.put(name, {"Name": values.get("LastName"), **values})
        self.pull(name, record_id)
        return record_id

    def pull(self, name: str, record_id: str) -> None:
        """Bring the row in, as a cycle does."""
        table = self.table(name)
        row = {c.name: self.org.get(name, record_id).get(c.name) for c in table.columns}
        self.mirror.write(lambda s: RowWriter.for_json(table).merge(s, [row]))

    def edit(self, record_id: str, name: str = "Lead", *, group: str | None = None, **values: Any) -> list[int]:
        """A person edits here, a second later."""
        self.org.now += timedelta(seconds=1)
        self.groups += 1
        named = group or f"group-{self.groups}"
        return self.mirror.write(
            lambda s: outbox.put(s, self.table(name), record_id, values, at=self.now(), group_id=named)
        )

    def create(self, name: str = "Lead", options: dict[str, Any] | None = None, **values: Any) -> str:
        """A person makes a record here; its temporary id."""
        self.groups += 1
        group = f"group-{self.groups}"
        _, temporary = self.mirror.write(
            lambda s: outbox.put_create(s, self.table(name), values, options or {}, at=self.now(), group_id=group)
        )
        return temporary

    def delete(self, record_id: str, name: str = "Lead") -> None:
        self.groups += 1
        group = f"group-{self.groups}"
        self.mirror.write(lambda s: outbox.put_delete(s, self.table(name), record_id, at=self.now(), group_id=group))

    def push(self, **options: Any) -> PushResult:
        self.org.now += timedelta(seconds=2)
        around = Around(now=self.now, sleep=self._sleep, jitter=lambda: 1.0, new_token=self._token)
        pusher = Pusher(self.mirror, self.org, ME, around=around, settings=self.settings)
        return pusher.run(CancelToken(), **options)

    def entries(self) -> list[Entry]:
        return self.mirror.read(outbox.entries)

    def row(self, record_id: str, name: str = "Lead") -> dict[str, Any]:
        """The row as it is shown here."""
        columns = [c.name for c in self.table(name).columns]
        sql = f'SELECT {", ".join(f"{chr(34)}{c}{chr(34)}" for c in columns)} FROM "{name}" WHERE "Id" = ?'
        found = self.mirror.read(lambda s: s.conn.execute(sql, (record_id,)).fetchone())
        assert found is not None, record_id
        return dict(zip(columns, found, strict=True))

    def wait(self, seconds: float) -> None:
        self.org.now += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with the tables and no rows, to be copied: making one takes longer than most tests here."""
    path = tmp_path_factory.mktemp("push") / "mirror.db"
    with Mirror.create(path, None) as mirror:
        for name, fields in (("Lead", LEAD), ("Campaign", CAMPAIGN), ("CampaignMember", MEMBER), ("Contact", CONTACT)):
            mirror.write(partial(_add_table, name=name, fields=fields))
    return path


def _add_table(session: WriteSession, name: str, fields: tuple[dict[str, Any], ...]) -> None:
    schema.ensure_table(session, describe(name, fields))
    session.conn.execute("UPDATE om_object SET loaded = 1 WHERE name = ?", (name,))


@pytest.fixture
def make_rig(tmp_path: Path, template: Path) -> Iterator[Callable[[], Rig]]:
    made: list[Mirror] = []

    def make() -> Rig:
        path = tmp_path / f"org{len(made)}.db"
        shutil.copyfile(template, path)
        mirror = Mirror.open(path, None)
        made.append(mirror)
        return Rig(mirror, MemoryOrg())

    yield make
    for mirror in made:
        mirror.close(drain=False)


@pytest.fixture
def rig(make_rig: Callable[[], Rig]) -> Rig:
    return make_rig()

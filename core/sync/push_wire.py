"""`WireOrg`: the other side of a push over HTTP. Thin: each method is one or few requests of the writing client."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from core.mirror.tables import Table
from core.mirror.times import from_text
from core.model.refs import long_id
from core.salesforce.bulk_ingest import BulkIngest
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.ui_records import UiRecords
from core.salesforce.writes import WriteAnswer, WriteOptions, Writes
from core.sync import soql
from core.sync.push_org import Changed, Record, Values

log = logging.getLogger(__name__)

IDS_PER_QUERY = 200
_HISTORIES = {"Opportunity": ("OpportunityFieldHistory", "OpportunityId")}
_ALIASES = {"Owner": "OwnerId", "Account": "AccountId", "ReportsTo": "ReportsToId", "Parent": "ParentId"}
_WHEREABOUTS = ("Id", "IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId", "ConvertedAccountId")


class WireOrg:
    """Implements `push_org.Org`. Belongs to its client's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._writes = Writes(client)
        self._keyed = UiRecords(client)
        self._bulk = BulkIngest(client)

    def server_now(self) -> datetime:
        # Asked first, because its answer tells the time too: a fresh process saves a call.
        _ = self._client.api_version
        return self._client.server_now()

    def retrieve(self, table: Table, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        return self._writes.retrieve(table.name, ids, fields)

    def whereabouts(self, table: Table, ids: Sequence[str]) -> dict[str, Record]:
        known = {f.name for f in table.info.fields}
        fields = [name for name in _WHEREABOUTS if name in known]
        found: dict[str, Record] = {}
        for start in range(0, len(ids), IDS_PER_QUERY):
            where = soql.among("Id", ids[start : start + IDS_PER_QUERY])
            # Not `soql.select`: a record that left the person's own row filter is not gone.
            text = f"SELECT {', '.join(fields)} FROM {table.name} WHERE {where}"
            for record in self._client.query(text, all_rows=True):
                found[long_id(str(record["Id"]))] = record
        return found

    def update(self, table: Table, records: Sequence[tuple[str, Values]], options: WriteOptions) -> list[WriteAnswer]:
        return self._writes.update(table.name, records, options)

    def update_one(
        self, table: Table, record_id: str, values: Values, unmodified_since: datetime | None, options: WriteOptions
    ) -> WriteAnswer:
        return self._writes.update_one(table.name, record_id, values, unmodified_since, options)

    def update_bulk(self, table: Table, records: Sequence[tuple[str, Values]]) -> list[WriteAnswer]:
        return self._bulk.update(table.name, records)

    def create(self, table: Table, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        return self._writes.create(table.name, records, options)

    def create_keyed(self, table: Table, values: Values, key: str, options: WriteOptions) -> WriteAnswer:
        return self._keyed.create(table.name, values, key, options)

    def honours_keys(self, table: Table, key: str, record_id: str) -> bool:
        return self._keyed.honours_keys(table.name, key, record_id)

    def upsert(self, table: Table, field: str, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        return self._writes.upsert(table.name, field, records, options)

    def delete(self, table: Table, ids: Sequence[str]) -> list[WriteAnswer]:
        return self._writes.delete(ids)

    def made_since(self, table: Table, user_id: str, since: datetime, fields: Collection[str]) -> list[Record]:
        stamps = [name for name in ("CreatedDate", "LastModifiedDate") if table.column(name) is not None]
        wanted = dict.fromkeys(("Id", *stamps, *fields))
        by_me = f"CreatedById = '{user_id}'" if table.column("CreatedById") is not None else None
        # Whole seconds, and never later than the moment meant.
        when = f"CreatedDate >= {soql.literal(since - timedelta(seconds=1))}"
        where = soql.both(by_me, when if table.column("CreatedDate") is not None else None)
        text = f"SELECT {', '.join(wanted)} FROM {table.name}" + (f" WHERE {where}" if where else "")
        # In the recycle bin too: somebody may have merged or deleted it before we could ask.
        return self._client.query(text, all_rows=True)

    def history(self, table: Table, ids: Sequence[str], fields: Collection[str]) -> list[Changed]:
        name, parent = history_of(table.name)
        wanted = set(fields)
        found: dict[tuple[str, str], Changed] = {}
        for start in range(0, len(ids), IDS_PER_QUERY):
            where = soql.among(parent, ids[start : start + IDS_PER_QUERY])
            text = (
                f"SELECT {parent}, Field, CreatedDate, CreatedById FROM {name} WHERE {where} ORDER BY CreatedDate DESC"
            )
            try:
                lines = self._client.query(text)
            except SalesforceError as error:
                if error.kind in (ErrorClass.AUTH, ErrorClass.BUDGET):
                    raise
                # No history of this object, or none for this user: "last changed by" has to do.
                log.debug("no history of %s: %s", table.name, error)
                return []
            for line in lines:
                field = _ALIASES.get(str(line.get("Field")), str(line.get("Field")))
                record_id = long_id(str(line.get(parent)))
                if field in wanted and (record_id, field) not in found:
                    at = from_text(str(line["CreatedDate"]))
                    found[record_id, field] = Changed(record_id, field, line.get("CreatedById"), at)
        return list(found.values())


def history_of(name: str) -> tuple[str, str]:
    """The object that keeps an object's field history, and its field for the record."""
    if name.endswith("__c"):
        return f"{name[:-1]}History", "ParentId"
    return _HISTORIES.get(name, (f"{name}History", f"{name}Id"))

"""`Org`: what a push needs from the other side, and nothing else.

The wire implements it (`push_wire.WireOrg`), and so does an org in memory, on which the whole push runs in
deterministic simulation. Records are REST JSON: API names to JSON values, `Id` 18 characters. Whatever fails as a whole
raises OrgMirrorError; one record's refusal is in its `WriteAnswer`. An Org belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.mirror.tables import Table
from core.salesforce.writes import WriteAnswer, WriteOptions

Values = Mapping[str, Any]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """Who set a field last, from the object's History. `by` is a name or a user's id."""

    record_id: str
    field: str
    by: str | None
    at: datetime


class Org(Protocol):
    """The other side of a push."""

    def server_now(self) -> datetime:
        """The org's clock."""

    def retrieve(self, table: Table, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """The records as they are now, by id; what this user cannot see alive is absent. A read: may be repeated."""

    def whereabouts(self, table: Table, ids: Sequence[str]) -> dict[str, Record]:
        """What is known of records that `retrieve` did not bring, the recycle bin included: `Id`, `IsDeleted`,

        `MasterRecordId`, and of a lead `IsConverted` and `ConvertedContactId` where there are such fields. A read.
        """

    def update(self, table: Table, records: Sequence[tuple[str, Values]], options: WriteOptions) -> list[WriteAnswer]:
        """Set fields of up to 200 records, each by itself; answers in their order."""

    def update_one(
        self, table: Table, record_id: str, values: Values, unmodified_since: datetime | None, options: WriteOptions
    ) -> WriteAnswer:
        """Set fields of one record unless it changed after that second; else an error of kind CONFLICT."""

    def update_bulk(self, table: Table, records: Sequence[tuple[str, Values]]) -> list[WriteAnswer]:
        """Set fields of many records by a Bulk job; answers in their order."""

    def create(self, table: Table, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        """Make up to 200 records, each by itself; answers in their order. A repeat would make them twice."""

    def create_keyed(self, table: Table, values: Values, key: str, options: WriteOptions) -> WriteAnswer:
        """Make one record under an idempotency key: a repeat with the same key answers the same record."""

    def honours_keys(self, table: Table, key: str, record_id: str) -> bool:
        """Whether the org honours idempotency keys, tried harmlessly with one that made `record_id`."""

    def upsert(self, table: Table, field: str, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        """Make or update up to 200 records by an external id that they hold; may be repeated."""

    def delete(self, table: Table, ids: Sequence[str]) -> list[WriteAnswer]:
        """Move up to 200 records to the recycle bin, each by itself."""

    def made_since(self, table: Table, user_id: str, since: datetime, fields: Collection[str]) -> list[Record]:
        """Records that this user made since a moment of server time, the recycle bin included. A read.

        With `fields`, and `CreatedDate` and `LastModifiedDate` where there are such.
        """

    def history(self, table: Table, ids: Sequence[str], fields: Collection[str]) -> list[Changed]:
        """Who changed these fields last, where field history is kept and readable; otherwise nothing. A read."""

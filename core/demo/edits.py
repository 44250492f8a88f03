"""New and changed rows in the name of a user, with the stamps, defaults and refusals of a real org.

Each call is one transaction under the store's write lock. `raw=True` lets a test write what the API would refuse
(system fields, converted leads); stamps given that way are kept.
"""

from __future__ import annotations

from typing import Any

from core.demo.errors import OrgError
from core.demo.ids import IdMaker
from core.demo.members import Members
from core.demo.metadata.fields import Field, Object
from core.demo.rules import check_values
from core.demo.store import quoted
from core.demo.values import Stored, to_stored

STAGE_PROBABILITY = {
    "Prospecting": 10, "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 50, "Id. Decision Makers": 60,
    "Perception Analysis": 70, "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100,
    "Closed Lost": 0,
}  # fmt: skip
PEOPLE = ("Lead", "Contact", "User")
SHARED_PREFIX = "01J"
# Objects that share a key prefix count their serials from different starts.
SERIAL_STARTS = {"OpportunityStage": 1000, "TaskStatus": 2000}


class Edits(Members):
    """The part of Org that makes and changes rows."""

    def insert(self, user: str, name: str, values: dict[str, Any], *, raw: bool = False) -> str:
        """Make a record; returns its 18-character id.

        Raises OrgError REQUIRED_FIELD_MISSING, INVALID_FIELD, INVALID_FIELD_FOR_INSERT_UPDATE, DUPLICATE_VALUE,
        INVALID_CROSS_REFERENCE_KEY, INSUFFICIENT_ACCESS_OR_READONLY, INACTIVE_OWNER_OR_USER,
        FIELD_CUSTOM_VALIDATION_EXCEPTION, DUPLICATES_DETECTED, or what `values.to_stored` and `rules` raise.
        """
        item = self._writable(user, name, "create")
        with self.store.writing() as connection:
            at = self.stamp()
            row = self._checked(user, item, values, creating=True, raw=raw)
            self._default(item, row, user, at)
            missing = [
                f.name for f in item.stored_fields
                if not f.nillable and f.name != "Id" and row.get(f.name) is None and not f.auto_number and f.createable
            ]  # fmt: skip
            if missing:
                raise OrgError(
                    "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", 400, missing
                )
            if not raw:
                self._check(item, row, {}, at)
            self._unique(item, row, None)
            number = self._next_number(item)
            prefix = item.prefix or SHARED_PREFIX
            row["Id"] = IdMaker(prefix, self.instance).make(number + SERIAL_STARTS.get(item.name, 0))
            for field in item.stored_fields:
                if field.auto_number:
                    row[field.name] = auto_number(item, number)
            self._derive(item, row, row)
            names = list(row)
            connection.execute(
                f"INSERT INTO {quoted(item.name)} (n, {', '.join(map(quoted, names))}) "
                f"VALUES (?, {', '.join('?' * len(names))})",
                (number, *row.values()),
            )
            self._touched(item)
            self._wrote(user, "insert", item, str(row["Id"]), row)
            if not raw:
                self._after(user, item, row, set(row))
                if item.name == "Campaign":
                    for status in self._first_statuses(str(row["Id"])):
                        self.insert(user, "CampaignMemberStatus", status)
            return str(row["Id"])

    def update(self, user: str, name: str, record_id: str, values: dict[str, Any], *, raw: bool = False) -> None:
        """Change fields of a record. Raises as insert does, and NOT_FOUND, ENTITY_IS_DELETED or
        CANNOT_UPDATE_CONVERTED_LEAD."""
        item = self._writable(user, name, "edit")
        with self.store.writing():
            before = self._row(user, item, record_id)
            if before.get("IsDeleted") and not raw:
                raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
            if item.name == "Lead" and before["IsConverted"] and not raw:
                raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", 400)
            row = self._checked(user, item, values, creating=False, raw=raw)
            for single, value in row.items():
                if value is None and not item.by_name[single.lower()].nillable:
                    raise OrgError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{single}]", 400, [single])
            if not raw:
                self._check(item, row, before, self.stamp())
            self._unique(item, row, str(before["Id"]))
            if item.name == "Opportunity" and row.get("StageName", before["StageName"]) != before["StageName"]:
                row.setdefault("Probability", STAGE_PROBABILITY.get(str(row["StageName"]), before["Probability"]))
                row.setdefault("LastStageChangeDate", self.stamp())
            self._derive(item, row, {**before, **row})
            row = {**self._stamps(item, user), **row}
            self._write(item, str(before["Id"]), row)
            self._touched(item)
            self._wrote(user, "update", item, str(before["Id"]), row, before)
            if not raw:
                changed = {name for name, value in row.items() if value != before[name]}
                self._after(user, item, {**before, **row}, changed)

    # Inside

    def _check(self, item: Object, row: dict[str, Stored], before: dict[str, Stored], at: str) -> None:
        """What an org checks in every write before its rules; may complete `row`."""
        kind = row.get("RecordTypeId", before.get("RecordTypeId"))
        check_values(item, row, before, self._record_type(item, kind) if kind else None)
        self._check_owner(item, row, before)
        if item.name == "CampaignMember":
            self._check_member(row, before, at)
        elif item.name == "CampaignMemberStatus":
            self._check_status(row, before)

    def _after(self, user: str, item: Object, whole: dict[str, Stored], changed: set[str]) -> None:
        """The rules of the administrator over a row that was just written."""
        record_id = str(whole["Id"])
        self._validate(item, record_id)
        self._check_duplicates(user, item, record_id, whole, changed)
        self._assign(user, item, record_id, whole)

    def _record_type(self, item: Object, record_type_id: Stored) -> str:
        """The developer name of a record type of this object. Raises OrgError INVALID_CROSS_REFERENCE_KEY."""
        sql = 'SELECT "DeveloperName", "SobjectType", "IsActive" FROM "RecordType" WHERE "Id" = ?'
        found = self.store.connection.execute(sql, (record_type_id,)).fetchone()
        if found is None or found[1] != item.name or not found[2]:
            raise OrgError(
                "INVALID_CROSS_REFERENCE_KEY",
                f"Record Type ID: this ID value isn't valid for the user: {record_type_id}", 400, ["RecordTypeId"],
            )  # fmt: skip
        return str(found[0])

    def _checked(
        self, user: str, item: Object, values: dict[str, Any], *, creating: bool, raw: bool
    ) -> dict[str, Stored]:
        rights = self.rights(user)
        visible = rights.fields(item)
        row: dict[str, Stored] = {}
        refused = []
        for name, value in values.items():
            if name == "attributes":
                continue
            field = visible.get(name.lower())
            if field is None:
                raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {item.name}", 400, [name])
            writable = (field.createable if creating else field.updateable) and rights.may_write(item, field)
            if not writable and not (raw and field.stored):
                refused.append(field.name)
                continue
            row[field.name] = to_stored(field, value)
            if field.type == "reference" and row[field.name] is not None:
                self._refers(field, str(row[field.name]))
        if refused:
            raise OrgError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set.",
                400,
                refused,
            )
        return row

    def _refers(self, field: Field, target_id: str) -> None:
        target = self.schema.by_id(target_id)
        fits = target is not None and target.name in field.reference_to
        if fits and target is not None and not target.virtual:
            sql = f'SELECT 1 FROM {quoted(target.name)} WHERE "Id" = ?'
            fits = self.store.connection.execute(sql, (target_id,)).fetchone() is not None
        if not fits:
            raise OrgError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 400, [field.name])

    def _default(self, item: Object, row: dict[str, Stored], user: str, at: str) -> None:
        for field in item.stored_fields:
            if row.get(field.name) is not None:
                continue
            if field.type == "boolean":
                row[field.name] = int(field.default == "true")
            elif field.default is not None and field.type == "picklist" and field.name not in row:
                row[field.name] = field.default
        if item.has("OwnerId"):
            row["OwnerId"] = row.get("OwnerId") or user
        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            if item.has(name):
                row[name] = row.get(name) or at
        for name in ("CreatedById", "LastModifiedById"):
            if item.has(name):
                row[name] = row.get(name) or user
        if item.has("RecordTypeId") and row.get("RecordTypeId") is None:
            sql = 'SELECT "Id" FROM "RecordType" WHERE "SobjectType" = ? AND "IsActive" = 1 ORDER BY n LIMIT 1'
            first = self.store.connection.execute(sql, (item.name,)).fetchone()
            row["RecordTypeId"] = first[0] if first else None
        if item.name == "Opportunity" and row.get("Probability") is None:
            row["Probability"] = float(STAGE_PROBABILITY.get(str(row.get("StageName")), 0))

    def _derive(self, item: Object, row: dict[str, Stored], whole: dict[str, Stored]) -> None:
        if item.name in PEOPLE and {"FirstName", "LastName"}.intersection(row):
            row["Name"] = full_name(whole.get("FirstName"), whole.get("LastName"))

    def _unique(self, item: Object, row: dict[str, Stored], own_id: str | None) -> None:
        for name, value in row.items():
            field = item.by_name[name.lower()]
            if not field.unique or value is None:
                continue
            sql = (
                f'SELECT "Id" FROM {quoted(item.name)} WHERE {quoted(field.name)} = ? COLLATE NOCASE AND "Id" IS NOT ?'
            )
            found = self.store.connection.execute(sql, (value, own_id)).fetchone()
            if found is not None:
                raise OrgError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: {found[0]}",
                )


def full_name(first: Stored, last: Stored) -> str:
    """What Name shows of a person."""
    return " ".join(str(part) for part in (first, last) if part)


def auto_number(item: Object, number: int) -> str:
    """The value of an object's auto-number field."""
    return f"{'MS' if item.name == 'Milestone__c' else 'P'}-{number:05}"

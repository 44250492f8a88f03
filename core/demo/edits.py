"""Changes to rows in the name of a user, with the stamps, cascades and refusals of a real org.

Each call is one transaction under the store's write lock. `raw=True` lets a test write what the API would refuse
(system fields, converted leads); stamps given that way are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError, not_found
from core.demo.ids import IdMaker, is_id, to_18
from core.demo.metadata.fields import Field, Object
from core.demo.store import KeyValue, Store, quoted
from core.demo.values import Stored, to_stored

if TYPE_CHECKING:
    from core.demo.access import Rights
    from core.demo.metadata.schema import Schema

STAGE_PROBABILITY = {
    "Prospecting": 10, "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 50, "Id. Decision Makers": 60,
    "Perception Analysis": 70, "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100,
    "Closed Lost": 0,
}  # fmt: skip
PEOPLE = ("Lead", "Contact", "User")
SHARED_PREFIX = "01J"
# Objects that share a key prefix count their serials from different starts.
SERIAL_STARTS = {"OpportunityStage": 1000, "TaskStatus": 2000}
_RIGHTS_TABLES = {"User", "Profile", "Group", "GroupMember"}


class Edits:
    """The writing half of Org."""

    store: Store
    kv: KeyValue
    schema: Schema
    instance: str

    def rights(self, user_id: str) -> Rights:
        """What a user may do."""
        raise NotImplementedError

    def stamp(self) -> str:
        """This second in stored form."""
        raise NotImplementedError

    def forget_rights(self) -> None:
        """Users or groups have changed."""
        raise NotImplementedError

    def insert(self, user: str, name: str, values: dict[str, Any], *, raw: bool = False) -> str:
        """Make a record; returns its 18-character id.

        Raises OrgError REQUIRED_FIELD_MISSING, INVALID_FIELD, INVALID_FIELD_FOR_INSERT_UPDATE, DUPLICATE_VALUE,
        INVALID_CROSS_REFERENCE_KEY, INSUFFICIENT_ACCESS_OR_READONLY, or what `values.to_stored` raises.
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
            self._unique(item, row, str(before["Id"]))
            if item.name == "Opportunity" and row.get("StageName", before["StageName"]) != before["StageName"]:
                row.setdefault("Probability", STAGE_PROBABILITY.get(str(row["StageName"]), before["Probability"]))
                row.setdefault("LastStageChangeDate", self.stamp())
            self._derive(item, row, {**before, **row})
            self._write(item, str(before["Id"]), {**self._stamps(item, user), **row})
            self._touched(item)

    def delete(self, user: str, name: str, record_id: str) -> None:
        """Into the recycle bin, with the details that go along; for good where an object has none."""
        item = self._writable(user, name, "delete")
        with self.store.writing():
            row = self._row(user, item, record_id)
            if row.get("IsDeleted"):
                raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
            self._delete(user, item, str(row["Id"]), self.stamp(), str(row["Id"]))

    def undelete(self, user: str, name: str, record_id: str) -> None:
        """Out of the recycle bin, with everything that went with it. Raises OrgError UNDELETE_FAILED."""
        item = self._writable(user, name, "create")
        with self.store.writing() as connection:
            row = self._row(user, item, record_id)
            if not row.get("IsDeleted"):
                raise OrgError("UNDELETE_FAILED", "Entity is not in the recycle bin")
            rows = connection.execute("SELECT object, id FROM om_deleted WHERE root = ?", (row["Id"],)).fetchall()
            for other, other_id in {(item.name, row["Id"]), *rows}:
                target = self.schema[other]
                self._write(target, other_id, {**self._stamps(target, user), "IsDeleted": 0})
                connection.execute("DELETE FROM om_deleted WHERE object = ? AND id = ?", (other, other_id))
                self._touched(target)

    def purge(self, user: str, name: str, record_id: str) -> None:
        """Remove for good, from the recycle bin or at once; getDeleted still tells of it."""
        item = self._writable(user, name, "delete")
        with self.store.writing() as connection:
            row = self._row(user, item, record_id)
            at = self.stamp()
            if not row.get("IsDeleted"):
                self._delete(user, item, str(row["Id"]), at, str(row["Id"]))
            gone = connection.execute("SELECT object, id FROM om_deleted WHERE root = ?", (row["Id"],)).fetchall()
            for other, other_id in {(item.name, str(row["Id"])), *gone}:
                connection.execute(f'DELETE FROM {quoted(other)} WHERE "Id" = ?', (other_id,))
                connection.execute(
                    "INSERT INTO om_deleted (object, id, at, root, purged) VALUES (?, ?, ?, ?, 1) "
                    "ON CONFLICT (object, id) DO UPDATE SET purged = 1",
                    (other, other_id, at, row["Id"]),
                )
                self._touched(self.schema[other])

    def empty_bin(self, user: str, name: str | None = None) -> int:
        """Remove for good all that is in the recycle bin, of one object or of all; returns how many records went."""
        items = [self._writable(user, name, "delete")] if name else [i for i in self.schema if not i.virtual]
        count = 0
        with self.store.writing() as connection:
            at = self.stamp()
            for item in items:
                if not item.has("IsDeleted"):
                    continue
                gone = f'FROM {quoted(item.name)} WHERE "IsDeleted" = 1'
                connection.execute(
                    f'INSERT INTO om_deleted (object, id, at, root, purged) SELECT ?, "Id", ?, "Id", 1 {gone} '
                    "ON CONFLICT (object, id) DO UPDATE SET purged = 1",
                    (item.name, at),
                )
                count += connection.execute(f"DELETE {gone}").rowcount
                self._touched(item)
        return count

    def merge(self, user: str, name: str, master: str, losers: list[str], values: dict[str, Any] | None = None) -> str:
        """Merge up to two records into a master, which takes their children; returns the master's id."""
        item = self._writable(user, name, "edit")
        if "merge" not in item.words or not 1 <= len(losers) <= 2:
            raise OrgError("INVALID_OPERATION", f"cannot merge {len(losers) + 1} records of {item.name}")
        with self.store.writing() as connection:
            kept = str(self._row(user, item, master)["Id"])
            at = self.stamp()
            for loser in losers:
                lost = str(self._row(user, item, loser)["Id"])
                if lost == kept:
                    raise OrgError("INVALID_ID_FIELD", "a record cannot be merged with itself")
                for link in item.children:
                    child = self.schema[link.object]
                    pointer = child.by_name[link.field.lower()]
                    if child.virtual or not pointer.stored or link.field == "MasterRecordId":
                        continue
                    moved = f', "SystemModstamp" = {at!r}' if child.has("SystemModstamp") else ""
                    connection.execute(
                        f"UPDATE {quoted(child.name)} SET {quoted(link.field)} = ?{moved} "
                        f"WHERE {quoted(link.field)} = ?",
                        (kept, lost),
                    )
                self._write(item, lost, {**self._stamps(item, user), "IsDeleted": 1, "MasterRecordId": kept})
                self._log_deletion(item, lost, at, lost)
            self.update(user, name, kept, values or {})
            return kept

    def convert(
        self, user: str, lead_id: str, *, account_id: str | None = None, contact_id: str | None = None,
        opportunity_name: str | None = None, status: str = "Closed - Converted",
    ) -> dict[str, str | None]:  # fmt: skip
        """Convert a lead; returns `{"account_id", "contact_id", "opportunity_id"}`, the last None without a name."""
        item = self._writable(user, "Lead", "edit")
        with self.store.writing():
            lead = self._row(user, item, lead_id)
            if lead["IsDeleted"]:
                raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
            if lead["IsConverted"]:
                raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
            owner = str(lead["OwnerId"]) if str(lead["OwnerId"]).startswith("005") else user
            place = {part: lead[part] for part in ("Street", "City", "State", "PostalCode", "Country")}
            account = account_id or self.insert(
                user, "Account",
                {"Name": lead["Company"], "OwnerId": owner, "Phone": lead["Phone"], "Industry": lead["Industry"],
                 **{f"Billing{part}": value for part, value in place.items()}},
            )  # fmt: skip
            contact = contact_id or self.insert(
                user, "Contact",
                {**{k: lead[k] for k in ("FirstName", "LastName", "Salutation", "Title", "Email", "Phone",
                                         "MobilePhone", "LeadSource")},
                 "AccountId": account, "OwnerId": owner,
                 **{f"Mailing{part}": value for part, value in place.items()}},
            )  # fmt: skip
            at = self.stamp()
            opportunity = None
            if opportunity_name:
                opportunity = self.insert(
                    user, "Opportunity",
                    {"Name": opportunity_name, "AccountId": account, "OwnerId": owner, "StageName": "Prospecting",
                     "CloseDate": at[:10]},
                )  # fmt: skip
                self.insert(
                    user, "OpportunityContactRole",
                    {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True},
                )  # fmt: skip
            self._write(
                item, str(lead["Id"]),
                {**self._stamps(item, user), "IsConverted": 1, "ConvertedDate": at[:10], "Status": status,
                 "ConvertedAccountId": account, "ConvertedContactId": contact, "ConvertedOpportunityId": opportunity},
            )  # fmt: skip
            self._follow(str(lead["Id"]), contact, account, at)
            self._touched(item)
            return {"account_id": account, "contact_id": contact, "opportunity_id": opportunity}

    def _follow(self, lead: str, contact: str, account: str, at: str) -> None:
        """What hung on a converted lead: activities move to the contact, campaign members belong to both."""
        run = self.store.connection.execute
        for name in ("Task", "Event"):
            sql = f'UPDATE {quoted(name)} SET "WhoId" = ?, "AccountId" = ?, "SystemModstamp" = ? WHERE "WhoId" = ?'
            run(sql, (contact, account, at, lead))
        run('UPDATE "CampaignMember" SET "ContactId" = ?, "SystemModstamp" = ? WHERE "LeadId" = ?', (contact, at, lead))

    # Inside

    def _next_number(self, item: Object) -> int:
        found = self.store.connection.execute(f"SELECT ifnull(MAX(n), 0) FROM {quoted(item.name)}").fetchone()[0]
        # A purged row's number is not given out again.
        number: int = max(found, self.kv.get(f"serial.{item.name}", 0)) + 1
        self.kv.set(f"serial.{item.name}", number)
        return number

    def _writable(self, user: str, name: str, permission: str) -> Object:
        rights = self.rights(user)
        item = rights.find(name)
        if item is None:
            raise not_found()
        if item.virtual or not rights.may(item.name, permission):
            word = {"create": "created", "edit": "updated", "delete": "deleted"}[permission]
            raise OrgError(
                "INSUFFICIENT_ACCESS_OR_READONLY" if not item.virtual else "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                "insufficient access rights on object id" if not item.virtual
                else f"entity type cannot be {word}: {item.name}",
            )  # fmt: skip
        return item

    def _row(self, user: str, item: Object, record_id: str) -> dict[str, Stored]:
        if not is_id(record_id):
            raise OrgError("MALFORMED_ID", f"{item.label} ID: id value of incorrect type: {record_id}", 400, ["Id"])
        condition = self.rights(user).condition(item, "t")
        where = f't."Id" = ?{f" AND {condition}" if condition else ""}'
        cursor = self.store.connection.execute(
            f"SELECT * FROM {quoted(item.name)} AS t WHERE {where}", (to_18(record_id),)
        )
        found = cursor.fetchone()
        if found is None:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")
        return dict(zip((column[0] for column in cursor.description), found, strict=True))

    def _checked(
        self, user: str, item: Object, values: dict[str, Any], *, creating: bool, raw: bool
    ) -> dict[str, Stored]:
        visible = self.rights(user).fields(item)
        row: dict[str, Stored] = {}
        refused = []
        for name, value in values.items():
            if name == "attributes":
                continue
            field = visible.get(name.lower())
            if field is None:
                raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {item.name}", 400, [name])
            if not (field.createable if creating else field.updateable) and not (raw and field.stored):
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
        if item.name == "Opportunity" and row.get("Probability") is None:
            row["Probability"] = float(STAGE_PROBABILITY.get(str(row.get("StageName")), 0))

    def _derive(self, item: Object, row: dict[str, Stored], whole: dict[str, Stored]) -> None:
        if item.name in PEOPLE:
            row["Name"] = full_name(whole.get("FirstName"), whole.get("LastName"))

    def _stamps(self, item: Object, user: str) -> dict[str, Stored]:
        at = self.stamp()
        stamps: dict[str, Stored] = {"LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at}
        return {name: value for name, value in stamps.items() if item.has(name)}

    def _unique(self, item: Object, row: dict[str, Stored], own_id: str | None) -> None:
        for field in item.stored_fields:
            value = row.get(field.name)
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

    def _write(self, item: Object, record_id: str, row: dict[str, Stored]) -> None:
        sets = ", ".join(f"{quoted(name)} = ?" for name in row)
        self.store.connection.execute(
            f'UPDATE {quoted(item.name)} SET {sets} WHERE "Id" = ?', (*row.values(), record_id)
        )

    def _delete(self, user: str, item: Object, record_id: str, at: str, root: str) -> None:
        connection = self.store.connection
        for link in item.children:
            child = self.schema[link.object]
            if not link.cascade or child.virtual or not child.by_name[link.field.lower()].stored:
                continue
            live = ' AND "IsDeleted" = 0' if child.has("IsDeleted") else ""
            sql = f'SELECT "Id" FROM {quoted(child.name)} WHERE {quoted(link.field)} = ?{live}'
            for (child_id,) in connection.execute(sql, (record_id,)).fetchall():
                self._delete(user, child, child_id, at, root)
        if item.has("IsDeleted"):
            self._write(item, record_id, {**self._stamps(item, user), "IsDeleted": 1})
        else:
            connection.execute(f'DELETE FROM {quoted(item.name)} WHERE "Id" = ?', (record_id,))
        self._log_deletion(item, record_id, at, root, purged=not item.has("IsDeleted"))
        self._touched(item)

    def _log_deletion(self, item: Object, record_id: str, at: str, root: str, *, purged: bool = False) -> None:
        self.store.connection.execute(
            "INSERT OR REPLACE INTO om_deleted (object, id, at, root, purged) VALUES (?, ?, ?, ?, ?)",
            (item.name, record_id, at, root, int(purged)),
        )

    def _touched(self, item: Object) -> None:
        if item.name in _RIGHTS_TABLES:
            self.forget_rights()


def full_name(first: Stored, last: Stored) -> str:
    """What Name shows of a person."""
    return " ".join(str(part) for part in (first, last) if part)


def auto_number(item: Object, number: int) -> str:
    """The value of an object's auto-number field."""
    return f"{'MS' if item.name == 'Milestone__c' else 'P'}-{number:05}"

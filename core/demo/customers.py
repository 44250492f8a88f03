"""The two acts that make several records of one, or one of several: converting a lead and merging duplicates."""

from __future__ import annotations

from typing import Any

from core.demo.deletes import Deletes
from core.demo.errors import OrgError, not_found
from core.demo.metadata.fields import Field, Object
from core.demo.store import quoted
from core.demo.values import Stored

_PLACE = ("Street", "City", "State", "PostalCode", "Country")
_TO_ACCOUNT = {
    "Name": "Company", "Phone": "Phone", "Fax": "Fax", "Website": "Website", "Industry": "Industry",
    "AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees", "Rating": "Rating",
}  # fmt: skip
_TO_CONTACT = (
    "FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "MobilePhone", "Fax", "LeadSource", "Description",
    "DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax",
)  # fmt: skip
_MOST_LOSERS = 2


class Customers(Deletes):
    """The part of Org that converts and merges."""

    def merge(self, user: str, name: str, master: str, losers: list[str], values: dict[str, Any] | None = None) -> str:
        """Merge up to two records into a master, which takes their children; returns the master's id.

        Raises OrgError INVALID_OPERATION, INVALID_ID_FIELD, ENTITY_IS_DELETED, CANNOT_UPDATE_CONVERTED_LEAD, or what
        an update raises.
        """
        item = self._writable(user, name, "edit")
        self._writable(user, name, "delete")
        if "merge" not in item.words or not 1 <= len(losers) <= _MOST_LOSERS:
            raise OrgError("INVALID_OPERATION", f"cannot merge {len(losers) + 1} records of {item.name}")
        with self.store.writing():
            kept = self._mergeable(user, item, master)
            at = self.stamp()
            for loser in losers:
                lost = self._mergeable(user, item, loser)
                if lost == kept:
                    raise OrgError("INVALID_ID_FIELD", "a record cannot be merged with itself")
                self._take_children(user, item, kept, lost, at)
                gone: dict[str, Stored] = {**self._stamps(item, user), "IsDeleted": 1, "MasterRecordId": kept}
                self._write(item, lost, gone)
                self._wrote(user, "merge", item, lost, gone, {"IsDeleted": 0})
                self._log_deletion(item, lost, at, lost)
            self.update(user, name, kept, values or {})
            self._wrote(user, "merge", item, kept, {}, {})
            return kept

    def convert(
        self, user: str, lead_id: str, *, account_id: str | None = None, contact_id: str | None = None,
        opportunity_name: str | None = None, status: str = "Closed - Converted", owner_id: str | None = None,
        opportunity_id: str | None = None, overwrite_source: bool = False, strict: bool = False,
    ) -> dict[str, str | None]:  # fmt: skip
        """Convert a lead; returns `{"account_id", "contact_id", "opportunity_id"}`, the last None without a name.

        `strict` asks what the API asks: the permission Convert Leads, an `owner_id` for a lead of a queue, a contact's
        own account. Raises OrgError INSUFFICIENT_ACCESS, ENTITY_IS_DELETED, CANNOT_UPDATE_CONVERTED_LEAD,
        INVALID_STATUS, REQUIRED_FIELD_MISSING, INVALID_CROSS_REFERENCE_KEY, or what an insert raises.
        """
        item = self._writable(user, "Lead", "edit")
        if strict and not self._may_convert(user):
            raise OrgError("INSUFFICIENT_ACCESS", "You don't have permission to convert leads.")
        with self.store.writing():
            lead = self._row(user, item, lead_id)
            if lead["IsDeleted"]:
                raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
            if lead["IsConverted"]:
                raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
            self._check_conversion(user, lead, account_id, contact_id, opportunity_id, status, owner_id, strict)
            owner = owner_id or (str(lead["OwnerId"]) if str(lead["OwnerId"]).startswith("005") else user)
            account = account_id or self._insert_known(
                user, "Account", {**{k: lead[v] for k, v in _TO_ACCOUNT.items()}, "OwnerId": owner,
                                  **{f"Billing{part}": lead[part] for part in _PLACE}},
            )  # fmt: skip
            contact = contact_id or self._insert_known(
                user, "Contact", {**{k: lead[k] for k in _TO_CONTACT}, "AccountId": account, "OwnerId": owner,
                                  **{f"Mailing{part}": lead[part] for part in _PLACE}},
            )  # fmt: skip
            if contact_id and overwrite_source and lead["LeadSource"]:
                self.update(user, "Contact", contact_id, {"LeadSource": lead["LeadSource"]})
            at = self.stamp()
            opportunity = opportunity_id
            if opportunity_name and not opportunity:
                opportunity = self.insert(
                    user, "Opportunity",
                    {"Name": opportunity_name, "AccountId": account, "OwnerId": owner, "StageName": "Prospecting",
                     "CloseDate": at[:10], "LeadSource": lead["LeadSource"]},
                )  # fmt: skip
            if opportunity:
                self.insert(
                    user, "OpportunityContactRole",
                    {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True},
                )  # fmt: skip
            converted: dict[str, Stored] = {
                **self._stamps(item, user), "IsConverted": 1, "ConvertedDate": at[:10], "Status": status,
                "ConvertedAccountId": account, "ConvertedContactId": contact, "ConvertedOpportunityId": opportunity,
            }  # fmt: skip
            self._write(item, str(lead["Id"]), converted)
            self._wrote(user, "convert", item, str(lead["Id"]), converted, lead)
            self._follow(str(lead["Id"]), contact, account, at)
            self._touched(item)
            return {"account_id": account, "contact_id": contact, "opportunity_id": opportunity}

    # Inside

    def _may_convert(self, user: str) -> bool:
        sql = (
            'SELECT p."PermissionsConvertLeads" FROM "User" u JOIN "Profile" p ON p."Id" = u."ProfileId" '
            'WHERE u."Id" = ?'
        )
        found = self.store.connection.execute(sql, (user,)).fetchone()
        return bool(found and found[0])

    def _mergeable(self, user: str, item: Object, record_id: str) -> str:
        row = self._row(user, item, record_id)
        if row["IsDeleted"]:
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
        if row.get("IsConverted"):
            raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        return str(row["Id"])

    def _take_children(self, user: str, item: Object, kept: str, lost: str, at: str) -> None:
        """Point everything that points to the loser to the master; twice a member of a campaign is once too often."""
        connection = self.store.connection
        for link in item.children:
            child = self.schema[link.object]
            pointer = child.by_name[link.field.lower()]
            if child.virtual or not pointer.stored or link.field == "MasterRecordId":
                continue
            if child.name == "CampaignMember":
                self._leave_doubles(user, child, pointer, kept, lost, at)
            found = connection.execute(
                f'SELECT "Id" FROM {quoted(child.name)} WHERE {quoted(link.field)} = ?', (lost,)
            ).fetchall()
            moved: dict[str, Stored] = {link.field: kept}
            if child.has("SystemModstamp"):
                moved["SystemModstamp"] = at
            for (child_id,) in found:
                self._write(child, child_id, moved)
                if not child.name.endswith("History"):
                    self._wrote(user, "merge", child, child_id, moved, {link.field: lost})

    def _leave_doubles(self, user: str, child: Object, pointer: Field, kept: str, lost: str, at: str) -> None:
        sql = (
            f'SELECT m."Id" FROM "CampaignMember" m WHERE m.{quoted(pointer.name)} = ? AND m."IsDeleted" = 0 '
            f'AND EXISTS (SELECT 1 FROM "CampaignMember" k WHERE k.{quoted(pointer.name)} = ? AND k."IsDeleted" = 0 '
            'AND k."CampaignId" = m."CampaignId")'
        )
        for (member,) in self.store.connection.execute(sql, (lost, kept)).fetchall():
            self._delete(user, child, member, at, member)

    def _check_conversion(
        self, user: str, lead: dict[str, Stored], account_id: str | None, contact_id: str | None,
        opportunity_id: str | None, status: str, owner_id: str | None, strict: bool,
    ) -> None:  # fmt: skip
        run = self.store.connection.execute
        sql = 'SELECT 1 FROM "LeadStatus" WHERE "ApiName" = ? AND "IsConverted" = 1'
        if run(sql, (status,)).fetchone() is None:
            raise OrgError("INVALID_STATUS", f"invalid convertedStatus: {status}", 400, ["convertedStatus"])
        if strict and owner_id is None and not str(lead["OwnerId"]).startswith("005"):
            raise OrgError(
                "REQUIRED_FIELD_MISSING",
                "Converted objects can only be owned by users.  If the lead is not owned by a user, you must specify "
                "a user for the Owner field.", 400, ["OwnerId"],
            )  # fmt: skip
        given = {"Account": account_id, "Contact": contact_id, "Opportunity": opportunity_id, "User": owner_id}
        rows = {}
        for name, record_id in given.items():
            if record_id is None:
                continue
            try:
                rows[name] = self._row(user, self.schema[name], record_id)
            except OrgError as error:
                if error.code != not_found().code:
                    raise
            if name not in rows or rows[name].get("IsDeleted"):
                raise OrgError("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {record_id}")
        if "User" in rows:
            self._check_owner(self.schema["Contact"], {"OwnerId": rows["User"]["Id"]}, {})
        if strict and "Contact" in rows and rows["Contact"]["AccountId"] != rows.get("Account", {}).get("Id"):
            raise OrgError(
                "INVALID_CROSS_REFERENCE_KEY", "The contact is not associated with the account of the conversion", 400,
                ["contactId"],
            )  # fmt: skip

    def _insert_known(self, user: str, name: str, values: dict[str, Any]) -> str:
        """An insert of what the user's field-level security lets him write; the rest is left out, as on a real org."""
        item, rights = self.schema[name], self.rights(user)
        may = {key for key, single in rights.fields(item).items() if rights.may_write(item, single)}
        return self.insert(user, name, {k: v for k, v in values.items() if k.lower() in may and v is not None})

    def _follow(self, lead: str, contact: str, account: str, at: str) -> None:
        """What hung on a converted lead: activities move to the contact, campaign members belong to both."""
        run = self.store.connection.execute
        for name in ("Task", "Event"):
            sql = f'UPDATE {quoted(name)} SET "WhoId" = ?, "AccountId" = ?, "SystemModstamp" = ? WHERE "WhoId" = ?'
            run(sql, (contact, account, at, lead))
        run('UPDATE "CampaignMember" SET "ContactId" = ?, "SystemModstamp" = ? WHERE "LeadId" = ?', (contact, at, lead))

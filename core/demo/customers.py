"""The two acts that make several records of one, or one of several: converting a lead and merging duplicates."""

from __future__ import annotations

from typing import Any

from core.demo.deletes import Deletes
from core.demo.errors import OrgError
from core.demo.store import quoted


class Customers(Deletes):
    """The part of Org that converts and merges."""

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

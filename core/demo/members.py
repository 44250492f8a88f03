"""What an org wants of campaign members: once in a campaign, with a status that the campaign knows."""

from __future__ import annotations

from typing import Any

from core.demo.errors import OrgError
from core.demo.metadata.fields import Object
from core.demo.policies import Policies
from core.demo.values import Stored

FIRST_STATUSES = (("Sent", 1, False), ("Responded", 0, True))
"""What every new campaign begins with: label, whether default, whether responded."""


class Members(Policies):
    """The part of Org that keeps campaigns in order."""

    def _check_member(self, row: dict[str, Stored], before: dict[str, Stored], at: str) -> None:
        """Complete and check a member that is to be written; changes `row`.

        Raises OrgError DUPLICATE_VALUE, REQUIRED_FIELD_MISSING, CANNOT_UPDATE_CONVERTED_LEAD or
        INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
        """
        whole = {**before, **row}
        campaign = whole["CampaignId"]
        if not before:
            self._check_person(row)
        status = whole.get("Status")
        run = self.store.connection.execute
        sql = 'SELECT "Label", "HasResponded", "IsDefault" FROM "CampaignMemberStatus" WHERE "CampaignId" = ?'
        known = run(f'{sql} AND "IsDeleted" = 0 ORDER BY "SortOrder", n', (campaign,)).fetchall()
        if status is None and known:
            status = row["Status"] = next((label for label, _, default in known if default), known[0][0])
        if "Status" not in row or status == before.get("Status"):
            return
        responded = {label: answered for label, answered, _ in known}
        if known and status not in responded:
            raise OrgError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Status: bad value for restricted picklist field: {status}",
                400, ["Status"],
            )  # fmt: skip
        row["HasResponded"] = int(responded.get(status, 0))
        if row["HasResponded"] and not whole.get("FirstRespondedDate"):
            row["FirstRespondedDate"] = at[:10]

    def _check_person(self, row: dict[str, Stored]) -> None:
        people = [(name, row[name]) for name in ("LeadId", "ContactId") if row.get(name)]
        if len(people) != 1:
            raise OrgError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]", 400, [])
        ((name, person),) = people
        run = self.store.connection.execute
        if name == "LeadId":
            lead = run('SELECT "IsConverted" FROM "Lead" WHERE "Id" = ?', (person,)).fetchone()
            if lead and lead[0]:
                raise OrgError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        sql = f'SELECT 1 FROM "CampaignMember" WHERE "CampaignId" = ? AND "{name}" = ? AND "IsDeleted" = 0'
        if run(sql, (row["CampaignId"], person)).fetchone() is not None:
            raise OrgError("DUPLICATE_VALUE", "Already a campaign member.")

    def _check_status(self, row: dict[str, Stored], before: dict[str, Stored]) -> None:
        """A status that is to be written: its label once in the campaign; one default."""
        whole = {**before, **row}
        run = self.store.connection.execute
        sql = (
            'SELECT "Id" FROM "CampaignMemberStatus" WHERE "CampaignId" = ? AND "Label" = ? AND "IsDeleted" = 0 '
            'AND "Id" IS NOT ?'
        )
        own = before.get("Id")
        found = run(sql, (whole["CampaignId"], whole.get("Label"), own)).fetchone()
        if found is not None:
            raise OrgError(
                "DUPLICATE_VALUE", f"duplicate value found: Label duplicates value on record with id: {found[0]}"
            )
        if not whole.get("SortOrder"):
            last = run(
                'SELECT ifnull(MAX("SortOrder"), 0) FROM "CampaignMemberStatus" WHERE "CampaignId" = ?',
                (whole["CampaignId"],),
            ).fetchone()
            row["SortOrder"] = last[0] + 1
        if row.get("IsDefault"):
            run(
                'UPDATE "CampaignMemberStatus" SET "IsDefault" = 0 WHERE "CampaignId" = ? AND "Id" IS NOT ?',
                (whole["CampaignId"], own),
            )

    def _first_statuses(self, campaign: str) -> list[dict[str, Any]]:
        return [
            {"CampaignId": campaign, "Label": label, "IsDefault": bool(default), "HasResponded": responded,
             "SortOrder": place}
            for place, (label, default, responded) in enumerate(FIRST_STATUSES, 3)
        ]  # fmt: skip

    def _check_owner(self, item: Object, row: dict[str, Stored], before: dict[str, Stored]) -> None:
        """A new owner has to be active; a queue has to be one for this object.

        Raises OrgError INACTIVE_OWNER_OR_USER or INVALID_CROSS_REFERENCE_KEY.
        """
        owner = row.get("OwnerId")
        if owner is None or owner == before.get("OwnerId"):
            return
        run = self.store.connection.execute
        if str(owner).startswith("00G"):
            sql = 'SELECT 1 FROM "QueueSobject" WHERE "QueueId" = ? AND "SobjectType" = ?'
            if run(sql, (owner, item.name)).fetchone() is None:
                raise OrgError(
                    "INVALID_CROSS_REFERENCE_KEY", "Queue not associated with this SObject type", 400, ["OwnerId"]
                )
            return
        found = run('SELECT "IsActive" FROM "User" WHERE "Id" = ?', (owner,)).fetchone()
        if found is not None and not found[0]:
            raise OrgError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{str(owner)[:15]}] as owner of {item.name.lower()}",
            )

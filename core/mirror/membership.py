"""Members and member statuses of a campaign, as they are here. Small questions of `records/campaigns.py`."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.mirror.session import Session
from core.mirror.tables import Table
from core.mirror.values import quoted


@dataclass(frozen=True, slots=True)
class Member:
    """One row of CampaignMember: who it is, and how it stands."""

    member_id: str
    person_id: str
    status: str | None


def members(
    session: Session, table: Table, campaign_id: str, person_field: str, people: Collection[str]
) -> dict[str, Member]:
    """Of these leads or contacts (`person_field`: LeadId or ContactId) those that are members, by their id."""
    if person_field not in table.by_name:
        return {}
    live = ' AND "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
    status = '"Status"' if "Status" in table.by_name else "NULL"
    rows = session.conn.execute(
        f'SELECT "Id", {quoted(person_field)}, {status} FROM {table.quoted} WHERE "CampaignId" = ? '
        f"AND {quoted(person_field)} IN (SELECT value FROM json_each(?)){live} ORDER BY om_row DESC",
        (campaign_id, json.dumps(sorted(people))),
    )
    return {str(person): Member(str(member_id), str(person), status) for member_id, person, status in rows}


def statuses(session: Session, table: Table, campaign_id: str) -> list[dict[str, Any]]:
    """The campaign's own statuses in its order: Label, IsDefault, HasResponded."""
    names = [n for n in ("Label", "IsDefault", "HasResponded") if n in table.by_name]
    live = ' AND "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
    order = '"SortOrder", om_row' if "SortOrder" in table.by_name else "om_row"
    rows = session.conn.execute(
        f'SELECT {", ".join(map(quoted, names))} FROM {table.quoted} WHERE "CampaignId" = ?{live} ORDER BY {order}',
        (campaign_id,),
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def highest_sort(session: Session, table: Table, campaign_id: str) -> int:
    """The highest SortOrder of the campaign's statuses; 0 where it has none."""
    if "SortOrder" not in table.by_name:
        return 0
    sql = f'SELECT max("SortOrder") FROM {table.quoted} WHERE "CampaignId" = ?'
    found = session.conn.execute(sql, (campaign_id,)).get
    return int(found) if isinstance(found, (int, float)) else 0

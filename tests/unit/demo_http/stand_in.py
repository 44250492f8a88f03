"""A handful of rows behind the interface of core.demo.org.Org, so that the wire is tested without data or SOQL."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.demo.bulk_files import csv_lines
from core.demo.errors import BulkRefused, OrgError, not_found
from core.demo.ids import IdMaker

ADMIN_ID = IdMaker("005", "gL0").make(1)
OTHER_ID = IdMaker("005", "gL0").make(2)
ORG_ID = IdMaker("00D", "gL0").make(1)


@dataclass
class StandInUser:
    id: str
    username: str
    is_active: bool = True


@dataclass
class StandInColumn:
    name: str
    type: str = "string"


class StandInKv:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def set(self, key: str, value: Any) -> None:
        self.values[key] = value


class StandInStore:
    """The two tables that sign-in reads directly."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.taken_back = 0
        self.connection.executescript(
            """CREATE TABLE User (Id, Username, Name, FirstName, LastName, Alias, Email, ProfileId, TimeZoneSidKey,
                   LocaleSidKey);
               CREATE TABLE Organization (Name, IsSandbox);
               INSERT INTO Organization VALUES ('Demo <Org>', 0);"""
        )
        row = (ADMIN_ID, "ada.admin@orgmirror.demo", "Ada", "Ada", "Admin", "ada", "a@example.com", "00e", "UTC", "en")
        self.connection.execute(f"INSERT INTO User VALUES ({', '.join('?' * len(row))})", row)

    @contextmanager
    def writing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.taken_back += 1
            raise


class StandInResult:
    """`Id` and `Name` of the first rows of an object."""

    def __init__(self, name: str, rows: list[dict[str, Any]], is_count: bool) -> None:
        self.object_name = name
        self.columns = [StandInColumn("Id", "id"), StandInColumn("Name")]
        self.rows = rows
        self.total_size = len(rows)
        self.is_count = is_count

    def records(self, api_version: str, start: int = 0, count: int | None = None) -> list[dict[str, Any]]:
        end = None if count is None else start + count
        return [
            {"attributes": {"type": self.object_name, "url": f"/services/data/v{api_version}/x"}, **row}
            for row in self.rows[start:end]
        ]

    def json_records(self, api_version: str, start: int = 0, count: int | None = None) -> None:
        return None

    def csv_rows(self, start: int = 0, count: int | None = None) -> list[list[str]]:
        end = None if count is None else start + count
        return [[row["Id"], row["Name"]] for row in self.rows[start:end]]

    def csv_lines(
        self, start: int = 0, count: int | None = None, delimiter: str = ",", line_ending: str = "\n"
    ) -> list[bytes]:
        return csv_lines(self.csv_rows(start, count), delimiter, line_ending)

    def column_metadata(self) -> list[dict[str, Any]]:
        return [{"columnName": column.name} for column in self.columns]


class StandInView:
    def __init__(self, org: StandInOrg, user_id: str) -> None:
        self.user_id = user_id
        self._org = org

    def query(self, soql: str, *, all_rows: bool = False, bulk: bool = False) -> StandInResult:
        found = re.search(r"FROM (\w+)(?: WHERE \w+ = '(.*)')?(?: LIMIT (\d+))?", soql)
        if found is None:
            raise OrgError("MALFORMED_QUERY", "unexpected token")
        if found[1] not in self._org.tables:
            raise OrgError("INVALID_TYPE", f"sObject type '{found[1]}' is not supported.")
        if bulk and "GROUP BY" in soql:
            raise BulkRefused("API_ERROR", "GROUP BY is not supported in Bulk Query")
        rows = [row for row in self._org.tables[found[1]] if found[2] is None or found[2] in row.values()]
        rows = rows[: int(found[3])] if found[3] else rows
        return StandInResult(found[1], list(rows), "COUNT()" in soql)

    def metadata_modified(self) -> datetime:
        return self._org.modified

    def describe(self, name: str) -> dict[str, Any]:
        if name not in self._org.tables:
            raise not_found()
        fields = [{"name": "Id", "type": "id", "externalId": False, "idLookup": True}]
        return {"name": name, "fields": fields, "urls": {"describe": f"/services/data/v60.0/sobjects/{name}/describe"}}

    def describe_global(self) -> dict[str, Any]:
        return {
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [{"name": n, "keyPrefix": "00Q" if n == "Lead" else None} for n in self._org.tables],
        }

    def record(self, name: str, row_id: str, fields: list[str] | None, api_version: str) -> dict[str, Any]:
        for row in self._org.tables.get(name, []):
            if row["Id"] == row_id:
                return {**row, "LastModifiedDate": "2026-05-05T10:00:00.000+0000"}
        raise not_found()

    def retrieve(self, name: str, ids: list[str], fields: list[str], api_version: str) -> list[dict[str, Any] | None]:
        known = {row["Id"]: row for row in self._org.tables[name]}
        return [known.get(each) for each in ids]

    def updated(self, name: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
        self._org.asked = (start, end)
        return [self._org.tables[name][0]["Id"]], end

    def record_count(self, names: list[str] | None) -> dict[str, int]:
        return {name: len(rows) for name, rows in self._org.tables.items() if names is None or name in names}

    def truth(self, name: str, deleted: bool = True) -> Iterator[dict[str, Any]]:
        yield from self._org.tables[name]


class StandInOrg:
    """Leads `Lead 0`, `Lead 1`, …, two users, and a clock that a test can move."""

    def __init__(self, leads: int = 10) -> None:
        make = IdMaker("00Q", "gL0").make
        self.org_id = ORG_ID
        self.admin_id = ADMIN_ID
        self.kv = StandInKv()
        self.tables: dict[str, list[dict[str, Any]]] = {
            "Lead": [{"Id": make(number), "Name": f'Lead "{number}"'} for number in range(leads)],
        }
        self.store = StandInStore()
        self.modified = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
        self.asked: tuple[datetime, datetime] | None = None
        self.deletes: list[str] = []

    def now(self) -> datetime:
        return self.moment

    def advance_clock(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def users(self) -> list[StandInUser]:
        return [
            StandInUser(ADMIN_ID, "ada.admin@orgmirror.demo"),
            StandInUser(OTHER_ID, "gone@orgmirror.demo", is_active=False),
        ]

    def find_user(self, username: str) -> StandInUser | None:
        return next((user for user in self.users() if user.username == username), None)

    def view(self, user_id: str) -> StandInView:
        return StandInView(self, user_id)

    def insert(self, user_id: str, name: str, values: dict[str, Any]) -> str:
        if "LastName" not in values:
            raise OrgError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", 400, ["LastName"])
        row_id = IdMaker("00Q", "gL0").make(1000 + len(self.tables[name]))
        self.tables[name].append({"Id": row_id, "Name": values["LastName"]})
        return row_id

    def update(self, user_id: str, name: str, row_id: str, values: dict[str, Any]) -> None:
        self.view(user_id).record(name, row_id, None, "65.0")

    def delete(self, user_id: str, name: str, row_id: str) -> None:
        self.view(user_id).record(name, row_id, None, "65.0")
        self.deletes.append(row_id)

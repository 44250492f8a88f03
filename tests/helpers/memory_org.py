"""An org in memory behind `core.sync.push_org.Org`: for pushes without a network, with faults by plan.

`faults` is a list of callables that each request takes one of (None: works): called with the method's name before
(`"before"`) and after (`"after"`) the work, it may raise what a wire would raise. Refusals of single records are put
into `refusals`: {record id or LastName: SalesforceError}, taken once each unless `keep`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.mirror import times
from core.mirror.tables import Table
from core.model.refs import long_id
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.writes import WriteAnswer, WriteOptions
from core.sync.push_org import Changed, Record, Values

START = datetime(2024, 3, 1, 12, tzinfo=UTC)
ME, COLLEAGUE = long_id("005000000000001"), long_id("005000000000002")
PREFIXES = {"Lead": "00Q", "Contact": "003", "Account": "001", "Campaign": "701", "CampaignMember": "00v"}


class MemoryOrg:
    """Implements `Org`. `now` is the server's clock; `calls` lists the methods in order, with how many records."""

    def __init__(self) -> None:
        self.now = START
        self.rows: dict[str, dict[str, Record]] = {}
        self.calls: list[tuple[str, int]] = []
        self.options: list[WriteOptions] = []
        self.faults: list[Callable[[str, str], None] | None] = []
        self.refusals: dict[str, SalesforceError] = {}
        self.keep_refusals = False
        self.lines: list[Changed] = []
        self.keys: dict[str, str] = {}
        self.honours = True
        self.keyed_offered = True
        self.before_write: Callable[[], None] = lambda: None
        self._numbers = 1000

    # what tests do to it

    def put(self, name: str, record: Mapping[str, Any], by: str = COLLEAGUE) -> str:
        """A record as it is there; returns its id."""
        self._numbers += 1
        record_id = str(record.get("Id") or long_id(f"{PREFIXES.get(name, 'a00')}{self._numbers:012d}"))
        row = {"IsDeleted": False, **record, "Id": record_id}
        row.setdefault("CreatedById", by)
        row.setdefault("CreatedDate", self.stamp())
        self._stamp(row, by)
        self.rows.setdefault(name, {})[record_id] = row
        return record_id

    def edit(self, name: str, record_id: str, by: str = COLLEAGUE, **values: Any) -> None:
        """Somebody else's edit, a second later."""
        self.now += timedelta(seconds=1)
        self.rows[name][record_id].update(values)
        self._stamp(self.rows[name][record_id], by)

    def get(self, name: str, record_id: str) -> Record:
        return self.rows[name][record_id]

    def stamp(self) -> str:
        return times.to_text(self.now).replace("Z", "+0000")

    def _stamp(self, row: Record, by: str) -> None:
        row["LastModifiedById"] = by
        row["LastModifiedDate"] = row["SystemModstamp"] = self.stamp()

    def _alive(self, name: str, record_id: str) -> Record | None:
        row = self.rows.get(name, {}).get(record_id)
        return None if row is None or row.get("IsDeleted") else row

    def _begin(self, method: str, count: int) -> Callable[[], None]:
        self.calls.append((method, count))
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            fault(method, "before")
        return (lambda: None) if fault is None else (lambda: fault(method, "after"))

    # Org

    def server_now(self) -> datetime:
        return self.now

    def retrieve(self, table: Table, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        done = self._begin("retrieve", len(ids))
        found = {}
        for record_id in ids:
            row = self._alive(table.name, record_id)
            if row is not None:
                found[record_id] = {"Id": record_id} | {name: row.get(name) for name in fields}
        done()
        return found

    def whereabouts(self, table: Table, ids: Sequence[str]) -> dict[str, Record]:
        done = self._begin("whereabouts", len(ids))
        rows = self.rows.get(table.name, {})
        found = {record_id: dict(rows[record_id]) for record_id in ids if record_id in rows}
        done()
        return found

    def update(self, table: Table, records: Sequence[tuple[str, Values]], options: WriteOptions) -> list[WriteAnswer]:
        return self._update("update", table, records, options)

    def update_one(
        self, table: Table, record_id: str, values: Values, unmodified_since: datetime | None, options: WriteOptions
    ) -> WriteAnswer:
        self.before_write()
        row = self._alive(table.name, record_id)
        if row is not None and unmodified_since is not None:
            modified = times.from_text(row["LastModifiedDate"]).replace(microsecond=0)
            if modified > unmodified_since:
                self.calls.append(("update_one", 1))
                return WriteAnswer(record_id, SalesforceError(412, None, None))
        return self._update("update_one", table, [(record_id, values)], options)[0]

    def update_bulk(self, table: Table, records: Sequence[tuple[str, Values]]) -> list[WriteAnswer]:
        return self._update("update_bulk", table, records, WriteOptions())

    def _update(
        self, method: str, table: Table, records: Sequence[tuple[str, Values]], options: WriteOptions
    ) -> list[WriteAnswer]:
        done = self._begin(method, len(records))
        self.options.append(options)
        answers = []
        for record_id, values in records:
            refusal = self._refusal(record_id, values)
            row = self._alive(table.name, record_id)
            if refusal is not None:
                answers.append(WriteAnswer(record_id, refusal))
            elif row is None:
                answers.append(WriteAnswer(record_id, SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted")))
            else:
                row.update(_plain(values))
                self._stamp(row, ME)
                answers.append(WriteAnswer(record_id))
        done()
        return answers

    def _refusal(self, record_id: str | None, values: Values) -> SalesforceError | None:
        for key in (record_id, values.get("LastName"), "*"):
            if isinstance(key, str) and key in self.refusals:
                return self.refusals[key] if self.keep_refusals else self.refusals.pop(key)
        return None

    def create(self, table: Table, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        done = self._begin("create", len(records))
        self.options.append(options)
        answers = []
        for values in records:
            refusal = self._refusal(None, values)
            if refusal is not None:
                answers.append(WriteAnswer(None, refusal))
            else:
                answers.append(WriteAnswer(self.put(table.name, _plain(values), ME), created=True))
        done()
        return answers

    def create_keyed(self, table: Table, values: Values, key: str, options: WriteOptions) -> WriteAnswer:
        if not self.keyed_offered:
            raise SalesforceError(404, "NOT_FOUND", None)
        done = self._begin("create_keyed", 1)
        self.options.append(options)
        refusal = self._refusal(None, values)
        if refusal is not None:
            answer = WriteAnswer(None, refusal)
        else:
            known = self.keys.get(key) if self.honours else None
            made = known or self.put(table.name, _plain(values), ME)
            self.keys[key] = made
            answer = WriteAnswer(made, created=True)
        done()
        return answer

    def honours_keys(self, table: Table, key: str, record_id: str) -> bool:
        done = self._begin("honours_keys", 1)
        done()
        return self.honours

    def upsert(self, table: Table, field: str, records: Sequence[Values], options: WriteOptions) -> list[WriteAnswer]:
        done = self._begin("upsert", len(records))
        self.options.append(options)
        answers = []
        for values in records:
            rows = self.rows.setdefault(table.name, {}).values()
            known = next((row["Id"] for row in rows if row.get(field) == values[field]), None)
            if known is None:
                answers.append(WriteAnswer(self.put(table.name, _plain(values), ME), created=True))
            else:
                self.rows[table.name][known].update(_plain(values))
                answers.append(WriteAnswer(known))
        done()
        return answers

    def delete(self, table: Table, ids: Sequence[str]) -> list[WriteAnswer]:
        done = self._begin("delete", len(ids))
        answers = []
        for record_id in ids:
            refusal = self._refusal(record_id, {})
            row = self._alive(table.name, record_id)
            if refusal is not None:
                answers.append(WriteAnswer(record_id, refusal))
            elif row is None:
                answers.append(WriteAnswer(record_id, SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted")))
            else:
                row["IsDeleted"] = True
                self._stamp(row, ME)
                answers.append(WriteAnswer(record_id))
        done()
        return answers

    def made_since(self, table: Table, user_id: str, since: datetime, fields: Collection[str]) -> list[Record]:
        done = self._begin("made_since", 0)
        found = [
            dict(row)
            for row in self.rows.get(table.name, {}).values()
            if row["CreatedById"] == user_id and times.from_text(row["CreatedDate"]) >= since and not row["IsDeleted"]
        ]
        done()
        return found

    def history(self, table: Table, ids: Sequence[str], fields: Collection[str]) -> list[Changed]:
        done = self._begin("history", len(ids))
        found = [each for each in self.lines if each.record_id in ids and each.field in fields]
        done()
        return found


def refusal(
    code: str, text: str = "no", *fields: str, status: int = 400, kind: ErrorClass | None = None
) -> SalesforceError:
    """One record's refusal."""
    return SalesforceError(status, code, text, fields=fields, kind=kind)


def _plain(values: Values) -> Record:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}

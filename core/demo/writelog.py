"""Who wrote what: a log of every write for the tests, and the History objects of fields that are tracked.

The log is read through the control interface alone; no real org has it. Both are written in the transaction of the
write itself, so what was taken back is not in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.demo.ids import IdMaker
from core.demo.manner import manner
from core.demo.metadata.fields import Field, Object
from core.demo.rows import Rows
from core.demo.store import quoted
from core.demo.values import Stored, number_text, to_rest

TRACKED = {
    "Lead": ("Status", "OwnerId", "Rating", "Email", "Phone", "Company", "Title", "Description", "LastName"),
    "Contact": ("OwnerId", "AccountId", "Email", "Phone", "MobilePhone", "Title", "LastName"),
}
"""Fields with history tracking, unless `track_fields` says otherwise."""
_HISTORY_PREFIX = "017"
_HISTORY_STARTS = {"Lead": 0, "Contact": 62**5}
_MOST = 1000
_UNLOGGED = {"LastModifiedDate", "LastModifiedById", "SystemModstamp"}


class WriteLog(Rows):
    """The part of Org that remembers writes."""

    def writes(
        self, after: int = 0, name: str | None = None, record_id: str | None = None, limit: int = 10_000
    ) -> list[dict[str, Any]]:
        """The writes since number `after`, oldest first: n, at, via, user, object, id, op, fields, headers.

        `fields` is `{field: [old, new]}` in REST form; `op` is insert, update, delete, undelete, purge, merge, convert.
        """
        sql = "SELECT n, at, via, user_id, object, id, op, fields, headers FROM om_writes WHERE n > ?"
        wanted: list[Any] = [after]
        for column, value in (("object", name), ("id", record_id)):
            if value is not None:
                sql += f" AND {column} = ?"
                wanted.append(value)
        rows = self.store.connection.execute(f"{sql} ORDER BY n LIMIT ?", (*wanted, limit)).fetchall()
        keys = ("n", "at", "via", "user", "object", "id", "op")
        return [
            {**dict(zip(keys, row, strict=False)), "fields": json.loads(row[7]), "headers": json.loads(row[8])}
            for row in rows
        ]

    def track_fields(self, name: str, fields: list[str]) -> None:
        """Switch history tracking on for these fields of Lead or Contact, off for all others of it."""
        item = self.schema[name]
        if item.name not in TRACKED:
            raise ValueError(f"{item.name} has no history")
        kept = [item.by_name[field.lower()].name for field in fields]
        self.kv.update("tracked", lambda known: {**known, item.name: kept}, {})

    # Inside

    def _wrote(
        self, user: str, op: str, item: Object, record_id: str,
        new: Mapping[str, Stored], before: Mapping[str, Stored] | None = None,
    ) -> None:  # fmt: skip
        """Remember one write: `new` values over the row `before`."""
        how = manner()
        old = before or {}
        fields = {
            name: [_shown(item, name, old.get(name)), _shown(item, name, value)]
            for name, value in new.items()
            if name not in _UNLOGGED and (before is not None or value is not None)
        }
        self.store.connection.execute(
            "INSERT INTO om_writes (at, via, user_id, object, id, op, fields, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self.stamp(), how.via, user, item.name, record_id, op, json.dumps(fields, default=str),
             json.dumps(dict(how.headers))),
        )  # fmt: skip
        if item.name in TRACKED:
            self._track(user, op, item, record_id, new, old)

    def _track(
        self, user: str, op: str, item: Object, record_id: str, new: Mapping[str, Stored], old: Mapping[str, Stored]
    ) -> None:
        tracked = self.kv.get("tracked", {}).get(item.name, TRACKED[item.name])
        rows: list[tuple[str, str | None, str | None, str | None]] = []
        if op == "insert":
            rows.append(("created", None, None, None))
        elif op == "convert":
            rows.append(("leadConverted", None, None, None))
        elif op == "merge" and new.get("IsDeleted") is None:
            rows.append(("leadMerged" if item.name == "Lead" else "contactMerged", None, None, None))
        if op in ("update", "merge", "convert"):
            for name in tracked:
                if name in new and new[name] != old.get(name):
                    rows.extend(self._tracked(item.by_name[name.lower()], old.get(name), new[name]))
        if rows:
            self._add_history(user, item, record_id, rows)

    def _tracked(
        self, field: Field, old: Stored, new: Stored
    ) -> Iterable[tuple[str, str | None, str | None, str | None]]:
        """The rows of one change: of a look-up one with names and one with ids, of long text one without values."""
        name = field.name
        if field.type == "reference":
            name = name.removesuffix("Id")
            yield name, "Text", self._name_of(old), self._name_of(new)
            yield name, "EntityId", _text(field, old), _text(field, new)
        elif field.long_text:
            yield name, "TextArea", None, None
        else:
            kind = {"boolean": "Boolean", "currency": "Currency", "double": "Double", "date": "DateOnly"}
            yield name, kind.get(field.type, "Text"), _text(field, old), _text(field, new)

    def _name_of(self, record_id: Stored) -> str | None:
        target = self.schema.by_id(str(record_id)) if record_id else None
        if target is None or target.virtual or not target.has("Name"):
            return None
        sql = f'SELECT "Name" FROM {quoted(target.name)} WHERE "Id" = ?'
        found = self.store.connection.execute(sql, (record_id,)).fetchone()
        return found[0] if found else None

    def _add_history(
        self, user: str, item: Object, record_id: str, rows: list[tuple[str, str | None, str | None, str | None]]
    ) -> None:
        history = self.schema.find(f"{item.name}History")
        if history is None or history.virtual:
            return
        maker = IdMaker(_HISTORY_PREFIX, self.instance)
        for field, kind, old, new in rows:
            number = self._next_number(history)
            made = {
                "Id": maker.make(number + _HISTORY_STARTS[item.name]), "IsDeleted": 0, f"{item.name}Id": record_id,
                "CreatedById": user, "CreatedDate": self.stamp(), "Field": field, "DataType": kind,
                "OldValue": old and old[:_MOST], "NewValue": new and new[:_MOST],
            }  # fmt: skip
            names = ", ".join(map(quoted, made))
            self.store.connection.execute(
                f"INSERT INTO {quoted(history.name)} (n, {names}) VALUES (?, {', '.join('?' * len(made))})",
                (number, *made.values()),
            )


def _shown(item: Object, name: str, value: Stored) -> Any:
    field = item.by_name.get(name.lower())
    return value if field is None else to_rest(field, value)


def _text(field: Field, value: Stored) -> str | None:
    if value is None:
        return None
    if field.type == "boolean":
        return "true" if value else "false"
    return number_text(value) if isinstance(value, float) else str(value)

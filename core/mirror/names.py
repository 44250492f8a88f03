"""The names that look-ups show: ids -> names over the mirrored objects, remembered while nothing changes.

Belongs to one read connection and its thread. Whatever another connection commits forgets all names
(`PRAGMA data_version`), so a renamed account is never shown by its old name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import apsw

from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.model.refs import RecordRef, key_prefix

MAX_NAMES = 50_000


class Names:
    """`resolve` first, for all ids at hand; `name` and `ref` then answer from memory."""

    def __init__(self, conn: apsw.Connection) -> None:
        self._conn = conn
        self._version = -1
        self._tables: Mapping[str, Table] = {}
        self._prefixes: dict[str, str] = {}
        self._known: dict[str, tuple[str, str] | None] = {}

    def refresh(self, tables: Mapping[str, Table]) -> None:
        """Begin a question: forget everything if the file or the tables changed."""
        version = int(self._conn.execute("PRAGMA data_version").get)
        if version != self._version or tables is not self._tables or len(self._known) > MAX_NAMES:
            self._known.clear()
            self._version = version
        if tables is not self._tables:
            self._tables = tables
            self._prefixes = {
                prefix: name
                for name, prefix in self._conn.execute("SELECT name, key_prefix FROM om_object WHERE has_table")
                if prefix
            }

    def resolve(self, ids: Iterable[str], targets: Sequence[str]) -> None:
        """Look up ids that may belong to any of the objects `targets`."""
        wanted = {item for item in ids if item is not None and item not in self._known}
        if not wanted:
            return
        groups: dict[str, list[str]] = {}
        loose: list[str] = []
        for item in wanted:
            owner = self._prefixes.get(key_prefix(item))
            if owner is not None:
                groups.setdefault(owner, []).append(item)
            else:
                loose.append(item)
        for name, members in groups.items():
            self._look_in(name, members)
        # Records made here have temporary ids, which do not tell their object.
        for name in targets if loose else ():
            if name in self._tables:
                self._look_in(name, [item for item in loose if item not in self._known])
        for item in wanted:
            self._known.setdefault(item, None)

    def _look_in(self, object_name: str, ids: list[str]) -> None:
        table = self._tables.get(object_name)
        if table is None or not ids:
            return
        shown = quoted(table.name_field) if table.name_field else '"Id"'
        sql = f'SELECT "Id", {shown} FROM {table.quoted} WHERE "Id" IN (SELECT value FROM json_each(?))'
        for record_id, name in self._conn.execute(sql, (json.dumps(ids),)):
            self._known[record_id] = (object_name, str(name) if name else record_id)

    def name(self, record_id: str) -> str | None:
        """The name shown for an id; None where the record is not here."""
        found = self._known.get(record_id)
        return found[1] if found else None

    def ref(self, record_id: str) -> RecordRef | None:
        """The record of an id; None where it is not here."""
        found = self._known.get(record_id)
        return RecordRef(found[0], record_id) if found else None

    def object_of(self, record_id: str, column: Column) -> str | None:
        """The object that an id belongs to by its prefix, or by the only one the look-up may refer to."""
        owner = self._prefixes.get(key_prefix(record_id))
        if owner is None and len(column.field.reference_to) == 1:
            return column.field.reference_to[0]
        return owner


def missing_targets(conn: apsw.Connection, tables: Mapping[str, Table], table: Table, record_id: str) -> dict[str, str]:
    """What a record's look-ups refer to and is not here though its object is: {id: object}."""
    row = conn.execute(
        f'SELECT {", ".join(quoted(c.name) for c in table.columns)} FROM {table.quoted} WHERE "Id" = ?', (record_id,)
    ).fetchone()
    prefixes = {str(prefix): str(name) for name, prefix in conn.execute(
        "SELECT name, key_prefix FROM om_object WHERE has_table AND loaded AND key_prefix IS NOT NULL"
    )}  # fmt: skip
    found: dict[str, str] = {}
    for column, value in zip(table.columns, row or (), strict=False):
        if column.field.type != "reference" or not value:
            continue
        target = tables.get(prefixes.get(key_prefix(str(value)), ""))
        if target is None:
            continue
        if conn.execute(f'SELECT 1 FROM {target.quoted} WHERE "Id" = ?', (value,)).get is None:
            found[str(value)] = target.name
    return found

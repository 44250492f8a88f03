"""Rows of the demo org as its writing parts see them: found by id, stamped, written, logged as deleted.

What is written here is not checked; that is done by who calls (edits, deletes, customers). All of it runs under the
store's write lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.demo.errors import OrgError, not_found
from core.demo.ids import is_id, to_18
from core.demo.metadata.fields import Object
from core.demo.store import KeyValue, Store, quoted
from core.demo.values import Stored

if TYPE_CHECKING:
    from core.demo.access import Rights
    from core.demo.metadata.schema import Schema

_RIGHTS_TABLES = {"User", "Profile", "Group", "GroupMember"}


class Rows:
    """The part of Org that the writing parts stand on."""

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

    def _stamps(self, item: Object, user: str) -> dict[str, Stored]:
        at = self.stamp()
        stamps: dict[str, Stored] = {"LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at}
        return {name: value for name, value in stamps.items() if item.has(name)}

    def _write(self, item: Object, record_id: str, row: dict[str, Stored]) -> None:
        sets = ", ".join(f"{quoted(name)} = ?" for name in row)
        self.store.connection.execute(
            f'UPDATE {quoted(item.name)} SET {sets} WHERE "Id" = ?', (*row.values(), record_id)
        )

    def _log_deletion(self, item: Object, record_id: str, at: str, root: str, *, purged: bool = False) -> None:
        self.store.connection.execute(
            "INSERT OR REPLACE INTO om_deleted (object, id, at, root, purged) VALUES (?, ?, ?, ?, ?)",
            (item.name, record_id, at, root, int(purged)),
        )

    def _touched(self, item: Object) -> None:
        if item.name in _RIGHTS_TABLES:
            self.forget_rights()

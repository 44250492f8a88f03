"""Rows that go and come back: the recycle bin with the details that go along, and what is removed for good."""

from __future__ import annotations

from core.demo.edits import Edits
from core.demo.errors import OrgError
from core.demo.metadata.fields import Object
from core.demo.store import quoted
from core.demo.values import Stored


class Deletes(Edits):
    """The part of Org that deletes and restores rows."""

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
                back: dict[str, Stored] = {**self._stamps(target, user), "IsDeleted": 0}
                if target.has("MasterRecordId"):
                    back["MasterRecordId"] = None
                self._write(target, other_id, back)
                self._wrote(user, "undelete", target, str(other_id), {"IsDeleted": 0}, {"IsDeleted": 1})
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
                self._wrote(user, "purge", self.schema[other], str(other_id), {})

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

    # Inside

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
        self._wrote(user, "delete", item, record_id, {"IsDeleted": 1}, {"IsDeleted": 0})
        self._touched(item)

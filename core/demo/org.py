"""The demo org without its wire: data, schema, rights and clock of one Salesforce org in one folder.

`Org.open` makes it, always the same for the same seed and day, or loads it. An Org is shared by every thread of the
server; each thread has a SQLite connection of its own.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.demo import access
from core.demo.access import Rights
from core.demo.administration import Administration
from core.demo.errors import BulkRefused, OrgError
from core.demo.ids import IdMaker, is_id, to_18
from core.demo.manner import manner
from core.demo.metadata.fields import Object
from core.demo.soql.result import Column, Result
from core.demo.soql.scope import Context
from core.demo.soql.where_text import condition_sql
from core.demo.store import FILE_NAME, KeyValue, Store, quoted
from core.demo.transactions import Transactions
from core.demo.values import moment, stamp
from core.demo.view import View

ADMIN_USERNAME = "ada.admin@orgmirror.demo"
INSTANCE_NAME = "DMO1"


@dataclass(frozen=True)
class User:
    """Someone who can sign in."""

    id: str
    username: str
    name: str
    profile: str
    is_active: bool


class MetadataIds:
    """Ids of things that are not rows: layouts, list views. The same at every start."""

    def __init__(self, instance: str) -> None:
        self._instance = instance

    def make(self, prefix: str, serial: int) -> str:
        """The id of the nth thing of a kind."""
        return IdMaker(prefix, self._instance).make(serial)


class Org(Administration, Transactions):
    """One org. `store` and `kv` are open to the HTTP side; keys of its own start with "http."."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kv = KeyValue(store)
        store.prepare()
        head: dict[str, Any] = self.kv.get("org", {})
        self.org_id: str = head["org_id"]
        self.instance: str = head["instance"]
        self.instance_name = INSTANCE_NAME
        self.admin_id: str = head["admin_id"]
        self._objects = head["objects"]
        self._rules = self.kv.get("rules") or access.default_rules()
        self.schema = self._made_schema()
        if self.kv.get("schema_fingerprint") != self.schema.fingerprint():
            self._upgrade()
        self.metadata_ids = MetadataIds(self.instance)
        self._lock = threading.Lock()
        self._prepare_transactions()
        self._rights: dict[str, Rights] = {}
        self._zones: dict[str, tzinfo] = {}
        self._offset = timedelta(seconds=self.kv.get("clock_offset", 0))
        self._newest = self._newest_stamp()
        if self._newest > datetime.now(UTC) + self._offset:
            # Made for a later day than this computer's: from there on the clock must still run.
            self.advance_clock((self._newest - datetime.now(UTC) - self._offset).total_seconds())

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        seed: int = 1,
        rows: dict[str, int] | None = None,
        objects: int = 0,
        anchor: datetime | None = None,
    ) -> Org:
        """Load the org in a folder, or make one there.

        The same seed, rows, objects and anchor make the same org. `anchor` is the moment up to which things have
        happened, by default today 0:00 UTC; `rows` sets how many records some objects have; `objects` adds that
        many custom objects without records.
        """
        if not (folder / FILE_NAME).exists():
            # Its many words are of no use to the starts that follow.
            from core.demo.generate.run import generate

            moment_ = anchor or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            generate(folder, seed=seed, rows=rows or {}, objects=objects, anchor=moment_)
        return cls(Store(folder))

    def close(self) -> None:
        """Close every thread's connection."""
        self.store.close()

    # Clock

    def now(self) -> datetime:
        """The server's clock: real time plus what it was advanced by, never before the newest stamp."""
        return max(datetime.now(UTC) + self._offset, self._newest)

    def advance_clock(self, seconds: float) -> None:
        """Move the clock forward."""
        if seconds < 0:
            raise ValueError("the clock of an org only goes forward")
        self._offset += timedelta(seconds=seconds)
        self.kv.set("clock_offset", self._offset.total_seconds())

    def _newest_stamp(self) -> datetime:
        newest = ""
        for item in self.schema:
            if not item.virtual and item.has("SystemModstamp"):
                sql = f'SELECT MAX("SystemModstamp") FROM {quoted(item.name)}'
                newest = max(newest, self.store.connection.execute(sql).fetchone()[0] or "")
        return moment(newest) if newest else datetime(2000, 1, 1, tzinfo=UTC)

    def stamp(self) -> str:
        """This second in stored form, for a change that happens now."""
        held = self.held_stamp() or manner().at
        if held is not None:
            return held
        now = self.now().replace(microsecond=0)
        self._newest = max(self._newest, now)
        return stamp(now)

    def delete_log_start(self, wanted: datetime) -> datetime:
        """The earliest moment that the delete log still covers."""
        cut: str | None = self.kv.get("delete_log_cut")
        return max(wanted, moment(cut)) if cut else wanted

    def trim_delete_log(self) -> None:
        """Forget every deletion so far, as an org does when its delete log is full."""
        with self.store.writing() as connection:
            connection.execute("DELETE FROM om_deleted")
            self.kv.set("delete_log_cut", self.stamp())

    # Users and rights

    def users(self) -> list[User]:
        """Everyone in the org, active or not."""
        rows = self.store.connection.execute(
            'SELECT u."Id", u."Username", u."Name", p."Name", u."IsActive" FROM "User" u '
            'JOIN "Profile" p ON p."Id" = u."ProfileId" ORDER BY u.n'
        )
        return [User(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def find_user(self, username: str) -> User | None:
        """The user of that name, whatever its case."""
        return next((user for user in self.users() if user.username.lower() == username.lower()), None)

    def view(self, user_id: str) -> View:
        """The org as that user sees it."""
        return View(self, user_id)

    def rights(self, user_id: str) -> Rights:
        """What a user may do, at this moment. Raises OrgError NOT_FOUND for an unknown user."""
        found = self._rights.get(user_id)
        if found is not None:
            return found
        run = self.store.connection.execute
        row = run(
            'SELECT p."Name" FROM "User" u JOIN "Profile" p ON p."Id" = u."ProfileId" WHERE u."Id" = ?', (user_id,)
        ).fetchone()
        if row is None:
            raise OrgError("NOT_FOUND", f"no such user: {user_id}", 404)
        queues = run('SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" = ?', (user_id,)).fetchall()
        hidden = run("SELECT DISTINCT object FROM om_hidden WHERE user_id = ?", (user_id,)).fetchall()
        with self._lock:
            made = access.rights_of(
                self._rules, self.schema, user_id, row[0], tuple(q[0] for q in queues), frozenset(h[0] for h in hidden)
            )
            self._rights[user_id] = made
        return made

    def zone(self, user_id: str) -> tzinfo:
        """The user's time zone; UTC where this computer does not know it."""
        found = self._zones.get(user_id)
        if found is None:
            row = self.store.connection.execute(
                'SELECT "TimeZoneSidKey" FROM "User" WHERE "Id" = ?', (user_id,)
            ).fetchone()
            try:
                found = ZoneInfo(row[0]) if row and row[0] else UTC
            except ZoneInfoNotFoundError:
                found = UTC
            self._zones[user_id] = found
        return found

    def forget_rights(self) -> None:
        """Users, groups or rules have changed."""
        with self._lock:
            self._rights = {}
            self._zones = {}

    def metadata_modified(self) -> datetime:
        """When schema or permissions changed last."""
        return moment(self.kv.get("metadata_modified"))

    def _changed_metadata(self) -> None:
        self.kv.set("rules", self._rules)
        # Two changes within a second must still be told apart by a clock of whole seconds.
        later = max(self.now().replace(microsecond=0), self.metadata_modified() + timedelta(seconds=1))
        self.kv.set("metadata_modified", stamp(later))
        self.forget_rights()

    def _principal(self, who: str) -> str:
        """A profile's name, or the id of a user given by id or user name."""
        if is_id(who) and who.startswith("005"):
            return to_18(who)
        user = self.find_user(who)
        if user is not None:
            return user.id
        row = self.store.connection.execute('SELECT "Name" FROM "Profile" WHERE "Name" = ? COLLATE NOCASE', (who,))
        found = row.fetchone()
        if found is None:
            raise ValueError(f"no such user or profile: {who}")
        return str(found[0])

    def hide_field(self, who: str, name: str, field: str) -> None:
        """Field-level security: `who` (profile, user name or user id) no longer sees a field."""
        self._set_field(who, name, field, shown=False)

    def show_field(self, who: str, name: str, field: str) -> None:
        """The opposite of hide_field."""
        self._set_field(who, name, field, shown=True)

    def lock_field(self, who: str, name: str, field: str) -> None:
        """Field-level security: `who` still sees a field and may no longer write it."""
        self._lock_field(who, name, field, locked=True)

    def unlock_field(self, who: str, name: str, field: str) -> None:
        """The opposite of lock_field."""
        self._lock_field(who, name, field, locked=False)

    def _lock_field(self, who: str, name: str, field: str, *, locked: bool) -> None:
        item = self._named(name)
        single = self._field(item, field)
        principal = self._principal(who)
        with self.store.writing():
            rules = self._rules.setdefault("locked", {})
            rules.setdefault(principal, {}).setdefault(item.name, {})[single.name] = locked
            self._changed_metadata()

    def _set_field(self, who: str, name: str, field: str, *, shown: bool) -> None:
        item = self._named(name)
        single = self._field(item, field)
        principal = self._principal(who)
        with self.store.writing():
            self._rules["fields"].setdefault(principal, {}).setdefault(item.name, {})[single.name] = shown
            self._changed_metadata()

    def hide_object(self, who: str, name: str) -> None:
        """`who` no longer has any access to an object."""
        self.set_object_permission(who, name, "read", False)

    def show_object(self, who: str, name: str) -> None:
        """The opposite of hide_object."""
        self.set_object_permission(who, name, "read", True)

    def set_object_permission(self, profile: str, name: str, perm: str, value: bool) -> None:
        """Grant or take create, read, edit, delete, viewAll or modifyAll, for a profile or one user."""
        if perm not in access.PERMISSIONS:
            raise ValueError(f"no such permission: {perm}")
        item = self._named(name)
        principal = self._principal(profile)
        with self.store.writing():
            self._rules["objects"].setdefault(principal, {}).setdefault(item.name, {})[perm] = bool(value)
            self._changed_metadata()

    def hide_rows(self, user: str, name: str, rows: list[str] | str) -> None:
        """Sharing: a user no longer sees rows, given as ids or as a SOQL condition (`Country = 'France'`).

        Sharing is not metadata: describe's date stays, as on a real org.
        """
        item = self._named(name)
        principal = self._principal(user)
        with self.store.writing() as connection:
            if isinstance(rows, str):
                sql = condition_sql(rows, item, self.context(self.admin_id))
                kept = self._rules["conditions"].setdefault(principal, {}).setdefault(item.name, [])
                kept.append(sql)
                self.kv.set("rules", self._rules)
            else:
                connection.executemany(
                    "INSERT OR IGNORE INTO om_hidden VALUES (?, ?, ?)",
                    [(principal, item.name, to_18(row)) for row in rows],
                )
            self.forget_rights()

    def show_rows(self, user: str, name: str, rows: list[str] | None = None) -> None:
        """Give rows back to a user: those ids, or all that were hidden from him."""
        item = self._named(name)
        principal = self._principal(user)
        with self.store.writing() as connection:
            if rows is None:
                connection.execute("DELETE FROM om_hidden WHERE user_id = ? AND object = ?", (principal, item.name))
                self._rules["conditions"].get(principal, {}).pop(item.name, None)
                self.kv.set("rules", self._rules)
            else:
                connection.executemany(
                    "DELETE FROM om_hidden WHERE user_id = ? AND object = ? AND id = ?",
                    [(principal, item.name, to_18(row)) for row in rows],
                )
            self.forget_rights()

    def context(self, user_id: str, soql: str = "") -> Context:
        """What a compilation for that user needs."""
        return Context(self.rights(user_id), self.now(), self.zone(user_id), soql)

    def note_viewed(self, user_id: str, item: Object, numbers: array[int]) -> None:
        """FOR VIEW: these rows are the user's most recent ones."""
        at = self.stamp()
        with self.store.writing() as connection:
            for number in numbers[:200]:
                connection.execute(
                    f'INSERT OR REPLACE INTO om_viewed SELECT ?, "Id", ? FROM {quoted(item.name)} WHERE n = ?',
                    (user_id, at, number),
                )


__all__ = ["BulkRefused", "Column", "Org", "OrgError", "Result", "User", "View"]

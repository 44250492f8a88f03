"""What a piece of work on the mirror is handed: the connection and its models, for reading or inside a write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import apsw

from core.mirror.models import Models, build_models

# In om_meta: how many transactions have changed tables, whoever made them.
TABLES_VERSION = "tables_version"


class Session:
    """A connection with its peewee models. Used by one thread at a time; never kept beyond the call it was given to."""

    def __init__(self, conn: apsw.Connection) -> None:
        self.conn = conn

    @cached_property
    def models(self) -> Models:
        return build_models(self.conn)


class WriteSession(Session):
    """The writer's session: every job runs in one transaction of it."""

    def __init__(self, conn: apsw.Connection) -> None:
        super().__init__(conn)
        self._after_commit: list[Callable[[], None]] = []
        self._changed_tables: set[str] = set()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` on the writer's thread once this transaction is committed; never if it is rolled back."""
        self._after_commit.append(callback)

    def table_changed(self, name: str) -> None:
        """Note that the object's table or fields changed, so that the snapshot of `Mirror.tables` is made anew.

        It is counted in the file too, with the same commit: other processes that have it open notice by that.
        """
        if not self._changed_tables:
            self.conn.execute(
                "INSERT INTO om_meta (key, value) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
                (TABLES_VERSION,),
            )
        self._changed_tables.add(name)

    def take_changes(self) -> tuple[list[Callable[[], None]], set[str]]:
        """The callbacks and the changed tables of the transaction, and start afresh. For the writer."""
        taken = (self._after_commit, self._changed_tables)
        self._after_commit, self._changed_tables = [], set()
        return taken

"""Query locators: the server-side position of a REST query that has more pages.

They live two days on the org's clock and belong to one user. They end with the process, as a real org's end with its
maintenance: a client answers INVALID_QUERY_LOCATOR by asking again.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.demo.behaviour import Behaviour
from core.demo.errors import OrgError
from core.demo.ids import to_18

if TYPE_CHECKING:
    from core.demo.org import Org, Result

_LIFE = timedelta(days=2)
_KEPT = 500
_KEPT_ROWS = 20_000_000
"""Rows that open queries may hold together; each row takes eight bytes."""


@dataclass(frozen=True)
class Cursor:
    """An open query."""

    id: str
    user_id: str
    result: Result
    size: int
    opened: datetime


class Cursors:
    """The open queries of all users; used by all worker threads under its own lock."""

    def __init__(self, org: Org, behaviour: Behaviour) -> None:
        self._org = org
        self._behaviour = behaviour
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._rows = 0

    def open(self, user_id: str, result: Result, size: int) -> Cursor:
        """A locator for a result of which more pages are to come."""
        cursor = Cursor(to_18("0r8" + secrets.token_hex(6)), user_id, result, size, self._org.now())
        with self._lock:
            self._open[cursor.id] = cursor
            self._rows += result.total_size
            while len(self._open) > 1 and (len(self._open) > _KEPT or self._rows > _KEPT_ROWS):
                _, oldest = self._open.popitem(last=False)
                self._rows -= oldest.result.total_size
        return cursor

    def find(self, user_id: str, locator: str) -> tuple[Cursor, int]:
        """The query and the row of `<locator>-<row>`. Raises OrgError INVALID_QUERY_LOCATOR."""
        cursor_id, _, offset = locator.partition("-")
        with self._lock:
            cursor = self._open.get(cursor_id)
        row = int(offset) if offset.isdigit() else 0 if not offset else -1
        if (
            cursor is None
            or cursor.user_id != user_id
            or self._org.now() - cursor.opened > _LIFE
            or not 0 <= row <= cursor.result.total_size
        ):
            raise OrgError(self._behaviour.dead_locator, "invalid query locator", 400)
        return cursor, row

    def close_all(self) -> int:
        """Drop every open query, as an expiry would. Returns how many went."""
        with self._lock:
            count = len(self._open)
            self._open.clear()
            self._rows = 0
        return count

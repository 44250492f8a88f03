"""A person's own SQL over the mirror: read-only, one SELECT, without the application's tables, within a time limit.

Runs on a connection of its own with mode=ro and an authorizer (rules 8): `query_only` alone would let ATTACH through.
Temporary views stand before the tables, so that `SELECT *` answers the org's fields and nothing of the application.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import apsw

from core.mirror.database import connect, error_of
from core.mirror.tables import HIDDEN_PREFIX
from core.mirror.values import quoted
from core.mirror.views import QueryAnswer
from core.model.errors import ErrorCode, OrgMirrorError

_OWN = "om_"
_SHADOWS = ("sqlite_",)
_ALLOWED = frozenset({apsw.SQLITE_SELECT, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE})
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts5", "fts5_source_id", "writefile", "readfile", "edit"})
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
# Instructions between two looks at the clock: some tenths of a millisecond.
_STEPS = 5000


def run(path: Path, key: bytes | None, sql: str, *, seconds: float, limit: int | None = None) -> QueryAnswer:
    """The answer of one SELECT, at most `limit` rows. Raises BAD_QUERY with SQLite's text, QUERY_TIMED_OUT."""
    conn = connect(path, key, readonly=True)
    ends = time.monotonic() + seconds
    try:
        _make_views(conn, sql)
        conn.set_authorizer(_authorize)
        conn.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
        return _answer(conn, sql, limit)
    except apsw.InterruptError as error:
        raise OrgMirrorError(ErrorCode.QUERY_TIMED_OUT, seconds=seconds) from error
    except (apsw.SQLError, apsw.AuthError, apsw.BindingsError, apsw.ThreadingViolationError) as error:
        raise OrgMirrorError(ErrorCode.BAD_QUERY, reason=_reason(error)) from error
    except (apsw.TooBigError, apsw.MismatchError, apsw.RangeError, apsw.ConstraintError) as error:
        raise OrgMirrorError(ErrorCode.BAD_QUERY, reason=_reason(error)) from error
    except apsw.Error as error:
        raise error_of(error) from error
    finally:
        conn.close()


def _make_views(conn: apsw.Connection, sql: str) -> None:
    """For each object that `sql` may speak of, a view of its visible fields in describe's order."""
    spoken = {word.lower() for word in re.findall(r"\w+", sql)}
    fields: dict[str, list[str]] = {}
    for name, field in conn.execute(
        "SELECT f.object, f.name FROM om_field f JOIN om_object o ON o.name = f.object "
        "WHERE o.has_table AND f.hidden_at IS NULL ORDER BY f.object, f.position"
    ):
        if name.lower() in spoken:
            fields.setdefault(name, []).append(quoted(field))
    for name, columns in fields.items():
        conn.execute(f"CREATE TEMP VIEW {quoted(name)} AS SELECT {', '.join(columns)} FROM main.{quoted(name)}")


def _answer(conn: apsw.Connection, sql: str, limit: int | None) -> QueryAnswer:
    if "\0" in sql or not sql.strip():
        raise OrgMirrorError(ErrorCode.BAD_QUERY, reason="empty")
    statements = 0
    columns: tuple[str, ...] = ()

    def begin(cursor: apsw.Cursor, statement: str, _bindings: Any) -> bool:
        nonlocal statements, columns
        if not _COMMENTS.sub("", statement).strip(" \t\r\n;"):
            return True
        statements += 1
        if statements > 1:
            raise OrgMirrorError(ErrorCode.BAD_QUERY, reason="one statement at a time")
        columns = tuple(item[0] for item in cursor.get_description()) if cursor.is_readonly else ()
        if not cursor.is_readonly or cursor.is_explain:
            raise OrgMirrorError(ErrorCode.BAD_QUERY, reason="only SELECT is allowed")
        return True

    conn.exec_trace = begin
    rows: list[tuple[Any, ...]] = []
    for row in conn.execute(sql):
        if limit is None or len(rows) < limit:
            rows.append(row)
    if not statements:
        raise OrgMirrorError(ErrorCode.BAD_QUERY, reason="empty")
    return QueryAnswer(columns, rows)


def _authorize(action: int, one: str | None, two: str | None, _database: str | None, _trigger: str | None) -> int:
    if action == apsw.SQLITE_READ:
        own = (one or "").lower().startswith((_OWN, *_SHADOWS)) or (two or "").lower().startswith(HIDDEN_PREFIX)
        return apsw.SQLITE_DENY if own else apsw.SQLITE_OK
    if action == apsw.SQLITE_FUNCTION and (two or "").lower() in _REFUSED_FUNCTIONS:
        return apsw.SQLITE_DENY
    return apsw.SQLITE_OK if action in _ALLOWED else apsw.SQLITE_DENY


def _reason(error: apsw.Error) -> str:
    text = str(error)
    return text.split(": ", 1)[1] if text.startswith(type(error).__name__) and ": " in text else text

"""Version 1.2: the log of schema changes."""

from __future__ import annotations

import apsw

_TABLES = """
CREATE TABLE om_schema_log (
    line_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    object TEXT NOT NULL,
    field TEXT,
    what TEXT NOT NULL,
    old TEXT,
    new TEXT
);
CREATE INDEX om_schema_log_object ON om_schema_log (object);
"""


def apply(conn: apsw.Connection) -> None:
    """Make the table."""
    conn.execute(_TABLES)

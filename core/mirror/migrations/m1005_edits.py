"""Step 1005: what a person's edits need beside the outbox. Frozen: later changes are later steps.

Values that a person entered are data that cannot be fetched again: all of these tables are carried over by a rebuild,
`om_layout` alone is only kept for speed.
"""

from __future__ import annotations

import apsw

_TABLES = """
ALTER TABLE om_outbox ADD COLUMN edited_at TEXT;
CREATE INDEX om_outbox_state ON om_outbox (state);
CREATE TABLE om_alias (
    temporary_id TEXT NOT NULL PRIMARY KEY,
    object TEXT NOT NULL,
    real_id TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE om_draft (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (object, record_id)
);
CREATE TABLE om_field_rule (
    object TEXT NOT NULL,
    field TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (object, field)
);
CREATE TABLE om_act (
    act_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    name TEXT NOT NULL,
    params TEXT NOT NULL DEFAULT '{}',
    steps TEXT NOT NULL,
    undone_at TEXT
);
CREATE TABLE om_copy (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    here_only INTEGER NOT NULL DEFAULT 0,
    image BLOB NOT NULL,
    PRIMARY KEY (object, record_id)
);
CREATE INDEX om_copy_here_only ON om_copy (object) WHERE here_only;
CREATE TABLE om_layout (
    object TEXT NOT NULL,
    part TEXT NOT NULL,
    at TEXT NOT NULL,
    stamp TEXT,
    content BLOB,
    PRIMARY KEY (object, part)
);
"""


def apply(conn: apsw.Connection) -> None:
    """Make the tables."""
    conn.execute(_TABLES)

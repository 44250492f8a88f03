"""Step 1006: what the push needs: kinds of conflicts, what was sent and not yet answered, policies. Frozen.

Nothing of it can be fetched again, so a rebuild carries all of these tables over.
"""

from __future__ import annotations

import apsw

_TABLES = """
ALTER TABLE om_conflict ADD COLUMN kind TEXT NOT NULL DEFAULT 'field';
ALTER TABLE om_conflict ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE om_conflict ADD COLUMN policy TEXT;
CREATE INDEX om_conflict_state ON om_conflict (state);
CREATE TABLE om_send (
    token TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    op TEXT NOT NULL,
    method TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    last_sent_at TEXT NOT NULL,
    content TEXT NOT NULL DEFAULT '{}',
    tries INTEGER NOT NULL DEFAULT 1,
    result_id TEXT,
    answered_at TEXT,
    PRIMARY KEY (token, record_id)
);
CREATE INDEX om_send_record ON om_send (object, record_id);
CREATE TABLE om_duplicate (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    content TEXT NOT NULL,
    allowed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (object, record_id)
);
CREATE TABLE om_merge_policy (
    object TEXT NOT NULL,
    field TEXT NOT NULL DEFAULT '',
    policy TEXT NOT NULL,
    PRIMARY KEY (object, field)
);
CREATE TABLE om_sibling (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field TEXT NOT NULL,
    base,
    PRIMARY KEY (object, record_id, field)
);
"""


def apply(conn: apsw.Connection) -> None:
    """Make the tables and columns."""
    conn.execute(_TABLES)

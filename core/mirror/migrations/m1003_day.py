"""Step 1003: what the continuous sync keeps beside the rows. Frozen: later changes are later steps.

Problems know their kind and whether they were announced; history and changes are found by time; hours of work, followed
things, what merges lost, and deleted records that are not kept here have tables of their own.
"""

from __future__ import annotations

import apsw

_TABLES = """
ALTER TABLE om_problem ADD COLUMN kind TEXT NOT NULL DEFAULT 'object';
ALTER TABLE om_problem ADD COLUMN operation TEXT;
ALTER TABLE om_problem ADD COLUMN announced_at TEXT;
ALTER TABLE om_change ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX om_history_started ON om_history (started);
CREATE TABLE om_throughput (
    object TEXT NOT NULL,
    hour TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    backlog INTEGER,
    PRIMARY KEY (object, hour)
) WITHOUT ROWID;
CREATE INDEX om_throughput_hour ON om_throughput (hour);
CREATE TABLE om_follow (
    follow_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    object TEXT NOT NULL,
    record_id TEXT,
    title TEXT,
    definition TEXT,
    since TEXT NOT NULL,
    seen_change INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX om_follow_record ON om_follow (object, record_id) WHERE record_id IS NOT NULL;
CREATE TABLE om_lost (
    object TEXT NOT NULL,
    master_id TEXT NOT NULL,
    loser_id TEXT NOT NULL,
    field TEXT NOT NULL,
    value,
    at TEXT NOT NULL,
    PRIMARY KEY (object, loser_id, field)
) WITHOUT ROWID;
CREATE INDEX om_lost_master ON om_lost (object, master_id);
CREATE TABLE om_tombstone (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (object, record_id)
) WITHOUT ROWID;
"""


def apply(conn: apsw.Connection) -> None:
    """Make the tables and columns."""
    conn.execute(_TABLES)

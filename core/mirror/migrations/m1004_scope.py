"""Step 1004: what a person chose to mirror, what is offered to them, and what a schema change asks or keeps aside."""

from __future__ import annotations

import apsw

_CHANGES = """
ALTER TABLE om_object ADD COLUMN delete_policy TEXT NOT NULL DEFAULT 'flag';
ALTER TABLE om_object ADD COLUMN schema_policy TEXT NOT NULL DEFAULT 'follow';
ALTER TABLE om_object ADD COLUMN filter_day TEXT;
ALTER TABLE om_object ADD COLUMN durable_at TEXT;
ALTER TABLE om_field ADD COLUMN in_scope INTEGER NOT NULL DEFAULT 1;
ALTER TABLE om_field ADD COLUMN durable_id TEXT;
ALTER TABLE om_field ADD COLUMN hidden_why TEXT;
CREATE TABLE om_listed (
    name TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL,
    label_plural TEXT NOT NULL,
    custom INTEGER NOT NULL DEFAULT 0,
    queryable INTEGER NOT NULL DEFAULT 1,
    custom_setting INTEGER NOT NULL DEFAULT 0,
    first_seen_at TEXT NOT NULL,
    gone_at TEXT,
    is_new INTEGER NOT NULL DEFAULT 0,
    ticked INTEGER
);
CREATE TABLE om_question (
    question_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    field TEXT,
    other TEXT,
    params TEXT NOT NULL DEFAULT '{}',
    asked_at TEXT NOT NULL,
    answer TEXT,
    answered_at TEXT
);
CREATE INDEX om_question_object ON om_question (object, field);
CREATE TABLE om_kept_value (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field TEXT NOT NULL,
    at TEXT NOT NULL,
    why TEXT NOT NULL,
    value,
    PRIMARY KEY (object, record_id, field, at)
);
CREATE TABLE om_outside (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (object, record_id)
);
CREATE INDEX om_kept_value_at ON om_kept_value (at);
"""


def apply(conn: apsw.Connection) -> None:
    """Add the columns and make the tables."""
    conn.execute(_CHANGES)

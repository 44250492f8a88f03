"""Step 1001: the application's own tables (`om_`). Frozen: later changes are later steps.

Columns that hold a field's value have no declared type, so that a value stays what it is in the mirrored row.
"""

from __future__ import annotations

import apsw

_TABLES = """
CREATE TABLE om_meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT
);
CREATE TABLE om_setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE om_object (
    name TEXT NOT NULL PRIMARY KEY,
    label TEXT NOT NULL,
    label_plural TEXT NOT NULL,
    key_prefix TEXT,
    custom INTEGER NOT NULL DEFAULT 0,
    describe BLOB,
    describe_stamp TEXT,
    fingerprint TEXT,
    has_table INTEGER NOT NULL DEFAULT 0,
    in_scope INTEGER NOT NULL DEFAULT 1,
    direction TEXT NOT NULL DEFAULT 'pull',
    row_filter TEXT,
    loaded INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    last_synced_at TEXT
);
CREATE INDEX om_object_key_prefix ON om_object (key_prefix);
CREATE TABLE om_field (
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    added_at TEXT NOT NULL,
    hidden_at TEXT,
    PRIMARY KEY (object, name)
);
CREATE TABLE om_load_job (
    object TEXT NOT NULL PRIMARY KEY,
    method TEXT NOT NULL,
    soql TEXT NOT NULL,
    fields_hash TEXT NOT NULL,
    api_version TEXT NOT NULL,
    job_id TEXT,
    started_server TEXT NOT NULL,
    total INTEGER,
    total_is_estimate INTEGER NOT NULL DEFAULT 0,
    phase TEXT NOT NULL,
    next_locator TEXT,
    listing_url TEXT,
    listing_done INTEGER NOT NULL DEFAULT 0,
    pages_repeated INTEGER NOT NULL DEFAULT 0,
    error_code TEXT
);
CREATE TABLE om_load_page (
    object TEXT NOT NULL,
    locator TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    rows INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (object, locator)
);
CREATE TABLE om_watermark (
    object TEXT NOT NULL PRIMARY KEY,
    safe_from TEXT,
    last_ok_at TEXT,
    last_sweep_at TEXT,
    last_formula_at TEXT,
    last_asked_at TEXT
);
CREATE TABLE om_outbox (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    op TEXT NOT NULL,
    field TEXT,
    base,
    mine,
    server,
    group_id TEXT,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    error_code TEXT,
    error_text TEXT,
    created_at TEXT NOT NULL,
    token TEXT
);
CREATE INDEX om_outbox_record ON om_outbox (object, record_id);
CREATE TABLE om_conflict (
    conflict_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    field TEXT,
    base,
    mine,
    theirs,
    changed_by TEXT,
    changed_at TEXT,
    found_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    winner TEXT,
    decided_at TEXT
);
CREATE INDEX om_conflict_record ON om_conflict (object, record_id);
CREATE TABLE om_problem (
    problem_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    object TEXT,
    record_id TEXT,
    field TEXT,
    code TEXT NOT NULL,
    params TEXT NOT NULL DEFAULT '{}',
    salesforce_code TEXT,
    salesforce_text TEXT,
    attempts INTEGER NOT NULL DEFAULT 1,
    next_try_at TEXT,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open'
);
CREATE INDEX om_problem_state ON om_problem (state, object);
CREATE TABLE om_history (
    history_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,
    ended TEXT,
    object TEXT,
    operation TEXT NOT NULL,
    status TEXT NOT NULL,
    new INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    api_calls INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0
);
CREATE TABLE om_change (
    change_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT,
    field TEXT,
    old,
    new,
    "by" TEXT,
    side TEXT NOT NULL
);
CREATE INDEX om_change_record ON om_change (object, record_id);
CREATE INDEX om_change_at ON om_change (at);
CREATE TABLE om_view (
    view_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    definition TEXT NOT NULL
);
CREATE INDEX om_view_object ON om_view (object, position);
CREATE TABLE om_withdrawn (
    object TEXT NOT NULL,
    record_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    image BLOB NOT NULL,
    PRIMARY KEY (object, record_id)
);
CREATE INDEX om_withdrawn_at ON om_withdrawn (at);
"""


def apply(conn: apsw.Connection) -> None:
    """Make the tables."""
    conn.execute(_TABLES)

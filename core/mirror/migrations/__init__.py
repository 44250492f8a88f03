"""Numbered steps that bring a file of any earlier version to this one.

`PRAGMA user_version` is major * 1000 + minor. A newer minor is additive and may be opened by this program; a newer
major is refused. A new file is made by running every step, so "all steps from 1" is the fresh schema by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import apsw

from core.mirror.migrations import m1001_first, m1002_schema_log, m1003_day, m1004_scope, m1005_edits, m1006_push
from core.model.errors import ErrorCode, OrgMirrorError


@dataclass(frozen=True, slots=True)
class Step:
    """`apply` runs inside one transaction; it must be quick at any number of mirrored rows (rules 1)."""

    version: int
    apply: Callable[[apsw.Connection], None]


STEPS: tuple[Step, ...] = (
    Step(1001, m1001_first.apply),
    Step(1002, m1002_schema_log.apply),
    Step(1003, m1003_day.apply),
    Step(1004, m1004_scope.apply),
    Step(1005, m1005_edits.apply),
    Step(1006, m1006_push.apply),
)


def version_of(conn: apsw.Connection) -> int:
    """The file's version; 0 for a file without a schema."""
    return int(conn.pragma("user_version"))


def check(conn: apsw.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Raise FILE_NEWER for a file of a newer major version, FILE_CORRUPT for one that is no mirror."""
    current = version_of(conn)
    if current == 0:
        raise OrgMirrorError(ErrorCode.FILE_CORRUPT, no_mirror=True)
    if current // 1000 > steps[-1].version // 1000:
        raise OrgMirrorError(ErrorCode.FILE_NEWER, file_version=current, known_version=steps[-1].version)


def migrate(conn: apsw.Connection, steps: Sequence[Step] = STEPS) -> list[int]:
    """Run the steps that the file lacks, each in its own transaction; returns their versions."""
    done: list[int] = []
    for step in steps:
        if step.version <= version_of(conn):
            continue
        conn.execute("BEGIN IMMEDIATE")
        try:
            step.apply(conn)
            conn.pragma("user_version", step.version)
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise
        done.append(step.version)
    return done

"""Per field: never overwrite locally, never send (issue 4). Rules of one connection, in `om_field_rule`."""

from __future__ import annotations

import apsw

from core.mirror.session import WriteSession
from core.model.forms import FieldRule

__all__ = ["FieldRule", "rules", "set_rule"]


def rules(conn: apsw.Connection, object_name: str) -> dict[str, FieldRule]:
    """The fields of an object that have a rule."""
    rows = conn.execute("SELECT field, rule FROM om_field_rule WHERE object = ?", (object_name,))
    return {str(field): FieldRule(rule) for field, rule in rows}


def set_rule(session: WriteSession, object_name: str, field: str, rule: FieldRule) -> None:
    """Give a field its rule; NONE takes it back."""
    if rule is FieldRule.NONE:
        session.conn.execute("DELETE FROM om_field_rule WHERE object = ? AND field = ?", (object_name, field))
    else:
        session.conn.execute(
            "INSERT OR REPLACE INTO om_field_rule (object, field, rule) VALUES (?, ?, ?)",
            (object_name, field, rule.value),
        )

"""A field's new name: what hangs on the old one is carried over, in the writer's transaction.

The new column has its values from Salesforce already, or will; here go pending edits with their overlay, conflicts, the
change log, rules, saved views and the person's tick.
"""

from __future__ import annotations

import json
from typing import Any

from core.mirror.merge import open_entries
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted

# Tables in which (object, field) is a key: what stands under the new name already stays.
_KEYED = ("om_field_rule", "om_merge_policy", "om_sibling")
_LISTED = ("om_outbox", "om_conflict", "om_change")


def carry_over(session: WriteSession, table: Table, old: str, new: str) -> None:
    """Everything that names the field `old` of the object names `new` from now on."""
    conn = session.conn
    for name in _LISTED:
        conn.execute(f"UPDATE {name} SET field = ? WHERE object = ? AND field = ?", (new, table.name, old))
    for name in _KEYED:
        conn.execute(f"UPDATE OR IGNORE {name} SET field = ? WHERE object = ? AND field = ?", (new, table.name, old))
    _overlay(session, table, new)
    views = conn.execute("SELECT view_id, definition FROM om_view WHERE object = ?", (table.name,)).fetchall()
    for view_id, definition in views:
        told = json.dumps(_renamed(json.loads(str(definition)), old, new), ensure_ascii=False)
        if told != definition:
            conn.execute("UPDATE om_view SET definition = ? WHERE view_id = ?", (told, view_id))
    conn.execute(
        "UPDATE om_field SET in_scope = (SELECT in_scope FROM om_field WHERE object = ?1 AND name = ?2) "
        "WHERE object = ?1 AND name = ?3",
        (table.name, old, new),
    )


def _overlay(session: WriteSession, table: Table, field: str) -> None:
    """Row = server image overlaid by the outbox, for the entries that came under a new name."""
    if field not in table.by_name:
        return
    conn = session.conn
    column = quoted(field)
    for entry in open_entries(conn, table.name):
        if entry.field == field:
            here = conn.execute(f'SELECT {column} FROM {table.quoted} WHERE "Id" = ?', (entry.record_id,)).get
            if here is not None and here != entry.mine:
                conn.execute("UPDATE om_outbox SET server = ? WHERE seq = ?", (here, entry.seq))
            conn.execute(f'UPDATE {table.quoted} SET {column} = ? WHERE "Id" = ?', (entry.mine, entry.record_id))


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {(new if key == old else key): _renamed(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, old, new) for item in value]
    return new if value == old else value

"""A field's rule that is changed while edits of the field wait, or are kept."""

from __future__ import annotations

from core.mirror import outbox
from core.mirror.entries import CONFLICT, NEEDS_USER, RETRY
from core.mirror.field_rules import FieldRule, set_rule
from core.mirror.models import KEPT, PENDING
from core.mirror.session import WriteSession
from core.mirror.tables import Table


def apply(session: WriteSession, table: Table, field: str, rule: FieldRule) -> None:
    """Give a field its rule and let what waits follow it.

    Edits that wait are kept here by NEVER_SEND. NONE gives up what was kept: the rows show the server's values again,
    and what was entered is a line of the change log.
    """
    set_rule(session, table.name, field, rule)
    if rule is FieldRule.NEVER_SEND:
        session.conn.execute(
            f"UPDATE om_outbox SET state = '{KEPT}' WHERE object = ? AND field = ? AND op = 'update' "
            f"AND state IN ('{PENDING}', '{RETRY}', '{NEEDS_USER}', '{CONFLICT}')",
            (table.name, field),
        )
    elif rule is FieldRule.NONE:
        kept = outbox.entries(session, object_name=table.name, states=(KEPT,))
        outbox.discard(session, [e.seq for e in kept if e.field == field and e.op == outbox.UPDATE])

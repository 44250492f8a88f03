"""Stored values as a person reads them, with look-ups by name: for what waits, what was changed, and forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from core.mirror import editing
from core.mirror.display import plain_text, text_formatter
from core.mirror.names import Names
from core.mirror.session import Session
from core.mirror.tables import Table
from core.model.refs import RecordRef


class Wording:
    """For one question over one moment of the file."""

    def __init__(self, session: Session, tables: Mapping[str, Table], zone: tzinfo) -> None:
        self._session = session
        self._tables = tables
        self._zone = zone
        self._names = Names(session.conn)
        self._names.refresh(tables)
        self._titles: dict[RecordRef, str] = {}

    def text(self, table: Table | None, field: str | None, value: Any) -> str:
        """A value of that field; empty for None."""
        column = table.column(field) if table is not None and field else None
        if value is None or column is None:
            return "" if value is None else str(value)
        if column.field.type == "reference":
            self._names.resolve((str(value),), column.field.reference_to)
            return self._names.name(str(value)) or str(value)
        text = text_formatter(column, self._zone)(value)
        return plain_text(text) if column.field.html_formatted else text

    def link(self, value: str) -> RecordRef | None:
        """The record of a look-up whose text was made, where it is here."""
        return self._names.ref(value)

    def title(self, ref: RecordRef) -> str:
        """What a record is called; its id where it is not here."""
        if ref not in self._titles:
            table = self._tables.get(ref.object)
            self._titles[ref] = ref.id if table is None else editing.title(self._session, table, ref.id)
        return self._titles[ref]

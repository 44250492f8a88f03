"""Values that a person chose for required fields of new records, by object and field (a connection's setting).

They go only into a required field that nobody filled, and only when the record is made (marketo-sync.md 2.1).
"""

from __future__ import annotations

from typing import Any

from core.mirror import preferences
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.records import rights

_KEY = "required-defaults"


def of_object(session: Session, object_name: str) -> dict[str, Any]:
    """The chosen values of an object's fields."""
    return dict(preferences.read_all(session).get(_KEY, {}).get(object_name, {}))


def choose(session: WriteSession, object_name: str, field: str, value: Any) -> None:
    """Choose the value of a field; None takes it back."""
    every = dict(preferences.read_all(session).get(_KEY, {}))
    own = {name: kept for name, kept in every.get(object_name, {}).items() if name != field}
    if value is not None:
        own[field] = value
    preferences.keep(session, _KEY, {**every, object_name: own})


def missing(session: Session, table: Table, given: set[str]) -> dict[str, Any]:
    """The chosen values of required fields that are not among `given` (API names that have a value)."""
    return {
        name: value
        for name, value in of_object(session, table.name).items()
        if name not in given and (column := table.column(name)) is not None and rights.required(column.field)
    }

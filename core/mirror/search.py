"""Search index; the reading side replaces this file."""

from collections.abc import Sequence

import apsw

from core.mirror.tables import Table


def has_index(conn: apsw.Connection, object_name: str) -> bool:
    """Whether the object has a search index."""
    return False


def update(conn: apsw.Connection, table: Table, om_rows: Sequence[int]) -> None:
    """Bring the index up to the rows, which may be new, changed or gone."""


def drop(conn: apsw.Connection, object_name: str) -> None:
    """Take the object's index away."""

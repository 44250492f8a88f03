"""Folding of case and accents; the reading side replaces this file."""

import apsw


def register(conn: apsw.Connection) -> None:
    """Make the folding functions known to a connection."""

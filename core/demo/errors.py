"""The REST-shaped error of the demo org, in a module of its own so that every part can raise it."""

from __future__ import annotations

from collections.abc import Sequence


class OrgError(Exception):
    """A refusal as the API words it: `code` is Salesforce's errorCode, `status` the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = list(fields)


class BulkRefused(OrgError):
    """A query that is right SOQL but that Bulk API 2.0 does not run."""


def not_found(message: str = "The requested resource does not exist") -> OrgError:
    """The 404 for an object or a record that is not there for this user."""
    return OrgError("NOT_FOUND", message, 404)

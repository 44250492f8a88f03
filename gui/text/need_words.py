"""The groups by which *Needs you* is filtered: the kinds of problems that core tells apart, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.model.states import ProblemKind


def group(value: str) -> str:
    """The words of a group."""
    translate = QCoreApplication.translate
    known = {
        ProblemKind.CONFLICT: translate("Needs", "Conflicts"),
        ProblemKind.REFUSED: translate("Needs", "Refused by Salesforce"),
        ProblemKind.CANNOT_SEND: translate("Needs", "Cannot be sent"),
        ProblemKind.GONE: translate("Needs", "Gone in Salesforce"),
        ProblemKind.DELETED: translate("Needs", "Deleted in Salesforce"),
        ProblemKind.GUARD: translate("Needs", "Safety questions"),
        ProblemKind.SIGN_IN: translate("Needs", "Sign-in"),
        ProblemKind.SCHEMA: translate("Needs", "Fields and objects"),
        ProblemKind.OBJECT: translate("Needs", "Sync of an object"),
        ProblemKind.STORAGE: translate("Needs", "This computer"),
        ProblemKind.ORG: translate("Needs", "The org"),
    }
    return known.get(ProblemKind(value), value) if value in set(ProblemKind) else value


def icon(value: str) -> str:
    """The drawing of a group."""
    return {
        ProblemKind.CONFLICT: "changes",
        ProblemKind.REFUSED: "error",
        ProblemKind.CANNOT_SEND: "pending",
        ProblemKind.GONE: "eye-off",
        ProblemKind.DELETED: "trash",
        ProblemKind.GUARD: "shield",
        ProblemKind.SIGN_IN: "key",
        ProblemKind.SCHEMA: "columns",
        ProblemKind.STORAGE: "disk",
        ProblemKind.ORG: "cloud",
    }.get(ProblemKind(value) if value in set(ProblemKind) else ProblemKind.OBJECT, "alert")

"""Words for conflicts: what happened, and buttons that say what will happen. Codes in, sentences out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.api.push import Choice, ConflictKind
from gui.text import numbers
from gui.text.edit_words import shown_or_nothing

_SHORT = 28


def title(kind: ConflictKind, label: str, who: str) -> str:
    """What stands between the edit and Salesforce."""
    tr = QCoreApplication.translate
    by = who or tr("Conflicts", "somebody")
    words = {
        ConflictKind.FIELD: tr("Conflicts", "{field} was changed here and by {who}"),
        ConflictKind.GONE_THERE: tr("Conflicts", "Edited here, deleted in Salesforce"),
        ConflictKind.MERGED_THERE: tr("Conflicts", "Edited here, merged into another record in Salesforce"),
        ConflictKind.CONVERTED_THERE: tr("Conflicts", "Edited here, converted in Salesforce"),
        ConflictKind.HIDDEN_THERE: tr("Conflicts", "Edited here, no longer to be seen in Salesforce"),
        ConflictKind.DELETED_HERE: tr("Conflicts", "Deleted here, changed by {who} in Salesforce"),
        ConflictKind.SEVERAL_CANDIDATES: tr("Conflicts", "Made here; more than one record in Salesforce may be it"),
    }[kind]
    return words.format(field=label, who=by)


def remedy(kind: ConflictKind) -> str:
    """What to know before deciding."""
    tr = QCoreApplication.translate
    return {
        ConflictKind.FIELD: tr(
            "Conflicts", "Both values are kept until you decide; the other one can be brought back."
        ),
        ConflictKind.GONE_THERE: tr("Conflicts", "Your changes are kept here until you decide."),
        ConflictKind.MERGED_THERE: tr("Conflicts", "Your changes can go to the record that is left."),
        ConflictKind.CONVERTED_THERE: tr("Conflicts", "A converted lead takes no changes; its contact does."),
        ConflictKind.HIDDEN_THERE: tr("Conflicts", "Deleted for good, or not shared with you any more."),
        ConflictKind.DELETED_HERE: tr("Conflicts", "Deleting it now would delete the newer values, too."),
        ConflictKind.SEVERAL_CANDIDATES: tr("Conflicts", "The answer to the creation was lost; nothing is sent twice."),
    }[kind]


def choice(chosen: Choice, kind: ConflictKind, *, mine: str, theirs: str, who: str, to: str) -> str:
    """The button for one conflict."""
    tr = QCoreApplication.translate
    if kind is ConflictKind.DELETED_HERE:
        return (
            tr("Conflicts", "Delete it all the same")
            if chosen is Choice.MINE
            else tr("Conflicts", "Keep it, with the newer values")
        )
    if chosen is Choice.MINE:
        return tr("Conflicts", "Send my {value}").format(value=_short(mine))
    if chosen is Choice.THEIRS:
        if who:
            return tr("Conflicts", "Keep {value} of {who}").format(who=who, value=_short(theirs))
        return tr("Conflicts", "Keep Salesforce's {value}").format(value=_short(theirs))
    if chosen is Choice.MOVE and to:
        return tr("Conflicts", "Move my changes to {record}").format(record=_short(to))
    return {
        Choice.VALUE: tr("Conflicts", "Another value…"),
        Choice.RECREATE: tr("Conflicts", "Make it anew in Salesforce"),
        Choice.MOVE: tr("Conflicts", "Move my changes to the record that is left"),
        Choice.DISCARD: tr("Conflicts", "Give my changes up"),
        Choice.ADOPT: tr("Conflicts", "This one is it"),
    }[chosen]


def bulk_choice(chosen: Choice, kind: ConflictKind, count: int) -> str:
    """The button for several conflicts at once."""
    tr = QCoreApplication.translate
    if kind is ConflictKind.DELETED_HERE:
        words = tr("Conflicts", "Delete all {count}") if chosen is Choice.MINE else tr("Conflicts", "Keep all {count}")
    else:
        words = {
            Choice.MINE: tr("Conflicts", "Send mine, all {count}"),
            Choice.THEIRS: tr("Conflicts", "Keep Salesforce's, all {count}"),
            Choice.RECREATE: tr("Conflicts", "Make all {count} anew"),
            Choice.MOVE: tr("Conflicts", "Move my changes of all {count}"),
            Choice.DISCARD: tr("Conflicts", "Give my changes up, all {count}"),
        }[chosen]
    return words.format(count=numbers.number(count))


def _short(text: str) -> str:
    shown = shown_or_nothing(text)
    return f"“{shown}”" if len(shown) <= _SHORT else f"“{shown[:_SHORT]}…”"


def mass_title(updates: int, deletes: int) -> str:
    """What is about to leave at once."""
    tr = QCoreApplication.translate
    if not updates:
        return tr("Conflicts", "{count} records are to be deleted in Salesforce").format(count=numbers.number(deletes))
    if not deletes:
        return tr("Conflicts", "{count} records are to be changed in Salesforce").format(count=numbers.number(updates))
    words = tr("Conflicts", "{updates} records are to be changed and {deletes} deleted in Salesforce")
    return words.format(updates=numbers.number(updates), deletes=numbers.number(deletes))


def mass_remedy() -> str:
    """Why it waits."""
    return QCoreApplication.translate(
        "Conflicts", "So many at once wait for your word; until then nothing of it leaves."
    )

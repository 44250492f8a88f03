"""Words for editing: why a field cannot be written, what stands beside one, what an act was. Codes in, sentences out.

The codes are `core.records`'; a code that is not known here (a newer core) gets a sentence that is true of any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from gui.text import numbers

if TYPE_CHECKING:
    from core.api.browse import RecordView
    from core.api.records import FieldFault, FormField


@dataclass(frozen=True, slots=True)
class Note:
    """`role` is a Label role (bad, warn, accent, small); each action is (key, words)."""

    role: str
    text: str
    actions: tuple[tuple[str, str], ...] = ()


def _tr(text: str) -> str:
    return QCoreApplication.translate("EditWords", text)  # tr: checked, the tables below mark them


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    return text


_REASONS = {
    "calculated": QT_TRANSLATE_NOOP("EditWords", "Calculated by Salesforce; it follows from other fields."),
    "auto-number": QT_TRANSLATE_NOOP("EditWords", "Salesforce counts this number up by itself."),
    "system": QT_TRANSLATE_NOOP("EditWords", "Kept by Salesforce; nobody can write it."),
    "not-updateable": QT_TRANSLATE_NOOP("EditWords", "Your user may not write this field. An admin can allow it."),
    "not-createable": QT_TRANSLATE_NOOP("EditWords", "This field cannot be set when a record is made."),
    "name-of-person": QT_TRANSLATE_NOOP("EditWords", "Put together from the parts of the name; edit those."),
    "pull-only": QT_TRANSLATE_NOOP(
        "EditWords", "This object is only read. Settings of the object can open it for editing."
    ),
    "never-send": QT_TRANSLATE_NOOP("EditWords", "You chose never to send this field."),
    "converted": QT_TRANSLATE_NOOP("EditWords", "A converted lead can no longer be edited."),
    "deleted": QT_TRANSLATE_NOOP("EditWords", "The record is deleted. Restore it to edit it."),
    "archived": QT_TRANSLATE_NOOP("EditWords", "An archived activity can no longer be edited."),
    "not-mirrored": QT_TRANSLATE_NOOP("EditWords", "This field is not on this computer."),
    "binary": QT_TRANSLATE_NOOP("EditWords", "Files are changed in Salesforce."),
    "create-only": QT_TRANSLATE_NOOP("EditWords", "This can only be set when the record is made."),
}

_FAULTS = {
    "required": QT_TRANSLATE_NOOP("EditWords", "{label} must not be empty."),
    "too-long": QT_TRANSLATE_NOOP("EditWords", "{length} characters at most; these are {actual}."),
    "not-a-number": QT_TRANSLATE_NOOP("EditWords", "This is not a number."),
    "not-whole": QT_TRANSLATE_NOOP("EditWords", "Whole numbers only."),
    "too-large": QT_TRANSLATE_NOOP("EditWords", "This number has too many digits."),
    "too-many-digits": QT_TRANSLATE_NOOP("EditWords", "This number has too many digits."),
    "too-many-decimals": QT_TRANSLATE_NOOP("EditWords", "{scale} decimals at most."),
    "not-a-date": QT_TRANSLATE_NOOP("EditWords", "This is not a date."),
    "not-a-time": QT_TRANSLATE_NOOP("EditWords", "This is not a time."),
    "not-an-email": QT_TRANSLATE_NOOP("EditWords", "This is not an e-mail address."),
    "not-a-choice": QT_TRANSLATE_NOOP("EditWords", "This value is not one that may be chosen."),
    "not-for-record-type": QT_TRANSLATE_NOOP("EditWords", "This value is not offered for this record type."),
    "not-for-controller": QT_TRANSLATE_NOOP("EditWords", "This value does not go with {controller}."),
    "no-such-record": QT_TRANSLATE_NOOP("EditWords", "No such record is here."),
    "inactive-user": QT_TRANSLATE_NOOP("EditWords", "This user is not active any more."),
    "queue-not-allowed": QT_TRANSLATE_NOOP("EditWords", "Only leads can be given to a queue, not this record."),
    "read-only": QT_TRANSLATE_NOOP("EditWords", "This field cannot be written."),
    "no-such-field": QT_TRANSLATE_NOOP("EditWords", "There is no such field."),
}


def reason(code: str | None, field: FormField | None = None) -> str:
    """Why a field (or the record) cannot be written."""
    words = _REASONS.get(str(code)) if code is not None else None
    if words is None and field is not None and field.calculated:
        words = _REASONS["calculated"]
    if words is None:
        return QCoreApplication.translate("EditWords", "This field cannot be edited here.")
    return _tr(words)


def fault(found: FieldFault, label: str) -> str:
    """What is wrong with a typed value."""
    words = _FAULTS.get(str(found.code))
    if words is None:
        return QCoreApplication.translate("EditWords", "Salesforce would not take this value.")
    return _filled(_tr(words), {"label": label, **dict(found.params)})


def _filled(words: str, params: Mapping[str, Any]) -> str:
    class _Lenient(dict[str, Any]):
        def __missing__(self, key: str) -> str:
            return "…"

    return words.format_map(_Lenient(params))


def arrived_note(display: str, record: RecordView | None) -> Note:
    """A newer value came while a person was typing."""
    value = display or QCoreApplication.translate("EditWords", "nothing")
    who = record.field("LastModifiedById") if record is not None else None
    when = record.field("LastModifiedDate") if record is not None else None
    name = (who.link_label or who.display) if who is not None else ""
    if name and when is not None and when.display:
        text = QCoreApplication.translate("EditWords", "Salesforce now has {value}, by {who} at {when}.")
        text = text.format(value=value, who=name, when=when.display)
    else:
        text = QCoreApplication.translate("EditWords", "Salesforce now has {value}.").format(value=value)
    return Note("accent", text, (("take", QCoreApplication.translate("EditWords", "Take it")),))


_STATES = {
    "pending": QT_TRANSLATE_NOOP("EditWords", "Waits to be sent"),
    "sending": QT_TRANSLATE_NOOP("EditWords", "Being sent"),
    "retry": QT_TRANSLATE_NOOP("EditWords", "Will be tried again"),
    "needs-user": QT_TRANSLATE_NOOP("EditWords", "Refused, needs you"),
    "conflict": QT_TRANSLATE_NOOP("EditWords", "Conflict, needs you"),
    "ambiguous": QT_TRANSLATE_NOOP("EditWords", "Perhaps sent already; being looked up"),
    "held": QT_TRANSLATE_NOOP("EditWords", "Waits for your consent"),
}


def state(code: str) -> str:
    """The state of an entry of the outbox."""
    words = _STATES.get(str(code))
    return _tr(words) if words is not None else str(code)


def pending_note(field: FormField) -> Note:
    """Saved here, not in Salesforce yet."""
    entry = field.pending
    if entry is None:
        return Note("small", "")
    undo = (("undo", QCoreApplication.translate("EditWords", "Undo")),)
    before = shown_or_nothing(getattr(entry, "base_display", None) or entry.base)
    said = QCoreApplication.translate("EditWords", "{state} · before: {before}")
    text = said.format(state=state(entry.state), before=before)
    error = getattr(entry, "error", None)
    if error and entry.state in ("needs-user", "conflict", "retry"):
        return Note("bad" if entry.state != "retry" else "warn", f"{text}\n{error}", undo)
    return Note("warn", text, undo)


def shown_or_nothing(value: Any) -> str:
    """A value in a sentence."""
    if value is None or value == "":
        return QCoreApplication.translate("EditWords", "nothing")
    if value is True or value is False:
        return (
            QCoreApplication.translate("EditWords", "yes") if value else QCoreApplication.translate("EditWords", "no")
        )
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:80]}…"


_ACTS = {
    "edit": QT_TRANSLATE_NOOP("EditWords", "{title}: {fields} changed"),
    "edit-many": QT_TRANSLATE_NOOP("EditWords", "{count} records changed"),
    "create": QT_TRANSLATE_NOOP("EditWords", "{title} created"),
    "delete": QT_TRANSLATE_NOOP("EditWords", "{title} deleted"),
    "delete-many": QT_TRANSLATE_NOOP("EditWords", "{count} records deleted"),
    "hide": QT_TRANSLATE_NOOP("EditWords", "{title} deleted on this computer only"),
    "delete-here": QT_TRANSLATE_NOOP("EditWords", "{title} deleted on this computer only"),
    "restore": QT_TRANSLATE_NOOP("EditWords", "{title} restored"),
    "undo": QT_TRANSLATE_NOOP("EditWords", "Undone"),
    "revert": QT_TRANSLATE_NOOP("EditWords", "{title}: {fields} set back"),
    "campaign-add": QT_TRANSLATE_NOOP("EditWords", "{count} added to {campaign}"),
    "campaign-remove": QT_TRANSLATE_NOOP("EditWords", "{count} removed from {campaign}"),
    "campaign-status": QT_TRANSLATE_NOOP("EditWords", "Status of {count} members changed"),
    "add-status": QT_TRANSLATE_NOOP("EditWords", "Status {status} added to {campaign}"),
    "owner": QT_TRANSLATE_NOOP("EditWords", "Owner of {count} records changed"),
}


def act(code: str, params: Mapping[str, Any]) -> str:
    """What was done, as a short sentence."""
    words = _ACTS.get(str(code))
    if words is None:
        return QCoreApplication.translate("EditWords", "Saved here")
    return _filled(_tr(words), params)


def undo_act(code: str, params: Mapping[str, Any]) -> str:
    """What Undo would take back, by name."""
    return QCoreApplication.translate("EditWords", "Undo: {act}").format(act=act(code, params))


def since(moment: datetime) -> str:
    """How long ago."""
    return numbers.ago(moment, datetime.now(UTC))

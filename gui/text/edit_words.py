"""Words for editing: why a field cannot be written, what stands beside one, what an act was. Codes in, sentences out.

The codes are `core.records`'; a code that is not known here (a newer core) gets a sentence that is true of any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from core.model.forms import ActName, FaultCode, FieldFault, FieldRule, ReadOnly
from gui.text import numbers

if TYPE_CHECKING:
    from core.api.browse import RecordView
    from core.api.records import FormField


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
    ReadOnly.CALCULATED: QT_TRANSLATE_NOOP("EditWords", "Calculated by Salesforce; it follows from other fields."),
    ReadOnly.AUTO_NUMBER: QT_TRANSLATE_NOOP("EditWords", "Salesforce counts this number up by itself."),
    ReadOnly.SYSTEM: QT_TRANSLATE_NOOP("EditWords", "Kept by Salesforce; nobody can write it."),
    ReadOnly.NO_RIGHT: QT_TRANSLATE_NOOP("EditWords", "Your user may not write this. An admin can allow it."),
    ReadOnly.ONLY_AT_CREATION: QT_TRANSLATE_NOOP("EditWords", "This can only be set when the record is made."),
    ReadOnly.BUILT_FROM_PARTS: QT_TRANSLATE_NOOP("EditWords", "Put together from the parts of the name; edit those."),
    ReadOnly.OBJECT_CLOSED: QT_TRANSLATE_NOOP("EditWords", "Only read so far. It can be opened for editing."),
    ReadOnly.PULL_ONLY: QT_TRANSLATE_NOOP("EditWords", "Only read from Salesforce; it is not edited here."),
    ReadOnly.RECORD_DELETED: QT_TRANSLATE_NOOP("EditWords", "The record is deleted. Restore it to edit it."),
    ReadOnly.RECORD_CONVERTED: QT_TRANSLATE_NOOP("EditWords", "A converted lead can no longer be edited."),
    ReadOnly.ON_LAYOUT: QT_TRANSLATE_NOOP("EditWords", "The org's page layout shows this field read-only."),
}

_FAULTS = {
    FaultCode.REQUIRED: QT_TRANSLATE_NOOP("EditWords", "{label} must not be empty."),
    FaultCode.TOO_LONG: QT_TRANSLATE_NOOP("EditWords", "{limit} characters at most; these are {length}."),
    FaultCode.NOT_A_NUMBER: QT_TRANSLATE_NOOP("EditWords", "This is not a number."),
    FaultCode.OUT_OF_RANGE: QT_TRANSLATE_NOOP("EditWords", "{digits} digits before the decimal point at most."),
    FaultCode.TOO_MANY_DECIMALS: QT_TRANSLATE_NOOP("EditWords", "{scale} decimals at most."),
    FaultCode.NOT_A_DATE: QT_TRANSLATE_NOOP("EditWords", "This is not a date."),
    FaultCode.NOT_A_TIME: QT_TRANSLATE_NOOP("EditWords", "This is not a time."),
    FaultCode.NOT_A_DATETIME: QT_TRANSLATE_NOOP("EditWords", "This is not a date and time."),
    FaultCode.NOT_A_BOOLEAN: QT_TRANSLATE_NOOP("EditWords", "Yes or no."),
    FaultCode.NOT_AN_EMAIL: QT_TRANSLATE_NOOP("EditWords", "This is not an e-mail address."),
    FaultCode.NOT_IN_PICKLIST: QT_TRANSLATE_NOOP("EditWords", "“{value}” is not one of the values to choose from."),
    FaultCode.NOT_FOR_RECORD_TYPE: QT_TRANSLATE_NOOP("EditWords", "“{value}” is not offered for this record type."),
    FaultCode.NOT_FOR_CONTROLLER: QT_TRANSLATE_NOOP("EditWords", "“{value}” does not go with {controller}."),
    FaultCode.NOT_AN_ID: QT_TRANSLATE_NOOP("EditWords", "Choose a record of the list."),
    FaultCode.WRONG_TARGET: QT_TRANSLATE_NOOP("EditWords", "This refers to something else: {objects}."),
    FaultCode.NO_SUCH_TARGET: QT_TRANSLATE_NOOP("EditWords", "No such record is here."),
    FaultCode.INACTIVE_OWNER: QT_TRANSLATE_NOOP("EditWords", "This user is not active any more."),
    FaultCode.QUEUE_FOR_CONTACT: QT_TRANSLATE_NOOP(
        "EditWords", "A contact cannot be given to a queue; Salesforce allows that for leads only."
    ),
    FaultCode.QUEUE_NOT_FOR_OBJECT: QT_TRANSLATE_NOOP("EditWords", "This queue does not take such records."),
    FaultCode.NOT_EDITABLE: QT_TRANSLATE_NOOP("EditWords", "This field cannot be written."),
    FaultCode.NO_SUCH_FIELD: QT_TRANSLATE_NOOP("EditWords", "There is no such field."),
}


def reason(code: ReadOnly | None) -> str:
    """Why a field (or the record) cannot be written."""
    words = _REASONS.get(code) if code is not None else None
    return _tr(words) if words is not None else QCoreApplication.translate("EditWords", "This cannot be edited here.")


def reason_note(code: ReadOnly | None) -> Note:
    """The same beside a field, with the way to change it where there is one."""
    if code is ReadOnly.OBJECT_CLOSED:
        return Note("small", reason(code), (("open", QCoreApplication.translate("EditWords", "Open for editing")),))
    return Note("small", reason(code))


def rule_set(rule: FieldRule) -> str:
    """What holds for a field from now on."""
    if rule is FieldRule.NEVER_OVERWRITE:
        return QCoreApplication.translate("EditWords", "Salesforce's values never overwrite this field here")
    if rule is FieldRule.NEVER_SEND:
        return QCoreApplication.translate("EditWords", "What is entered in this field stays here")
    return QCoreApplication.translate("EditWords", "This field is kept in step both ways")


def fault(found: FieldFault) -> str:
    """What is wrong with a typed value."""
    because = found.params.get("reason")
    if found.code is FaultCode.NOT_EDITABLE and because in _REASONS:
        return reason(ReadOnly(because))
    words = _FAULTS.get(found.code)
    if words is None:
        return QCoreApplication.translate("EditWords", "Salesforce would not take this value.")
    return _filled(_tr(words), {"label": found.label or found.field, **dict(found.params)})


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


def pending_note(field: FormField, before: str) -> Note:
    """Saved here, not in Salesforce yet; `before` is the value that stood there."""
    entry = field.pending
    if entry is None:
        return Note("small", "")
    undo = (("undo", QCoreApplication.translate("EditWords", "Undo")),)
    said = QCoreApplication.translate("EditWords", "{state} · before: {before}")
    text = said.format(state=state(entry.state), before=shown_or_nothing(before))
    if entry.error_text and entry.state in ("needs-user", "conflict", "retry"):
        return Note("warn" if entry.state == "retry" else "bad", f"{text}\n{entry.error_text}", undo)
    return Note("warn", text, undo)


def conflict_note(before: str, theirs: str) -> Note:
    """Both sides changed the field: decided where it is seen."""
    said = QCoreApplication.translate("EditWords", "Salesforce has {theirs} · before: {before}")
    tr = QCoreApplication.translate
    actions = (("mine", tr("EditWords", "Send mine")), ("theirs", tr("EditWords", "Keep Salesforce's")))
    return Note("bad", said.format(theirs=shown_or_nothing(theirs), before=shown_or_nothing(before)), actions)


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
    ActName.EDIT: QT_TRANSLATE_NOOP("EditWords", "{title} changed"),
    ActName.EDIT_MANY: QT_TRANSLATE_NOOP("EditWords", "{count} records changed"),
    ActName.CREATE: QT_TRANSLATE_NOOP("EditWords", "{title} created"),
    ActName.DELETE: QT_TRANSLATE_NOOP("EditWords", "{title} deleted"),
    ActName.DELETE_HERE: QT_TRANSLATE_NOOP("EditWords", "{title} deleted on this computer only"),
    ActName.RESTORE: QT_TRANSLATE_NOOP("EditWords", "{title} restored"),
    ActName.CAMPAIGN_ADD: QT_TRANSLATE_NOOP("EditWords", "{count} added to the campaign"),
    ActName.CAMPAIGN_REMOVE: QT_TRANSLATE_NOOP("EditWords", "{count} removed from the campaign"),
    ActName.CAMPAIGN_STATUS: QT_TRANSLATE_NOOP("EditWords", "Status of {count} campaign members changed"),
    ActName.STATUS_ADD: QT_TRANSLATE_NOOP("EditWords", "Member status added to the campaign"),
    ActName.LOG_CALL: QT_TRANSLATE_NOOP("EditWords", "Call with {title} logged"),
    ActName.TASK: QT_TRANSLATE_NOOP("EditWords", "Task for {title} made"),
    ActName.UNDO: QT_TRANSLATE_NOOP("EditWords", "Undone"),
    ActName.REVERT: QT_TRANSLATE_NOOP("EditWords", "{title}: the old value is back"),
}
_MANY = {
    ActName.DELETE: QT_TRANSLATE_NOOP("EditWords", "{count} records deleted"),
    ActName.DELETE_HERE: QT_TRANSLATE_NOOP("EditWords", "{count} records deleted on this computer only"),
}


def act(name: ActName, params: Mapping[str, Any]) -> str:
    """What was done, as a short sentence."""
    words = _ACTS.get(name)
    count = params.get("count")
    if isinstance(count, int) and count > 1 and name in _MANY:
        words = _MANY[name]
    if words is None:
        return QCoreApplication.translate("EditWords", "Saved here")
    return _filled(_tr(words), {name: shown_or_nothing(value) for name, value in params.items()})


def undo_act(name: ActName, params: Mapping[str, Any]) -> str:
    """What Undo would take back, by name."""
    return QCoreApplication.translate("EditWords", "Undo: {act}").format(act=act(name, params))


def since(moment: datetime) -> str:
    """How long ago."""
    return numbers.ago(moment, datetime.now(UTC))

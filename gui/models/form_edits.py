"""`FormEdits`: what a person has typed into a record and not saved yet. Plain Python, no widget, GUI thread.

View state is never where an edit lives: the form keeps this as a draft in the mirror while a person types, and gives
it to `records.edit` on Save. A value that arrives from Salesforce meanwhile is noted beside what was typed and changes
nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gui.text.field_values import same

if TYPE_CHECKING:
    from core.api.records import FormField


@dataclass(frozen=True, slots=True)
class Typed:
    """A value that was typed; `label` is the name of a look-up's target; `over` the value that stood there."""

    value: Any
    label: str = ""
    over: Any = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What Salesforce has now, in a field that is being typed into."""

    value: Any
    display: str


class FormEdits:
    """Values by field name. `base` is what the record has (the person's own pending edits included)."""

    def __init__(self) -> None:
        self._fields: dict[str, FormField] = {}
        self._typed: dict[str, Typed] = {}
        self._arrived: dict[str, Arrived] = {}

    def forget(self) -> None:
        """Nothing was typed: another record is shown, or this one was saved."""
        self._typed.clear()
        self._arrived.clear()

    def take_fields(self, fields: Iterable[FormField], *, same_record: bool) -> None:
        """The record as it is now. Of the `same_record`, a value that moved under a typed one is noted as arrived."""
        new = {field.name: field for field in fields}
        if not same_record:
            self.forget()
        for name, typed in list(self._typed.items()):
            field = new.get(name)
            if field is None:
                continue
            if same(field.type, typed.value, field.value):
                self.restore(name)
            elif not same(field.type, typed.over, field.value):
                self._arrived[name] = Arrived(field.value, field.display)
            else:
                self._arrived.pop(name, None)
        self._fields = new

    def field(self, name: str) -> FormField | None:
        """The field of that API name, as the record has it."""
        return self._fields.get(name)

    def put(self, name: str, value: Any, label: str = "") -> bool:
        """A person typed `value`; the value that stands there already takes the edit back. True when that changed
        anything."""
        field = self._fields[name]
        before = self._typed.get(name)
        if same(field.type, value, field.value):
            self.restore(name)
            return before is not None
        if before is not None and same(field.type, before.value, value):
            return False
        over = before.over if before is not None else field.value
        self._typed[name] = Typed(value, label, over)
        return True

    def restore(self, name: str) -> None:
        """Take the typed value of one field back."""
        self._typed.pop(name, None)
        self._arrived.pop(name, None)

    def typed(self, name: str) -> Typed | None:
        return self._typed.get(name)

    def arrived(self, name: str) -> Arrived | None:
        """What came from Salesforce while this field was typed into."""
        return self._arrived.get(name)

    def value(self, name: str) -> Any:
        """The value as the person sees it: typed, otherwise the record's."""
        typed = self._typed.get(name)
        if typed is not None:
            return typed.value
        field = self._fields.get(name)
        return field.value if field is not None else None

    def names(self) -> tuple[str, ...]:
        """The fields typed into, in the order typed."""
        return tuple(self._typed)

    def values(self) -> dict[str, Any]:
        """What Save gives to the outbox."""
        return {name: typed.value for name, typed in self._typed.items()}

    def __bool__(self) -> bool:
        return bool(self._typed)

    def take_draft(self, values: Mapping[str, Any], names: Mapping[Any, str] | None = None) -> None:
        """A draft that was kept: only what still differs from the record. `names`: of the records it refers to."""
        for name, value in values.items():
            if name in self._fields and self._fields[name].editable:
                self.put(name, value, (names or {}).get(value, "") if isinstance(value, str) else "")

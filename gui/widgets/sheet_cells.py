"""The cells of a record's sheet: which widget shows a field, with which text, and where it stands. GUI thread.

Kept apart from `RecordSheet` so that what a field says can be asked without a widget.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect
from PySide6.QtWidgets import QWidget

from gui.text.field_labels import shown_label
from gui.widgets.link_button import LinkButton
from gui.widgets.record_values import LongText, RichText, ShortText
from gui.widgets.safe_links import link_for

if TYPE_CHECKING:
    from core.api.browse import FieldGroup, FieldView, LinkState

# A long-text field with no more than this shows beside its caption as any other.
SHORT_ENOUGH = 200
SHORT_LINES = 4
_UNBROKEN = re.compile(r"\S{24,}")

ValueWidget = LinkButton | RichText | LongText | ShortText


@dataclass(slots=True)
class SheetCell:
    field: FieldView
    kind: type[ValueWidget]
    text: str
    widget: ValueWidget | None = None
    height: int | None = None  # as its widget found it, where the text alone does not tell
    caption: QRect = field(default_factory=QRect)
    area: QRect = field(default_factory=QRect)
    editor: QWidget | None = None  # while a person writes into it
    notes: QWidget | None = None  # what stands below the value: a fault, a newer value, a conflict
    below: QRect = field(default_factory=QRect)

    @property
    def label(self) -> str:
        return shown_label(self.field.label, self.field.type)

    @property
    def full(self) -> bool:
        """Whether it takes the whole width, below its caption."""
        return self.kind in (LongText, RichText) or bool(self.editor is not None and self.editor.property("wide"))


@dataclass(slots=True)
class SheetGroup:
    title: str
    cells: list[SheetCell]
    top: int = 0


def is_empty(value: FieldView) -> bool:
    """Whether a field has nothing to show."""
    return not value.display and value.link is None


def value_text(value: FieldView) -> str:
    """What a field says, as text."""
    if value.link is not None:
        return value.link_label or value.display or value.link.id
    return value.display


def _missing_words(state: LinkState) -> str:
    """Why a look-up shows an id."""
    if state.value == "not-loaded":
        return QCoreApplication.translate("RecordSheet", "{id} · not loaded yet")
    return QCoreApplication.translate("RecordSheet", "{id} · not visible to you")


def kind_and_text(value: FieldView) -> tuple[type[ValueWidget], str]:
    text = value_text(value)
    if value.link is not None or link_for(value.type, text) is not None:
        return LinkButton, " ".join(text.split())
    if value.html:
        return RichText, text
    if value.long and (len(text) > SHORT_ENOUGH or text.count("\n") >= SHORT_LINES):
        return LongText, text
    if value.link_state is not None and text:
        return ShortText, _missing_words(value.link_state).format(id=text)
    # Zero-width spaces let a word that no line could hold break; copying takes the value itself.
    return ShortText, _UNBROKEN.sub(lambda m: "\u200b".join(m[0]), text) if len(text) >= 24 else text


def title_of(group: FieldGroup) -> str:
    return QCoreApplication.translate("RecordSections", group.title)  # tr: checked, core marks them

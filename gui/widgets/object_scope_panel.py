"""`ObjectScopePanel`: what is mirrored of one object: records, fields, direction, policies. GUI thread.

It edits a `Draft` and says so; applying is the dialog's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.desktop import icons
from gui.desktop.theme import Space
from gui.models.scope_drafts import Draft
from gui.operations import Operations
from gui.text import numbers, scope_words
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.row_filter_edit import RowFilterEdit
from gui.widgets.tick_list import Tick, TickList

if TYPE_CHECKING:
    from core.api.scope import FieldScope, ObjectScope, ScopeApi

_FIELDS_HEIGHT = 220


class ObjectScopePanel(QScrollArea):
    """`edited` carries the Draft, by the person only; `start_over_wished` and `drop_wished` the object's API name."""

    edited = Signal(object)
    start_over_wished = Signal(str)
    drop_wished = Signal(str)

    def __init__(self, scope: ScopeApi, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("objectScope")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scope: ObjectScope | None = None
        self._draft: Draft | None = None
        self._filling = False
        self._icon = IconView("records", 20, "accent", self, disc="accent_soft")
        self._title = Label("heading", self, name="scopeTitle")
        self._note = ElidedLabel("muted", self, name="scopeNote")
        self.on = QCheckBox(self)
        self.on.setObjectName("scopeOn")
        self.on.toggled.connect(lambda on: self._edit(on=on))
        self.direction = self._combo("scopeDirection", lambda value: self._edit(direction=value))
        self.deleted = self._combo("scopeDeleted", lambda value: self._edit(delete_policy=value))
        self.schema = self._combo("scopeSchema", lambda value: self._edit(schema_policy=value))
        self._labels = {each: Label("soft", self) for each in ("direction", "deleted", "schema")}
        self._rows_title = Label("strong", self)
        self.rows = RowFilterEdit(scope, operations, self)
        self.rows.changed.connect(lambda where: self._edit(where=where))
        self._fields_title = Label("strong", self)
        self._fields_count = Label("small", self, name="scopeFieldCount")
        self._all = self._link("scopeAllFields", lambda: self.fields.tick_shown(True))
        self._few = self._link("scopeNoFields", lambda: self.fields.tick_shown(False))
        self.fields = TickList(self, name="scopeFields")
        self.fields.setFixedHeight(_FIELDS_HEIGHT)
        self.fields.ticked.connect(lambda _key, _on: self._edit(fields=self.fields.on))
        self.start_over = self._button("scopeStartOver", lambda: self._wish(self.start_over_wished))
        self.drop = self._button("scopeDropColumns", lambda: self._wish(self.drop_wished))
        self._again_note = Label("small", self, wrap=True)
        self._lay_out()
        self.retranslate()

    def _combo(self, name: str, call: object) -> QComboBox:
        combo = QComboBox(self)
        combo.setObjectName(name)
        if callable(call):
            combo.currentIndexChanged.connect(lambda _row: call(combo.currentData()))
        return combo

    def _button(self, name: str, call: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if callable(call):
            button.clicked.connect(lambda _checked=False: call())
        return button

    def _link(self, name: str, call: object) -> QPushButton:
        button = self._button(name, call)
        button.setProperty("kind", "link")
        return button

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._note)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self._icon)
        head.addLayout(words, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(Space.L)
        form.setVerticalSpacing(Space.S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, combo in (("direction", self.direction), ("deleted", self.deleted), ("schema", self.schema)):
            self._labels[key].setBuddy(combo)
            form.addRow(self._labels[key], combo)
        fields_head = QHBoxLayout()
        fields_head.setSpacing(Space.M)
        fields_head.addWidget(self._fields_title)
        fields_head.addWidget(self._fields_count, 1)
        fields_head.addWidget(self._all)
        fields_head.addWidget(self._few)
        again = QHBoxLayout()
        again.setSpacing(Space.S)
        again.addWidget(self.start_over)
        again.addWidget(self.drop)
        again.addStretch(1)
        self._details = QWidget(self)
        inside = QVBoxLayout(self._details)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(Space.S)
        inside.addLayout(form)
        inside.addSpacing(Space.S)
        inside.addWidget(self._rows_title)
        inside.addWidget(self.rows)
        inside.addSpacing(Space.S)
        inside.addLayout(fields_head)
        inside.addWidget(self.fields)
        inside.addSpacing(Space.S)
        inside.addLayout(again)
        inside.addWidget(self._again_note)
        body = QWidget(self)
        body.setObjectName("objectScopeBody")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        layout.setSpacing(Space.M)
        layout.addLayout(head)
        layout.addWidget(self.on)
        layout.addWidget(self._details)
        layout.addStretch(1)
        self.setWidget(body)

    # What is shown

    def show_scope(self, scope: ObjectScope, draft: Draft) -> None:
        """One object as it is stored, with what the person wants different."""
        self._scope, self._draft = scope, draft
        self._filling = True
        self._icon.set_icon(icons.object_icon_name(scope.name))
        self.on.setChecked(draft.on)
        self._fill(self.direction, [str(each) for each in scope.directions], scope_words.direction, draft.direction)
        self._fill(self.deleted, ["flag", "remove", "ask"], scope_words.delete_policy, draft.delete_policy)
        self._fill(self.schema, ["follow", "ask", "freeze"], scope_words.schema_policy, draft.schema_policy)
        self.rows.show_filter(scope.name, draft.where, scope.rows)
        self.fields.show_ticks([self._tick(field, draft) for field in scope.fields])
        self._filling = False
        self.verticalScrollBar().setValue(0)
        self.retranslate()

    def _fill(self, combo: QComboBox, values: list[str], words: object, chosen: object) -> None:
        combo.clear()
        for value in values:
            combo.addItem(words(value) if callable(words) else value, value)
        combo.setCurrentIndex(max(0, combo.findData(str(chosen))))
        combo.setEnabled(len(values) > 1)

    def _tick(self, field: FieldScope, draft: Draft) -> Tick:
        fixed = ""
        if field.required:
            fixed = self.tr("The mirror needs this field.")
        elif str(field.state) in ("withdrawn", "dead"):
            fixed = self.tr("Salesforce no longer shows this field to you.")
        return Tick(field.name, field.label, field.name in draft.fields, note=field.name, fixed=fixed)

    def retranslate(self) -> None:
        self.on.setText(self.tr("Mirror this object"))
        self._labels["direction"].setText(self.tr("Changes travel"))
        self._labels["deleted"].setText(self.tr("Deleted in Salesforce"))
        self._labels["schema"].setText(self.tr("Fields change in Salesforce"))
        for key, combo in (("direction", self.direction), ("deleted", self.deleted), ("schema", self.schema)):
            combo.setAccessibleName(self._labels[key].text())
        self._rows_title.setText(self.tr("Which records"))
        self._fields_title.setText(self.tr("Which fields"))
        self._all.setText(self.tr("Tick all shown"))
        self._few.setText(self.tr("Untick all shown"))
        self.fields.set_words(self.tr("Find a field"), self.tr("Which fields"))
        self.start_over.setText(self.tr("Load anew…"))
        self._again_note.setText(
            self.tr("Loading anew fetches all records beside those that are here, then swaps; pending edits stay.")
        )
        scope = self._scope
        if scope is None:
            return
        self._title.setText(scope.label_plural or scope.label)
        self._note.setText(self._note_words(scope))
        self.drop.setText(self.tr("Remove {count} dead columns…").format(count=numbers.number(len(scope.removable))))
        self.drop.setVisible(bool(scope.removable))
        self._refresh()

    def _note_words(self, scope: ObjectScope) -> str:
        here = self.tr("{name}, {count} records here").format(name=scope.name, count=numbers.number(scope.rows))
        if not scope.in_scope:
            return self.tr("{name}, not mirrored").format(name=scope.name)
        if scope.under_way:
            return self.tr("{here}; a change of its records is under way").format(here=here)
        if scope.outside:
            outside = self.tr("{here}; {count} stay outside of the condition for their edits")
            return outside.format(here=here, count=numbers.number(scope.outside))
        return here

    def _refresh(self) -> None:
        scope, draft = self._scope, self._draft
        if scope is None or draft is None:
            return
        self._details.setEnabled(draft.on)
        self.start_over.setEnabled(scope.in_scope and scope.loaded)
        words = self.tr("{count} of {all}").format(
            count=numbers.number(len(draft.fields)), all=numbers.number(len(scope.fields))
        )
        self._fields_count.setText(words)

    # What the person does

    def _edit(self, **what: object) -> None:
        if self._filling or self._draft is None or self._scope is None:
            return
        from core.api.scope import DeletePolicy, Direction, SchemaPolicy

        kinds = {"direction": Direction, "delete_policy": DeletePolicy, "schema_policy": SchemaPolicy}
        values = {key: kinds[key](str(value)) if key in kinds else value for key, value in what.items()}
        self._draft = replace(self._draft, **values)  # type: ignore[arg-type]
        self._refresh()
        self.edited.emit(self._draft)

    def _wish(self, signal: object) -> None:
        if self._scope is not None and hasattr(signal, "emit"):
            signal.emit(self._scope.name)

    def set_on(self, on: bool) -> None:
        """The object was ticked elsewhere."""
        if self._draft is not None and self._draft.on is not on:
            self._filling = True
            self.on.setChecked(on)
            self._filling = False
            self._draft = replace(self._draft, on=on)
            self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

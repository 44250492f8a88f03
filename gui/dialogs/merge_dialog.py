"""`MergeDialog`: duplicates side by side: which one stays, and whose value it has, field by field. GUI thread.

Values that differ come first; False is a value; a number that counts something may be summed. What follows the master
(activities, campaign memberships) is counted, and a record that is gone in Salesforce is named before anything is
tried. The merge happens in Salesforce first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QGridLayout, QHBoxLayout, QRadioButton, QWidget

from core.api.acts import PendingEdits, Standing
from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.text import numbers
from gui.widgets.elided_radio import ElidedRadio
from gui.widgets.label import ElidedLabel, Label

if TYPE_CHECKING:
    from core.api.acts import Merged, MergeField, MergePreview, MergeSide

MOST = 3
_TOTAL = 99


class MergeDialog(ActDialog):
    """`record_wanted` carries the record that stays."""

    record_wanted = Signal(object)

    def __init__(self, desk: EditDesk, refs: Sequence[RecordRef], parent: QWidget | None = None) -> None:
        super().__init__(desk, parent, width=760, scrolls=True)
        self._refs = tuple(refs[:MOST])
        self._preview: MergePreview | None = None
        self._groups: dict[str, QButtonGroup] = {}
        self._masters = QButtonGroup(self)
        self.all_fields = QCheckBox(self)
        self.all_fields.setObjectName("mergeAll")
        self.move_pending = QCheckBox(self)
        self.move_pending.setObjectName("mergeMovePending")
        self.move_pending.setChecked(True)
        self.move_pending.hide()
        self._grid_frame = QFrame(self)
        self._grid_frame.setObjectName("mergeGrid")
        self.body.addWidget(self._grid_frame)
        self.body.addStretch(1)
        extras = QHBoxLayout()
        extras.addWidget(self.all_fields)
        extras.addWidget(self.move_pending)
        extras.addStretch(1)
        self.layout().insertLayout(self.layout().count() - 2, extras)  # type: ignore[union-attr]
        self.all_fields.toggled.connect(lambda _on: self._fill())
        self.allow(False)
        self.retranslate()
        self.resize(820, 640)
        self._read(self._refs)

    def retranslate(self) -> None:
        self.say(
            self.tr("Merge {count} records").format(count=numbers.number(len(self._refs))),
            self.tr("One stays; the others end in Salesforce's recycle bin, and what belongs to them follows."),
            self.tr("Merge"),
        )
        self.all_fields.setText(self.tr("Show the fields that agree, too"))
        self.move_pending.setText(self.tr("Take changes that were not sent over to the record that stays"))
        if self._preview is not None:
            self._fill()

    def _read(self, refs: Sequence[RecordRef]) -> None:
        self.allow(False)
        acts = self.desk.connection.acts
        object_name, master, losers = refs[0].object, refs[0].id, [ref.id for ref in refs[1:]]
        self.desk.ask(self, lambda: acts.merge_preview(object_name, master, losers), self._here, self.failed)

    def _here(self, preview: MergePreview) -> None:
        self._preview = preview
        self.tell("")
        self._fill()
        bad = [side for side in preview.sides if side.standing is not Standing.THERE]
        if bad:
            names = ", ".join(side.label for side in bad)
            self.tell(
                self.tr("{names}: deleted, converted or not in Salesforce yet; this cannot be merged.").format(
                    names=names
                )
            )
        self.move_pending.setVisible(any(side.pending for side in preview.sides[1:]))
        self.allow(preview.possible and len(preview.sides) > 1)

    # The grid

    def _fill(self) -> None:
        preview = self._preview
        if preview is None:
            return
        chosen = {name: group.checkedId() for name, group in self._groups.items()}
        self._groups.clear()
        old = self._grid_frame.layout()
        if old is not None:
            while old.count():
                item = old.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.deleteLater()
            QWidget().setLayout(old)
        grid = QGridLayout(self._grid_frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        self._masters = QButtonGroup(self._grid_frame)
        for at, side in enumerate(preview.sides):
            self._head(grid, at, side)
            grid.setColumnStretch(at + 1, 3)
        grid.setColumnStretch(0, 2)
        self._masters.idClicked.connect(self._master_chosen)
        fields = sorted(preview.fields, key=lambda field: not field.differs)
        line = 4
        for field in fields:
            if field.differs or self.all_fields.isChecked():
                self._row(grid, line, field, chosen.get(field.name, field.chosen))
                line += 1

    def _head(self, grid: QGridLayout, at: int, side: MergeSide) -> None:
        button = ElidedRadio(side.label, self._grid_frame)
        button.setObjectName(f"mergeMaster{at}")
        button.setAccessibleDescription(self.tr("This one stays"))
        button.setChecked(at == 0)
        font = button.font()
        font.setWeight(font.Weight.DemiBold)
        button.setFont(font)
        self._masters.addButton(button, at)
        grid.addWidget(button, 0, at + 1)
        stays = Label("chip-good" if at == 0 else "chip", self._grid_frame)
        stays.setText(self.tr("stays") if at == 0 else self.tr("goes into it"))
        grid.addWidget(stays, 1, at + 1, Qt.AlignmentFlag.AlignLeft)
        facts = [self.tr("{owner}, changed {when}").format(owner=side.owner or "–", when=side.modified)]
        children = [f"{numbers.number(count)} {label}" for _object, label, count in side.children if count]
        if children:
            words = self.tr("follow: {what}") if at else self.tr("has {what}")
            facts.append(words.format(what=", ".join(children)))
        if side.pending:
            facts.append(self.tr("{count} changes not sent").format(count=numbers.number(side.pending)))
        label = Label("small", self._grid_frame, wrap=True)
        label.setText("\n".join(facts))
        grid.addWidget(label, 2, at + 1)

    def _row(self, grid: QGridLayout, line: int, field: MergeField, chosen: int) -> None:
        caption = ElidedLabel("muted", self._grid_frame)
        caption.setText(field.label)
        caption.setMinimumWidth(110)
        grid.addWidget(caption, line, 0)
        group = QButtonGroup(self._grid_frame)
        self._groups[field.name] = group
        for at, display in enumerate(field.displays):
            text = " ".join(display.split()) or "–"
            button = ElidedRadio(text, self._grid_frame)
            button.setObjectName(f"merge_{field.name}_{at}")
            button.setAccessibleName(f"{field.label}: {text}")
            button.setEnabled(field.differs)
            button.setChecked(at == chosen)
            group.addButton(button, at)
            grid.addWidget(button, line, at + 1)
        if field.summed:
            total = QRadioButton(self.tr("together {total}").format(total=field.total_display), self._grid_frame)
            total.setObjectName(f"merge_{field.name}_total")
            total.setChecked(chosen == _TOTAL)
            group.addButton(total, _TOTAL)
            grid.addWidget(total, line, len(field.displays) + 1)

    def _master_chosen(self, at: int) -> None:
        if at > 0:
            refs = list(self._refs)
            refs.insert(0, refs.pop(at))
            self._refs = tuple(refs)
            self._groups.clear()
            self._read(refs)

    # The merge

    def chosen_values(self) -> dict[str, Any]:
        """What the record that stays gets from the others: stored values by field."""
        preview = self._preview
        if preview is None:
            return {}
        picked = {name: group.checkedId() for name, group in self._groups.items()}
        totals = frozenset(name for name, at in picked.items() if at == _TOTAL)
        return preview.values({name: at for name, at in picked.items() if at not in (_TOTAL, -1)}, totals)

    def act(self) -> None:
        preview = self._preview
        if preview is None or not preview.possible:
            return
        acts, values, refs = self.desk.connection.acts, self.chosen_values(), self._refs
        waits = any(side.pending for side in preview.sides)
        pending = PendingEdits.MOVE if self.move_pending.isChecked() else PendingEdits.DISCARD
        how = pending if waits else PendingEdits.ASK
        losers = [ref.id for ref in refs[1:]]
        self.run(lambda: acts.merge(refs[0].object, refs[0].id, losers, values, pending=how), self._done)

    def _done(self, answer: Merged) -> None:
        self.desk.spread(answer.changes)
        self.accept()
        words = self.tr("Merged into one record")
        if answer.lost:
            said = self.tr("Merged; {count} values of the others are kept in the list of lost values")
            words = said.format(count=numbers.number(answer.lost))
        self.desk.tell(
            words,
            icon="check-circle",
            role="good",
            action=self.tr("Open it"),
            call=lambda: self.record_wanted.emit(answer.master),
        )

"""`PolicyDialog`: who wins where both sides changed the same field: asked, mine, Salesforce, newest. GUI thread.

One line per object that is edited here, and one for each field with a policy of its own. Marketo's fixed rule is one
click away. A choice holds at once; conflicts that wait already stay with the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QWidget

from core.api.push import Policy
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.dialogs.act_dialog import ActDialog
from gui.models.edit_desk import EditDesk
from gui.widgets.label import ElidedLabel, Label

if TYPE_CHECKING:
    from collections.abc import Mapping

EDITED = ("Lead", "Contact", "Campaign", "CampaignMember", "Account", "Opportunity", "Task", "Event")


@dataclass(frozen=True, slots=True)
class _Read:
    labels: dict[str, str]
    fields: dict[str, dict[str, str]]  # labels by name, by object
    policies: dict[tuple[str, str | None], Policy]


class PolicyDialog(ActDialog):
    """`object_name` and `field` are where to begin: a line for that field is offered at once."""

    def __init__(
        self,
        desk: EditDesk,
        *,
        object_name: str | None = None,
        field: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk, parent, width=640, scrolls=True)
        self._start = (object_name, field)
        self._read_now: _Read | None = None
        self.choices: dict[tuple[str, str | None], QComboBox] = {}
        self._holder = QWidget(self)
        self._holder.setObjectName("policyLines")
        self.body.addWidget(self._holder)
        self.body.addStretch(1)
        self.new_object = QComboBox(self)
        self.new_object.setObjectName("policyObject")
        self.new_field = QComboBox(self)
        self.new_field.setObjectName("policyField")
        self.new_field.setEditable(True)
        self.new_field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.new_field.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.add = QPushButton(self)
        self.add.setObjectName("policyAdd")
        self.add.setAutoDefault(False)
        self._add_words = Label("caption", self)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._add_words)
        row.addWidget(self.new_object, 1)
        row.addWidget(self.new_field, 2)
        row.addWidget(self.add)
        self.layout().insertLayout(self.layout().count() - 2, row)  # type: ignore[union-attr]
        self.preset = QPushButton(self)
        self.preset.setObjectName("policyMarketo")
        self.preset.setAutoDefault(False)
        self.footer.insertWidget(0, self.preset)
        self.new_object.currentIndexChanged.connect(lambda _row: self._fill_fields())
        self.add.clicked.connect(lambda _checked=False: self._add_field())
        self.preset.clicked.connect(lambda _checked=False: self._use_preset())
        self.cancel_button.hide()
        self.retranslate()
        self.resize(680, 560)
        self._read()

    def retranslate(self) -> None:
        self.say(
            self.tr("Who wins on a conflict"),
            self.tr("When a field was changed here and in Salesforce to different values. The other value is kept."),
            self.tr("Done"),
        )
        self._add_words.setText(self.tr("One field"))
        self.add.setText(self.tr("Add"))
        self.preset.setText(self.tr("As Marketo does it"))
        self.preset.setToolTip(self.tr("Leads: what is here wins. Contacts: Salesforce wins."))
        self.new_object.setAccessibleName(self.tr("Object"))
        self.new_field.setAccessibleName(self.tr("Field"))
        self._fill()

    def policy_words(self, policy: Policy | None) -> str:
        """A policy in words."""
        if policy is Policy.MINE:
            return self.tr("What was entered here wins")
        if policy is Policy.SALESFORCE:
            return self.tr("Salesforce wins")
        if policy is Policy.NEWEST:
            return self.tr("The newer change wins")
        return self.tr("Ask me")

    # Reading

    def _read(self) -> None:
        push, browse = self.desk.push, self.desk.connection.browse

        def work() -> _Read:
            with browse.session() as session:
                labels = {item.name: item.label for item in session.objects() if item.name in EDITED or item.custom}
                fields = {
                    name: {column.name: column.label for column in session.columns(name)}
                    for name in labels
                    if name in EDITED
                }
            return _Read(labels, fields, push.policies())

        self.desk.ask(self, work, self._here, self.failed)

    def _here(self, read: _Read) -> None:
        self._read_now = read
        if not self.new_object.count():
            for name in EDITED:
                if name in read.fields:
                    self.new_object.addItem(read.labels[name], name)
            start, field = self._start
            self.new_object.setCurrentIndex(max(0, self.new_object.findData(start)))
            if field is not None:
                self.new_field.setCurrentIndex(max(0, self.new_field.findData(field)))
        self._fill()

    def _fill_fields(self) -> None:
        read, name = self._read_now, self.new_object.currentData()
        self.new_field.clear()
        if read is None or name is None:
            return
        for field, label in sorted(read.fields.get(name, {}).items(), key=lambda pair: pair[1].casefold()):
            self.new_field.addItem(label, field)

    def _fill(self) -> None:
        read = self._read_now
        if read is None:
            return
        self.choices.clear()
        old = self._holder.layout()
        if old is not None:
            while old.count():
                item = old.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
            QWidget().setLayout(old)
        grid = QGridLayout(self._holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(0, 1)
        line = 0
        for name in EDITED:
            if name in read.fields:
                self._line(grid, line, (name, None), read.labels[name], read.policies)
                line += 1
                for key in sorted((k for k in read.policies if k[0] == name and k[1] is not None), key=str):
                    label = read.fields[name].get(str(key[1]), str(key[1]))
                    self._line(grid, line, key, f"    {label}", read.policies)
                    line += 1

    def _line(
        self,
        grid: QGridLayout,
        line: int,
        key: tuple[str, str | None],
        words: str,
        policies: Mapping[tuple[str, str | None], Policy],
    ) -> None:
        label = ElidedLabel("strong" if key[1] is None else "soft", self._holder)
        label.setText(words)
        grid.addWidget(label, line, 0)
        combo = QComboBox(self._holder)
        combo.setObjectName(f"policy_{key[0]}_{key[1] or ''}")
        combo.setAccessibleName(words.strip())
        for policy in Policy:
            combo.addItem(self.policy_words(policy), policy)
        combo.setCurrentIndex(combo.findData(policies.get(key, Policy.ASK)))
        combo.activated.connect(lambda _row, key=key, combo=combo: self._set(key, combo.currentData()))
        self.choices[key] = combo
        grid.addWidget(combo, line, 1)
        if key[1] is not None:
            remove = QToolButton(self._holder)
            remove.setObjectName(f"policyRemove_{key[0]}_{key[1]}")
            theme.bind_icon(remove, "close", "muted", 14)
            remove.setToolTip(self.tr("As the object"))
            remove.setAccessibleName(self.tr("{field}: as the object").format(field=words.strip()))
            remove.clicked.connect(lambda _checked=False, key=key: self._set(key, None))
            grid.addWidget(remove, line, 2)

    # Changing

    def _set(self, key: tuple[str, str | None], policy: Policy | None) -> None:
        push = self.desk.push
        if key[1] is None and policy is Policy.ASK:
            policy = None
        # Not `run`: a second choice made at once must not be lost while the first is kept.
        self.desk.ask(self, lambda: push.set_policy(key[0], key[1], policy), lambda _nothing: self._read(), self.failed)

    def _add_field(self) -> None:
        name, field = self.new_object.currentData(), self.new_field.currentData()
        if name and field and (name, field) not in self.choices:
            self._set((str(name), str(field)), Policy.ASK)

    def _use_preset(self) -> None:
        push = self.desk.push
        self.desk.ask(self, push.use_marketo_preset, lambda _nothing: self._read(), self.failed)

    def act(self) -> None:
        self.accept()

    def failed(self, error: Any) -> None:
        super().failed(error)
        self._read_now = self._read_now or _Read({}, {}, {})

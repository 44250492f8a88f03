"""A conflict: both sides changed a field, or the record is gone, merged or converted there. Decided in place, by keys.

What it was, what was entered here and what Salesforce has stand side by side, with who and when; every button says
what will happen. Several rows are decided at once when they are selected together. The losing value is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLineEdit, QWidget

from core.api.push import Choice, ConflictKind
from core.model.changes import Changes
from core.model.refs import RecordRef
from core.model.states import ProblemKind
from gui.decisions.decision import Decision, Need, NeedKind, NeedList
from gui.desktop.theme import Space
from gui.dialogs.one_dialog import show_one
from gui.text import conflict_words, numbers
from gui.text.edit_words import shown_or_nothing
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.push import ConflictView
    from core.api.sync import Problem
    from core.app import Connection

KEY = "conflict"


@dataclass(frozen=True, slots=True)
class ConflictItem:
    """A conflict with its values in words. `names`: the titles of records that it refers to, by id."""

    view: ConflictView
    title: str
    base: str
    mine: str
    theirs: str
    names: dict[str, str] = field(default_factory=dict)

    @property
    def who(self) -> str:
        return self.view.changed_by or ""

    @property
    def when(self) -> datetime | None:
        text = self.view.changed_at
        if not text:
            return None
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read(connection: Connection, _problems: list[Problem]) -> NeedList:
    """What waits, with names and values as a person reads them. Blocks: for a background operation."""
    push, records = getattr(connection, "push", None), getattr(connection, "records", None)
    if push is None or records is None:
        return []
    views = push.conflicts()
    if not views:
        return []
    waiting = {(entry.object, entry.id, entry.field): entry for entry in records.pending()}
    with connection.browse.session() as session:
        names: dict[str, str] = {}
        for view in views:
            for record_id in _named_ids(view):
                names.setdefault(record_id, session.lookup_name(record_id) or record_id)
    return [_need(view, waiting.get((view.object, view.id, view.field)), names) for view in views]


def _named_ids(view: ConflictView) -> list[str]:
    details = view.details
    found = [view.id, *(details.get("candidates") or ())]
    found += [details[name] for name in ("survivor", "contact", "account") if details.get(name)]
    return [str(each) for each in found]


def _need(view: ConflictView, entry: Any, names: dict[str, str]) -> Need:
    def text(shown: str | None, raw: Any) -> str:
        return shown if shown is not None else shown_or_nothing(raw)

    item = ConflictItem(
        view,
        names.get(view.id, view.id),
        text(entry.base_text if entry is not None else None, view.base),
        text(entry.mine_text if entry is not None else None, view.mine),
        text(entry.server_text if entry is not None else None, view.theirs),
        names,
    )
    return Need(
        key=f"{KEY}:{view.conflict_id}",
        kind=KEY,
        group=(ProblemKind.CONFLICT if view.kind is ConflictKind.FIELD else ProblemKind.GONE).value,
        title=conflict_words.title(view.kind, view.label or "", item.who),
        remedy=conflict_words.remedy(view.kind),
        what=item,
        subject=item.title,
        object=view.object,
        record_id=view.id,
        field=view.field,
        code=view.kind.value,
        at=item.when,
    )


class ConflictDecision(Decision):
    """1, 2, 3: the choices in the order shown; Enter opens the record."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="conflictDecision")
        self._grid = QFrame(self)
        self._grid.setObjectName("conflictSides")
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.S)
        self._sides = [self._side(name) for name in ("base", "mine", "theirs")]
        for at, (frame, _head, _value, _foot) in enumerate(self._sides):
            grid.addWidget(frame, 0, at)
            grid.setColumnStretch(at, 1)
        self.body.addWidget(self._grid)
        self.value = QLineEdit(self)
        self.value.setObjectName("conflictValue")
        self.value.hide()
        self.value.returnPressed.connect(lambda: self._choose(Choice.VALUE))
        self.body.addWidget(self.value)
        self.candidates = QComboBox(self)
        self.candidates.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.candidates.setMinimumContentsLength(12)
        self.candidates.setObjectName("conflictCandidates")
        self.body.addWidget(self.candidates)
        self._others = Label("small", self, wrap=True, name="conflictOthers")
        self.body.addWidget(self._others)
        keys = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
        self._choices = [
            self.add_act(f"conflict{at + 1}", key, lambda at=at: self._press(at), shown=lambda at=at: self._has(at))
            for at, key in enumerate(keys)
        ]
        self._always = self.add_act("conflictAlways", Qt.Key.Key_P, self._on_always, shown=lambda: len(self.needs) == 1)
        self._open = self.add_act("conflictOpen", Qt.Key.Key_O, self._on_open, shown=lambda: len(self.needs) == 1)
        self.retranslate()

    def _side(self, name: str) -> tuple[QFrame, Label, Label, Label]:
        frame = QFrame(self)
        frame.setObjectName(f"conflict_{name}")
        frame.setProperty("area", "sunken")
        box = QGridLayout(frame)
        box.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        head, foot = Label("caption", frame, wrap=True), Label("small", frame, wrap=True)
        value = Label("strong", frame, wrap=True, name=f"conflictText_{name}")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for row, label in enumerate((head, value, foot)):
            box.addWidget(label, row, 0)
        box.setRowStretch(3, 1)
        return frame, head, value, foot

    def retranslate(self) -> None:
        self.value.setPlaceholderText(self.tr("Another value"))
        self.value.setAccessibleName(self.tr("Another value"))
        self.candidates.setAccessibleName(self.tr("Records that may be the one made"))
        self.word_act(self._open, self.tr("Open the record"))
        self.word_act(self._always, self.tr("Who wins always…"))
        self._word()

    # What is shown

    @property
    def item(self) -> ConflictItem | None:
        """The conflict under the keyboard."""
        return self.need.what if self.need is not None else None

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        self.value.hide()
        self.value.clear()
        item: ConflictItem = needs[0].what
        self.title.setText(f"{item.title}: {needs[0].title}" if len(needs) == 1 else self._bulk_title())
        field_kind = item.view.kind is ConflictKind.FIELD
        self._grid.setVisible(field_kind and len(needs) == 1)
        when = numbers.ago(item.when, datetime.now(UTC)) if item.when else ""
        sides = (
            (self.tr("Before"), item.base, ""),
            (self.tr("Entered here"), item.mine, ""),
            (self.tr("In Salesforce"), item.theirs, ", ".join(part for part in (item.who, when) if part)),
        )
        for (_frame, head, value, foot), (title, text, by) in zip(self._sides, sides, strict=True):
            head.setText(title)
            value.setText(text or self.tr("nothing"))
            foot.setText(by)
            foot.setVisible(bool(by))
        several = item.view.kind is ConflictKind.SEVERAL_CANDIDATES and len(needs) == 1
        self.candidates.setVisible(several)
        self.candidates.clear()
        for record_id in item.view.details.get("candidates") or ():
            self.candidates.addItem(item.names.get(record_id, record_id), record_id)
        changed = item.view.details.get("changed") or {}
        lines = [
            self.tr("{field}: {old} → {new}").format(
                field=name, old=shown_or_nothing(pair[0]), new=shown_or_nothing(pair[1])
            )
            for name, pair in changed.items()
        ]
        unit = item.view.details.get("unit") or {}
        lines += [f"{name}: {shown_or_nothing(value)}" for name, value in unit.items()]
        self._others.setText("\n".join(lines))
        self._others.setVisible(bool(lines) and len(needs) == 1)
        self._word()

    def _bulk_title(self) -> str:
        return self.tr("{count} conflicts").format(count=numbers.number(len(self.needs)))

    def _offered(self) -> tuple[Choice, ...]:
        """The choices that every selected conflict knows."""
        if not self.needs:
            return ()
        first: ConflictItem = self.needs[0].what
        common = [c for c in first.view.choices if all(c in need.what.view.choices for need in self.needs)]
        if len(self.needs) > 1:
            common = [choice for choice in common if choice not in (Choice.VALUE, Choice.ADOPT)]
        return tuple(common)[: len(self._choices)]

    def _has(self, at: int) -> bool:
        return at < len(self._offered())

    def _word(self) -> None:
        item = self.item
        offered = self._offered()
        for at, button in enumerate(self._choices):
            if item is None or at >= len(offered):
                continue
            if len(self.needs) > 1:
                words = conflict_words.bulk_choice(offered[at], item.view.kind, len(self.needs))
            else:
                words = conflict_words.choice(
                    offered[at], item.view.kind, mine=item.mine, theirs=item.theirs, who=item.who, to=self._target(item)
                )
            self.word_act(button, f"{at + 1}  {words}")

    def _target(self, item: ConflictItem) -> str:
        details = item.view.details
        record_id = details.get("survivor") or details.get("contact") or ""
        return item.names.get(str(record_id), "")

    # Deciding

    def _press(self, at: int) -> None:
        offered = self._offered()
        if at < len(offered):
            self._choose(offered[at])

    def _choose(self, choice: Choice) -> None:
        value: Any = None
        if choice is Choice.VALUE:
            if self.value.isHidden():
                item = self.item
                self.value.setText(item.mine if item is not None else "")
                self.value.show()
                self.value.setFocus(Qt.FocusReason.OtherFocusReason)
                self.value.selectAll()
                return
            value = self.value.text().strip() or None
        elif choice is Choice.ADOPT:
            value = self.candidates.currentData()
        ids = [need.what.view.conflict_id for need in self.needs]

        def work(connection: Connection) -> Changes:
            changes = Changes()
            for conflict_id in ids:
                _ref, touched = connection.push.resolve(conflict_id, choice, value)
                changes = changes.merged(touched)
            connection.push.push_soon()
            return changes

        self.run(work)

    def _on_always(self) -> None:
        item, session = self.item, self.session
        if item is None or session is None:
            return
        desk, view = session.desk, item.view
        # Needed rarely, and not for showing the page.
        from gui.dialogs.policy_dialog import PolicyDialog

        show_one(
            self,
            "conflictPolicies",
            lambda window: PolicyDialog(desk, object_name=view.object, field=view.field, parent=window),
        )

    def _on_open(self) -> None:
        item = self.item
        if item is not None:
            self.record_wished.emit(RecordRef(item.view.object, item.view.id))


CONFLICT = NeedKind(KEY, read, ConflictDecision, lambda problem: problem.kind is ProblemKind.CONFLICT)

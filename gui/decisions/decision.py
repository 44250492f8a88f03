"""What a row of *Needs you* is, and the widget beside the list that lets a person decide it. GUI thread.

**How to add a kind of row**: one file in this package. It has

1. a function `read(connection, problems) -> list[Need]`, called in the background whenever something may have changed;
   `problems` are the stored problems that the kind `takes`, so that each is a row of one kind and the number of rows
   is the number that `status` tells: a kind that reads elsewhere (conflicts, questions) takes their problems too;
2. a subclass of `Decision`, which shows the needs that are selected and offers what can be done with them:
   `add_act(name, key, call)` in `__init__`, the words in `retranslate`, the rest in `show_needs`;
3. a constant `NeedKind(key, read, decision, takes)`, entered in `gui/decisions/registry.py`.

The page knows nothing else of kinds: it lists, groups, filters, counts and exports `Need`s, makes each decision widget
once, hands it the rows that are selected (all of one kind) and the keys that are pressed in the list. A decision says
`answered` when something was done: the rows are read again, and the next row comes under the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.operations import QueryOp
from gui.text import errors
from gui.widgets.flow_row import FlowRow
from gui.widgets.label import Label
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for a person. All texts are plain and in the language of the moment.

    `key` names it for life; `kind` is its NeedKind's key; `group` one of the groups of `gui/text/need_words.py`, by
    which a person filters. `subject` is the record's or object's name. Needs with an equal `alike` may be shown as one
    row (None: never). `what` is the value that the decision works on.
    """

    key: str
    kind: str
    group: str
    title: str
    what: Any
    remedy: str = ""
    subject: str = ""
    object: str | None = None
    record_id: str | None = None
    field: str | None = None
    code: str = ""
    salesforce_code: str = ""
    salesforce_text: str = ""
    attempts: int = 0
    next_try_at: datetime | None = None
    at: datetime | None = None
    alike: tuple[object, ...] | None = None

    @property
    def ref(self) -> RecordRef | None:
        """The record that it is about."""
        return RecordRef(self.object, self.record_id) if self.object and self.record_id else None


NeedList = list[Need]


@dataclass(frozen=True, slots=True)
class NeedKind:
    """A kind of row: see the top of this file."""

    key: str
    read: Callable[[Connection, list[Problem]], NeedList]
    decision: Callable[[QWidget], Decision]
    takes: Callable[[Problem], bool] = lambda _problem: False


@dataclass(slots=True)
class Act:
    """A button of a decision, and the key that presses it while the list has the keyboard."""

    button: QPushButton
    key: Qt.Key | None
    shown: Callable[[], bool] = field(default=lambda: True)


class Decision(QWidget):
    """Shows needs of its kind and what can be done with them.

    `record_wished` (RecordRef), `object_wished` (API name), `place_wished` and `sign_in_wished` as those of a page;
    `told` says something in a note; `answered`: something was done.
    """

    record_wished = Signal(object)
    object_wished = Signal(str)
    place_wished = Signal(str)
    sign_in_wished = Signal()
    told = Signal(str)
    answered = Signal()

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.session: Session | None = None
        self.needs: NeedList = []
        self._acts: list[Act] = []
        self._busy = False
        self._op: QueryOp[Any] | None = None
        self.title = Label("heading", self, wrap=True, name=f"{name}Title")
        self.remedy = Label("soft", self, wrap=True, name=f"{name}Remedy")
        self.error = Label("bad", self, wrap=True, name=f"{name}Error")
        self.error.hide()
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # What a kind has to show of its own stands between the words and the buttons.
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.S)
        self._buttons = FlowRow(self)
        inner = QWidget(self)
        inside = QVBoxLayout(inner)
        inside.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        inside.setSpacing(Space.S)
        inside.addWidget(self.title)
        inside.addWidget(self.remedy)
        inside.addLayout(self.body)
        inside.addSpacing(Space.XS)
        inside.addWidget(self._buttons)
        inside.addWidget(self.error)
        inside.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName(f"{name}Scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        area.setWidget(inner)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    # For the page

    def set_session(self, session: Session | None) -> None:
        """Decide about another connection's needs, or none."""
        if self._op is not None:
            self._op.cancel()
            self._op = None
        self._busy = False
        self.session = session
        self.needs = []

    def decide(self, needs: NeedList) -> None:
        """Show these, all of this kind; the first is the one under the keyboard."""
        if needs != self.needs:
            self.error.hide()
        self.needs = needs
        if needs:
            self.show_needs(needs)
        self.refresh_acts()

    def press(self, key: Qt.Key) -> bool:
        """A key was pressed in the list; whether it was one of this decision's."""
        for act in self._acts:
            if act.key == key and not act.button.isHidden() and act.button.isEnabled():
                act.button.click()
                return True
        return False

    # For subclasses

    @property
    def need(self) -> Need | None:
        """The one under the keyboard."""
        return self.needs[0] if self.needs else None

    def show_needs(self, needs: NeedList) -> None:
        """Fill the widgets; `self.title` and `self.remedy` are filled already where this is not overridden."""
        self.title.setText(needs[0].title)
        self.remedy.setText(needs[0].remedy)
        self.remedy.setVisible(bool(needs[0].remedy))

    def add_act(
        self,
        name: str,
        key: Qt.Key | None,
        call: Callable[[], None],
        *,
        primary: bool = False,
        shown: Callable[[], bool] = lambda: True,
    ) -> QPushButton:
        """A button; its words are set in `retranslate`, by `word_act`. `shown` is asked whenever needs are shown."""
        button = QPushButton(self)
        button.setObjectName(name)
        if primary:
            button.setProperty("kind", "primary")
        button.clicked.connect(lambda _checked=False: call())
        self._buttons.add(button)
        self._acts.append(Act(button, key, shown))
        return button

    def word_act(self, button: QPushButton, words: str) -> None:
        """The words of a button, and the key that presses it."""
        act = next(act for act in self._acts if act.button is button)
        button.setText(words.replace("&", "&&"))
        if act.key is not None:
            button.setToolTip(self.tr("Key {key}").format(key=chr(act.key.value)))

    def refresh_acts(self) -> None:
        """Ask each act whether it is to be seen."""
        for act in self._acts:
            act.button.setVisible(bool(self.needs) and act.shown())
            act.button.setEnabled(not self._busy)
        self._buttons.arrange()

    def run(self, work: Callable[[Connection], Any], done: Callable[[Any], None] | None = None) -> None:
        """Do `work` in the background; then `answered`, with the words of an error beside the buttons."""
        session = self.session
        if session is None or self._busy:
            return
        connection = session.connection
        self._busy = True
        self.error.hide()
        self.refresh_acts()

        def good(answer: Any) -> None:
            self._busy = False
            self.refresh_acts()
            if done is not None:
                done(answer)
            if isinstance(answer, Changes):
                session.tell(answer)
            session.refresh()
            self.answered.emit()

        def bad(error: OrgMirrorError) -> None:
            self._busy = False
            said = errors.words(error)
            self.error.setText(f"{said.title} {said.remedy}".strip())
            self.error.show()
            self.refresh_acts()

        self._op = QueryOp(self, session.operations, lambda _token: work(connection)).success(good).failure(bad)
        self._op.run()

    def retranslate(self) -> None:
        """Set all texts; called at the end of a subclass's __init__ and when the language changes."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
            self.decide(self.needs)

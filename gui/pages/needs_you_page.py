"""`NeedsYouPage`: one list of everything that waits for a person, with what to do about each. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.models.two_line_model import Entry
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.text import errors, numbers
from gui.widgets.label import Label
from gui.widgets.page_header import PageHeader
from gui.widgets.state_panel import PageState, StatePanel
from gui.widgets.two_line_list import TwoLineList
from gui.workers.session import Session

# Stored problems count from 1.
WAITING_ID = 0


class NeedsYouPage(Page):
    """`count_changed` tells how many wait."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="needsYouPage")
        self._reading: QueryOp[list[Any]] | None = None
        self._problems: dict[object, Any] = {}
        self._header = PageHeader(self, name="needsYouHeader")
        self._list = TwoLineList(self, name="needsYouList")
        self._list.selectionModel().currentChanged.connect(lambda _new, _old: self._show_current())
        self._list.chosen.connect(lambda _key: self._open())
        self._panel = StatePanel(self, name="needsYouState")
        self._title = Label("heading", self, wrap=True, name="needsYouTitle")
        self._remedy = Label("soft", self, wrap=True, name="needsYouRemedy")
        self._facts = Label("small", self, wrap=True, name="needsYouFacts")
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = self._button("needsYouRetry", self._on_retry)
        self._record = self._button("needsYouOpen", self._open)
        self._copy = self._button("needsYouCopy", self._on_copy)
        self._detail = self._build_detail()
        self._frame = QFrame(self)
        self._frame.setObjectName("needsYouFrame")
        self._frame.setProperty("area", "card")
        inside = QHBoxLayout(self._frame)
        inside.setContentsMargins(Space.XS, Space.XS, 1, Space.XS)
        splitter = QSplitter(self)
        splitter.setObjectName("needsYouSplitter")
        splitter.setHandleWidth(1)
        splitter.addWidget(self._list)
        splitter.addWidget(self._detail)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        inside.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addWidget(self._frame, 1)
        layout.addWidget(self._panel, 1)
        self.retranslate()

    def _button(self, name: str, call: Any) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.clicked.connect(lambda _checked=False: call())
        return button

    def _build_detail(self) -> QWidget:
        detail = QWidget(self)
        detail.setObjectName("needsYouDetail")
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for button in (self._retry, self._record, self._copy):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(detail)
        layout.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        layout.setSpacing(Space.S)
        layout.addWidget(self._title)
        layout.addWidget(self._remedy)
        layout.addWidget(self._facts)
        layout.addSpacing(Space.S)
        layout.addLayout(buttons)
        layout.addStretch(1)
        return detail

    def on_session(self, session: Session | None) -> None:
        self._take([])
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._read())
            self.follow(session.cycle_ended, lambda _result: self._read())
            self._read()

    def on_shown(self) -> None:
        self._read()

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Needs you"))
        self._header.subtitle.setText(self.tr("Everything that waits for a decision, in one place"))
        self._list.setAccessibleName(self.tr("Needs you"))
        self._record.setText(self.tr("Open the record"))
        self._copy.setText(self.tr("Copy details"))
        self._panel.show_words(
            PageState.ALL_DONE,
            lambda: self.tr("Nothing needs you"),
            lambda: self.tr("Conflicts, refused changes and problems of the sync would be listed here."),
        )
        self._take(list(self._problems.values()))

    def _read(self) -> None:
        session = self.session
        if session is None or (self._reading is not None and self._reading.running):
            return
        sync = session.connection.sync
        self._reading = QueryOp(self, session.operations, lambda _token: list(sync.problems()))
        self._reading.success(self._take).failure(lambda error: self._panel.show_error(error)).run()

    def _take(self, stored: list[Any]) -> None:
        barrier = self.session.barrier if self.session is not None else None
        own = [Waiting.of(barrier.error)] if barrier is not None else []
        problems = [*own, *(problem for problem in stored if problem.problem_id != WAITING_ID)]
        self._problems = {problem.problem_id: problem for problem in problems}
        self._list.entries.set_entries([self._entry(problem) for problem in problems])
        self._frame.setVisible(bool(problems))
        self._panel.setVisible(not problems)
        if problems and not self._list.currentIndex().isValid():
            self._list.setCurrentIndex(self._list.entries.index(0))
        self._show_current()
        self.count_changed.emit(len(problems))

    def _entry(self, problem: Any) -> Entry:
        said = errors.words(as_error(problem))
        return Entry(
            key=problem.problem_id,
            title=said.title,
            text=" · ".join(part for part in (problem.object, problem.field, problem.record_id) if part),
            aside=numbers.ago(problem.last_at, datetime.now(UTC)) if problem.last_at else "",
            icon="alert",
            icon_role="warn",
        )

    def _current(self) -> Any | None:
        return self._problems.get(self._list.current_key())

    def _show_current(self) -> None:
        problem = self._current()
        self._detail.setVisible(problem is not None)
        if problem is None:
            return
        said = errors.words(as_error(problem))
        self._title.setText(said.title)
        self._remedy.setText(said.remedy)
        facts = [part for part in (problem.object, problem.field, problem.record_id) if part]
        if problem.attempts:
            facts.append(self.tr("Attempts: {count}").format(count=numbers.number(problem.attempts)))
        if problem.next_try_at:
            facts.append(self.tr("Next try: {time}").format(time=numbers.moment_text(problem.next_try_at)))
        facts.append(f"{problem.code}")
        self._facts.setText("\n".join(facts))
        barrier = self.session.barrier if self.session is not None else None
        signs_in = problem.problem_id == WAITING_ID and barrier is not None and barrier.is_sign_in
        self._retry.setText(self.tr("Sign in again") if signs_in else self.tr("Try again"))
        self._record.setVisible(bool(problem.object and problem.record_id))

    def _on_retry(self) -> None:
        problem = self._current()
        if problem is None or self.session is None:
            return
        barrier = self.session.barrier
        if problem.problem_id == WAITING_ID and barrier is not None:
            if barrier.is_sign_in:
                self.sign_in_wished.emit()
            else:
                self.session.restart_engine()
            return
        self.session.sync_now((problem.object,) if problem.object else None)

    def _open(self) -> None:
        problem = self._current()
        if problem is not None and problem.object and problem.record_id:
            self.record_wished.emit(RecordRef(problem.object, problem.record_id))

    def _on_copy(self) -> None:
        problem = self._current()
        if problem is not None:
            QGuiApplication.clipboard().setText(errors.report(as_error(problem)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The sync as a whole waits for a person: shown as a problem among the others, and kept nowhere."""

    problem_id: int
    code: str
    params: dict[str, Any]
    salesforce_code: str | None
    salesforce_text: str | None
    object: str | None = None
    field: str | None = None
    record_id: str | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    last_at: datetime | None = None

    @classmethod
    def of(cls, error: OrgMirrorError) -> Waiting:
        return cls(WAITING_ID, error.code.value, dict(error.params), error.salesforce_code, error.salesforce_text)


def as_error(problem: Any) -> OrgMirrorError:
    """A stored problem as the error that it was."""
    try:
        code = ErrorCode(problem.code)
    except ValueError:
        # Written by a version that knew more codes.
        code = ErrorCode.SALESFORCE_ERROR
    params = dict(getattr(problem, "params", None) or {})
    params.setdefault("object", problem.object)
    return OrgMirrorError(
        code,
        salesforce_code=getattr(problem, "salesforce_code", None),
        salesforce_text=getattr(problem, "salesforce_text", None),
        **params,
    )

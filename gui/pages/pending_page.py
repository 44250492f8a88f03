"""`PendingPage`: what was changed here and has not reached Salesforce: undo it, or push it now. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from gui.desktop.theme import Space
from gui.models.line_model import LineModel
from gui.models.pending_lines import NEEDS_PERSON, PENDING_COLUMNS, grouped, said
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.pages.page_names import NEEDS_YOU
from gui.text import errors, numbers
from gui.widgets.label import Label
from gui.widgets.line_table import LineTable
from gui.widgets.page_header import PageHeader
from gui.widgets.state_panel import PageState, StatePanel
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.records import PendingView


class PendingPage(Page):
    """One row for each field that waits; a create or a delete is one row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="pendingPage")
        self._reading: QueryOp[tuple[PendingView, ...]] | None = None
        self._pushing: QueryOp[object] | None = None
        self._again = False
        self._header = PageHeader(self, name="pendingHeader")
        self._panel = StatePanel(self, name="pendingState")
        self.lines: LineModel[PendingView] = LineModel(PENDING_COLUMNS, lambda line: line.seq, self)
        self.table: LineTable[PendingView] = LineTable(self.lines, self, name="pendingTable")
        self.push = self._button("pendingPush", self.push_now, primary=True)
        self.undo = self._button("pendingUndo", self.undo_selected)
        self.undo_all = self._button("pendingUndoAll", self._undo_all)
        self.open = self._button("pendingOpen", self._open)
        self.decide = self._button("pendingDecide", lambda: self.place_wished.emit(NEEDS_YOU))
        self._note = Label("small", self, wrap=True, name="pendingNote")
        self._build()
        self.table.chosen.connect(lambda line: self.record_wished.emit(RecordRef(line.object, line.id)))
        self.table.current_changed.connect(lambda _line: self._word())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._word())
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.table, self.undo_selected)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.retranslate()

    def _button(self, name: str, call: object, *, primary: bool = False) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        if primary:
            button.setProperty("kind", "primary")
        button.clicked.connect(lambda _checked=False: call())  # type: ignore[operator]
        return button

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for button in (self.push, self.undo, self.open, self.decide):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.undo_all)
        self._frame = QFrame(self)
        self._frame.setObjectName("pendingFrame")
        self._frame.setProperty("area", "card")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        inside.addWidget(self.table, 1)
        inside.addWidget(self._note)
        self._note.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addLayout(row)
        layout.addWidget(self._frame, 1)
        layout.addWidget(self._panel, 1)

    def on_session(self, session: Session | None) -> None:
        self._take(())
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._read())
            self.follow(session.data_changed, self._on_changes)
            self._read()

    def on_shown(self) -> None:
        self._read()

    def _on_changes(self, changes: Changes) -> None:
        if changes.outbox or changes.problems:
            self._read()

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Pending"))
        self._header.subtitle.setText(self.tr("Changes made here that are not in Salesforce yet; they are safe here"))
        self.table.setAccessibleName(self.tr("Pending changes"))
        self.push.setText(self.tr("Push now"))
        self.undo.setToolTip(self.tr("Take the selected changes back (Delete)"))
        self.undo_all.setText(self.tr("Undo all"))
        self.open.setText(self.tr("Open the record"))
        self.decide.setText(self.tr("Decide"))
        self.lines.refresh_words()
        self._panel.show_words(
            PageState.ALL_DONE,
            lambda: self.tr("Nothing waits to be sent"),
            lambda: self.tr("All that was changed here is in Salesforce."),
        )
        self._word()

    # Reading

    def _read(self) -> None:
        session = self.session
        if session is None or session.desk.records is None:
            return
        if self._reading is not None and self._reading.running:
            self._again = True
            return
        records = session.desk.records
        self._reading = QueryOp(self, session.operations, lambda _token: tuple(records.pending()))
        self._reading.success(self._take).failure(self._failed).run()

    def _take(self, found: tuple[PendingView, ...]) -> None:
        found = grouped(found)
        self.lines.set_lines(found)
        self._frame.setVisible(bool(found))
        self._panel.setVisible(not found)
        self.count_changed.emit(len(found))
        if found and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.lines.index(0, 0))
        self._word()
        if self._again:
            self._again = False
            self._read()

    def _failed(self, error: OrgMirrorError) -> None:
        self._panel.show_error(error)
        self._panel.setVisible(True)
        self._frame.setVisible(False)

    def _word(self) -> None:
        lines, chosen = self.lines.lines, self.table.selected_lines()
        has = bool(lines)
        for button in (self.push, self.undo, self.undo_all, self.open):
            button.setVisible(has)
        waits = [line for line in lines if line.state in NEEDS_PERSON]
        self.decide.setVisible(bool(waits))
        busy = self._pushing is not None and self._pushing.running
        self.push.setEnabled(not busy)
        self.push.setText(self.tr("Sending…") if busy else self.tr("Push now"))
        self.undo.setEnabled(bool(chosen))
        self.open.setEnabled(len(chosen) == 1)
        if len(chosen) > 1:
            self.undo.setText(self.tr("Undo {count}").format(count=numbers.number(len(chosen))))
        else:
            self.undo.setText(self.tr("Undo this"))
        words = said(chosen[0]) if len(chosen) == 1 else ""
        self._note.setText(words)
        self._note.setVisible(bool(words))

    # Acts

    def undo_selected(self) -> None:
        """Take the selected changes back."""
        session, chosen = self.session, self.table.selected_lines()
        if session is not None and chosen:
            session.desk.undo(tuple(line.seq for line in chosen))  # a create takes its fields along

    def _undo_all(self) -> None:
        if self.session is not None:
            self.session.desk.undo(None)

    def _open(self) -> None:
        line = self.table.current_line()
        if line is not None:
            self.record_wished.emit(RecordRef(line.object, line.id))

    def push_now(self) -> None:
        """Send all of it, without waiting for the next cycle."""
        session = self.session
        if session is None:
            return
        push = session.desk.push
        if push is None:
            session.sync_now()
            return

        def work(token: CancelToken) -> object:
            return push.push(token)

        def done(result: object) -> None:
            session.tell(Changes(outbox=True, problems=True, status=True))
            session.refresh()
            self._pushed(result)

        def failed(error: OrgMirrorError) -> None:
            self._word()
            self.told.emit(errors.words(error).title)

        self._pushing = QueryOp(self, session.operations, work).success(done).failure(failed)
        self._pushing.run()
        self._word()

    def _pushed(self, result: object) -> None:
        self._word()
        error = getattr(result, "error", None)
        if isinstance(error, OrgMirrorError):
            said = errors.words(error)
            self.told.emit(f"{said.title} {said.remedy}".strip())
            return
        sent, failed = int(getattr(result, "sent", 0)), int(getattr(result, "failed", 0))
        conflicts = int(getattr(result, "conflicts", 0))
        if failed or conflicts:
            words = self.tr("{sent} sent, {waiting} need you")
            self.told.emit(words.format(sent=numbers.number(sent), waiting=numbers.number(failed + conflicts)))
        else:
            self.told.emit(self.tr("{sent} sent").format(sent=numbers.number(sent)))

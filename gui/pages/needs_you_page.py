"""`NeedsYouPage`: one list of everything that waits for a person, decided in place and by keys. GUI thread.

What a row is and what can be done about it belongs to its kind (`gui/decisions/decision.py`); the page lists, folds,
filters, counts and exports. It reads in the background whenever something may have changed, seen or not, since its
number stands in the sidebar and in the tray.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.model.errors import OrgMirrorError
from core.model.states import ProblemKind
from gui.decisions.barrier_decision import barrier_need
from gui.decisions.decision import Decision, NeedList
from gui.decisions.registry import KINDS, read_needs
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.models.line_model import LineModel
from gui.models.need_rows import NEED_COLUMNS, NeedRow, need_rows
from gui.operations import QueryOp
from gui.pages.page import Page
from gui.text import need_words, numbers
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.line_export import LineExport
from gui.widgets.line_table import LineTable
from gui.widgets.page_header import PageHeader
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.sync_buttons import ICON_GAP
from gui.workers.session import Session

_LIST_WIDTH, _DETAIL_WIDTH = 560, 420
# In the face's pixels: from here on a row has room for all of its columns.
_WIDE = 50


class NeedsYouPage(Page):
    """`count_changed` tells how many wait: needs, not rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="needsYouPage")
        self._reading: QueryOp[NeedList] | None = None
        self._again = False
        self._stored: NeedList = []
        self._needs: NeedList = []
        self._open_folds: set[object] = set()
        self._fault: OrgMirrorError | None = None
        self._header = PageHeader(self, name="needsYouHeader")
        self._group = ChoiceBox(self, name="needsYouGroup")
        self._group.picked.connect(lambda _key: self._show())
        self._object = ChoiceBox(self, name="needsYouObject")
        self._object.picked.connect(lambda _key: self._show())
        self._fold = QCheckBox(self)
        self._fold.setObjectName("needsYouFold")
        self._fold.setChecked(True)
        self._fold.toggled.connect(lambda _on: self._on_fold())
        self._export = QPushButton(self)
        self._export.setObjectName("needsYouExport")
        self._export.setProperty("kind", "quiet")
        theme.bind_icon(self._export, "export")
        self._export.clicked.connect(self._on_export)
        self.table = LineTable(LineModel(NEED_COLUMNS, lambda row: row.key, self), self, name="needsYouList")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(lambda _new, _old: self._show_selected())
        self.table.chosen.connect(self._on_chosen)
        self.table.installEventFilter(self)
        self._exporter = LineExport(self.table.lines, self)
        self._exporter.told.connect(self.told)
        self._decisions: dict[str, Decision] = {}
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("needsYouDetail")
        self._none = QWidget(self)
        self._stack.addWidget(self._none)
        for kind in KINDS:
            self._add_decision(kind.key, kind.decision(self))
        self._panel = StatePanel(self, name="needsYouState")
        self._panel.acted.connect(self._on_action)
        self._lay_out()
        self.retranslate()

    def _add_decision(self, key: str, decision: Decision) -> None:
        decision.record_wished.connect(self.record_wished)
        decision.object_wished.connect(self.object_wished)
        decision.place_wished.connect(self.place_wished)
        decision.sign_in_wished.connect(self.sign_in_wished)
        decision.told.connect(self.told)
        decision.answered.connect(self._read)
        self._decisions[key] = decision
        self._stack.addWidget(decision)

    def _lay_out(self) -> None:
        self._bar = QWidget(self)
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(Space.S)
        for widget in (self._group, self._object, self._fold):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(self._export)
        splitter = QSplitter(self)
        splitter.setObjectName("needsYouSplitter")
        splitter.setHandleWidth(1)
        splitter.addWidget(self.table)
        splitter.addWidget(self._stack)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([_LIST_WIDTH, _DETAIL_WIDTH])
        splitter.splitterMoved.connect(lambda _at, _index: self._fit_columns())
        self._frame = QFrame(self)
        self._frame.setObjectName("needsYouFrame")
        self._frame.setProperty("area", "card")
        inside = QHBoxLayout(self._frame)
        inside.setContentsMargins(Space.XS, Space.XS, 1, Space.XS)
        inside.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addWidget(self._bar)
        layout.addWidget(self._frame, 1)
        layout.addWidget(self._panel, 1)

    # Reading

    def on_session(self, session: Session | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._stored, self._fault = [], None
        self._open_folds.clear()
        self._group.choose(None)
        self._object.choose(None)
        for decision in self._decisions.values():
            decision.set_session(session)
        if session is not None:
            self.follow(session.status_changed, lambda _status: self._read())
            self.follow(session.cycle_ended, lambda _result: self._read())
            self._read()
        self._show()

    def on_shown(self) -> None:
        self._read()
        if self.table.lines.lines:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _read(self) -> None:
        session = self.session
        if session is None:
            return
        if self._reading is not None and self._reading.running:
            self._again = True
            return
        connection = session.connection
        self._reading = QueryOp(self, session.operations, lambda _token: read_needs(connection))
        self._reading.success(self._take).failure(self._failed).run()

    def _take(self, stored: NeedList) -> None:
        self._stored, self._fault = stored, None
        self._show()
        self._follow_up()

    def _failed(self, error: OrgMirrorError) -> None:
        self._fault = error
        self._show()
        self._follow_up()

    def _follow_up(self) -> None:
        if self._again:
            self._again = False
            self._read()

    # What is shown

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Needs you"))
        self._group.set_words(self.tr("Everything"), self.tr("Kind"))
        self._object.set_words(self.tr("All objects"), self.tr("Object"))
        self._fold.setText(self.tr("Group alike"))
        self._export.setText(ICON_GAP + self.tr("Export…"))
        self._export.setToolTip(self.tr("Export these lines as CSV"))
        self.table.setAccessibleName(self.tr("Needs you"))
        self.table.lines.refresh_words()
        self._show()

    @property
    def needs(self) -> NeedList:
        """All that waits, whatever the filters show."""
        return self._needs

    def _gather(self) -> NeedList:
        barrier = self.session.barrier if self.session is not None else None
        if barrier is None:
            return list(self._stored)
        # The stored problem of the same thing says no more than the barrier does.
        rest = [need for need in self._stored if need.group != ProblemKind.SIGN_IN]
        return [barrier_need(barrier), *rest]

    def _show(self) -> None:
        self._needs = self._gather()
        self._fill_filters()
        shown = [
            need
            for need in self._needs
            if self._group.key in (None, need.group) and self._object.key in (None, need.object)
        ]
        rows = need_rows(shown, fold=self._fold.isChecked(), open_folds=self._open_folds)
        here = self.table.currentIndex().row()
        self.table.lines.set_lines(rows)
        if rows and not self.table.currentIndex().isValid():
            # The next row comes under the keyboard by itself.
            self.table.setCurrentIndex(self.table.lines.index(min(max(0, here), len(rows) - 1), 0))
        self._show_selected()
        self._choose_view(bool(rows))
        count = len(self._needs)
        self._header.subtitle.setText(self._subtitle(count))
        self._fold.setVisible(any(len(row.needs) > 1 for row in need_rows(shown, fold=True)) or bool(self._open_folds))
        self.count_changed.emit(count)
        if self.session is not None:
            self.session.set_needs(count)

    def _subtitle(self, count: int) -> str:
        if not count:
            return self.tr("Everything that waits for a decision, in one place")
        if count == 1:
            return self.tr("One thing waits for a decision")
        return self.tr("{count} things wait for a decision").format(count=numbers.number(count))

    def _fill_filters(self) -> None:
        groups: dict[str, int] = {}
        for need in self._needs:
            groups[need.group] = groups.get(need.group, 0) + 1
        words = [
            (key, self.tr("{kind} ({count})").format(kind=need_words.group(key), count=numbers.number(count)))
            for key, count in groups.items()
        ]
        self._group.set_choices(sorted(words, key=lambda pair: pair[1].casefold()))
        self._object.set_choices(sorted({(need.object, need.object) for need in self._needs if need.object}))

    def _choose_view(self, has_rows: bool) -> None:
        self._frame.setVisible(has_rows)
        self._bar.setVisible(bool(self._needs))
        self._panel.setVisible(not has_rows)
        if has_rows:
            return
        if self._fault is not None:
            self._panel.show_error(self._fault)
        elif self._needs:
            self._panel.show_words(
                PageState.NONE_BY_FILTER,
                lambda: self.tr("Nothing of this kind"),
                lambda: self.tr("Other things wait; clear the filter to see them."),
            )
        else:
            self._panel.show_words(
                PageState.ALL_DONE,
                lambda: self.tr("Nothing needs you"),
                lambda: self.tr("Conflicts, refused changes and problems of the sync would be listed here."),
            )

    def _show_selected(self) -> None:
        rows: list[NeedRow] = self.table.selected_lines()
        current = self.table.current_line()
        if current is not None and current not in rows:
            rows = [current]
        if not rows:
            self._stack.setCurrentWidget(self._none)
            return
        first = current if current is not None else rows[0]
        kind = first.first.kind
        needs = [*first.needs, *(need for row in rows if row is not first for need in row.needs if need.kind == kind)]
        decision = self._decisions[kind]
        decision.decide(needs)
        self._stack.setCurrentWidget(decision)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Attempts and next try stand beside the list, too, and give way where there is little room."""
        wide = self.table.width() >= theme.base_pixels() * _WIDE
        for key in ("attempts", "next"):
            self.table.show_column(key, wide)

    # What a person does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            decision = self._stack.currentWidget()
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and isinstance(decision, Decision) and decision.press(Qt.Key(event.key())):
                return True
        return super().eventFilter(watched, event)

    def _on_chosen(self, row: NeedRow) -> None:
        if len(row.needs) > 1:
            self._open_folds.add(row.key)
            self._show()
            self.table.choose(row.first.key)
        elif row.first.ref is not None:
            self.record_wished.emit(row.first.ref)

    def _on_fold(self) -> None:
        self._open_folds.clear()
        self._show()

    def _on_action(self, action: StateAction) -> None:
        if action is StateAction.CLEAR_FILTER:
            self._group.choose(None)
            self._object.choose(None)
            self._show()
        elif action is StateAction.SIGN_IN:
            self.sign_in_wished.emit()
        else:
            self._read()

    def _on_export(self) -> None:
        if self.session is None:
            return
        # A file has a line for each, whatever is folded on the screen.
        self._fold.setChecked(False)
        self._exporter.ask(self.session.operations, self.tr("Needs you"))

"""`RecordPane`: one record, read from the mirror, read and written in the same place, with its look-ups as links.

Lives on the GUI thread, beside a list or in a window of its own. It asks the quick lane for the record; the newest
wish wins, and the record shown stays on the screen until the next one is here, unless that takes noticeably long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from core.api.browse import Lane
from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.desktop import theme
from gui.models.answers import Answers
from gui.models.edit_desk import EditDesk
from gui.models.record_watch import RecordSide, RecordWatch
from gui.operations import as_error
from gui.text import numbers
from gui.widgets.kin_bar import KinBar
from gui.widgets.label import Label
from gui.widgets.link_button import LinkButton
from gui.widgets.record_bars import RecordBar, SaveBar
from gui.widgets.record_editing import RecordEditing, ShownRecord
from gui.widgets.record_form import RecordForm
from gui.widgets.record_pane_header import RecordPaneHeader
from gui.widgets.related_lists import RelatedLists
from gui.widgets.safe_links import open_in_salesforce
from gui.widgets.sheet_cells import is_empty
from gui.widgets.skeleton import Skeleton
from gui.widgets.state_panel import PageState, StateAction, StatePanel

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession, RecordView

# Records that are here sooner than this come without a skeleton in between.
SKELETON_AFTER_MS = 150
MAX_BACK = 50


class RecordPane(QFrame):
    """`show_record` shows one; `shown` tells when it is here."""

    shown = Signal(object)  # RecordView
    window_wanted = Signal(object)  # RecordRef
    record_followed = Signal(object)  # RecordRef that a look-up led to, shown in this pane
    closed = Signal()
    looks_changed = Signal()  # what is kept of how it looks
    menu_wanted = Signal(object)  # the QMenu of the record, to be filled before it opens
    activity_wanted = Signal(object, str, bool)  # RecordRef, its title, a task instead of a call
    related_wanted = Signal(str, str, object)  # object, field, RecordRef: the whole of a related list

    def __init__(
        self,
        browse: BrowseApi,
        parent: QWidget | None = None,
        *,
        show_empty: bool = False,
        in_window: bool = False,
        desk: EditDesk | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("recordPane")
        self.setProperty("area", "surface")
        self._browse = browse
        self._desk = desk
        self._view = f"record:{uuid4().hex}"
        self._answers = Answers(self)
        self._wanted: RecordRef | tuple[str, int] | None = None
        self._record: RecordView | None = None
        self._back: list[RecordRef] = []
        self._show_empty = show_empty
        self.header = RecordPaneHeader(self)
        self.header.window_button.setVisible(not in_window)
        self.header.close_button.setVisible(not in_window)
        self._line = QFrame(self)
        self._line.setProperty("area", "line")
        self.sheet = RecordForm()
        self.bar = RecordBar(self)
        self.save_bar = SaveBar(self)
        self.editing = RecordEditing(desk, self.sheet, self.bar, self.save_bar)
        self.related = RelatedLists(browse)
        self.kin = KinBar(self)
        self.watch = RecordWatch(desk.connection, desk.operations, self) if desk is not None else None
        self._side: RecordSide | None = None
        self._fresh = Label("small", name="recordFresh")
        self._shown: ShownRecord | None = None
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("recordScroll")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty_toggle = LinkButton()
        self._empty_toggle.setObjectName("recordEmptyToggle")
        self._skeleton = Skeleton(self)
        self._skeleton.setObjectName("recordSkeleton")
        self.state = StatePanel(self, name="recordState")
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("recordStack")
        self._build()
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SKELETON_AFTER_MS)
        self._slow.timeout.connect(self._show_skeleton)
        self._connect()
        self.retranslate()
        self.clear()
        view = self._view
        self.destroyed.connect(lambda: browse.forget(view))

    def _build(self) -> None:
        inside = QWidget()
        inside.setObjectName("recordInside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, theme.Space.M)
        column.setSpacing(0)
        column.addWidget(self.sheet)
        below = QHBoxLayout()
        below.setContentsMargins(theme.Space.L, 0, theme.Space.L, 0)
        below.addWidget(self._empty_toggle)
        below.addStretch(1)
        below.addWidget(self._fresh)
        column.addLayout(below)
        column.addWidget(self.related)
        column.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        for page in (self._scroll, self._skeleton, self.state):
            self._stack.addWidget(page)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self._line)
        bars = QVBoxLayout()
        bars.setContentsMargins(theme.Space.M, theme.Space.S, theme.Space.M, 0)
        bars.setSpacing(theme.Space.XS)
        bars.addWidget(self.bar)
        bars.addWidget(self.kin)
        box.addLayout(bars)
        box.addWidget(self._stack, 1)
        box.addWidget(self.save_bar)

    def _connect(self) -> None:
        self.header.back_wanted.connect(self.go_back)
        self.header.close_wanted.connect(self.closed)
        self.header.more_wanted.connect(self.open_menu)
        self.header.more.setVisible(self._desk is not None and self._desk.can_edit)
        self.header.window_wanted.connect(self._want_window)
        self.header.salesforce_wanted.connect(self.open_in_salesforce)
        self.header.follow.setVisible(self.watch is not None)
        self.kin.record_wanted.connect(self._follow)
        if self.watch is not None:
            self.header.follow_wanted.connect(self._on_follow)
            self.watch.side_read.connect(self._show_side)
            self.watch.refreshing.connect(lambda ref: self._word_fresh(ref is not None))
        self.sheet.record_wanted.connect(self._follow)
        self.sheet.reached.connect(self._bring_into_view)
        self.related.record_wanted.connect(self._follow)
        self.related.all_wanted.connect(self.related_wanted)
        self._empty_toggle.clicked.connect(self._switch_empty)
        self.state.acted.connect(self._acted)
        self._scroll.verticalScrollBar().valueChanged.connect(self._look)

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Record"))
        self._fill()
        self._word_toggle()
        if self._record is None and self._wanted is None:
            self._show_nothing()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    # What is shown

    @property
    def record(self) -> RecordView | None:
        """The record on the screen, or None."""
        return self._record

    @property
    def show_empty(self) -> bool:
        return self._show_empty

    def show_record(self, wanted: RecordRef | tuple[str, int]) -> None:
        """Show this record (by reference, or object and row number of the mirror); starts a new way back."""
        self._back.clear()
        self._ask(wanted)

    def clear(self) -> None:
        """Show none."""
        self._answers.forget()
        self._slow.stop()
        self._wanted = None
        self.editing.leave()
        self._record = self._shown = None
        self.related.clear()
        self._show_side(None)
        if self.watch is not None:
            self.watch.leave()
        self._back.clear()
        self.header.clear()
        self._show_nothing()

    def apply_changes(self, changes: Changes) -> None:
        """Read the record again if it changed; look-ups may be named differently, too."""
        record = self._record
        if record is None or not changes.objects:
            return
        ids = changes.objects.get(record.ref.object, frozenset())
        linked = {f.link.object for group in record.groups for f in group.fields if f.link is not None}
        if ids is None or record.ref.id in ids or linked & set(changes.objects) or changes.schema:
            self._ask(record.ref, quietly=True)

    def go_back(self) -> None:
        """The record from which a look-up led here."""
        if self._back:
            self._ask(self._back.pop())

    def open_in_salesforce(self) -> None:
        if self._record is not None and self._record.web_url:
            open_in_salesforce(self._record.web_url)

    # Reading

    def _ask(self, wanted: RecordRef | tuple[str, int], *, quietly: bool = False) -> None:
        self._wanted = wanted
        if not quietly:
            self._slow.start()
        editing = self.editing

        def read(session: BrowseSession) -> ShownRecord:
            return editing.read(session, session.record(wanted))

        future = self._browse.submit(Lane.QUICK, self._view, read)
        self._answers.expect("record", future, self._here, self._failed)

    def _here(self, shown: ShownRecord) -> None:
        self._slow.stop()
        record = shown.record
        same = self._record is not None and self._record.ref == record.ref
        before = self._scroll.verticalScrollBar().value() if same else 0
        self._record, self._shown = record, shown
        self._fill()
        self.related.show_lists(record.ref, shown.form.related if shown.form is not None else ())
        self._stack.setCurrentWidget(self._scroll)
        self._scroll.verticalScrollBar().setValue(before)
        self._look()
        self._word_fresh(False)
        if self.watch is not None and not same:
            self._show_side(None)
            self.watch.show(record.ref, record.title)
        if not same:
            self.shown.emit(record)

    def _fill(self) -> None:
        record, shown = self._record, self._shown
        if record is None or shown is None:
            return
        flag = next((f for g in record.groups for f in g.fields if f.name == "IsConverted"), None)
        converted = flag is not None and flag.raw in (1, True, "true", "1")
        self.header.show_record(record, converted=converted, can_go_back=bool(self._back))
        self.sheet.shows_rest = self._show_empty
        self.editing.show(shown, show_empty=self._show_empty)
        self._word_toggle()

    def _failed(self, error: Exception) -> None:
        self._slow.stop()
        self.editing.leave()
        self._record = self._shown = None
        self.header.clear()
        self.header.back.setVisible(bool(self._back))
        self.state.show_error(as_error(error))
        self._stack.setCurrentWidget(self.state)

    def _show_side(self, side: RecordSide | None) -> None:
        self._side = side
        self.kin.show_side(side)
        self.header.show_followed(side is not None and side.follow_id is not None)

    def _on_follow(self, on: bool) -> None:
        if self.watch is not None:
            self.watch.follow(on, self._side.follow_id if self._side is not None else None)

    def _word_fresh(self, refreshing: bool) -> None:
        """How old the calculated values are: nothing tells when they change, so they say when they were read."""
        form = self._shown.form if self._shown is not None else None
        fields = [field for section in form.sections for row in section.rows for field in row] if form else []
        read = [field.as_of for field in fields if field is not None and field.calculated and field.as_of is not None]
        if refreshing:
            self._fresh.setText(self.tr("Reading it anew…"))
        elif read:
            words = self.tr("Calculated fields as of {time}")
            self._fresh.setText(words.format(time=numbers.moment_text(min(read))))
        else:
            self._fresh.setText("")

    def _show_skeleton(self) -> None:
        self.editing.leave()
        self._record = self._shown = None
        self.header.clear()
        self._stack.setCurrentWidget(self._skeleton)

    def _show_nothing(self) -> None:
        self.state.show_words(
            PageState.NONE_YET,
            lambda: self.tr("No record chosen"),
            lambda: self.tr("Choose one in the list, or find it with the search."),
        )
        self._stack.setCurrentWidget(self.state)

    # Acts

    def _follow(self, ref: RecordRef, apart: bool) -> None:
        if apart:
            self.window_wanted.emit(ref)
            return
        if self._record is not None:
            self._back.append(self._record.ref)
            del self._back[:-MAX_BACK]
        self._ask(ref)
        self.record_followed.emit(ref)

    def open_menu(self) -> None:
        """What can be done with the record, below its button."""
        if self._record is None:
            return
        menu = QMenu(self)
        menu.setObjectName("recordMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.menu_wanted.emit(menu)
        if not menu.isEmpty():
            menu.popup(self.header.more.mapToGlobal(QPoint(0, self.header.more.height() + 2)))

    @property
    def shown_record(self) -> ShownRecord | None:
        """The record with its form, as it was read."""
        return self._shown

    def _want_window(self) -> None:
        if self._record is not None:
            self.window_wanted.emit(self._record.ref)

    def _acted(self, action: StateAction) -> None:
        if action is StateAction.RETRY and self._wanted is not None:
            self._ask(self._wanted)

    def _switch_empty(self) -> None:
        self._show_empty = not self._show_empty
        self._fill()
        self.looks_changed.emit()

    def _bring_into_view(self, area: QRect) -> None:
        self._scroll.ensureVisible(area.center().x(), area.top(), 0, theme.Space.L)
        self._scroll.ensureVisible(area.center().x(), area.bottom(), 0, theme.Space.L)

    def _word_toggle(self) -> None:
        record, shown = self._record, self._shown
        if record is not None and shown is not None and shown.form is not None and shown.form.from_layout:
            hidden = self.sheet.hidden_count(record)
            if self._show_empty:
                self._empty_toggle.set_plain_text(self.tr("Only the fields of the page layout"))
            else:
                words = self.tr("Show 1 more field") if hidden == 1 else self.tr("Show {count} more fields")
                self._empty_toggle.set_plain_text(words.format(count=numbers.number(hidden)))
            self._empty_toggle.setVisible(hidden > 0)
            return
        empty = 0 if record is None else sum(is_empty(f) for group in record.groups for f in group.fields)
        if self._show_empty:
            self._empty_toggle.set_plain_text(self.tr("Hide empty fields"))
        else:
            words = self.tr("Show 1 empty field") if empty == 1 else self.tr("Show {count} empty fields")
            self._empty_toggle.set_plain_text(words.format(count=numbers.number(empty)))
        self._empty_toggle.setVisible(empty > 0)

    def _look(self) -> None:
        top = self._scroll.verticalScrollBar().value()
        self.sheet.look_at(top, top + self._scroll.viewport().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        back = key == Qt.Key.Key_Left and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if key == Qt.Key.Key_Escape:
            self.editing.keep_draft()
            self.closed.emit()
        elif back:
            self.go_back()
        elif key in (Qt.Key.Key_L, Qt.Key.Key_T) and not event.modifiers() and self._record is not None:
            self.activity_wanted.emit(self._record.ref, self._record.title, key == Qt.Key.Key_T)
        else:
            super().keyPressEvent(event)

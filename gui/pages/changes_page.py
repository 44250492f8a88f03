"""`ChangesPage`: what came in and went out, by whom; what is followed stands first, or alone. GUI thread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from core.model.changes import Changes
from core.model.refs import RecordRef
from gui.desktop import icons, theme
from gui.desktop.theme import Space
from gui.dialogs.decided_dialog import DecidedDialog
from gui.dialogs.one_dialog import show_one
from gui.models.change_lines import ChangeFilter, ChangeLine, followed_first, read_change_lines
from gui.models.object_lines import object_lines
from gui.operations import QueryOp, in_background
from gui.pages.page import Page
from gui.text import numbers
from gui.widgets.change_list import ChangeList
from gui.widgets.choice_box import ChoiceBox
from gui.widgets.date_range_box import DateRangeBox
from gui.widgets.page_header import PageHeader
from gui.widgets.plain_text import without_mnemonic
from gui.widgets.sync_buttons import ICON_GAP
from gui.workers.session import Session

_LIMIT = 500
_FOLLOWED, _FIRST = "followed", "first"
_IN, _OUT = "salesforce", "local"


class ChangesPage(Page):
    """Each line leads on to its record. The number at its place counts changes of followed things not looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="changesPage")
        self._reading: QueryOp[tuple[list[ChangeLine], list[Any]]] | None = None
        self._again = False
        self._lines: list[ChangeLine] = []
        self._followed: list[Any] = []
        self._header = PageHeader(self, name="changesHeader")
        self._order = ChoiceBox(self, name="changesOrder")
        self._object = ChoiceBox(self, name="changesObject")
        self._side = ChoiceBox(self, name="changesSide")
        for box in (self._order, self._object, self._side):
            box.picked.connect(lambda _key: self._read())
        self._when = DateRangeBox(self, name="changesWhen")
        self._when.activated.connect(lambda _row: self._read())
        self._follows = QPushButton(self)
        self._follows.setObjectName("changesFollows")
        self._follows.setProperty("kind", "quiet")
        theme.bind_icon(self._follows, "star")
        self._follows.clicked.connect(self._open_follows)
        self._decided = QPushButton(self)
        self._decided.setObjectName("changesDecided")
        self._decided.setProperty("kind", "quiet")
        theme.bind_icon(self._decided, "history")
        self._decided.clicked.connect(self._open_decided)
        self._list = ChangeList(self, name="changes")
        self._list.record_wished.connect(self.record_wished)
        self._list.clear_wished.connect(self._clear)
        bar = QHBoxLayout()
        bar.setSpacing(Space.S)
        for widget in (self._order, self._object, self._side, self._when):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(self._decided)
        bar.addWidget(self._follows)
        frame = QFrame(self)
        frame.setObjectName("changesFrame")
        frame.setProperty("area", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        inside.addWidget(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        layout.setSpacing(Space.L)
        layout.addWidget(self._header)
        layout.addLayout(bar)
        layout.addWidget(frame, 1)
        self.retranslate()

    def on_session(self, session: Session | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._lines, self._followed = [], []
        self._clear_filters()
        self._list.show_changes([])
        self._word_follows()
        self._decided.setVisible(session is not None and hasattr(session.desk.push, "decided"))
        if session is not None:
            self.follow(session.data_changed, self._on_changes)
            self.follow(session.cycle_ended, lambda _result: self._read())
            self.follow(session.status_changed, lambda _status: self._follow_load())
            self._read()
        self._follow_load()

    def on_shown(self) -> None:
        self._read()

    def retranslate(self) -> None:
        self._header.title.setText(self.tr("Changes"))
        self._header.subtitle.setText(self.tr("What came in from Salesforce and went out, newest first"))
        self._order.set_words(self.tr("By time"), self.tr("Order"))
        self._order.set_choices([(_FIRST, self.tr("Followed first")), (_FOLLOWED, self.tr("Only followed"))])
        self._object.set_words(self.tr("All objects"), self.tr("Object"))
        self._side.set_words(self.tr("In and out"), self.tr("Direction"))
        self._side.set_choices([(_IN, self.tr("Came in")), (_OUT, self.tr("Made here"))])
        self._list.retranslate()
        self._decided.setText(ICON_GAP + self.tr("Decided conflicts…"))
        self._decided.setToolTip(self.tr("The values that lost are kept and can be brought back"))
        self._word_follows()

    def _word_follows(self) -> None:
        count = len(self._followed)
        self._follows.setText(ICON_GAP + self.tr("Followed ({count})").format(count=numbers.number(count)))
        self._follows.setEnabled(count > 0)
        self._follows.setToolTip(self.tr("A record is followed by the star above it, a view by the list's menu."))

    def _follow_load(self) -> None:
        session = self.session
        status = session.status if session is not None else None
        self._list.show_while_loading(status is not None and status.last_ok_at is None)
        if session is not None:
            lines = object_lines(status, session.progress)
            self._object.set_choices([(line.name, line.label) for line in lines])

    def _on_changes(self, changes: Changes) -> None:
        if changes.objects and self.isVisible():
            self._read()

    # Reading

    def _filter(self) -> ChangeFilter:
        since, until = self._when.range(datetime.now().astimezone())
        return ChangeFilter(self._object.key, self._side.key, since, until, self._order.key == _FOLLOWED)

    def _clear_filters(self) -> None:
        for box in (self._order, self._object, self._side):
            box.choose(None)
        self._when.setCurrentIndex(0)

    def _clear(self) -> None:
        self._clear_filters()
        self._read()

    def _read(self) -> None:
        session = self.session
        if session is None:
            return
        if self._reading is not None and self._reading.running:
            self._again = True
            return
        connection, wanted, seen = session.connection, self._filter(), self.isVisible()

        def work(_token: object) -> tuple[list[ChangeLine], list[Any]]:
            lines = read_change_lines(connection, _LIMIT, wanted)
            followed = list(connection.sync.followed())
            if seen and any(item.new for item in followed):
                connection.sync.mark_seen()
            return lines, followed

        self._reading = QueryOp(self, session.operations, work)
        self._reading.success(lambda answer: self._take(*answer, seen=seen)).failure(lambda _error: self._next()).run()

    def _take(self, lines: list[ChangeLine], followed: list[Any], *, seen: bool) -> None:
        self._lines, self._followed = lines, followed
        shown = followed_first(lines) if self._order.key == _FIRST else lines
        self._list.show_changes(shown, filtered=not self._filter().is_open)
        self._word_follows()
        self.count_changed.emit(0 if seen else sum(item.new for item in followed))
        self._next()

    def _next(self) -> None:
        if self._again:
            self._again = False
            self._read()

    def _open_decided(self) -> None:
        session = self.session
        if session is not None:
            show_one(self, "decidedDialog", lambda window: DecidedDialog(session.desk, window))

    # What is followed

    def _open_follows(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("followsMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for item in self._followed:
            inner = menu.addMenu(theme.icon(icons.object_icon_name(item.object)), without_mnemonic(item.title))
            inner.addAction(theme.icon("records"), self.tr("Show"), lambda item=item: self._show_followed(item))
            inner.addAction(
                theme.icon("close"), self.tr("Follow no longer"), lambda item=item: self._unfollow(item.follow_id)
            )
        menu.popup(self._follows.mapToGlobal(QPoint(0, self._follows.height())))

    def _show_followed(self, item: Any) -> None:
        if item.record_id is not None:
            self.record_wished.emit(RecordRef(item.object, item.record_id))
        else:
            self.object_wished.emit(item.object)

    def _unfollow(self, follow_id: int) -> None:
        session = self.session
        if session is None:
            return
        sync = session.connection.sync
        in_background(self, session.operations, lambda: sync.unfollow(follow_id), lambda _none: self._read())

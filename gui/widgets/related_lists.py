"""`RelatedLists`: the records that refer to the one shown: activities, campaign history, roles, contacts of an account.

Lives on the GUI thread below a record's fields. Each list is read on the heavy lane once the record stands, a few rows
of each; a list that has none is one quiet line. A row's name opens the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.api.browse import Lane
from core.model.errors import OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator
from core.model.refs import RecordRef
from gui.desktop import theme
from gui.models.answers import Answers
from gui.text import numbers
from gui.widgets.label import ElidedLabel, Label
from gui.widgets.link_button import LinkButton

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession
    from core.api.records import RelatedList

ROWS = 5
_COLUMNS = 4
_COLUMN_WIDTH = 150


@dataclass(frozen=True, slots=True)
class _Read:
    wanted: RelatedList
    count: int
    labels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # cells, the id last
    names: tuple[str, ...]


class RelatedLists(QFrame):
    """`record_wanted` carries a RecordRef and whether it is wanted in a window; `all_wanted` object, field and id."""

    record_wanted = Signal(object, bool)
    all_wanted = Signal(str, str, object)

    def __init__(self, browse: BrowseApi, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("relatedLists")
        self._browse = browse
        self._view = f"related:{uuid4().hex}"
        self._answers = Answers(self)
        self._ref: RecordRef | None = None
        self._read: tuple[_Read, ...] = ()
        self._shown_columns = 0
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(theme.Space.L, 0, theme.Space.L, theme.Space.M)
        self._box.setSpacing(theme.Space.M)
        view = self._view
        self.destroyed.connect(lambda: browse.forget(view))
        self.hide()

    def show_lists(self, ref: RecordRef, lists: Sequence[RelatedList]) -> None:
        """Read and show the lists of `ref`."""
        if ref != self._ref:
            self._clear()
        self._ref = ref
        if not lists:
            self._clear()
            return
        wanted = tuple(lists)

        def read(session: BrowseSession) -> tuple[_Read, ...]:
            return tuple(found for found in (_read(session, ref, item) for item in wanted) if found is not None)

        future = self._browse.submit(Lane.HEAVY, self._view, read)
        self._answers.expect("related", future, self._here, lambda _error: self._clear())

    def clear(self) -> None:
        """No record is shown."""
        self._answers.forget()
        self._ref = None
        self._clear()

    def _clear(self) -> None:
        self._read = ()
        self._fill()

    def _here(self, read: tuple[_Read, ...]) -> None:
        if read != self._read:
            self._read = read
            self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._fill()

    def _fill(self) -> None:
        while self._box.count():
            item = self._box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for read in self._read:
            if read.count:
                self._box.addWidget(self._made(read))
        empty = [read.wanted.label for read in self._read if not read.count]
        if empty:
            line = Label("small", self, wrap=True, name="relatedEmpty")
            line.setText(self.tr("Nothing in: {lists}").format(lists=", ".join(empty)))
            self._box.addWidget(line)
        self.setVisible(bool(self._read))

    def _made(self, read: _Read) -> QWidget:
        card = QFrame(self)
        card.setObjectName(f"related_{read.wanted.object}_{read.wanted.field}")
        card.setProperty("area", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.Space.M, theme.Space.S, theme.Space.M, theme.Space.S)
        column.setSpacing(theme.Space.XS)
        head = QHBoxLayout()
        title = Label("strong", card)
        title.setText(read.wanted.label)
        count = Label("chip", card)
        count.setText(numbers.number(read.count))
        head.addWidget(title)
        head.addWidget(count)
        head.addStretch(1)
        if read.count > len(read.rows):
            more = LinkButton(card, text=self.tr("Show all"))
            more.setObjectName("relatedAll")
            wanted = read.wanted
            more.clicked.connect(lambda: self.all_wanted.emit(wanted.object, wanted.field, self._ref))
            head.addWidget(more)
        column.addLayout(head)
        if read.rows:
            column.addLayout(self._grid(read, card))
        return card

    def _grid(self, read: _Read, card: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.Space.M)
        grid.setVerticalSpacing(2)
        room = self._room()
        for at, label in enumerate(read.labels[:room]):
            caption = ElidedLabel("caption", card)
            caption.setText(label)
            grid.addWidget(caption, 0, at)
            grid.setColumnStretch(at, 3 if at == 0 else 2)
        for line, cells in enumerate(read.rows, start=1):
            *texts, record_id = cells
            for at, text in enumerate(texts[:room]):
                if at == 0:
                    grid.addWidget(
                        self._link(text or record_id, RecordRef(read.wanted.object, record_id), card), line, 0
                    )
                    continue
                value = ElidedLabel("soft", card)
                value.setText(text)
                grid.addWidget(value, line, at)
        return grid

    def _room(self) -> int:
        """How many columns can be read at this width."""
        return max(2, min(_COLUMNS, self.width() // _COLUMN_WIDTH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._room() != self._shown_columns:
            self._shown_columns = self._room()
            if self._read:
                self._fill()

    def _link(self, text: str, ref: RecordRef, card: QWidget) -> LinkButton:
        link = LinkButton(card, text=text)
        link.setObjectName("relatedName")
        link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.followed.connect(lambda apart: self.record_wanted.emit(ref, apart))
        return link


def _read(session: Any, ref: RecordRef, wanted: RelatedList) -> _Read | None:
    """One list, or None where its object is not mirrored."""
    try:
        columns = {column.name: column for column in session.columns(wanted.object)}
        if wanted.field not in columns:
            return None
        names = tuple(name for name in wanted.columns if name in columns and name != wanted.field)[:_COLUMNS]
        if not names:
            names = tuple(c.name for c in columns.values() if c.default and c.name != wanted.field)[:_COLUMNS]
        query = ListQuery(wanted.object, (Condition(wanted.field, Operator.EQUALS, ref.id),))
        ids = session.open_list(query).ids
        rows = session.page(wanted.object, ids[:ROWS], (*names, "Id"))
    except OrgMirrorError:
        return None
    labels = tuple(columns[name].label for name in names)
    return _Read(wanted, len(ids), labels, tuple(map(tuple, rows)), names)

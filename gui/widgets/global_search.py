"""`GlobalSearch`: finds a record of any object while it is typed. Sits in the window's top bar.

Lives on the GUI thread. Typing is never disturbed: the popup is a child of the window without focus, the lane answers
the newest text only, and what an older text found is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from core.api.browse import Lane
from core.model.errors import OrgMirrorError
from gui.desktop import theme
from gui.models.answers import Answers
from gui.models.search_model import SearchModel
from gui.operations import as_error
from gui.text import errors
from gui.widgets.clear_icon import give_clear_button
from gui.widgets.search_popup import SearchPopup

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession, SearchHit

DEBOUNCE_MS = 80
PER_OBJECT = 8
MAX_CHARS = 200


class GlobalSearch(QWidget):
    """The field and its popup; `record_chosen` carries a `RecordRef`."""

    record_chosen = Signal(object)

    def __init__(self, browse: BrowseApi | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("globalSearch")
        self._browse = browse
        self._view = f"search:{uuid4().hex}"
        self._answers = Answers(self)
        self._model = SearchModel(self)
        self._popup: SearchPopup | None = None
        self._answered = ""
        self._enter_waits = False
        self._indexing: tuple[str, ...] = ()
        self._fault: OrgMirrorError | None = None
        self.field = QLineEdit(self)
        self.field.setObjectName("globalSearchField")
        self.field.setMaxLength(MAX_CHARS)
        give_clear_button(self.field)
        self.field.setProperty("quiet", True)
        self._glass = QAction(self)
        theme.bind_icon(self._glass, "search", "muted")
        self.field.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(DEBOUNCE_MS)
        self._wait.timeout.connect(self._ask)
        self.field.textEdited.connect(self._edited)
        self.field.textChanged.connect(self._cleared)
        self.field.installEventFilter(self)
        self.shortcut = QShortcut(QKeySequence(self._keys()), self, self.begin)
        self.retranslate()

    @staticmethod
    def _keys() -> str:
        return "Ctrl+K"

    def retranslate(self) -> None:
        keys = QKeySequence(self._keys()).toString(QKeySequence.SequenceFormat.NativeText)
        self.field.setPlaceholderText(self.tr("Search all records ({keys})").format(keys=keys))
        self.field.setAccessibleName(self.tr("Search all records"))
        if self._popup is not None and self._popup.isVisible():
            self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(420, theme.Size.CONTROL)

    def set_browse(self, browse: BrowseApi | None) -> None:
        """Search another connection's mirror, or none."""
        self._browse = browse
        self._close()
        self._answers.forget()
        self._model.set_hits(())
        self.field.clear()

    def begin(self) -> None:
        """Put the cursor into the field, what is in it selected."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # Asking

    def _edited(self, text: str) -> None:
        self._enter_waits = False
        if text.strip():
            self._wait.start()

    def _cleared(self, text: str) -> None:
        if not text.strip():
            self._wait.stop()
            self._answers.forget()
            self._answered = ""
            self._close()

    def _ask(self) -> None:
        self._wait.stop()
        text = self.field.text().strip()
        if not text or self._browse is None:
            return

        def read(session: BrowseSession) -> tuple[list[SearchHit], tuple[str, ...]]:
            return session.search(text, per_object=PER_OBJECT), _still_indexing(session)

        future = self._browse.submit(Lane.QUICK, self._view, read)
        self._answers.expect("search", future, lambda answer: self._here(text, *answer), self._failed)

    def _here(self, text: str, hits: list[SearchHit], indexing: tuple[str, ...]) -> None:
        self._answered = text
        self._indexing = indexing
        self._fault = None
        kept = self._model.hit(self._popup.current_row()) if self._popup is not None else None
        self._model.set_hits(hits)
        self._show()
        if self._popup is not None:
            rows = range(self._model.rowCount())
            same = next((r for r in rows if kept is not None and self._model.hit(r) == kept), None)
            self._popup.set_current(same if same is not None else self._model.step(-1, 1))
        if self._enter_waits:
            self._enter_waits = False
            self._choose(self._model.step(-1, 1))

    def _failed(self, error: Exception) -> None:
        self._fault = as_error(error)
        self._model.set_hits(())
        self._show()

    # Showing

    def _show(self) -> None:
        if not self.field.hasFocus() and not self.field.text():
            return
        if self._popup is None or self._popup.parentWidget() is not self.window():
            self._popup = SearchPopup(self._model, self.window())
            self._popup.chosen.connect(self._choose)
            self.window().installEventFilter(self)
        self._popup.note.setText(self._note())
        self._popup.place(self._field_in_window())
        self._popup.raise_()
        self._popup.show()

    def _note(self) -> str:
        if self._fault is not None:
            return errors.words(self._fault).title
        notes = []
        if not self._model.rowCount():
            notes.append(self.tr("Nothing found for “{text}”").format(text=self._answered[:60]))
        if self._indexing:
            names = ", ".join(self._indexing[:3])
            more = "…" if len(self._indexing) > 3 else ""
            notes.append(self.tr("Still indexing: {objects}").format(objects=f"{names}{more}"))
        return "\n".join(notes)

    def _field_in_window(self) -> QRect:
        return QRect(self.field.mapTo(self.window(), QPoint(0, 0)), self.field.size())

    def _close(self) -> None:
        self._enter_waits = False
        if self._popup is not None:
            self._popup.hide()

    @property
    def popup(self) -> SearchPopup | None:
        """The popup, once something was searched."""
        return self._popup

    def is_open(self) -> bool:
        """Whether hits are on the screen."""
        return self._popup is not None and self._popup.isVisible()

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self._close()
        elif watched is self.field and event.type() == QEvent.Type.FocusIn and self._answered:
            if self.field.text().strip() == self._answered:
                self._show()
        elif watched is self.window() and event.type() == QEvent.Type.Resize and self.is_open() and self._popup:
            self._popup.place(self._field_in_window())
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if not self.is_open():
                if self.field.text().strip():
                    self._ask()
                return True
            assert self._popup is not None
            self._popup.set_current(self._model.step(self._popup.current_row(), 1 if key == Qt.Key.Key_Down else -1))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
            return True
        if key == Qt.Key.Key_Escape:
            if self.is_open():
                self._close()
            elif self.field.text():
                self.field.clear()
            else:
                self.field.clearFocus()
            return True
        return False

    def _enter(self) -> None:
        text = self.field.text().strip()
        if not text:
            return
        if self.is_open() and self._answered == text and self._popup is not None:
            self._choose(self._popup.current_row())
            return
        # Quicker than the answer: take the best hit of this very text when it comes.
        self._ask()
        self._enter_waits = True

    def _choose(self, row: int) -> None:
        hit = self._model.hit(row)
        if hit is None:
            return
        self._close()
        self.record_chosen.emit(hit.ref)


def _still_indexing(session: BrowseSession) -> tuple[str, ...]:
    """The labels of objects that search does not cover yet."""
    return tuple(session.indexing())

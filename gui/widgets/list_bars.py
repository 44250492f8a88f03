"""The bars around a list: `QuickFilter`, `FilterChips`, `NewsBar` (what came in) and `LoadBar` (first load)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from core.model.filters import Condition, Operator
from core.model.progress import ObjectProgress
from core.model.states import LoadPhase
from gui.desktop import theme
from gui.models.record_list import ListNews
from gui.text import numbers, phases
from gui.widgets.clear_icon import give_clear_button
from gui.widgets.label import ElidedLabel
from gui.widgets.plain_text import without_mnemonic
from gui.widgets.progress_bar import ThinBar

FILTER_DEBOUNCE_MS = 180
MAX_CHIP_CHARS = 40


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A condition in force, and the words for it: the field's label and the value as shown."""

    condition: Condition
    label: str
    value: str


class QuickFilter(QLineEdit):
    """Search in this list. `wanted` carries the text once the typing pauses; Escape clears, then leaves."""

    wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quickFilter")
        give_clear_button(self)
        self.setMaxLength(200)
        self.setProperty("quiet", True)
        self.setMinimumWidth(140)
        self.setMaximumWidth(300)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._glass = QAction(self)
        theme.bind_icon(self._glass, "filter", "muted")
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._sent = ""
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(FILTER_DEBOUNCE_MS)
        self._wait.timeout.connect(self._send)
        self.textChanged.connect(lambda _text: self._wait.start())

    def set_quietly(self, text: str) -> None:
        """Put `text` there without asking for it."""
        self._sent = text.strip()
        self.setText(text)
        self._wait.stop()

    def _send(self) -> None:
        self._wait.stop()
        text = self.text().strip()
        if text != self._sent:
            self._sent = text
            self.wanted.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._send()
            self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self._send()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)


class FilterChips(QWidget):
    """The conditions in force, each with a way out. Hidden while there are none."""

    dropped = Signal(object)  # Condition
    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterChips")
        self._filters: tuple[ActiveFilter, ...] = ()
        self._chips: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.Space.L, 0, theme.Space.L, theme.Space.S)
        self._row.setSpacing(theme.Space.XS)
        self._clear = QPushButton(self)
        self._clear.setObjectName("filterClear")
        self._clear.setProperty("kind", "link")
        self._clear.clicked.connect(self.clear_wanted)
        self._row.addWidget(self._clear)
        self._row.addStretch(1)
        self.set_filters(())

    def set_filters(self, filters: Sequence[ActiveFilter]) -> None:
        """Show these."""
        self._filters = tuple(filters)
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = []
        for at, active in enumerate(self._filters):
            chip = QPushButton(self)
            chip.setObjectName(f"filterChip{at}")
            chip.setProperty("kind", "chip")
            chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            theme.bind_icon(chip, "close", "accent", size=12)
            chip.clicked.connect(lambda _=False, condition=active.condition: self.dropped.emit(condition))
            self._row.insertWidget(at, chip)
            self._chips.append(chip)
        self.setVisible(bool(self._filters))
        self.retranslate()

    def retranslate(self) -> None:
        for chip, active in zip(self._chips, self._filters, strict=True):
            words = self._words(active)
            chip.setText(without_mnemonic(words))
            chip.setAccessibleName(self.tr("Remove the filter: {filter}").format(filter=words))
        self._clear.setText(self.tr("Clear all"))

    def _words(self, active: ActiveFilter) -> str:
        value = " ".join(active.value.split())
        value = value if len(value) <= MAX_CHIP_CHARS else f"{value[:MAX_CHIP_CHARS]}…"
        operator = active.condition.operator
        if operator is Operator.IS_EMPTY:
            return self.tr("{field} is empty").format(field=active.label)
        if operator is Operator.IS_NOT_EMPTY:
            return self.tr("{field} is not empty").format(field=active.label)
        if operator is Operator.NOT_EQUALS:
            return self.tr("{field} is not {value}").format(field=active.label, value=value)
        return self.tr("{field}: {value}").format(field=active.label, value=value)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class NewsBar(QFrame):
    """A quiet line: something came in since; the list moves when the person says so."""

    refresh_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("newsBar")
        self.setProperty("area", "note-accent")
        self._news: ListNews | None = None
        self._words = ElidedLabel("accent", self, name="newsWords")
        self._refresh = QPushButton(self)
        self._refresh.setObjectName("newsRefresh")
        self._refresh.setProperty("kind", "link")
        self._refresh.clicked.connect(self.refresh_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.M, 2, theme.Space.S, 2)
        row.addWidget(self._words, 1)
        row.addWidget(self._refresh)
        self.hide()

    def show_news(self, news: ListNews | None) -> None:
        """Show, or hide for None."""
        self._news = news
        self.retranslate()
        self.setVisible(news is not None)

    def retranslate(self) -> None:
        self._refresh.setText(self.tr("Refresh"))
        news = self._news
        if news is None:
            return
        if news.growing:
            self._words.setText(self.tr("New records stand at the end of the list while they load"))
        elif news.records is None:
            self._words.setText(self.tr("Records are new or have changed"))
        elif news.records == 1:
            self._words.setText(self.tr("1 new or changed record"))
        else:
            count = numbers.number(news.records)
            self._words.setText(self.tr("{count} new or changed records").format(count=count))

    def words(self) -> str:
        """What it says."""
        return self._words.whole_text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class LoadBar(QWidget):
    """The first load of this object: "412,000 of 1,900,000 are here"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loadBar")
        self._progress: ObjectProgress | None = None
        self._words = ElidedLabel("small", self, name="loadWords")
        self._bar = ThinBar(self, height=4)
        self._bar.setObjectName("loadLine")
        self._bar.setMaximumWidth(220)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.Space.L, 0, theme.Space.L, theme.Space.S)
        row.setSpacing(theme.Space.M)
        row.addWidget(self._bar, 1)
        row.addWidget(self._words, 2)
        self.hide()

    def show_progress(self, progress: ObjectProgress | None) -> None:
        """Show, or hide for None and once all is here."""
        self._progress = progress if progress is not None and is_loading(progress) else None
        self.retranslate()
        self.setVisible(self._progress is not None)

    def retranslate(self) -> None:
        progress = self._progress
        if progress is None:
            return
        rows = phases.rows_of(progress.rows_done, progress.total, estimate=progress.total_is_estimate)
        words = self.tr("First load: {rows} are here").format(rows=rows)
        if progress.remaining_seconds is not None:
            left = numbers.about(progress.remaining_seconds)
            words = self.tr("First load: {rows} are here, {time} left").format(rows=rows, time=left)
        if progress.phase is LoadPhase.INDEXING:
            words = self.tr("All records are here; search is being prepared")
        self._words.setText(words)
        self._bar.set_share(progress.rows_done / progress.total if progress.total else None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


def is_loading(progress: ObjectProgress | None) -> bool:
    """Whether this is a first load that is under way."""
    return progress is not None and progress.first_load and progress.phase not in (LoadPhase.DONE, LoadPhase.FAILED)

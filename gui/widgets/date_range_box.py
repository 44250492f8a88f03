"""`DateRangeBox`: from when a list is shown: today, yesterday, the last days, or everything. GUI thread."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QWidget


class Span(StrEnum):
    """The spans that can be chosen."""

    ALL = "all"
    TODAY = "today"
    YESTERDAY = "yesterday"
    FIVE_DAYS = "five-days"
    MONTH = "month"


class DateRangeBox(QComboBox):
    """`currentIndexChanged` says that another span was chosen; `range` words it as moments."""

    def __init__(self, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        for span in Span:
            self.addItem("", span.value)
        self.retranslate()

    @property
    def span(self) -> Span:
        return Span(self.currentData())

    def range(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """(from, before), None where it is open; days begin at midnight of `now`'s zone."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return {
            Span.ALL: (None, None),
            Span.TODAY: (midnight, None),
            Span.YESTERDAY: (midnight - timedelta(days=1), midnight),
            Span.FIVE_DAYS: (midnight - timedelta(days=4), None),
            Span.MONTH: (midnight - timedelta(days=29), None),
        }[self.span]

    def retranslate(self) -> None:
        words = {
            Span.ALL: self.tr("Any time"),
            Span.TODAY: self.tr("Today"),
            Span.YESTERDAY: self.tr("Yesterday"),
            Span.FIVE_DAYS: self.tr("Last 5 days"),
            Span.MONTH: self.tr("Last 30 days"),
        }
        for row in range(self.count()):
            self.setItemText(row, words[Span(self.itemData(row))])
        self.setAccessibleName(self.tr("When"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

"""`KinBar`: above a record's fields, where it was merged or converted: what it became, came from, and what was lost.

GUI thread, owned by the record's pane; it shows a `RecordSide` and asks nobody.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.desktop.theme import Space
from gui.models.record_watch import RecordSide
from gui.text import numbers
from gui.widgets.flow_row import FlowRow
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label
from gui.widgets.link_button import LinkButton

_MOST_LINKS = 12
_MOST_LOST = 40


class KinBar(QFrame):
    """`record_wanted` carries a RecordRef and whether it is wanted in a window of its own."""

    record_wanted = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kinBar")
        self.setProperty("area", "note-accent")
        self._side: RecordSide | None = None
        self._open = False
        self._rows: list[QWidget] = []
        self._icon = IconView("link", 18, "accent", self)
        self._column = QVBoxLayout()
        self._column.setSpacing(Space.XS)
        self._lost = QPushButton(self)
        self._lost.setObjectName("kinLost")
        self._lost.setProperty("kind", "link")
        self._lost.clicked.connect(self._switch)
        self._lost_text = Label("soft", self, wrap=True, name="kinLostValues")
        outer = QVBoxLayout()
        outer.setSpacing(Space.XS)
        outer.addLayout(self._column)
        outer.addWidget(self._lost)
        outer.addWidget(self._lost_text)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(self._icon)
        row.addLayout(outer, 1)
        self.hide()

    def show_side(self, side: RecordSide | None) -> None:
        """Say what this record became or came from; None and a record without kin hide the bar."""
        if self._side is None or side is None or side.ref != self._side.ref:
            self._open = False
        self._side = side
        self.retranslate()

    def retranslate(self) -> None:
        while self._rows:
            self._rows.pop().deleteLater()
        side = self._side
        shown = side is not None and bool(side.kin or side.lost)
        self.setVisible(shown)
        if side is None or not shown:
            return
        by_link: dict[str, list[object]] = {}
        for link in side.kin:
            by_link.setdefault(str(link.link), []).append(link)
        for kind, links in by_link.items():
            self._add_row(self._words(kind), links)
        self._word_lost(side)

    def _words(self, kind: str) -> str:
        return {
            "merged-into": self.tr("Merged into"),
            "merged-from": self.tr("Merged from"),
            "converted-to": self.tr("Converted to"),
            "converted-from": self.tr("Converted from"),
        }.get(kind, kind)

    def _add_row(self, words: str, links: list[object]) -> None:
        row = FlowRow(self)
        row.add(Label("strong", row))
        caption = row.findChild(Label)
        if caption is not None:
            caption.setText(words)
        for link in links[:_MOST_LINKS]:
            title, ref, here = getattr(link, "title", ""), getattr(link, "ref", None), getattr(link, "here", True)
            if not here:
                gone = Label("muted", row)
                gone.setText(self.tr("{record} (no longer here)").format(record=title or ref.id))
                row.add(gone)
                continue
            button = LinkButton(row, text=title or ref.id)
            button.setObjectName(f"kin_{ref.id}")
            button.followed.connect(lambda apart, ref=ref: self.record_wanted.emit(ref, apart))
            row.add(button)
        if len(links) > _MOST_LINKS:
            more = Label("muted", row)
            more.setText(self.tr("and {count} more").format(count=numbers.number(len(links) - _MOST_LINKS)))
            row.add(more)
        self._rows.append(row)
        self._column.addWidget(row)

    def _word_lost(self, side: RecordSide) -> None:
        count = len(side.lost)
        self._lost.setVisible(count > 0)
        self._lost_text.setVisible(count > 0 and self._open)
        if not count:
            return
        if self._open:
            self._lost.setText(self.tr("Hide what the merge lost"))
        elif count == 1:
            self._lost.setText(self.tr("Show the value that the merge lost"))
        else:
            self._lost.setText(self.tr("Show {count} values that the merge lost").format(count=numbers.number(count)))
        lines = [
            self.tr("{field}: {lost} (now {kept})").format(
                field=value.label or value.field, lost=_text(value.value), kept=_text(value.kept)
            )
            for value in side.lost[:_MOST_LOST]
        ]
        self._lost_text.setText("\n".join(lines))

    def _switch(self) -> None:
        self._open = not self._open
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


def _text(value: object) -> str:
    shown = "–" if value in (None, "") else " ".join(str(value).split())
    return shown if len(shown) <= 120 else f"{shown[:120]}…"

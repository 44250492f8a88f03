"""`ElidedRadio`: a choice of one line that ends in an ellipsis where its column ends. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from gui.widgets.plain_text import tooltip, without_mnemonic

_LEAST = 60


class ElidedRadio(QRadioButton):
    """Any text is plain; where it is cut the tooltip has it whole. It takes the width that its layout gives."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = " ".join(text.split())
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(without_mnemonic(self._whole))
        self.setAccessibleName(self._whole)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_RadioButtonContents, option, self).width()
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(room - 2, 0))
        self.setText(without_mnemonic(shown))
        self.setToolTip(tooltip(self._whole) if shown != self._whole else "")

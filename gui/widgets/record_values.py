"""The widgets that show one field's value in a record: short text, long text that folds, and formatted text.

All live on the GUI thread and are kept in a pool by `RecordSheet`. Record text is never interpreted: plain text stays
plain, formatted text has been through `safe_html` and may load nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QEnterEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QTextBrowser, QVBoxLayout, QWidget

from gui.desktop import theme
from gui.widgets.link_button import LinkButton
from gui.widgets.safe_html import sanitised
from gui.widgets.safe_links import open_link

FOLDED_LINES = 5
MAX_OPEN_HEIGHT = 420
_FOLDED_CHARS = 700


class ShortText(QLabel):
    """A value of a few lines at most. Its text becomes selectable once the mouse is over it: that costs a document."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        # On the side where the window's lines begin, also for a value in a script of the other direction.
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute | side)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if self.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


class _TextArea(QPlainTextEdit):
    """Read only, without a frame, as high as its text up to a limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setStyleSheet("QPlainTextEdit { background: transparent; border: none; padding: 0; min-height: 0; }")
        self.document().setDocumentMargin(0)


class LongText(QWidget):
    """A long text folded to its first lines, opened by a button."""

    grew = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._open = False
        self._area = _TextArea(self)
        self._area.setObjectName("longTextArea")
        self._toggle = LinkButton(self)
        self._toggle.setObjectName("longTextToggle")
        self._toggle.clicked.connect(self._switch)
        self.retranslate()

    def set_text(self, text: str, name: str) -> None:
        """Show `text`, folded; `name` is what a screen reader calls it."""
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._open = False
        self._area.setAccessibleName(name)
        self._fill()

    def text(self) -> str:
        return self._text

    def retranslate(self) -> None:
        self._toggle.set_plain_text(self.tr("Show less") if self._open else self.tr("Show all"))

    def _switch(self) -> None:
        self._open = not self._open
        self._fill()
        self.grew.emit()

    def _folded(self) -> str:
        lines = self._text[:_FOLDED_CHARS].split("\n")
        shown = "\n".join(lines[:FOLDED_LINES]).rstrip()
        return shown if len(shown) == len(self._text.rstrip()) else f"{shown} …"

    def _fill(self) -> None:
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if self._open else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._area.setVerticalScrollBarPolicy(bar)
        self._area.setPlainText(self._text if self._open else self._folded())
        self._area.verticalScrollBar().setValue(0)
        self.retranslate()
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        line = self._area.fontMetrics().lineSpacing()
        text_height = self._text_height(width)
        limit = MAX_OPEN_HEIGHT if self._open else FOLDED_LINES * line
        return min(text_height, limit) + 2 + (self._toggle.sizeHint().height() if self._needs_toggle(width) else 0)

    def _text_height(self, width: int) -> int:
        text = self._area.toPlainText()
        room = max(width - 4, 40)
        if len(text) > 20_000:
            return MAX_OPEN_HEIGHT
        flags = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
        rect = self._area.fontMetrics().boundingRect(0, 0, room, 1_000_000, flags, text)
        return rect.height()

    def _needs_toggle(self, width: int) -> bool:
        if self._open:
            return True
        line = self._area.fontMetrics().lineSpacing()
        return self._folded() != self._text.rstrip() or self._text_height(width) > FOLDED_LINES * line

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        toggled = self._needs_toggle(self.width())
        below = self._toggle.sizeHint().height() if toggled else 0
        self._area.setGeometry(0, 0, self.width(), self.height() - below)
        self._toggle.setVisible(toggled)
        self._toggle.setGeometry(0, self.height() - below, self._toggle.sizeHint().width(), below)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class _QuietBrowser(QTextBrowser):
    """Shows markup that is clean already and still refuses to fetch anything."""

    def loadResource(self, kind: int, name: QUrl | str) -> None:
        return None

    def setSource(self, name: QUrl | str, kind: object = None) -> None:  # type: ignore[override]
        return


class RichText(QWidget):
    """A formatted text: sanitised, without pictures, links opened by the desktop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._html = ""
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        self.browser = _QuietBrowser(self)
        self.browser.setObjectName("richTextBrowser")
        self.browser.setOpenLinks(False)
        self.browser.setOpenExternalLinks(False)
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.browser.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; min-height: 0; }")
        self.browser.document().setDocumentMargin(0)
        self.browser.anchorClicked.connect(lambda url: open_link(url.toString()))
        box.addWidget(self.browser)

    def set_html(self, html: str, name: str) -> None:
        """Show what is harmless of `html`."""
        self._html = sanitised(html)
        self.browser.setAccessibleName(name)
        self._fill()

    def text(self) -> str:
        """The words without their formatting."""
        return self.browser.toPlainText()

    def _fill(self) -> None:
        tokens = theme.current()
        self.browser.document().setDefaultStyleSheet(
            f"a {{ color: {tokens.accent}; }} blockquote {{ color: {tokens.text_soft}; }} td {{ padding: 2px 6px; }}"
        )
        self.browser.setHtml(self._html)
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._html:
            self._fill()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        document = self.browser.document()
        document.setTextWidth(max(width, 40))
        return min(int(document.size().height()) + 4, MAX_OPEN_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

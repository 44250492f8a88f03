"""`OfferBar`: quiet, above the pages: the org has new objects that could be mirrored. Two ways out, neither urgent.

GUI thread. It reads what is offered after a run of the sync, in the background; an offer that was looked at or put off
does not come again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.desktop.theme import Space
from gui.operations import QueryOp, in_background
from gui.text import numbers
from gui.widgets.icon_view import IconView
from gui.widgets.label import ElidedLabel
from gui.workers.session import Session

_NAMED = 3


class OfferBar(QFrame):
    """`scope_wished` carries the API name of the first new object. Hidden while nothing is offered."""

    scope_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("offerBar")
        self.setProperty("area", "note-accent")
        self._session: Session | None = None
        self._offered: tuple[tuple[str, str], ...] = ()
        self._reading: QueryOp[tuple[tuple[str, str], ...]] | None = None
        self._icon = IconView("custom", 18, "accent", self)
        self._text = ElidedLabel("", self, name="offerText")
        self._choose = QPushButton(self)
        self._choose.setObjectName("offerChoose")
        self._choose.clicked.connect(self._on_choose)
        self._later = QPushButton(self)
        self._later.setObjectName("offerLater")
        self._later.setProperty("kind", "quiet")
        self._later.clicked.connect(self._on_later)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.L, Space.XS, Space.L, Space.XS)
        layout.setSpacing(Space.M)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._later)
        layout.addWidget(self._choose)
        self.retranslate()

    def set_session(self, session: Session | None) -> None:
        """Offer another connection's new objects."""
        if self._session is not None:
            self._session.cycle_ended.disconnect(self.look)
        if self._reading is not None:
            self._reading.cancel()
        self._session = session
        self._offered = ()
        self.retranslate()
        if session is not None:
            session.cycle_ended.connect(self.look)
            self.look()

    def look(self, *_ended: object) -> None:
        """Read what is new, in the background."""
        session = self._session
        if session is None or (self._reading is not None and self._reading.running):
            return
        scope = session.connection.scope

        def work(_token: object) -> tuple[tuple[str, str], ...]:
            return tuple(
                (item.name, item.label)
                for item in scope.available()
                if item.is_new and not item.ticked and item.reason is None
            )

        self._reading = QueryOp(self, session.operations, work).success(self._show).failure(lambda _error: None)
        self._reading.run()

    def _show(self, offered: tuple[tuple[str, str], ...]) -> None:
        self._offered = offered
        self.retranslate()

    def retranslate(self) -> None:
        self.setVisible(bool(self._offered))
        self._choose.setText(self.tr("Choose…"))
        self._later.setText(self.tr("Not now"))
        if not self._offered:
            return
        names = ", ".join(label for _name, label in self._offered[:_NAMED])
        if len(self._offered) > _NAMED:
            rest = numbers.number(len(self._offered) - _NAMED)
            names = self.tr("{objects} and {count} more").format(objects=names, count=rest)
        self._text.setText(self.tr("New in Salesforce, and not mirrored yet: {objects}").format(objects=names))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _on_choose(self) -> None:
        first = self._offered[0][0] if self._offered else ""
        self._let_go()
        self.scope_wished.emit(first)

    def _on_later(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        session, names = self._session, [name for name, _label in self._offered]
        self._offered = ()
        self.retranslate()
        if session is not None and names:
            scope = session.connection.scope
            in_background(self, session.operations, lambda: scope.seen(*names))

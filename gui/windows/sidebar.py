"""`Sidebar`: the places of the window: org, Home, what waits, the pinned objects, the status. GUI thread."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from gui.desktop import icons, theme
from gui.desktop.theme import Size, Space
from gui.models.object_lines import ObjectLine
from gui.widgets.label import Label
from gui.widgets.nav_button import NavButton
from gui.widgets.object_picker import ObjectPicker
from gui.widgets.org_switcher import OrgSwitcher
from gui.widgets.status_footer import StatusFooter
from gui.windows.page_registry import PLACES


class Sidebar(QFrame):
    """`place_wished` carries a place, `object_wished` an API name, `pins_changed` a tuple of API names,
    `scope_wished` and `object_sync_wished` the API name of the object whose menu asked (empty: of none)."""

    place_wished = Signal(str)
    object_wished = Signal(str)
    sync_wished = Signal()
    pins_changed = Signal(object)
    scope_wished = Signal(str)
    object_sync_wished = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setProperty("area", "sidebar")
        self.setFixedWidth(Size.SIDEBAR)
        self._lines: tuple[ObjectLine, ...] = ()
        self._pins: tuple[str, ...] = ()
        self._group = QButtonGroup(self)
        self.org = OrgSwitcher(self)
        self.footer = StatusFooter(self)
        self.footer.clicked.connect(self.sync_wished)
        self._places: dict[str, NavButton] = {}
        self._objects: dict[str, NavButton] = {}
        self._guest: str | None = None
        self._caption = Label("caption", self, name="sidebarCaption")
        self._more = NavButton("more-objects", self, name="navMore")
        self._more.setCheckable(False)
        self._more.clicked.connect(self._open_picker)
        self._picker = ObjectPicker(self)
        self._picker.chosen.connect(self.object_wished)
        self._picker.scope_wished.connect(lambda: self.scope_wished.emit(""))
        self._lay_out()
        self.retranslate()
        self.show_lines((), ())

    def _lay_out(self) -> None:
        places = QVBoxLayout()
        places.setSpacing(2)
        for place in PLACES:
            if place.icon is None:
                continue
            button = NavButton(place.icon, self, name=f"nav-{place.key}")
            button.clicked.connect(lambda _checked=False, key=place.key: self.place_wished.emit(key))
            self._group.addButton(button)
            self._places[place.key] = button
            places.addWidget(button)
        holder = QWidget(self)
        holder.setObjectName("sidebarObjects")
        self._object_layout = QVBoxLayout(holder)
        self._object_layout.setContentsMargins(0, 0, 0, 0)
        self._object_layout.setSpacing(2)
        self._object_layout.addWidget(self._more)
        self._object_layout.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("sidebarScroll")
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder)
        area.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        top = QVBoxLayout()
        top.setContentsMargins(Space.S, Space.S, Space.S, 0)
        top.setSpacing(Space.S)
        top.addWidget(self.org)
        top.addLayout(places)
        top.addSpacing(Space.S)
        caption = QVBoxLayout()
        caption.setContentsMargins(Space.S + 2, 0, 0, 0)
        caption.addWidget(self._caption)
        top.addLayout(caption)
        top.addWidget(area, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 1, 0)
        layout.setSpacing(0)
        layout.addLayout(top, 1)
        layout.addWidget(self.footer)

    def retranslate(self) -> None:
        for place in PLACES:
            if place.key in self._places:
                self._places[place.key].setText(place.title())
        self._caption.setText(self.tr("Objects"))
        self._more.setText(self.tr("More objects"))
        self.setAccessibleName(self.tr("Places"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    @property
    def pins(self) -> tuple[str, ...]:
        """API names of the objects that are kept here, from the top."""
        return self._pins

    def set_usable(self, usable: bool) -> None:
        """Without an open mirror there is only the org to choose."""
        for button in self._places.values():
            button.setEnabled(usable)
        self.footer.setVisible(usable)

    # What is chosen

    def choose_place(self, place: str) -> None:
        """Mark a place as the one shown; an empty name marks none."""
        self._drop_guest(None)
        self._mark(self._places.get(place))

    def choose_object(self, name: str) -> None:
        """Mark an object; one that is not pinned stands there as a guest while it is shown."""
        if name not in self._objects:
            self._drop_guest(name)
            self._guest = name
            self._rebuild()
        elif name != self._guest:
            self._drop_guest(name)
        self._mark(self._objects.get(name))

    def _mark(self, button: NavButton | None) -> None:
        self._group.setExclusive(False)
        for other in (*self._places.values(), *self._objects.values()):
            other.setChecked(other is button)
        self._group.setExclusive(button is not None)

    def _drop_guest(self, keep: str | None) -> None:
        if self._guest is not None and self._guest != keep and self._guest not in self._pins:
            self._guest = None
            self._rebuild()

    # What it shows

    def set_badge(self, place: str, number: int) -> None:
        """The number beside a place; one that is not shown here has none."""
        if place in self._places:
            self._places[place].set_badge(number)

    def show_lines(self, lines: tuple[ObjectLine, ...], pins: tuple[str, ...]) -> None:
        """The objects there are, and which of them are pinned."""
        self._lines = lines
        known = {line.name for line in lines}
        pins = tuple(name for name in pins if name in known)
        if pins != self._pins:
            self._pins = pins
            self._rebuild()
        by_name = {line.name: line for line in lines}
        for name, button in self._objects.items():
            line = by_name.get(name)
            if line is not None:
                button.setText(line.label)
                button.set_count(line.rows)
                button.set_share(line.share if line.loading else None)
        self._caption.setVisible(bool(lines))
        self._more.setVisible(bool(lines))

    def _rebuild(self) -> None:
        chosen = next((name for name, button in self._objects.items() if button.isChecked()), None)
        wanted = list(self._pins)
        if self._guest is not None and self._guest not in wanted:
            wanted.append(self._guest)
        for name in [name for name in self._objects if name not in wanted]:
            button = self._objects.pop(name)
            self._group.removeButton(button)
            button.deleteLater()
            self._object_layout.removeWidget(button)
        for place, name in enumerate(wanted):
            button = self._objects.get(name) or self._make(name)
            self._object_layout.removeWidget(button)
            self._object_layout.insertWidget(place, button)
        for earlier, later in pairwise(wanted):
            QWidget.setTabOrder(self._objects[earlier], self._objects[later])
        self.show_lines(self._lines, self._pins)
        if chosen in self._objects:
            self._mark(self._objects[chosen])

    def _make(self, name: str) -> NavButton:
        button = NavButton(icons.object_icon_name(name), self, name=f"nav-object-{name}")
        button.setText(name)
        button.clicked.connect(lambda _checked=False: self.object_wished.emit(name))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda at, button=button: self._open_menu(name, button, at))
        self._group.addButton(button)
        self._objects[name] = button
        return button

    def _open_menu(self, name: str, button: NavButton, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("pinMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if name in self._pins:
            menu.addAction(theme.icon("close"), self.tr("Remove from the sidebar"), lambda: self._unpin(name))
        else:
            menu.addAction(theme.icon("pin"), self.tr("Keep in the sidebar"), lambda: self._pin(name))
        menu.addSeparator()
        menu.addAction(theme.icon("sync"), self.tr("Sync this object"), lambda: self.object_sync_wished.emit(name))
        menu.addAction(theme.icon("settings"), self.tr("What to mirror…"), lambda: self.scope_wished.emit(name))
        menu.popup(button.mapToGlobal(at))

    def _pin(self, name: str) -> None:
        self._guest = None
        self._pins = (*self._pins, name)
        self._rebuild()
        self.pins_changed.emit(self._pins)

    def _unpin(self, name: str) -> None:
        shown = self._objects[name].isChecked()
        self._pins = tuple(pin for pin in self._pins if pin != name)
        self._guest = name if shown else None
        self._rebuild()
        self.pins_changed.emit(self._pins)

    def _open_picker(self) -> None:
        self._picker.pick(self._lines, self._more.mapToGlobal(QPoint(self._more.width() + Space.S, 0)))

"""`StatePanel`: what a page shows instead of its content, and why, and what to do about it.

One widget words all such states for all pages, so that "nothing here" never means two things. GUI thread; it holds
values only and asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.model.errors import ErrorCode, OrgMirrorError
from gui.desktop.theme import Space
from gui.text import errors, numbers, phases
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label

_STEPS = 1000


class PageState(StrEnum):
    """Why a page has nothing to show, or not everything."""

    OPENING = "opening"
    FIRST_LOAD = "first-load"
    NONE_YET = "none-yet"
    ALL_DONE = "all-done"
    NONE_BY_FILTER = "none-by-filter"
    NO_PERMISSION = "no-permission"
    NOT_VISIBLE = "not-visible"
    OFFLINE = "offline"
    SIGNED_OUT = "signed-out"
    KEYRING_LOCKED = "keyring-locked"
    DISK_FULL = "disk-full"
    INDEXING = "indexing"
    ERROR = "error"


class StateAction(StrEnum):
    """What the person chose."""

    RETRY = "retry"
    CLEAR_FILTER = "clear-filter"
    SIGN_IN = "sign-in"
    SYNC_NOW = "sync-now"
    OPEN_SYNC = "open-sync"


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a state needs for its words."""

    state: PageState
    subject: str = ""
    done: int | None = None
    total: int | None = None
    since: datetime | None = None
    error: OrgMirrorError | None = None


_STATE_OF_CODE = {
    ErrorCode.OBJECT_NOT_VISIBLE: PageState.NO_PERMISSION,
    ErrorCode.NO_SUCH_RECORD: PageState.NOT_VISIBLE,
    ErrorCode.NO_SUCH_OBJECT: PageState.NOT_VISIBLE,
    ErrorCode.SIGN_IN_NEEDED: PageState.SIGNED_OUT,
    ErrorCode.TOKEN_REFUSED: PageState.SIGNED_OUT,
    ErrorCode.SECRET_MISSING: PageState.SIGNED_OUT,
    ErrorCode.KEYRING_LOCKED: PageState.KEYRING_LOCKED,
    ErrorCode.DISK_FULL: PageState.DISK_FULL,
}
# icon, colour of the icon, colour of the disc
_LOOKS = {
    PageState.OPENING: ("database", "accent", "accent_soft"),
    PageState.FIRST_LOAD: ("sync", "accent", "accent_soft"),
    PageState.NONE_YET: ("records", "muted", "surface_alt"),
    PageState.ALL_DONE: ("check-circle", "good", "good_soft"),
    PageState.NONE_BY_FILTER: ("filter", "muted", "surface_alt"),
    PageState.NO_PERMISSION: ("lock", "warn", "warn_soft"),
    PageState.NOT_VISIBLE: ("eye-off", "muted", "surface_alt"),
    PageState.OFFLINE: ("offline", "muted", "surface_alt"),
    PageState.SIGNED_OUT: ("user-off", "warn", "warn_soft"),
    PageState.KEYRING_LOCKED: ("key", "warn", "warn_soft"),
    PageState.DISK_FULL: ("disk", "bad", "bad_soft"),
    PageState.INDEXING: ("indexing", "accent", "accent_soft"),
    PageState.ERROR: ("alert", "bad", "bad_soft"),
}


class StatePanel(QWidget):
    """Centred: icon, title, text, a progress bar where there are numbers, buttons. `acted` carries a StateAction."""

    acted = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, name: str = "statePanel") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._shown = Shown(PageState.OPENING)
        self._own_words: tuple[Callable[[], str], Callable[[], str]] | None = None
        self._own_icon = ""
        self._icon = IconView("database", 26, "accent", self, disc="accent_soft")
        self._title = Label("heading", self, wrap=True, name=f"{name}Title")
        self._text = Label("muted", self, wrap=True, name=f"{name}Text")
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setMaximumWidth(440)
            label.setMinimumWidth(240)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._bar = QProgressBar(self)
        self._bar.setObjectName(f"{name}Bar")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _STEPS)
        self._bar.setFixedWidth(280)
        self._first = QPushButton(self)
        self._first.setObjectName(f"{name}Action")
        self._first.clicked.connect(self._on_first)
        self._copy = QPushButton(self)
        self._copy.setObjectName(f"{name}Copy")
        self._copy.setProperty("kind", "quiet")
        self._copy.clicked.connect(self._on_copy)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch(1)
        buttons.addWidget(self._first)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        layout.setSpacing(0)
        layout.addStretch(2)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(Space.L)
        layout.addLayout(_centred(self._title))
        layout.addSpacing(Space.XS)
        layout.addLayout(_centred(self._text))
        layout.addSpacing(Space.L)
        layout.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(buttons)
        layout.addStretch(3)
        self.retranslate()

    @property
    def state(self) -> PageState:
        return self._shown.state

    def show_state(
        self,
        state: PageState,
        *,
        subject: str = "",
        done: int | None = None,
        total: int | None = None,
        since: datetime | None = None,
        error: OrgMirrorError | None = None,
    ) -> None:
        """Show `state`. `subject` is a plural label ("Contacts") or a name; `done`, `total` count rows."""
        self._own_words = None
        self._own_icon = ""
        self._shown = Shown(state, subject, done, total, since, error)
        self.retranslate()

    def show_error(self, error: OrgMirrorError, *, subject: str = "") -> None:
        """Show an error as the state that its code stands for."""
        self.show_state(_STATE_OF_CODE.get(error.code, PageState.ERROR), subject=subject, error=error)

    def show_words(
        self, state: PageState, title: Callable[[], str], text: Callable[[], str], *, icon: str = ""
    ) -> None:
        """Show `state` with a page's own words; they are asked for again when the language changes."""
        self._shown = Shown(state)
        self._own_words = (title, text)
        self._own_icon = icon
        self.retranslate()

    def retranslate(self) -> None:
        shown = self._shown
        name, role, disc = _LOOKS[shown.state]
        self._icon.set_icon(self._own_icon or name, role, disc)
        if self._own_words is not None:
            title, text = self._own_words[0](), self._own_words[1]()
        else:
            title, text = words(shown)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        has_bar = shown.state in (PageState.FIRST_LOAD, PageState.INDEXING, PageState.OPENING)
        self._bar.setVisible(has_bar and bool(shown.total) and shown.done is not None)
        if shown.total and shown.done is not None:
            self._bar.setValue(min(_STEPS, round(_STEPS * shown.done / shown.total)))
        label = self._action_label()
        self._first.setText(label)
        self._first.setVisible(bool(label))
        self._copy.setText(self.tr("Copy details"))
        self._copy.setVisible(shown.error is not None)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _action(self) -> StateAction | None:
        return {
            PageState.NONE_BY_FILTER: StateAction.CLEAR_FILTER,
            PageState.OFFLINE: StateAction.RETRY,
            PageState.SIGNED_OUT: StateAction.SIGN_IN,
            PageState.KEYRING_LOCKED: StateAction.RETRY,
            PageState.DISK_FULL: StateAction.RETRY,
            PageState.ERROR: StateAction.RETRY,
            PageState.FIRST_LOAD: StateAction.OPEN_SYNC,
        }.get(self._shown.state)

    def _action_label(self) -> str:
        action = self._action()
        if action is StateAction.CLEAR_FILTER:
            return self.tr("Clear the filter")
        if action is StateAction.SIGN_IN:
            return self.tr("Sign in again")
        if action is StateAction.OPEN_SYNC:
            return self.tr("Show progress")
        if action is StateAction.RETRY and self._shown.state is PageState.KEYRING_LOCKED:
            return self.tr("Unlock the keyring")
        if action is StateAction.RETRY:
            return self.tr("Try again")
        return ""

    def _on_first(self) -> None:
        action = self._action()
        if action is not None:
            self.acted.emit(action)

    def _on_copy(self) -> None:
        if self._shown.error is not None:
            QGuiApplication.clipboard().setText(errors.report(self._shown.error))


def _centred(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, 8)
    row.addStretch(1)
    return row


def words(shown: Shown) -> tuple[str, str]:
    """Title and text of a state."""
    translate = QCoreApplication.translate
    state, subject = shown.state, shown.subject
    if state is PageState.OPENING:
        return translate("StatePanel", "Opening the mirror…"), ""
    if state is PageState.FIRST_LOAD:
        if shown.done is None:
            return translate("StatePanel", "{subject} are on their way").format(subject=subject), translate(
                "StatePanel", "The first load reaches them soon; they can be used from the first batch on."
            )
        rows = phases.rows_of(shown.done, shown.total)
        return translate("StatePanel", "{subject} are on their way").format(subject=subject), translate(
            "StatePanel", "{rows} are here."
        ).format(rows=rows)
    if state is PageState.NONE_YET:
        return translate("StatePanel", "No {subject} yet").format(subject=subject), translate(
            "StatePanel", "There are none in Salesforce that you may see. New ones appear here by themselves."
        )
    if state is PageState.ALL_DONE:
        return translate("StatePanel", "All done"), ""
    if state is PageState.NONE_BY_FILTER:
        return translate("StatePanel", "No {subject} match").format(subject=subject), translate(
            "StatePanel", "Nothing here fits the search and the filters."
        )
    if state is PageState.NO_PERMISSION:
        return translate("StatePanel", "{subject} are not visible to you").format(subject=subject), translate(
            "StatePanel", "Ask your Salesforce administrator for Read permission, if you need them."
        )
    if state is PageState.NOT_VISIBLE:
        return translate("StatePanel", "No longer visible"), translate(
            "StatePanel", "It was deleted in Salesforce, or it is no longer shared with you."
        )
    if state is PageState.OFFLINE:
        text = translate("StatePanel", "All that was loaded can be used; the rest comes with the network.")
        if shown.since is None:
            return translate("StatePanel", "Offline"), text
        since = translate("StatePanel", "Offline since {time}").format(time=numbers.clock(shown.since))
        return since, text
    if state is PageState.SIGNED_OUT:
        return translate("StatePanel", "Sign-in needed"), translate(
            "StatePanel", "Your Salesforce session has ended. All that is here can be used meanwhile."
        )
    if state is PageState.KEYRING_LOCKED:
        return translate("StatePanel", "Waiting for your keyring"), translate(
            "StatePanel", "The key of this mirror is in your keyring. Unlock it, usually with your computer's password."
        )
    if state is PageState.DISK_FULL:
        return translate("StatePanel", "The disk is full"), translate(
            "StatePanel", "Free some space. Nothing loaded is lost, and the sync goes on from there."
        )
    if state is PageState.INDEXING:
        text = translate("StatePanel", "Search finds everything as soon as this is done.")
        return translate("StatePanel", "Still indexing {subject}").format(subject=subject), text
    if shown.error is not None:
        said = errors.words(shown.error)
        return said.title, said.remedy
    return translate("StatePanel", "Something went wrong"), ""

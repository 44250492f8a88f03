"""`WizardStep`: what the sign-in wizard's steps have in common. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model.states import SignInMethod
from gui.desktop.theme import Space
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.connections import Checked

PRODUCTION_URL = "https://login.salesforce.com"
SANDBOX_URL = "https://test.salesforce.com"


class OrgKind(StrEnum):
    """Where to sign in."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    MY_DOMAIN = "my-domain"
    DEMO = "demo"


@dataclass
class Wishes:
    """What was entered so far. Lives as long as the wizard and is kept nowhere; secrets are cleared when it closes."""

    kind: OrgKind = OrgKind.PRODUCTION
    method: SignInMethod = SignInMethod.TOKEN
    address: str = ""
    username: str = ""
    client_id: str = ""
    ca_file: str = ""
    password: str = ""
    security_token: str = ""
    client_secret: str = ""
    access_token: str = ""
    checked: Checked | None = None
    objects: tuple[str, ...] | None = None

    def login_url(self) -> str:
        """The address to sign in at."""
        if self.kind is OrgKind.SANDBOX and self.method is SignInMethod.PASSWORD:
            return SANDBOX_URL
        if self.kind is OrgKind.PRODUCTION and self.method is SignInMethod.PASSWORD:
            return PRODUCTION_URL
        return as_url(self.address)

    def forget_secrets(self) -> None:
        """Nothing secret outlives the wizard."""
        self.password = self.security_token = self.client_secret = self.access_token = ""
        self.checked = None


def as_url(text: str) -> str:
    """An address as people type it, as a URL: without spaces and path, https unless something else is written."""
    words = text.strip().rstrip("/")
    if words and "://" not in words:
        words = f"https://{words}"
    scheme, separator, rest = words.partition("://")
    return f"{scheme}{separator}{rest.split('/', 1)[0]}" if separator else words


class WizardStep(QWidget):
    """`ready_changed`: Next may be pressed or not any more. `advance_wished`: the step is done by itself."""

    ready_changed = Signal()
    advance_wished = Signal()

    def __init__(self, wishes: Wishes, parent: QWidget | None = None, *, name: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.wishes = wishes
        self._title = Label("title", self, wrap=True, name=f"{name}Title")
        self._text = Label("muted", self, wrap=True, name=f"{name}Text")
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.M)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addSpacing(Space.L)
        layout.addLayout(self.body, 1)

    def set_words(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title)

    def enter(self) -> None:
        """The step comes to the front."""

    def leave(self) -> None:
        """The step is left, forwards or back: what runs for it is cancelled."""

    def is_ready(self) -> bool:
        """Whether Next may be pressed."""
        return True

    def next_label(self) -> str:
        """What Next says; empty for the usual word."""
        return ""

    def retranslate(self) -> None:
        """Set all texts."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

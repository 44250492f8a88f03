"""`SignInWizard`: from "which org" to the first load, or a new sign-in for a mirror that is there. Not modal.

Nothing is kept before the last step makes the connection; Back, Cancel and quitting the program are safe at any step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core.model.errors import OrgMirrorError
from core.model.states import SignInMethod
from gui.desktop.theme import Space
from gui.dialogs.check_step import CheckStep, make_draft
from gui.dialogs.choose_step import ChooseStep
from gui.dialogs.credentials_step import CredentialsStep
from gui.dialogs.finish_step import FinishStep
from gui.dialogs.scope_step import ScopeStep
from gui.dialogs.wizard_step import PRODUCTION_URL, SANDBOX_URL, OrgKind, Wishes, WizardStep
from gui.operations import Operations, QueryOp
from gui.widgets.step_rail import StepRail

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo, ConnectionsApi

_WIDTH, _HEIGHT = 880, 640


class SignInWizard(QDialog):
    """`connected` carries a new ConnectionInfo, `recovery_made` that and its code, `renewed` one with new credentials;
    `demo_wished` starts the demo org."""

    connected = Signal(object)
    recovery_made = Signal(object, str)
    renewed = Signal(object)
    demo_wished = Signal()

    def __init__(
        self,
        connections: ConnectionsApi,
        operations: Operations,
        *,
        renew: ConnectionInfo | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("signInWizard")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._connections = connections
        self._operations = operations
        self._renew = renew
        self._renewing: QueryOp[ConnectionInfo] | None = None
        self.wishes = Wishes()
        if renew is not None:
            self._begin_with(renew)
        self.choose = ChooseStep(self.wishes, self, offer_demo=renew is None)
        self.credentials = CredentialsStep(self.wishes, self)
        self.check = CheckStep(self.wishes, connections, operations, self)
        self.scope = ScopeStep(self.wishes, connections, operations, self)
        self.finish = FinishStep(self.wishes, connections, operations, self)
        self.steps: tuple[WizardStep, ...]
        if renew is None:
            self.steps = (self.choose, self.credentials, self.check, self.scope, self.finish)
        else:
            self.steps = (self.choose, self.credentials, self.check)
            self.scope.hide()
            self.finish.hide()
        self._rail = StepRail(len(self.steps), self)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("wizardSteps")
        for step in self.steps:
            self._stack.addWidget(step)
            step.ready_changed.connect(self._refresh)
            step.advance_wished.connect(self._next)
        self.check.ready_changed.connect(self._offer_next)
        self.check.checked.connect(lambda _checked: self.scope.ask() if renew is None else None)
        self.finish.recovery_made.connect(self.recovery_made)
        self.finish.made.connect(self._on_made)
        self._back_button = self._button("wizardBack", self._back)
        self._cancel_button = self._button("wizardCancel", self.reject)
        self._cancel_button.setProperty("kind", "quiet")
        self._next_button = self._button("wizardNext", self._next)
        self._next_button.setProperty("kind", "primary")
        self._next_button.setDefault(True)
        back = QShortcut(QKeySequence(QKeySequence.StandardKey.Back), self, self._back)
        back.setObjectName("wizardBackKey")
        self._lay_out()
        self.resize(_WIDTH, _HEIGHT)
        self.setMinimumSize(760, 560)
        self.retranslate()
        # Who signs in again has chosen org and method before; Back leads there.
        self._show_step(0 if renew is None else 1)

    def _begin_with(self, renew: ConnectionInfo) -> None:
        wishes = self.wishes
        method = SignInMethod(renew.method)
        later = (SignInMethod.BROWSER, SignInMethod.JWT)
        wishes.method = SignInMethod.TOKEN if method in later else method
        wishes.kind = OrgKind.SANDBOX if renew.is_sandbox else OrgKind.PRODUCTION
        wishes.address = renew.instance_url
        if wishes.method is not SignInMethod.TOKEN and renew.login_url not in ("", PRODUCTION_URL, SANDBOX_URL):
            wishes.kind, wishes.address = OrgKind.MY_DOMAIN, renew.login_url
        wishes.username = renew.username
        wishes.client_id = renew.client_id or ""
        wishes.ca_file = renew.ca_file or ""

    def _button(self, name: str, call: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if callable(call):
            button.clicked.connect(lambda _checked=False: call())
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        buttons.setSpacing(Space.S)
        buttons.addWidget(self._cancel_button)
        buttons.addStretch(1)
        buttons.addWidget(self._back_button)
        buttons.addWidget(self._next_button)
        line = QFrame(self)
        line.setProperty("area", "line")
        content = QVBoxLayout()
        content.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.L)
        content.addWidget(self._stack, 1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(content, 1)
        right.addWidget(line)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rail)
        layout.addLayout(right, 1)

    def retranslate(self) -> None:
        title = self.tr("Connect an org") if self._renew is None else self.tr("Sign in again")
        self.setWindowTitle(self.tr("{title} – OrgMirror").format(title=title))
        names = (
            self.tr("Org and method"),
            self.tr("Credentials"),
            self.tr("Check"),
            self.tr("What is copied"),
            self.tr("Name and file"),
        )
        self._rail.set_names(title, names[: len(self.steps)])
        self._back_button.setText(self.tr("Back"))
        self._cancel_button.setText(self.tr("Cancel"))
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    # Moving

    @property
    def current(self) -> WizardStep:
        return self.steps[self._stack.currentIndex()]

    def _show_step(self, number: int) -> None:
        if number != self._stack.currentIndex():
            self.current.leave()
        self._stack.setCurrentIndex(number)
        self._rail.set_current(number)
        self._refresh()
        self._next_button.setFocus()
        self.current.enter()
        self._refresh()

    def _next(self) -> None:
        if not self.current.is_ready():
            return
        if self.current is self.choose and self.wishes.kind is OrgKind.DEMO:
            self.demo_wished.emit()
            self.accept()
            return
        if self.current is self.finish:
            self.finish.make()
            return
        if self.current is self.check and self.check.refusal is not None:
            self.credentials.explain(self.check.refusal)
            self._back()
            return
        if self.current is self.check and self._renew is not None:
            self._renew_now(self._renew)
            return
        self._show_step(self._stack.currentIndex() + 1)

    def _offer_next(self) -> None:
        """Next was disabled while the sign-in ran, so the focus went elsewhere: Enter must not mean Back."""
        if self.current is self.check and self.check.is_ready():
            self._next_button.setFocus()

    def _back(self) -> None:
        if not self._back_button.isEnabled():
            return
        if self._stack.currentIndex() > 0:
            self._show_step(self._stack.currentIndex() - 1)

    def _refresh(self) -> None:
        number = self._stack.currentIndex()
        if not 0 <= number < len(self.steps):
            return
        last = self.tr("Use this sign-in") if self._renew is not None and self.current is self.check else ""
        self._next_button.setText(last or self.current.next_label() or self.tr("Next"))
        busy = self.finish.is_making or (self._renewing is not None and self._renewing.running)
        self._next_button.setEnabled(self.current.is_ready() and not busy)
        self._back_button.setVisible(number > 0)
        self._back_button.setEnabled(not busy)

    # The end

    def _on_made(self, info: ConnectionInfo) -> None:
        self.connected.emit(info)
        self.accept()

    def _renew_now(self, info: ConnectionInfo) -> None:
        draft, secrets = make_draft(self.wishes)
        connections = self._connections

        def work(_token: object) -> ConnectionInfo:
            return connections.renew_sign_in(info.uuid, draft, secrets)  # type: ignore[arg-type]

        self._renewing = QueryOp(self, self._operations, work).success(self._on_renewed).failure(self._on_refused).run()
        self._refresh()

    def _on_renewed(self, info: ConnectionInfo) -> None:
        self.renewed.emit(info)
        self.accept()

    def _on_refused(self, error: OrgMirrorError) -> None:
        self._renewing = None
        self.check.show_refusal(error)
        self._refresh()

    def done(self, result: int) -> None:
        for step in self.steps:
            step.leave()
        if self._renewing is not None:
            self._renewing.cancel()
        self.credentials.clear_secrets()
        self.wishes.forget_secrets()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)

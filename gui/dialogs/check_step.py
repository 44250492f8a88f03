"""`CheckStep`: signs in, and shows org and user before anything is copied; an error says what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.model.cancel import CancelToken
from core.model.errors import OrgMirrorError
from core.model.states import SignInMethod
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.dialogs.wizard_step import Wishes, WizardStep
from gui.operations import Operations, QueryOp
from gui.text import phases
from gui.widgets.icon_view import IconView
from gui.widgets.label import Label
from gui.widgets.rights_note import RightsNote
from gui.widgets.state_panel import PageState, StatePanel

if TYPE_CHECKING:
    from core.api.connections import Checked, ConnectionsApi, MissingRight

_FACTS = ("org", "org_id", "user", "username", "address", "timezone")


class CheckStep(WizardStep):
    """`checked` says that `wishes.checked` is there. After a refusal the way on leads back to what was entered."""

    checked = Signal(object)

    def __init__(
        self, wishes: Wishes, connections: ConnectionsApi, operations: Operations, parent: QWidget | None = None
    ) -> None:
        super().__init__(wishes, parent, name="checkStep")
        self._connections = connections
        self._operations = operations
        self._op: QueryOp[Checked] | None = None
        self._refusal: OrgMirrorError | None = None
        self._panel = StatePanel(self, name="checkState")
        self._panel.acted.connect(lambda _action: self._start())
        self._card = QFrame(self)
        self._card.setObjectName("checkCard")
        self._card.setProperty("area", "card")
        self._icon = IconView("production", 24, "production", self._card, disc="surface_alt")
        self._name = Label("heading", self._card, wrap=True, name="checkOrg")
        self._kind = Label("chip", self._card, name="checkKind")
        self.rights = RightsNote(self)
        self._rights_op: QueryOp[Sequence[MissingRight]] | None = None
        self._captions: dict[str, Label] = {}
        self._values: dict[str, Label] = {}
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self._icon)
        head.addWidget(self._name, 1)
        head.addWidget(self._kind)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for row, fact in enumerate(_FACTS):
            self._captions[fact] = Label("muted", self._card)
            self._values[fact] = Label("", self._card, wrap=True, name=f"check-{fact}")
            grid.addWidget(self._captions[fact], row, 0)
            grid.addWidget(self._values[fact], row, 1)
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        inside.setSpacing(Space.L)
        inside.addLayout(head)
        inside.addLayout(grid)
        done = QWidget(self)
        done_layout = QVBoxLayout(done)
        done_layout.setContentsMargins(0, 0, 0, 0)
        done_layout.setSpacing(Space.M)
        done_layout.addWidget(self._card)
        done_layout.addWidget(self.rights)
        done_layout.addStretch(1)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("checkStack")
        self._stack.addWidget(self._panel)
        self._stack.addWidget(done)
        self._done = done
        self.body.addWidget(self._stack, 1)
        theme.notifier().changed.connect(self._word_identity)
        self.retranslate()

    def enter(self) -> None:
        if self.wishes.checked is None:
            self._start()
        else:
            self._show_identity(self.wishes.checked)
            if self.rights.is_asking:
                self._ask_rights(self.wishes.checked)

    def leave(self) -> None:
        for op in (self._op, self._rights_op):
            if op is not None:
                op.cancel()
        self._op = self._rights_op = None

    @property
    def refusal(self) -> OrgMirrorError | None:
        """Why the sign-in did not work; None while it runs and once it did."""
        return self._refusal

    def is_ready(self) -> bool:
        return self.wishes.checked is not None or self._refusal is not None

    def next_label(self) -> str:
        return self.tr("Change what I entered") if self._refusal is not None else self.tr("This is right")

    def _word_title(self) -> None:
        if self._refusal is not None:
            title = self.tr("This did not work")
        elif self.wishes.checked is not None:
            title = self.tr("Is this the right org?")
        else:
            title = self.tr("One moment")
        self.set_words(title, self.tr("Nothing has been copied yet."))

    def retranslate(self) -> None:
        self._word_title()
        words = {
            "org": self.tr("Org"),
            "org_id": self.tr("Org id"),
            "user": self.tr("User"),
            "username": self.tr("User name"),
            "address": self.tr("Address"),
            "timezone": self.tr("Time zone"),
        }
        for fact, label in self._captions.items():
            label.setText(words[fact])
        self._word_identity()

    def _start(self) -> None:
        self.leave()
        self._refusal = None
        self._word_title()
        self._panel.show_words(
            PageState.OPENING,
            lambda: self.tr("Signing in to Salesforce…"),
            lambda: self.tr("This takes a few seconds."),
            icon="key",
        )
        self._stack.setCurrentWidget(self._panel)
        self.ready_changed.emit()
        connections, wishes = self._connections, self.wishes
        draft, secrets = make_draft(wishes)

        def work(token: CancelToken) -> Checked:
            return connections.check(draft, secrets, token)

        self._op = QueryOp(self, self._operations, work).success(self._on_checked).failure(self._on_failed).run()

    def _on_checked(self, checked: Checked) -> None:
        self._op = None
        self.wishes.checked = checked
        self._show_identity(checked)
        self.checked.emit(checked)
        self._ask_rights(checked)

    def _ask_rights(self, checked: Checked) -> None:
        """What the user lacks, while the identity is being looked at. That it cannot be asked stops nobody."""
        connections = self._connections
        self.rights.show_asking()
        op: QueryOp[Sequence[MissingRight]] = QueryOp(
            self, self._operations, lambda token: connections.preflight(checked, cancel=token)
        )
        self._rights_op = op.success(self.rights.show_rights).failure(lambda _error: self.rights.show_rights(None))
        self._rights_op.run()

    def _on_failed(self, error: OrgMirrorError) -> None:
        self._op = None
        self.show_refusal(error)

    def show_refusal(self, error: OrgMirrorError) -> None:
        """The sign-in does not serve: say why, and what to do next."""
        self.wishes.checked = None
        self._refusal = error
        self._word_title()
        self._panel.show_state(PageState.ERROR, error=error)
        self._stack.setCurrentWidget(self._panel)
        self.ready_changed.emit()

    def _show_identity(self, checked: Checked) -> None:
        self.wishes.checked = checked
        self._refusal = None
        self._word_title()
        self._word_identity()
        self._stack.setCurrentWidget(self._done)
        self.ready_changed.emit()

    def _word_identity(self) -> None:
        checked = self.wishes.checked
        if checked is None:
            return
        who = checked.identity
        kind = "sandbox" if who.is_sandbox else "production"
        self._icon.set_icon(kind, kind)
        self._name.setText(who.org_name)
        self._kind.setText(phases.kind(is_sandbox=who.is_sandbox, is_demo=False))
        self._kind.set_role("chip-sandbox" if who.is_sandbox else "chip-production")
        texts = {
            "org": who.org_name,
            "org_id": who.org_id,
            "user": who.user_name,
            "username": who.username,
            "address": who.instance_url,
            "timezone": who.timezone or "–",
        }
        for fact, text in texts.items():
            self._values[fact].setText(text)


def make_draft(wishes: Wishes) -> tuple[object, object]:
    """What was entered, as the facade wants it."""
    from core.api.connections import Secrets, SignInDraft

    url = wishes.login_url()
    draft = SignInDraft(
        method=wishes.method,
        login_url=url,
        instance_url=url if wishes.method is SignInMethod.TOKEN else None,
        username=wishes.username or None,
        client_id=wishes.client_id or None,
        ca_file=wishes.ca_file or None,
    )
    secrets = Secrets(
        password=wishes.password or None,
        security_token=wishes.security_token or None,
        client_secret=wishes.client_secret or None,
        access_token=wishes.access_token or None,
    )
    return draft, secrets

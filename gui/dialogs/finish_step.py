"""`FinishStep`: a name, and whether the file is encrypted; then the connection is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from gui.desktop.theme import Space
from gui.dialogs.wizard_step import Wishes, WizardStep
from gui.operations import Operations, QueryOp
from gui.text import errors
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.connections import ConnectionInfo, ConnectionsApi

_MAX_NAME = 60


class FinishStep(WizardStep):
    """`made` carries the new ConnectionInfo, `recovery_made` before it the code that was asked for.

    A cancel while it is being made leaves nothing behind.
    """

    made = Signal(object)
    recovery_made = Signal(object, str)

    def __init__(
        self, wishes: Wishes, connections: ConnectionsApi, operations: Operations, parent: QWidget | None = None
    ) -> None:
        super().__init__(wishes, parent, name="finishStep")
        self._connections = connections
        self._operations = operations
        self._op: QueryOp[tuple[ConnectionInfo, str]] | None = None
        self._name_label = Label("strong", self)
        self._name = QLineEdit(self)
        self._name.setObjectName("connectionName")
        self._name.setMaxLength(_MAX_NAME)
        self._name.textChanged.connect(self._on_name)
        self._name.returnPressed.connect(lambda: self.advance_wished.emit() if self.is_ready() else None)
        self._name_label.setBuddy(self._name)
        self._file_label = Label("strong", self)
        self._encrypted = QRadioButton(self)
        self._encrypted.setObjectName("encrypted")
        self._encrypted.setChecked(True)
        self._encrypted_text = Label("small", self, wrap=True)
        self._plain = QRadioButton(self)
        self._plain.setObjectName("plainFile")
        self._plain_text = Label("small", self, wrap=True)
        self._recovery = QCheckBox(self)
        self._recovery.setObjectName("wantRecovery")
        self._recovery_text = Label("small", self, wrap=True)
        self._encrypted.toggled.connect(self._recovery.setEnabled)
        self._note = QFrame(self)
        self._note.setObjectName("finishNote")
        self._note.setProperty("area", "note-bad")
        self._note_title = Label("strong", self._note, wrap=True, name="finishError")
        self._note_text = Label("soft", self._note, wrap=True, name="finishRemedy")
        inside = QVBoxLayout(self._note)
        inside.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        inside.setSpacing(0)
        inside.addWidget(self._note_title)
        inside.addWidget(self._note_text)
        self._note.hide()
        self._busy = Label("muted", self, name="finishBusy")
        self._busy.hide()
        self.body.addWidget(self._name_label)
        self.body.addWidget(self._name)
        self.body.addSpacing(Space.M)
        self.body.addWidget(self._file_label)
        for radio, text in (
            (self._encrypted, self._encrypted_text),
            (self._plain, self._plain_text),
            (self._recovery, self._recovery_text),
        ):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            cell.addWidget(radio)
            inset = QVBoxLayout()
            inset.setContentsMargins(Space.XL + 2, 0, 0, 0)
            inset.addWidget(text)
            cell.addLayout(inset)
            self.body.addLayout(cell)
        self.body.addWidget(self._note)
        self.body.addWidget(self._busy)
        self.body.addStretch(1)
        self.retranslate()

    @property
    def is_making(self) -> bool:
        return self._op is not None and self._op.running

    def enter(self) -> None:
        checked = self.wishes.checked
        if not self._name.text() and checked is not None:
            self._name.setText(checked.identity.org_name[:_MAX_NAME])
        self._name.setFocus()
        self._name.selectAll()

    def leave(self) -> None:
        if self._op is not None:
            self._op.cancel()
            self._op = None
        self._set_busy(False)

    def is_ready(self) -> bool:
        return bool(self._name.text().strip()) and not self.is_making

    def next_label(self) -> str:
        return self.tr("Start the first load")

    def make(self) -> None:
        """Make the connection, in the background."""
        checked = self.wishes.checked
        if checked is None or self.is_making:
            return
        self._note.hide()
        name = self._name.text().strip()
        objects, plain = self.wishes.objects, self._plain.isChecked()
        connections = self._connections
        recovery = self._recovery.isChecked() and not plain

        def work(token: CancelToken) -> tuple[ConnectionInfo, str]:
            info = connections.create(name, checked, objects=objects, plain_file=plain)
            code = connections.make_recovery_code(info.name) if recovery and not token.is_set() else ""
            if token.is_set():
                # Cancelled while it was being made: nothing half-wanted stays behind.
                connections.remove(info.uuid, delete_data=True)
                raise Cancelled
            return info, code

        self._op = QueryOp(self, self._operations, work).success(self._on_made).failure(self._on_failed)
        self._op.run()
        self._set_busy(True)

    def retranslate(self) -> None:
        self.set_words(
            self.tr("Almost done"), self.tr("The first load starts right away; it can be used while it runs.")
        )
        self._name_label.setText(self.tr("Name of this connection"))
        self._name.setAccessibleName(self.tr("Name of this connection"))
        self._file_label.setText(self.tr("The copy on this computer"))
        self._encrypted.setText(self.tr("Encrypted"))
        self._encrypted_text.setText(self.tr("Its key is kept in your keyring. Costs no speed worth mentioning."))
        self._plain.setText(self.tr("A plain file"))
        self._plain_text.setText(
            self.tr("Anyone who can read your files can read it. For data that may be seen by all.")
        )
        self._recovery.setText(self.tr("Make a recovery code"))
        self._recovery_text.setText(
            self.tr("It brings the key back if your keyring is lost. You keep it yourself; it can be made later, too.")
        )
        self._busy.setText(self.tr("Making the mirror… your keyring may ask for its password."))

    def _on_name(self, _text: str) -> None:
        self._note.hide()
        self.ready_changed.emit()

    def _on_made(self, made: tuple[ConnectionInfo, str]) -> None:
        info, code = made
        self._op = None
        self._set_busy(False)
        if code:
            self.recovery_made.emit(info, code)
        self.made.emit(info)

    def _on_failed(self, error: OrgMirrorError) -> None:
        self._op = None
        self._set_busy(False)
        said = errors.words(error)
        self._note_title.setText(said.title)
        self._note_text.setText(said.remedy)
        self._note.show()
        if error.code in (ErrorCode.NAME_TAKEN, ErrorCode.BAD_NAME):
            self._name.setFocus()
            self._name.selectAll()

    def _set_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        for widget in (self._name, self._encrypted, self._plain, self._recovery):
            widget.setEnabled(not busy)
        self.ready_changed.emit()

"""`CredentialsStep`: the fields that the chosen method needs, and where their values come from."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from gui.desktop.theme import Space
from gui.dialogs.wizard_step import OrgKind, Wishes, WizardStep
from gui.widgets.label import Label

_SECRET = QLineEdit.EchoMode.Password


class _Field(QWidget):
    """Label, field, a word of help below."""

    def __init__(self, name: str, parent: QWidget, *, secret: bool = False) -> None:
        super().__init__(parent)
        self.label = Label("strong", self)
        self.edit = QLineEdit(self)
        self.edit.setObjectName(name)
        if secret:
            self.edit.setEchoMode(_SECRET)
        self.help = Label("small", self, wrap=True)
        self.help.hide()
        self.label.setBuddy(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS)
        layout.addWidget(self.label)
        layout.addWidget(self.edit)
        layout.addWidget(self.help)

    def set_words(self, label: str, *, placeholder: str = "", help_text: str = "") -> None:
        self.label.setText(label)
        self.edit.setAccessibleName(label)
        self.edit.setPlaceholderText(placeholder)
        self.help.setText(help_text)
        self.help.setVisible(bool(help_text))


class CredentialsStep(WizardStep):
    """Only the fields of the method are shown; what was typed survives Back."""

    def __init__(self, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(wishes, parent, name="credentialsStep")
        self._first: _Field | None = None
        self._address = _Field("address", self)
        self._username = _Field("username", self)
        self._password = _Field("password", self, secret=True)
        self._security_token = _Field("securityToken", self, secret=True)
        self._client_id = _Field("clientId", self)
        self._client_secret = _Field("clientSecret", self, secret=True)
        self._access_token = _Field("accessToken", self, secret=True)
        self._ca_file = _Field("caFile", self)
        self._browse = QPushButton(self)
        self._browse.setObjectName("caBrowse")
        self._browse.clicked.connect(self._choose_file)
        self._note = QFrame(self)
        self._note.setObjectName("credentialsNote")
        self._note.setProperty("area", "note-accent")
        self._note_text = Label("soft", self._note, wrap=True)
        inside = QVBoxLayout(self._note)
        inside.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        inside.addWidget(self._note_text)
        self._more = QPushButton(self)
        self._more.setObjectName("credentialsMore")
        self._more.setProperty("kind", "link")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._show_more)
        ca_row = QHBoxLayout()
        ca_row.setSpacing(Space.S)
        ca_row.addWidget(self._ca_file.edit, 1)
        ca_row.addWidget(self._browse)
        ca_layout = self._ca_file.layout()
        if isinstance(ca_layout, QVBoxLayout):
            ca_layout.insertLayout(1, ca_row)
        self._fields = (
            self._address,
            self._username,
            self._password,
            self._security_token,
            self._client_id,
            self._client_secret,
            self._access_token,
        )
        self.body.addWidget(self._note)
        for field in self._fields:
            self.body.addWidget(field)
        self.body.addWidget(self._more)
        self.body.addWidget(self._ca_file)
        self.body.addStretch(1)
        self._put_wishes()
        self._bind()
        self._more.setChecked(bool(wishes.ca_file))
        self._ca_file.setVisible(bool(wishes.ca_file))
        self.retranslate()

    def _bind(self) -> None:
        targets: tuple[tuple[_Field, str], ...] = (
            (self._address, "address"),
            (self._username, "username"),
            (self._password, "password"),
            (self._security_token, "security_token"),
            (self._client_id, "client_id"),
            (self._client_secret, "client_secret"),
            (self._access_token, "access_token"),
            (self._ca_file, "ca_file"),
        )
        for field, name in targets:
            field.edit.textChanged.connect(self._setter(name))
            field.edit.returnPressed.connect(self._on_enter)

    def _put_wishes(self) -> None:
        """What is known from an earlier sign-in need not be typed again."""
        for field, text in (
            (self._address, self.wishes.address),
            (self._username, self.wishes.username),
            (self._client_id, self.wishes.client_id),
            (self._ca_file, self.wishes.ca_file),
        ):
            field.edit.setText(text)

    def explain(self, error: OrgMirrorError) -> None:
        """After a refusal: have the field at hand that the remedy speaks of."""
        if error.code in (ErrorCode.BAD_CERTIFICATE, ErrorCode.BAD_CA_FILE):
            self._more.setChecked(True)
            self._first = self._ca_file
        elif error.code in (ErrorCode.UNKNOWN_HOST, ErrorCode.NOT_HTTPS):
            self._first = self._address
        else:
            self._first = None

    def _setter(self, name: str) -> Callable[[str], None]:
        def put(text: str) -> None:
            setattr(self.wishes, name, text if name == "password" else text.strip())
            self.wishes.checked = None
            self.ready_changed.emit()

        return put

    def enter(self) -> None:
        method = self.wishes.method
        wanted = {
            SignInMethod.TOKEN: (self._address, self._access_token),
            SignInMethod.PASSWORD: (self._username, self._password, self._security_token),
            SignInMethod.CLIENT_CREDENTIALS: (self._address, self._client_id, self._client_secret),
        }[method]
        shown = set(wanted)
        if method is SignInMethod.PASSWORD and self.wishes.kind is OrgKind.MY_DOMAIN:
            shown.add(self._address)
        for field in self._fields:
            field.setVisible(field in shown)
        self.retranslate()
        usual = next((f for f in self._fields if f in shown and not f.edit.text()), None)
        usual = usual or next(f for f in self._fields if f in shown)
        chosen = self._first if self._first in (*shown, self._ca_file) else usual
        self._first = None
        (chosen or usual).edit.setFocus()
        (chosen or usual).edit.selectAll()

    def is_ready(self) -> bool:
        wishes = self.wishes
        if wishes.method is SignInMethod.TOKEN:
            return bool(wishes.address and wishes.access_token)
        if wishes.method is SignInMethod.CLIENT_CREDENTIALS:
            return bool(wishes.address and wishes.client_id and wishes.client_secret)
        needs_address = wishes.kind is OrgKind.MY_DOMAIN
        return bool(wishes.username and wishes.password and (wishes.address or not needs_address))

    def clear_secrets(self) -> None:
        """Empty the fields when the wizard closes."""
        for field in (self._password, self._security_token, self._client_secret, self._access_token):
            field.edit.clear()

    def next_label(self) -> str:
        return self.tr("Sign in")

    def retranslate(self) -> None:
        method, kind = self.wishes.method, self.wishes.kind
        self.set_words(
            self.tr("Sign in"), self.tr("What you enter goes to Salesforce, and into your keyring once you finish.")
        )
        note = ""
        if method is SignInMethod.TOKEN:
            note = self.tr(
                "In a terminal run  sf org display --target-org NAME --verbose  and copy “Instance Url” and "
                "“Access Token”. The token ends with its session; then OrgMirror asks for a new one."
            )
        elif method is SignInMethod.CLIENT_CREDENTIALS:
            note = self.tr(
                "In Setup open the External Client App Manager, create an app, enable OAuth with the scopes “api” and "
                "“openid”, enable the Client Credentials Flow and choose the user it runs as."
            )
        self._note_text.setText(note)
        self._note.setVisible(bool(note))
        address_name = self.tr("Instance URL") if method is SignInMethod.TOKEN else self.tr("My Domain address")
        example = "https://yourcompany--dev.sandbox.my.salesforce.com" if kind is OrgKind.SANDBOX else ""
        self._address.set_words(address_name, placeholder=example or "https://yourcompany.my.salesforce.com")
        sandbox = kind is OrgKind.SANDBOX
        self._username.set_words(
            self.tr("User name"),
            placeholder="name@yourcompany.com.sandbox" if sandbox else "name@yourcompany.com",
            help_text=self.tr("In a sandbox the user name ends with the sandbox's name.") if sandbox else "",
        )
        self._password.set_words(self.tr("Password"))
        self._security_token.set_words(
            self.tr("Security token"),
            help_text=self.tr(
                "Leave it empty if your network is trusted. In Salesforce: Reset My Security Token mails it."
            ),
        )
        self._client_id.set_words(self.tr("Consumer key (client id)"))
        self._client_secret.set_words(self.tr("Consumer secret (client secret)"))
        self._access_token.set_words(self.tr("Access token"), placeholder="00D…!…")
        self._ca_file.set_words(
            self.tr("Company CA file"),
            placeholder=self.tr("PEM file"),
            help_text=self.tr("Only needed where the company inspects network traffic."),
        )
        self._browse.setText(self.tr("Choose…"))
        self._more.setText(self.tr("Company network…"))

    def _show_more(self, on: bool) -> None:
        self._ca_file.setVisible(on)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Company CA file"))
        dialog.setObjectName("caDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._ca_file.edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_enter(self) -> None:
        if self.is_ready():
            self.advance_wished.emit()

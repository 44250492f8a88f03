"""Settings and about: rows drawn from the declarations, kept at once, and what the application does about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from core import settings
from core.model.errors import ErrorCode, OrgMirrorError
from gui.desktop import autostart, theme
from gui.dialogs.about_dialog import AboutDialog
from gui.dialogs.settings_dialog import SettingsDialog
from gui.operations import Operations
from gui.text import settings as text
from tests.helpers.fake_app import FakeApp, FakeConnection
from tests.unit.gui.test_window import Make, opened


@pytest.fixture(autouse=True)
def _own_login_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def app(tmp_path: Path) -> FakeApp:
    made = FakeApp(FakeConnection())
    made.home = type("Home", (), {"root": tmp_path / "home"})()
    return made


def make(qtbot: QtBot, app: FakeApp, operations: Operations) -> SettingsDialog:
    connection = next(iter(app.open_connections.values()))
    dialog = SettingsDialog(
        app,  # type: ignore[arg-type]
        connection,  # type: ignore[arg-type]
        operations,
        start_command=["orgmirror", "--home", "/somewhere/a b"],
    )
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def field(dialog: SettingsDialog, setting: settings.Setting[object]) -> QWidget:
    return dialog.rows[setting.key].field


def test_every_row_has_words_and_an_accessible_name(qtbot: QtBot, app: FakeApp, operations: Operations) -> None:
    dialog = make(qtbot, app, operations)
    wanted = [setting.key for setting in settings.ALL if text.words(setting.key) is not None]
    assert list(dialog.rows) == wanted
    for key in wanted:
        assert dialog.rows[key].field.accessibleName()
    for setting in settings.ALL:
        said = text.words(setting.key)
        if said is not None and said.choices is not None:
            assert set(said.choices) == set(setting.choices)


def test_a_choice_is_kept_at_once(qtbot: QtBot, app: FakeApp, operations: Operations) -> None:
    dialog = make(qtbot, app, operations)
    combo = field(dialog, settings.THEME)
    assert isinstance(combo, QComboBox)
    with qtbot.waitSignal(dialog.app_changed) as said:
        combo.setCurrentIndex(combo.findData("dark"))
    assert said.args == [settings.THEME]
    assert app.settings.get(settings.THEME) == "dark"


def test_minutes_are_kept_as_seconds_within_bounds(qtbot: QtBot, app: FakeApp, operations: Operations) -> None:
    dialog = make(qtbot, app, operations)
    spin = field(dialog, settings.CYCLE_PAUSE_SECONDS)
    assert isinstance(spin, QSpinBox)
    assert (spin.value(), spin.minimum(), spin.maximum()) == (5, 1, 1440)
    assert spin.lineEdit().width() > 60
    with qtbot.waitSignal(dialog.connection_changed):
        spin.setValue(12)
    connection = next(iter(app.open_connections.values()))
    assert connection.setting(settings.CYCLE_PAUSE_SECONDS) == 720


def test_what_cannot_be_kept_is_said(qtbot: QtBot, app: FakeApp, operations: Operations) -> None:
    dialog = make(qtbot, app, operations)

    def refuse(_setting: object, _value: object) -> None:
        raise OrgMirrorError(ErrorCode.DISK_FULL)

    app.settings.set = refuse  # type: ignore[method-assign]
    box = field(dialog, settings.CLOSE_TO_TRAY)
    assert isinstance(box, QAbstractButton)
    box.click()
    label = dialog.findChild(QLabel, "settingsError")
    assert isinstance(label, QLabel)
    qtbot.waitUntil(label.isVisible)
    assert label.text()


def test_start_at_login_writes_and_removes_the_entry(qtbot: QtBot, app: FakeApp, operations: Operations) -> None:
    dialog = make(qtbot, app, operations)
    box = dialog.findChild(QAbstractButton, "startAtLogin")
    assert isinstance(box, QAbstractButton)
    assert not box.isChecked()
    box.click()
    qtbot.waitUntil(autostart.is_enabled)
    entry = (autostart.folder() / "orgmirror.desktop").read_text(encoding="utf-8")
    assert '"/somewhere/a b"' in entry
    assert "--minimized" in entry
    box.click()
    qtbot.waitUntil(lambda: not autostart.is_enabled())


def test_about_can_be_copied(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    button = dialog.findChild(QAbstractButton, "aboutCopy")
    assert isinstance(button, QAbstractButton)
    button.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("OrgMirror ")
    assert "PySide6" in copied


def test_the_theme_follows_the_setting(qtbot: QtBot, make_application: Make, tmp_path: Path) -> None:
    connection = FakeConnection()
    application = opened(qtbot, make_application, connection)
    app = application._app
    assert app is not None
    app.home = application.home
    application.open_settings()
    dialog = application.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    combo = field(dialog, settings.THEME)
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(combo.findData("dark"))
    qtbot.waitUntil(lambda: theme.current().dark)
    application.open_settings()
    assert len(application.window.findChildren(SettingsDialog)) == 1


def test_another_pause_between_cycles_starts_the_engine_anew(qtbot: QtBot, make_application: Make) -> None:
    connection = FakeConnection()
    application = opened(qtbot, make_application, connection)
    qtbot.waitUntil(lambda: connection.sync.runs == 1)
    application._on_connection_setting(settings.CYCLE_PAUSE_SECONDS)
    qtbot.waitUntil(lambda: connection.sync.runs == 2)
    session = application.window.session
    assert session is not None
    assert session.is_running

"""Whether the desktop wants dark: Qt's answer, else the desktop portal's over D-Bus, else no.

Essentials has no QtDBus everywhere; where the portal cannot be asked the answer is simply "light".
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

_PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_TIMEOUT_MS = 300
_PREFERS_DARK = 1


def desktop_is_dark() -> bool:
    """Ask Qt first; it knows Windows, macOS and the larger Linux desktops."""
    answer = QGuiApplication.styleHints().colorScheme()
    if answer != Qt.ColorScheme.Unknown:
        return answer == Qt.ColorScheme.Dark
    return _portal_prefers_dark()


def _portal_prefers_dark() -> bool:
    # Without a session bus Qt would start a stray dbus-daemon.
    if not sys.platform.startswith("linux") or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    try:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage
    except ImportError:
        return False
    call = QDBusMessage.createMethodCall(_PORTAL, _PATH, _INTERFACE, "Read")
    call.setArguments(["org.freedesktop.appearance", "color-scheme"])
    call.setAutoStartService(False)
    reply = QDBusConnection.sessionBus().call(call, timeout=_TIMEOUT_MS)
    if reply.type() != QDBusMessage.MessageType.ReplyMessage or not reply.arguments():
        return False
    value = reply.arguments()[0]
    # The old method answers a variant inside a variant.
    while hasattr(value, "variant"):
        value = value.variant()
    return value == _PREFERS_DARK

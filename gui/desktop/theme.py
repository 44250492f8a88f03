"""The look of the program: Fusion, two palettes of our own, one small style sheet. GUI thread only.

Use: `theme.current()` for the tokens in force, `theme.icon("sync")` for an icon in the right colour,
`theme.bind_icon(button, "sync")` for one that follows a change, `theme.notifier().changed` to repaint.
`setColorScheme` does nothing on bare xcb and offscreen, so the choice is ours: setting, else what Qt says the desktop
wants, else the desktop portal, else light.
"""

from __future__ import annotations

import string
import weakref
from dataclasses import asdict
from importlib.resources import files
from typing import Any, Protocol

from PySide6.QtCore import QDir, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory
from shiboken6 import isValid

from gui.desktop import icons, scheme
from gui.desktop.tokens import DARK, LIGHT, Size, Space, Tokens, Type

__all__ = [
    "Size",
    "Space",
    "Tokens",
    "Type",
    "apply",
    "base_pixels",
    "bind_icon",
    "choose",
    "colour",
    "current",
    "font",
    "icon",
    "notifier",
    "object_icon",
    "org_colour",
    "pixmap",
]

CHOICES = ("system", "light", "dark")
# Where the desktop names no face of its own, these read better at small sizes than the fallback does.
_FACES = ("Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Cantarell", "Ubuntu", "Noto Sans")
_FALLBACK_FACES = ("DejaVu Sans", "Sans Serif", "Sans", "Bitstream Vera Sans", "")


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon) -> None: ...


class Notifier(QObject):
    """Says that the palette in force has changed."""

    changed = Signal()


class _State:
    """What the module holds; there is one look per program, as there is one QApplication."""

    def __init__(self) -> None:
        self.tokens: Tokens = LIGHT
        self.choice = "system"
        self.notifier: Notifier | None = None
        self.watching = False
        self.dressed = False
        self.base_pixels = 13
        self.bound: list[tuple[weakref.ref[Any], str, str]] = []


_state = _State()


def current() -> Tokens:
    """The tokens in force."""
    return _state.tokens


def notifier() -> Notifier:
    """The object whose `changed` signal follows the palette."""
    if _state.notifier is None or not isValid(_state.notifier):
        _state.notifier = Notifier()
    return _state.notifier


def base_pixels() -> int:
    """The body text's size in logical pixels."""
    return _state.base_pixels


def colour(role: str) -> QColor:
    """The token of that name as a QColor."""
    return QColor(getattr(_state.tokens, role))


def font(factor: float = Type.BODY, weight: int = Type.NORMAL) -> QFont:
    """The program's face at `factor` times the body size."""
    made = QFont(QApplication.font())
    made.setPixelSize(max(9, round(_state.base_pixels * factor)))
    made.setWeight(QFont.Weight(weight))
    return made


def icon(name: str, role: str = "text_soft") -> QIcon:
    """The drawing `name` in the colour of the token `role`."""
    return icons.coloured(name, getattr(_state.tokens, role), _state.tokens.disabled)


def pixmap(name: str, size: int, role: str = "text_soft", ratio: float = 1.0) -> QPixmap:
    """The drawing as a pixmap of `size` logical pixels at the device pixel ratio `ratio`."""
    return icons.drawn(name, getattr(_state.tokens, role), size, ratio)


def object_icon(object_name: str, role: str = "text_soft") -> QIcon:
    """The icon of a mirrored object."""
    return icon(icons.object_icon_name(object_name), role)


def bind_icon(target: _HasIcon, name: str, role: str = "text_soft", size: int | None = None) -> None:
    """Give a button or action this icon and keep it in step with the palette; a later call replaces it."""
    _state.bound = [entry for entry in _state.bound if entry[0]() not in (None, target)]
    _state.bound.append((weakref.ref(target), name, role))
    target.setIcon(icon(name, role))
    if size is not None and hasattr(target, "setIconSize"):
        target.setIconSize(QSize(size, size))


def org_colour(*, is_sandbox: bool, is_demo: bool) -> str:
    """The colour that tells production, sandbox and demo apart, everywhere the same."""
    tokens = _state.tokens
    return tokens.demo if is_demo else tokens.sandbox if is_sandbox else tokens.production


def apply(application: QApplication, choice: str = "system") -> None:
    """Set style, face, palette and style sheet; called once at start."""
    style = QStyleFactory.create("Fusion")
    if style is not None:
        application.setStyle(style)
    QDir.setSearchPaths("orgmirror", [str(files("resources"))])
    application.setWindowIcon(icons.brand("orgmirror"))
    _set_face(application)
    _state.choice = choice if choice in CHOICES else "system"
    _state.dressed = False
    if not _state.watching:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(_follow_desktop)
        _state.watching = True
    _put_on(application)


def choose(choice: str) -> None:
    """Change between system, light and dark while running."""
    _state.choice = choice if choice in CHOICES else "system"
    application = QApplication.instance()
    if isinstance(application, QApplication):
        _put_on(application)


def refresh() -> None:
    """Look again at what the desktop wants."""
    choose(_state.choice)


def _follow_desktop(_scheme: Qt.ColorScheme) -> None:
    if _state.choice == "system":
        refresh()


def _set_face(application: QApplication) -> None:
    given = application.font()
    known = set(QFontDatabase.families())
    families = list(given.families())
    if not families or families[0] in _FALLBACK_FACES:
        better = next((face for face in _FACES if face in known), None)
        if better is not None:
            families = [better, *families]
    made = QFont(given)
    if families:
        made.setFamilies(families)
    pixels = QFontInfo(made).pixelSize()
    _state.base_pixels = min(16, max(13, pixels))
    made.setPixelSize(_state.base_pixels)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    application.setFont(made)


def _put_on(application: QApplication) -> None:
    dark = _state.choice == "dark" or (_state.choice == "system" and scheme.desktop_is_dark())
    tokens = DARK if dark else LIGHT
    if _state.dressed and tokens is _state.tokens:
        return
    _state.tokens, _state.dressed = tokens, True
    application.setPalette(palette(tokens))
    application.setStyleSheet(style_sheet(tokens))
    alive = []
    for entry in _state.bound:
        target = entry[0]()
        if target is not None and isValid(target):
            target.setIcon(icon(entry[1], entry[2]))
            alive.append(entry)
    _state.bound = alive
    notifier().changed.emit()


def palette(tokens: Tokens) -> QPalette:
    """The tokens as a QPalette for all that the style draws itself."""
    made = QPalette()
    role = QPalette.ColorRole
    every = {
        role.Window: tokens.bg,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.surface_alt,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.surface_alt,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad,
        role.ToolTipBase: tokens.text if not tokens.dark else tokens.surface_alt,
        role.ToolTipText: tokens.surface if not tokens.dark else tokens.text,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.selection_text,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Accent: tokens.accent_fill,
        role.Light: tokens.surface,
        role.Midlight: tokens.surface_alt,
        role.Mid: tokens.border,
        role.Dark: tokens.border_strong,
        role.Shadow: tokens.shadow,
    }
    for where, value in every.items():
        made.setColor(where, QColor(value))
    group = QPalette.ColorGroup.Disabled
    for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(group, where, QColor(tokens.disabled))
    made.setColor(QPalette.ColorGroup.Inactive, role.Highlight, QColor(tokens.selection_inactive))
    return made


def style_sheet(tokens: Tokens) -> str:
    """`resources/styles/orgmirror.qss` with the tokens filled in."""
    template = string.Template(files("resources").joinpath("styles", "orgmirror.qss").read_text(encoding="utf-8"))
    base = _state.base_pixels
    values: dict[str, object] = dict(asdict(tokens))
    values |= {
        "radius": f"{Size.RADIUS}px",
        "radius_card": f"{Size.RADIUS_CARD}px",
        "size_small": f"{round(base * Type.SMALL)}px",
        "size_body": f"{base}px",
        "size_heading": f"{round(base * Type.HEADING)}px",
        "size_title": f"{round(base * Type.TITLE)}px",
        "size_figure": f"{round(base * Type.FIGURE)}px",
    }
    return template.substitute(values)

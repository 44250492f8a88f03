"""The registry of the window's places: a new page is one entry here and one key in `gui/pages/page_names.py`.

The `PageStack` makes every page when the window is built and connects what it may ask for (`gui/pages/page.py`); the
sidebar draws the entries that have an icon; the window makes the shortcuts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from gui.pages.changes_page import ChangesPage
from gui.pages.home_page import HomePage
from gui.pages.needs_you_page import NeedsYouPage
from gui.pages.page import Page
from gui.pages.page_names import CHANGES, HOME, NEEDS_YOU, PENDING, SYNC
from gui.pages.pending_page import PendingPage
from gui.pages.sync_page import SyncPage


@dataclass(frozen=True, slots=True)
class Place:
    """`icon` is the drawing in the sidebar, None where the place is reached otherwise; `title` words it, in the
    language of the moment."""

    key: str
    make: Callable[[QWidget], Page]
    title: Callable[[], str]
    shortcut: str
    icon: str | None = None


PLACES: tuple[Place, ...] = (
    Place(HOME, HomePage, lambda: QCoreApplication.translate("Places", "Home"), "Ctrl+1", "home"),
    Place(NEEDS_YOU, NeedsYouPage, lambda: QCoreApplication.translate("Places", "Needs you"), "Ctrl+2", "needs-you"),
    Place(PENDING, PendingPage, lambda: QCoreApplication.translate("Places", "Pending"), "Ctrl+3", "pending"),
    Place(CHANGES, ChangesPage, lambda: QCoreApplication.translate("Places", "Changes"), "Ctrl+4", "changes"),
    Place(SYNC, SyncPage, lambda: QCoreApplication.translate("Places", "Sync"), "Ctrl+5"),
)

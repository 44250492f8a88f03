"""`Language`: the translations that the program speaks in, Qt's own and ours. GUI thread, owned by the application."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication

_LOCALES = "orgmirror:translations"


class Language(QObject):
    """`use` may be called again; every widget words itself anew by LanguageChange."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translators: list[QTranslator] = []

    def use(self, language: str) -> None:
        """Speak `language` (a locale's name); empty: that of the computer."""
        application = QApplication.instance()
        if application is None:
            return
        for translator in self._translators:
            application.removeTranslator(translator)
        self._translators.clear()
        locale = QLocale(language) if language else QLocale.system()
        if language:
            QLocale.setDefault(locale)
        for name, folder in (
            ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
            ("orgmirror", _LOCALES),
        ):
            translator = QTranslator(self)
            if translator.load(locale, name, "_", folder):
                application.installTranslator(translator)
                self._translators.append(translator)

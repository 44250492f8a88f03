"""`LineExport`: the lines of a table as a CSV file: asks for the place, writes in the background. GUI thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from core.model.errors import OrgMirrorError
from gui.models.line_model import LineModel
from gui.operations import Operations, in_background
from gui.text import errors, numbers


class LineExport(QObject):
    """`told` says what became of it."""

    told = Signal(str)

    def __init__(self, lines: LineModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._lines = lines
        self._page = parent

    def ask(self, operations: Operations, name: str) -> None:
        """Let the person choose the file; `name` is proposed, without an ending."""
        dialog = QFileDialog(self._page, self.tr("Export as CSV"))
        dialog.setObjectName("linesExportDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilter(self.tr("CSV file (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{name}.csv")
        dialog.fileSelected.connect(lambda path: self.write(operations, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, operations: Operations, path: Path) -> None:
        """Write what is shown now."""
        header, rows = self._lines.header(), self._lines.rows()

        def work() -> int:
            # Needed rarely, and not for showing the window.
            from core.api.lines import write_lines

            return write_lines(path, header, rows)

        in_background(self, operations, work, lambda count: self._done(count, path), self._failed)

    def _done(self, count: int, path: Path) -> None:
        words = self.tr("{count} rows exported to {file}")
        self.told.emit(words.format(count=numbers.number(count), file=path.name))

    def _failed(self, error: OrgMirrorError) -> None:
        self.told.emit(errors.words(error).title)

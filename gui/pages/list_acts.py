"""`ListActs`: what a person does with the rows of a list: copy, filter by a value, open in Salesforce, export.

Lives on the GUI thread, owned by its page. Values are read on the lanes, so copying fifty thousand rows does not stop
the window; the clipboard is set when they are here.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDir, QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from core.api.browse import Lane
from core.api.exports import ListFormat
from core.model.errors import OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator
from gui.models.answers import Answers
from gui.operations import as_error
from gui.pages.list_copy import MAX_COPIED_ROWS, rows_as_text
from gui.text import errors, numbers
from gui.widgets.plain_text import without_mnemonic
from gui.widgets.safe_links import open_in_salesforce

if TYPE_CHECKING:
    from core.api.browse import BrowseApi, BrowseSession
    from core.api.exports import ExportsApi
    from gui.models.record_list_model import RecordListModel
    from gui.widgets.record_table import RecordTable

_MENU_CHARS = 36


class ListActs(QObject):
    """`told` carries a short sentence for the status line."""

    told = Signal(str)
    filter_wanted = Signal(object, str)  # Condition, the value as shown
    apart_wanted = Signal(object)  # RecordRef

    def __init__(
        self,
        browse: BrowseApi,
        exports: ExportsApi | None,
        model: RecordListModel,
        table: RecordTable,
        view: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._browse = browse
        self._exports = exports
        self._model = model
        self._table = table
        self._view = f"{view}:acts"
        self._answers = Answers(self)

    def tell_error(self, error: OrgMirrorError) -> None:
        """Say what went wrong, in a line."""
        self.told.emit(errors.words(error).title)

    def _failed(self, error: Exception) -> None:
        self.tell_error(as_error(error))

    # Menus

    def cell_menu(self, row: int, column: int, parent: QWidget) -> QMenu:
        """The menu of one cell; what it does to rows it does to the selected ones."""
        texts = self._model.row_texts(row)
        value = texts[column] if texts is not None else ""
        field = self._model.columns[column]
        short = value if len(value) <= _MENU_CHARS else f"{value[:_MENU_CHARS]}…"
        ref = self._model.ref(row)
        several = self._table.selected_count() > 1
        menu = QMenu(parent)
        menu.setObjectName("cellMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(name: str, words: str, call: Any, *, enabled: bool = True) -> None:
            action = menu.addAction(words)
            action.setObjectName(name)
            action.setEnabled(enabled)
            action.triggered.connect(call)

        add(
            "openApart", self.tr("Open in its own window"), lambda: self.apart_wanted.emit(ref), enabled=ref is not None
        )
        add("openSalesforce", self.tr("Open in Salesforce"), lambda: self.open_in_salesforce(row))
        menu.addSeparator()
        if value:
            words = without_mnemonic(short)
            add(
                "filterBy",
                self.tr("Only {field}: {value}").format(field=field.label, value=words),
                lambda: self.filter_by(row, column),
            )
            add(
                "filterOut",
                self.tr("All but {field}: {value}").format(field=field.label, value=words),
                lambda: self.filter_by(row, column, without=True),
            )
        else:
            add(
                "filterBy",
                self.tr("Only where {field} is empty").format(field=field.label),
                lambda: self.filter_by(row, column),
            )
            add(
                "filterOut",
                self.tr("Only where {field} is not empty").format(field=field.label),
                lambda: self.filter_by(row, column, without=True),
            )
        menu.addSeparator()
        add("copyCell", self.tr("Copy the value"), lambda: self.copy_cell(row, column), enabled=bool(value))
        rows_words = self.tr("Copy the rows") if several else self.tr("Copy the row")
        add("copyRows", rows_words, lambda: self.copy_rows(with_headers=False))
        add("copyHeaders", self.tr("Copy with column names"), lambda: self.copy_rows(with_headers=True))
        ids_words = self.tr("Copy the record ids") if several else self.tr("Copy the record id")
        add("copyIds", ids_words, self.copy_ids)
        return menu

    # Copying

    def copy(self, with_headers: bool) -> None:
        """Ctrl+C: the current value where one row is selected, otherwise the rows."""
        current = self._table.currentIndex()
        if not with_headers and self._table.selected_count() <= 1 and current.isValid():
            self.copy_cell(current.row(), current.column())
        else:
            self.copy_rows(with_headers=with_headers)

    def copy_cell(self, row: int, column: int) -> None:
        """The whole value of one cell, as shown."""
        field = self._model.columns[column]
        self._read_rows([row], [field.name], lambda rows: self._to_clipboard(rows[0][0]))

    def copy_ids(self) -> None:
        """The ids of the selected records, one a line."""
        rows = self._chosen_rows()
        self._read_rows(rows, ["Id"], lambda answer: self._to_clipboard("\n".join(row[0] for row in answer)))

    def copy_rows(self, *, with_headers: bool) -> None:
        """The selected rows with the columns shown, in their order."""
        header = self._table.header
        columns = [self._model.columns[header.logicalIndex(visual)] for visual in range(header.count())]
        om_rows = self._om_rows(self._chosen_rows())
        if not om_rows:
            return
        object_name = self._model.object_name

        def read(session: BrowseSession) -> str:
            return rows_as_text(session, object_name, om_rows, columns, with_headers=with_headers)

        future = self._browse.submit(Lane.HEAVY, self._view, read)
        self._answers.expect("copy", future, self._to_clipboard, self._failed)
        total = self._table.selected_count()
        if total > MAX_COPIED_ROWS:
            words = self.tr("Copying the first {copied} of {count} rows; an export takes them all")
            self.told.emit(words.format(copied=numbers.number(MAX_COPIED_ROWS), count=numbers.number(total)))
        elif total > 1:
            self.told.emit(self.tr("{count} rows copied").format(count=numbers.number(total)))

    def _chosen_rows(self) -> list[int]:
        rows = []
        for row in self._table.selected_rows():
            rows.append(row)
            if len(rows) == MAX_COPIED_ROWS:
                break
        if not rows and self._table.currentIndex().isValid():
            rows = [self._table.currentIndex().row()]
        return rows

    def _om_rows(self, rows: list[int]) -> array[int]:
        ids = self._model.ids
        return array("q", (ids[row] for row in rows))

    def _read_rows(self, rows: list[int], names: list[str], then: Any) -> None:
        om_rows, object_name = self._om_rows(rows), self._model.object_name
        if not om_rows:
            return
        lane = Lane.QUICK if len(om_rows) <= 500 else Lane.HEAVY
        future = self._browse.submit(lane, self._view, lambda s: s.page(object_name, om_rows, names))
        self._answers.expect("copy", future, then, self._failed)

    def _to_clipboard(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    # Filter and links

    def filter_by(self, row: int, column: int, *, without: bool = False) -> None:
        """Ask for the value behind a cell (the list has only its words) and filter by it."""
        field, om_row = self._model.columns[column], self._model.om_row(row)
        texts = self._model.row_texts(row)
        shown = texts[column] if texts is not None else ""
        if not shown:
            operator = Operator.IS_NOT_EMPTY if without else Operator.IS_EMPTY
            self.filter_wanted.emit(Condition(field.name, operator), "")
            return
        object_name = self._model.object_name

        def read(session: BrowseSession) -> Any:
            return session.values(object_name, [om_row], [field.name])[0][field.name]

        def here(raw: Any) -> None:
            operator = Operator.NOT_EQUALS if without else Operator.EQUALS
            self.filter_wanted.emit(Condition(field.name, operator, raw), shown)

        future = self._browse.submit(Lane.QUICK, self._view, read)
        self._answers.expect("value", future, here, self._failed)

    def open_in_salesforce(self, row: int) -> None:
        """Open the record's page in the browser."""
        wanted = self._model.ref(row) or (self._model.object_name, self._model.om_row(row))
        future = self._browse.submit(Lane.QUICK, self._view, lambda s: s.record(wanted).web_url)
        self._answers.expect("url", future, self._open_address, self._failed)

    def _open_address(self, address: str | None) -> None:
        if not address or not open_in_salesforce(address):
            self.told.emit(self.tr("This record has no page in Salesforce that could be opened"))

    # Export

    @property
    def can_export(self) -> bool:
        return self._exports is not None

    def export(self, query: ListQuery, columns: list[str], name: str) -> None:
        """Ask where to, and write the list there in the background."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        safe = "".join(char if char.isalnum() or char in " -_" else "_" for char in name).strip() or "export"
        dialog = QFileDialog(self._table, self.tr("Export this list"), folder)
        dialog.setObjectName("exportDialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("CSV (*.csv)"), self.tr("Excel workbook (*.xlsx)")])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("xlsx" if "xlsx" in chosen else "csv"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(safe)
        dialog.fileSelected.connect(lambda path: self.export_to(query, columns, Path(path)))
        dialog.open()

    def export_to(self, query: ListQuery, columns: list[str], path: Path) -> None:
        """Write the list to `path`, as a workbook where its name ends so; `told` says when it is done."""
        if self._exports is None:
            return
        form = ListFormat.XLSX if path.suffix.lower() == ".xlsx" else ListFormat.CSV
        future = self._exports.list_file(form, query, columns, path)
        self.told.emit(self.tr("Exporting…"))
        self._answers.expect("export", future, lambda count: self._exported(count, path), self._failed)

    def _exported(self, count: int, path: Path) -> None:
        words = self.tr("{count} records exported to {file}")
        self.told.emit(words.format(count=numbers.number(count), file=QDir.toNativeSeparators(str(path))))

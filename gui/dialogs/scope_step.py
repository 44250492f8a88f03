"""`ScopeStep`: what is copied: each object with its count and an estimate, filter, total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.model.cancel import CancelToken
from core.model.errors import OrgMirrorError
from gui.desktop import theme
from gui.desktop.theme import Space
from gui.dialogs.wizard_step import Wishes, WizardStep
from gui.models.scope_tree_model import Column, ScopeTreeModel
from gui.operations import Operations, QueryOp
from gui.text import numbers
from gui.widgets.label import Label
from gui.widgets.state_panel import PageState, StatePanel

if TYPE_CHECKING:
    from core.api.connections import Checked, ConnectionsApi, ObjectChoice


class _Filtered(QSortFilterProxyModel):
    """Finds objects by label or API name, groups only with them. Ticking a group while a filter is on means the
    objects that are seen, not those that are hidden."""

    wanted = ""

    def show_only(self, text: str) -> None:
        """Objects with `text` in their name; all where it is empty."""
        self.wanted = text.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        model = self.sourceModel()
        if not self.wanted or not isinstance(model, ScopeTreeModel):
            return True
        choice = model.choice(model.index(row, Column.OBJECT, parent))
        return choice is not None and self.wanted in f"{choice.label}\n{choice.name}".casefold()

    def setData(
        self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = int(Qt.ItemDataRole.EditRole)
    ) -> bool:
        model = self.sourceModel()
        is_group = index.isValid() and not index.parent().isValid()
        if not (
            role == Qt.ItemDataRole.CheckStateRole and is_group and isinstance(model, ScopeTreeModel) and self.wanted
        ):
            return super().setData(index, value, role)
        group = index.siblingAtColumn(Column.OBJECT)
        seen = [self.index(row, 0, group) for row in range(self.rowCount(group))]
        choices = [model.choice(self.mapToSource(child)) for child in seen]
        ticked = {choice.name for choice in model.chosen()}
        names = [choice.name for choice in choices if choice is not None and choice.visible]
        model.tick(names, not ticked.issuperset(names))
        return True


class ScopeStep(WizardStep):
    """The counts are asked for as soon as the sign-in is checked."""

    def __init__(
        self, wishes: Wishes, connections: ConnectionsApi, operations: Operations, parent: QWidget | None = None
    ) -> None:
        super().__init__(wishes, parent, name="scopeStep")
        self._connections = connections
        self._operations = operations
        self._op: QueryOp[list[ObjectChoice]] | None = None
        self._asked: Checked | None = None
        self._error: OrgMirrorError | None = None
        self.model = ScopeTreeModel(self)
        self._proxy = _Filtered(self)
        self._proxy.setSourceModel(self.model)
        self._proxy.setRecursiveFilteringEnabled(True)
        self._filter = QLineEdit(self)
        self._filter.setObjectName("scopeFilter")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._on_filter)
        self._total = Label("strong", self, name="scopeTotal")
        self._tree = QTreeView(self)
        self._tree.setObjectName("scopeTree")
        self._tree.setModel(self._proxy)
        self._tree.setIconSize(QSize(theme.Size.ICON, theme.Size.ICON))
        self._tree.setUniformRowHeights(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setItemsExpandable(False)
        self._tree.setIndentation(22)
        self._tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.OBJECT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Column.COUNT, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.TIME, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(Column.COUNT, 140)
        header.resizeSection(Column.TIME, 140)
        self._panel = StatePanel(self, name="scopeState")
        self._panel.acted.connect(lambda _action: self.ask())
        frame = QFrame(self)
        frame.setObjectName("scopeFrame")
        frame.setProperty("area", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        self._stack = QStackedWidget(frame)
        self._stack.setObjectName("scopeStack")
        self._stack.addWidget(self._panel)
        self._stack.addWidget(self._tree)
        inside.addWidget(self._stack)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._filter, 1)
        row.addWidget(self._total)
        self.body.addLayout(row)
        self.body.addWidget(frame, 1)
        self.model.chosen_changed.connect(self._on_chosen)
        self.model.modelReset.connect(self._tree.expandAll)
        self.retranslate()

    def enter(self) -> None:
        self.ask()
        self._filter.setFocus()

    def ask(self) -> None:
        """Ask for what may be copied, unless that is known or under way."""
        checked = self.wishes.checked
        if checked is None or (checked is self._asked and self._error is None):
            return
        self.leave()
        self._asked, self._error = checked, None
        self.model.set_choices([])
        self._panel.show_words(
            PageState.OPENING,
            lambda: self.tr("Counting what the org holds…"),
            lambda: self.tr("Each object that you may see, with its records."),
            icon="database",
        )
        self._stack.setCurrentWidget(self._panel)
        connections = self._connections

        def work(token: CancelToken) -> list[ObjectChoice]:
            return connections.preview(checked, token)

        self._op = QueryOp(self, self._operations, work).success(self._take).failure(self._failed).run()

    def leave(self) -> None:
        if self._op is not None and self._op.running:
            self._op.cancel()
            self._asked = None
        self._op = None

    def is_ready(self) -> bool:
        return bool(self.model.chosen())

    def retranslate(self) -> None:
        self.set_words(
            self.tr("What should be copied?"),
            self.tr("All that you may see is a good choice. Untick what you will not need."),
        )
        self._filter.setPlaceholderText(self.tr("Find an object"))
        self._filter.setAccessibleName(self.tr("Find an object"))
        self._tree.setAccessibleName(self.tr("Objects"))
        self._word_total()

    def _take(self, choices: list[ObjectChoice]) -> None:
        self._op = None
        self.model.set_choices(choices)
        self._stack.setCurrentWidget(self._tree)
        self._on_filter(self._filter.text())

    def _failed(self, error: OrgMirrorError) -> None:
        self._op = None
        self._error = error
        self._panel.show_state(PageState.ERROR, error=error)
        self._stack.setCurrentWidget(self._panel)

    def _on_filter(self, text: str) -> None:
        self._proxy.show_only(text)
        self._tree.expandAll()
        if not self.model.choices:
            return
        if self._proxy.rowCount():
            self._stack.setCurrentWidget(self._tree)
            return
        self._panel.show_words(
            PageState.NONE_YET,
            lambda: self.tr("No object of that name"),
            lambda: self.tr("Objects are found by their label and by their API name."),
            icon="search",
        )
        self._stack.setCurrentWidget(self._panel)

    def _on_chosen(self) -> None:
        chosen = self.model.chosen()
        # None is "all, and what comes later"; a list means these and no others.
        self.wishes.objects = None if self.model.is_default() else tuple(choice.name for choice in chosen)
        self._word_total()
        self.ready_changed.emit()

    def _word_total(self) -> None:
        chosen = self.model.chosen()
        rows = sum(choice.count or 0 for choice in chosen)
        seconds = sum(choice.estimate_seconds or 0.0 for choice in chosen)
        if not self.model.choices:
            self._total.setText("")
            return
        text = self.tr("{objects} objects, {rows} records, {time}")
        self._total.setText(
            text.format(objects=numbers.number(len(chosen)), rows=numbers.number(rows), time=numbers.about(seconds))
        )

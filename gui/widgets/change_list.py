"""`ChangeList`: what came in and went out, newest first: which record, which field, from what to what, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.desktop import icons
from gui.models.change_lines import ChangeKind, ChangeLine, ref_of
from gui.models.two_line_model import Entry
from gui.text import numbers
from gui.widgets.state_panel import PageState, StatePanel
from gui.widgets.two_line_list import TwoLineList


class ChangeList(QWidget):
    """`compact` is the short form for a card. `record_wished` carries a RecordRef; `clear_wished` drops the filters."""

    record_wished = Signal(object)
    clear_wished = Signal()

    def __init__(self, parent: QWidget | None = None, *, name: str, compact: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._changes: tuple[ChangeLine, ...] = ()
        self._loading = False
        self._filtered = False
        self._compact = compact
        self._list = TwoLineList(self, name=f"{name}List", compact=compact)
        self._list.chosen.connect(self._on_chosen)
        self._panel = StatePanel(self, name=f"{name}State")
        self._panel.acted.connect(lambda _action: self.clear_wished.emit())
        if compact:
            self._panel.setMinimumHeight(220)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._list)
        layout.addWidget(self._panel)
        self.retranslate()

    def show_changes(self, changes: Sequence[ChangeLine], *, filtered: bool = False) -> None:
        """Show these in the order given; `filtered`: there may be others."""
        self._changes = tuple(changes)
        self._filtered = filtered
        self.retranslate()

    def show_while_loading(self, loading: bool) -> None:
        """The log starts after the first load; until then an empty list has another reason."""
        if loading != self._loading:
            self._loading = loading
            self.retranslate()

    def retranslate(self) -> None:
        now = datetime.now(UTC)
        self._list.setAccessibleName(self.tr("Recent changes"))
        self._list.entries.set_entries([self._entry(change, now) for change in self._changes])
        self._list.setVisible(bool(self._changes))
        self._panel.setVisible(not self._changes)
        if self._filtered:
            self._panel.show_words(
                PageState.NONE_BY_FILTER,
                lambda: self.tr("No such changes"),
                lambda: self.tr("Nothing that changed fits these filters."),
            )
        else:
            self._panel.show_words(PageState.NONE_YET, self._empty_title, self._empty_text, icon="changes")

    def _empty_title(self) -> str:
        return self.tr("No changes yet")

    def _empty_text(self) -> str:
        if self._loading:
            return self.tr("The log of changes starts when the first load is complete.")
        return self.tr("What changes in Salesforce from now on is listed here, with who changed it.")

    def _entry(self, change: ChangeLine, now: datetime) -> Entry:
        if change.kind is ChangeKind.CREATED:
            text = self.tr("Created")
        elif change.kind is ChangeKind.DELETED:
            text = self.tr("Deleted")
        elif change.kind is ChangeKind.MANY:
            text = self.tr("{count} records changed in one run").format(count=numbers.number(change.count))
        else:
            text = self.tr("{field}: {old} → {new}").format(
                field=change.field, old=change.old or "–", new=change.new or "–"
            )
        ago = numbers.ago(change.at, now)
        aside = self.tr("{who}, {ago}").format(who=change.by, ago=ago) if change.by else ago
        if not change.came_in:
            aside = self.tr("from here, {aside}").format(aside=aside)
        return Entry(
            key=change.change_id,
            title=change.title,
            text=text,
            aside=aside,
            icon="star" if change.followed else icons.object_icon_name(change.object),
            icon_role="warn" if change.followed else "text_soft",
        )

    def _on_chosen(self, key: object) -> None:
        line = next((change for change in self._changes if change.change_id == key), None)
        ref = ref_of(line) if line is not None else None
        if ref is not None:
            self.record_wished.emit(ref)

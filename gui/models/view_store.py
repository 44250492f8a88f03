"""`ViewStore`: where a page keeps how it looked (columns, widths, order), and `ListLayout`, that look as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.model.filters import Sort

if TYPE_CHECKING:
    from core.api.browse import ColumnInfo

MIN_WIDTH, MAX_WIDTH = 48, 1200
MAX_COLUMNS = 80


class ViewStore(Protocol):
    """Values of JSON by key; kept in window.json by the program, in memory by tests."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept, or `default`."""

    def set(self, key: str, value: Any) -> None:
        """Keep `value`; written soon, not at once."""


@dataclass(frozen=True, slots=True)
class ListLayout:
    """Which columns a list shows, in which order, how wide (pixels; 0 = by the column), and its sort order."""

    columns: tuple[tuple[str, int], ...] = ()
    sort: tuple[Sort, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": [{"name": name, "width": width} for name, width in self.columns],
            "sort": [{"field": sort.field, "descending": sort.descending} for sort in self.sort],
        }


def layout_key(object_name: str) -> str:
    """The key of an object's list in the store."""
    return f"list/{object_name}"


def read_layout(value: Any, available: Sequence[ColumnInfo]) -> ListLayout:
    """What the store holds, as far as it still fits the object's columns; otherwise the defaults."""
    known = {column.name: column for column in available}
    columns: list[tuple[str, int]] = []
    sort: list[Sort] = []
    if isinstance(value, Mapping):
        for entry in _list(value.get("columns")):
            name, width = entry.get("name"), entry.get("width")
            if isinstance(name, str) and name in known and name not in dict(columns) and len(columns) < MAX_COLUMNS:
                usable = isinstance(width, int) and MIN_WIDTH <= width <= MAX_WIDTH
                columns.append((name, width if usable else 0))
        for entry in _list(value.get("sort"))[:1]:
            name = entry.get("field")
            if isinstance(name, str) and name in known and known[name].sortable:
                sort.append(Sort(name, bool(entry.get("descending"))))
    if not columns:
        columns = [(column.name, 0) for column in available if column.default] or [(c.name, 0) for c in available[:8]]
    return ListLayout(tuple(columns), tuple(sort))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []

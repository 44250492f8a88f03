"""A browsing side without a mirror: synthetic rows of any number, answered at once or when the test says so."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from core.api.browse import ColumnInfo, Lane, ObjectSummary, RecordIds
from core.model.filters import ListQuery
from core.model.refs import RecordRef

NAMES = ("Ada Lovelace", "王小明", "محمد العربي", "Zoë O’Hara 🚀", "Müller, Jörg")


def column(name: str, label: str | None = None, **more: Any) -> ColumnInfo:
    """A column with what a test does not care about filled in."""
    values: dict[str, Any] = {
        "name": name,
        "label": label or name,
        "type": "string",
        "default": True,
        "width_chars": 18,
        "sortable": True,
        "numeric": False,
    }
    return ColumnInfo(**(values | more))


COLUMNS = (
    column("Name"),
    column("Email", "E-mail", type="email", width_chars=24),
    column("Company"),
    column("Amount__c", "Amount", type="currency", numeric=True, width_chars=12),
    column("CreatedDate", "Created", type="datetime", width_chars=16),
)


def record_id(om_row: int) -> str:
    """The 18-character id of a synthetic record."""
    return f"003{om_row:012d}AAA"


class FakeSession:
    """Answers like a BrowseSession; `rows` is the order of the list, changed by tests at will."""

    def __init__(self, rows: Iterable[int] = range(1, 1001), columns: Sequence[ColumnInfo] = COLUMNS) -> None:
        self.rows = array("q", rows)
        self.all_columns = list(columns)
        self.version = 0
        self.asked: list[tuple[str, Any]] = []
        self.records: dict[RecordRef, Any] = {}
        self.hits: list[Any] = []
        self.fault: Exception | None = None
        self.summaries: list[ObjectSummary] = []
        self.still_indexing: list[str] = []

    def _note(self, name: str, value: Any) -> None:
        self.asked.append((name, value))
        if self.fault is not None:
            raise self.fault

    def calls(self, name: str) -> list[Any]:
        """The arguments of every call of that name so far."""
        return [value for called, value in self.asked if called == name]

    def lookup_name(self, record_id: str) -> str | None:
        return f"Name of {record_id}"

    def columns(self, object_name: str) -> list[ColumnInfo]:
        self._note("columns", object_name)
        return list(self.all_columns)

    def objects(self) -> list[ObjectSummary]:
        self._note("objects", None)
        return list(self.summaries)

    def values(self, object_name: str, om_rows: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
        self._note("values", list(om_rows))
        return [{name: f"raw {self.cell(row, name)}" for name in columns} for row in om_rows]

    def indexing(self) -> list[str]:
        return list(self.still_indexing)

    def open_list(self, query: ListQuery) -> RecordIds:
        self._note("open_list", query)
        rows = array("q", self.rows)
        if query.search:
            rows = array("q", (row for row in rows if str(row).startswith(query.search)))
        if query.sort and query.sort[0].descending:
            rows = array("q", reversed(rows))
        if query.limit is not None:
            rows = rows[: query.limit]
        return RecordIds(rows, query)

    def count(self, query: ListQuery) -> int:
        self._note("count", query)
        return len(self.open_list(replace(query, limit=None)).ids)

    def page(self, object_name: str, om_rows: Sequence[int], columns: Sequence[str]) -> list[tuple[str, ...]]:
        self._note("page", list(om_rows))
        return [tuple(self.cell(row, name) for name in columns) for row in om_rows]

    def cell(self, om_row: int, name: str) -> str:
        """The display string of one field."""
        if name == "Id":
            return record_id(om_row)
        if name == "Name":
            return f"{NAMES[om_row % len(NAMES)]} {om_row}"
        if name == "Amount__c":
            return f"{om_row * 37 % 100_000:,}.00"
        return f"{name} {om_row} v{self.version}"

    def record(self, wanted: RecordRef | tuple[str, int]) -> Any:
        self._note("record", wanted)
        return self.records[wanted]  # type: ignore[index]

    def search(self, text: str, per_object: int = 8, objects: Any = None) -> list[Any]:
        self._note("search", text)
        return [hit for hit in self.hits if text.lower() in hit.title.lower()]


class FakeBrowse:
    """Lanes that run a call at once, or (`manual`) at `step`; per view a newer call replaces a waiting one."""

    def __init__(self, session: FakeSession | None = None, *, manual: bool = False) -> None:
        self.fake = session or FakeSession()
        self.manual = manual
        self.waiting: list[tuple[Lane, str, Future[Any], Callable[[Any], Any]]] = []
        self.submitted: list[tuple[Lane, str]] = []
        self._lock = threading.Lock()

    def submit(self, lane: Lane, view: str, call: Callable[[Any], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted.append((lane, view))
        if not self.manual:
            self._run(future, call)
            return future
        with self._lock:
            for entry in [e for e in self.waiting if e[1] == view]:
                entry[2].cancel()
                self.waiting.remove(entry)
            self.waiting.append((lane, view, future, call))
        return future

    def forget(self, view: str) -> None:
        """The view is closed: what it waits for is dropped."""
        for entry in [e for e in self.waiting if e[1] == view]:
            entry[2].cancel()
            self.waiting.remove(entry)

    def step(self, view_ends: str = "") -> None:
        """Run the oldest waiting call whose view ends so."""
        entry = next(e for e in self.waiting if e[1].endswith(view_ends))
        self.waiting.remove(entry)
        self._run(entry[2], entry[3])

    def _run(self, future: Future[Any], call: Callable[[Any], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(call(self.fake))
        except Exception as error:
            future.set_exception(error)


class MemoryStore:
    """A view store that forgets at the end of the test."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.values[key] = value

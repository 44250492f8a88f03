"""`PageCache`: the pages of display strings that a list has seen lately. Plain data, no Qt; lives on the GUI thread.

A page is `PAGE_ROWS` consecutive rows of the id array. Only the newest `capacity` pages are kept, so memory does not
grow with the length of the list or with the time it is looked at. A stale page still answers (the eye keeps its text)
and is asked for again; a generation number tells answers of an older array or column set from those of this one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

PAGE_ROWS = 200
DEFAULT_CAPACITY = 60

Row = tuple[str, ...]


class PageCache:
    """Pages by number, least recently used first out."""

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        self.generation = 0
        self._capacity = capacity
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self._stale: set[int] = set()

    def __len__(self) -> int:
        return len(self._pages)

    def clear(self) -> None:
        """Forget everything; answers that are under way belong to the past."""
        self.generation += 1
        self._pages.clear()
        self._stale.clear()

    def row(self, row: int) -> Row | None:
        """The display strings of `row`, or None while they are not here."""
        number, offset = divmod(row, PAGE_ROWS)
        page = self._pages.get(number)
        if page is None or offset >= len(page):
            return None
        return page[offset]

    def store(self, generation: int, number: int, rows: Sequence[Row]) -> bool:
        """Keep an answer; False (and nothing kept) when it belongs to an older generation."""
        if generation != self.generation:
            return False
        self._pages[number] = rows
        self._pages.move_to_end(number)
        self._stale.discard(number)
        while len(self._pages) > self._capacity:
            dropped, _ = self._pages.popitem(last=False)
            self._stale.discard(dropped)
        return True

    def mark_stale(self, numbers: Iterable[int] | None = None) -> None:
        """Ask for these pages (None = all) again when they are next looked at."""
        self._stale.update(self._pages if numbers is None else (n for n in numbers if n in self._pages))

    def missing(self, first_row: int, last_row: int, row_count: int) -> list[int]:
        """The numbers of the pages between two rows (both included) that are absent, stale or too short."""
        if row_count <= 0 or last_row < first_row:
            return []
        last_row = min(last_row, row_count - 1)
        wanted = []
        for number in range(max(first_row, 0) // PAGE_ROWS, last_row // PAGE_ROWS + 1):
            page = self._pages.get(number)
            full = min(PAGE_ROWS, row_count - number * PAGE_ROWS)
            if page is None or number in self._stale or len(page) < full:
                wanted.append(number)
            else:
                self._pages.move_to_end(number)
        return wanted

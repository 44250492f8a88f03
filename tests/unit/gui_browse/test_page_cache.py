"""The page cache: bounds, staleness and generations."""

from __future__ import annotations

from gui.models.page_cache import PAGE_ROWS, PageCache


def page(number: int, rows: int = PAGE_ROWS) -> list[tuple[str, ...]]:
    return [(str(number * PAGE_ROWS + offset),) for offset in range(rows)]


def test_a_stored_page_answers_for_its_rows_only() -> None:
    cache = PageCache()
    assert cache.store(cache.generation, 3, page(3))
    assert cache.row(3 * PAGE_ROWS + 7) == (str(3 * PAGE_ROWS + 7),)
    assert cache.row(3 * PAGE_ROWS - 1) is None
    assert cache.row(4 * PAGE_ROWS) is None


def test_an_answer_of_an_older_generation_is_refused() -> None:
    cache = PageCache()
    before = cache.generation
    cache.clear()
    assert not cache.store(before, 0, page(0))
    assert cache.row(0) is None


def test_the_least_recently_seen_page_goes_first() -> None:
    cache = PageCache(capacity=2)
    cache.store(0, 0, page(0))
    cache.store(0, 1, page(1))
    assert cache.missing(0, 0, 1000) == []  # page 0 was seen again
    cache.store(0, 2, page(2))
    assert cache.row(0) is not None
    assert cache.row(PAGE_ROWS) is None
    assert len(cache) == 2


def test_stale_pages_still_answer_and_are_asked_for_again() -> None:
    cache = PageCache()
    cache.store(0, 0, page(0))
    cache.mark_stale()
    assert cache.row(5) == ("5",)
    assert cache.missing(0, 10, 1000) == [0]
    cache.store(0, 0, page(0))
    assert cache.missing(0, 10, 1000) == []


def test_a_page_that_is_too_short_for_a_longer_list_is_missing() -> None:
    cache = PageCache()
    cache.store(0, 0, page(0, 50))
    assert cache.missing(0, 49, 50) == []
    assert cache.missing(0, 49, 120) == [0]


def test_missing_stays_inside_the_list() -> None:
    cache = PageCache()
    assert cache.missing(-500, 10_000, 450) == [0, 1, 2]
    assert cache.missing(0, 10, 0) == []

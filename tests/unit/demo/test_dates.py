"""Relative dates against ranges worked out by hand. Monday, 1 June 2026."""

from __future__ import annotations

from datetime import date

import pytest

from core.demo.soql.dates import relative_range

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("word", "number", "first", "end"),
    [
        ("TODAY", None, "2026-06-01", "2026-06-02"),
        ("yesterday", None, "2026-05-31", "2026-06-01"),
        ("TOMORROW", None, "2026-06-02", "2026-06-03"),
        ("THIS_WEEK", None, "2026-05-31", "2026-06-07"),
        ("LAST_WEEK", None, "2026-05-24", "2026-05-31"),
        ("NEXT_WEEK", None, "2026-06-07", "2026-06-14"),
        ("LAST_MONTH", None, "2026-05-01", "2026-06-01"),
        ("THIS_MONTH", None, "2026-06-01", "2026-07-01"),
        ("NEXT_MONTH", None, "2026-07-01", "2026-08-01"),
        ("LAST_90_DAYS", None, "2026-03-03", "2026-06-02"),
        ("NEXT_90_DAYS", None, "2026-06-02", "2026-08-31"),
        ("THIS_QUARTER", None, "2026-04-01", "2026-07-01"),
        ("LAST_QUARTER", None, "2026-01-01", "2026-04-01"),
        ("NEXT_QUARTER", None, "2026-07-01", "2026-10-01"),
        ("THIS_YEAR", None, "2026-01-01", "2027-01-01"),
        ("LAST_FISCAL_YEAR", None, "2025-01-01", "2026-01-01"),
        ("NEXT_FISCAL_QUARTER", None, "2026-07-01", "2026-10-01"),
        ("LAST_N_DAYS", 3, "2026-05-29", "2026-06-02"),
        ("NEXT_N_DAYS", 3, "2026-06-02", "2026-06-05"),
        ("N_DAYS_AGO", 3, "2026-05-29", "2026-05-30"),
        ("LAST_N_WEEKS", 2, "2026-05-17", "2026-05-31"),
        ("NEXT_N_WEEKS", 1, "2026-06-07", "2026-06-14"),
        ("N_WEEKS_AGO", 1, "2026-05-24", "2026-05-31"),
        ("LAST_N_MONTHS", 2, "2026-04-01", "2026-06-01"),
        ("NEXT_N_MONTHS", 7, "2026-07-01", "2027-02-01"),
        ("N_MONTHS_AGO", 18, "2024-12-01", "2025-01-01"),
        ("LAST_N_QUARTERS", 2, "2025-10-01", "2026-04-01"),
        ("N_QUARTERS_AGO", 6, "2024-10-01", "2025-01-01"),
        ("LAST_N_YEARS", 2, "2024-01-01", "2026-01-01"),
        ("N_FISCAL_YEARS_AGO", 1, "2025-01-01", "2026-01-01"),
    ],
)
def test_ranges(word: str, number: int | None, first: str, end: str) -> None:
    assert relative_range(word, number, TODAY) == (date.fromisoformat(first), date.fromisoformat(end))


def test_weeks_begin_on_sunday() -> None:
    assert relative_range("THIS_WEEK", None, date(2026, 5, 31)) == (date(2026, 5, 31), date(2026, 6, 7))
    assert relative_range("THIS_WEEK", None, date(2026, 6, 6)) == (date(2026, 5, 31), date(2026, 6, 7))


@pytest.mark.parametrize(("word", "number"), [("SOON", None), ("LAST_N_DAYS", None), ("TODAY", 3), ("N_EONS_AGO", 1)])
def test_other_words_are_no_dates(word: str, number: int | None) -> None:
    assert relative_range(word, number, TODAY) is None

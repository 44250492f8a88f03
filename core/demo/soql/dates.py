"""Relative dates (TODAY, LAST_N_DAYS:5, THIS_QUARTER, ...) as half-open ranges of days. Pure.

Weeks start on Sunday and fiscal years are calendar years, as in an org with default settings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Range = tuple[date, date]


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _days(today: date, first: int, end: int) -> Range:
    return today + timedelta(first), today + timedelta(end)


def _weeks(today: date, first: int, end: int) -> Range:
    start = today - timedelta((today.weekday() + 1) % 7)
    return start + timedelta(weeks=first), start + timedelta(weeks=end)


def _months(today: date, first: int, end: int) -> Range:
    start = today.replace(day=1)
    return _add_months(start, first), _add_months(start, end)


def _quarters(today: date, first: int, end: int) -> Range:
    start = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return _add_months(start, first * 3), _add_months(start, end * 3)


def _years(today: date, first: int, end: int) -> Range:
    return date(today.year + first, 1, 1), date(today.year + end, 1, 1)


_UNITS: dict[str, Callable[[date, int, int], Range]] = {
    "DAYS": _days,
    "WEEKS": _weeks,
    "MONTHS": _months,
    "QUARTERS": _quarters,
    "YEARS": _years,
    "FISCAL_QUARTERS": _quarters,
    "FISCAL_YEARS": _years,
}
_FIXED: dict[str, tuple[str, int, int]] = {
    "YESTERDAY": ("DAYS", -1, 0),
    "TODAY": ("DAYS", 0, 1),
    "TOMORROW": ("DAYS", 1, 2),
    "LAST_90_DAYS": ("DAYS", -90, 1),
    "NEXT_90_DAYS": ("DAYS", 1, 91),
}
for _name in ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"):
    _FIXED[f"LAST_{_name}"] = (f"{_name}S", -1, 0)
    _FIXED[f"THIS_{_name}"] = (f"{_name}S", 0, 1)
    _FIXED[f"NEXT_{_name}"] = (f"{_name}S", 1, 2)


def relative_range(word: str, number: int | None, today: date) -> Range | None:
    """The days that a date literal covers, from the first to the day after the last; None if it is none.

    `LAST_N_DAYS:n` includes today, the other LAST_N_ ranges end before the running unit.
    Raises OverflowError or ValueError beyond the calendar.
    """
    word = word.upper()
    if number is None:
        fixed = _FIXED.get(word)
        return _UNITS[fixed[0]](today, fixed[1], fixed[2]) if fixed else None
    if word.startswith("LAST_N_") and word[7:] in _UNITS:
        return _UNITS[word[7:]](today, -number, 1 if word == "LAST_N_DAYS" else 0)
    if word.startswith("NEXT_N_") and word[7:] in _UNITS:
        return _UNITS[word[7:]](today, 1, number + 1)
    if word.startswith("N_") and word.endswith("_AGO") and word[2:-4] in _UNITS:
        return _UNITS[word[2:-4]](today, -number, -number + 1)
    return None

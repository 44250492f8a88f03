"""The rows of *Needs you*: needs that are alike folded into one row, by wish. `NEED_COLUMNS` is the table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from gui.decisions.decision import Need
from gui.models.line_model import LineColumn
from gui.text import need_words, numbers

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One need, or several that are alike: then `key` is that of the fold."""

    key: object
    needs: tuple[Need, ...]

    @property
    def first(self) -> Need:
        return self.needs[0]


def need_rows(needs: Iterable[Need], *, fold: bool, open_folds: Collection[object] = ()) -> list[NeedRow]:
    """The rows in the order of the needs; a fold stands where its first need does. A fold of one is a plain row."""
    folds: dict[object, list[Need]] = {}
    for need in needs:
        key: object = need.key
        if fold and need.alike is not None and ("fold", need.kind, need.alike) not in open_folds:
            key = ("fold", need.kind, need.alike)
        folds.setdefault(key, []).append(need)
    return [NeedRow(key if len(alike) > 1 else alike[0].key, tuple(alike)) for key, alike in folds.items()]


def _title(row: NeedRow) -> str:
    if len(row.needs) == 1:
        return row.first.title
    text = _tr("Needs", "{count} times: {what}")
    return text.format(count=numbers.number(len(row.needs)), what=row.first.title)


def _subject(row: NeedRow) -> str:
    if len(row.needs) == 1:
        return row.first.subject
    return _tr("Needs", "{first} and {count} more").format(
        first=row.first.subject, count=numbers.number(len(row.needs) - 1)
    )


def _newest(row: NeedRow) -> datetime | None:
    return max((need.at for need in row.needs if need.at is not None), default=None)


def _next(row: NeedRow) -> datetime | None:
    return min((need.next_try_at for need in row.needs if need.next_try_at is not None), default=None)


def _ago(row: NeedRow) -> str:
    at = _newest(row)
    return numbers.ago(at, datetime.now(UTC)) if at is not None else ""


def _next_words(row: NeedRow) -> str:
    at = _next(row)
    return numbers.clock(at) if at is not None else ""


NEED_COLUMNS: tuple[LineColumn[NeedRow], ...] = (
    LineColumn(
        "what",
        lambda: _tr("Needs", "What"),
        _title,
        width=200,
        stretch=True,
        icon=lambda row: need_words.icon(row.first.group),
        tip=_title,
        strong=True,
    ),
    LineColumn("subject", lambda: _tr("Needs", "Record or object"), _subject, width=120, tip=_subject),
    LineColumn(
        "attempts",
        lambda: _tr("Needs", "Attempts"),
        lambda row: numbers.number(max(need.attempts for need in row.needs)) if row.first.attempts else "",
        width=76,
        right=True,
        order=lambda row: row.first.attempts,
        value=lambda row: row.first.attempts,
    ),
    LineColumn(
        "next",
        lambda: _tr("Needs", "Next try"),
        _next_words,
        width=76,
        order=_next,
        value=_next,
    ),
    LineColumn("at", lambda: _tr("Needs", "Last"), _ago, width=92, order=_newest, value=_newest),
    LineColumn("group", lambda: _tr("Needs", "Kind"), lambda row: need_words.group(row.first.group), file_only=True),
    LineColumn("object", lambda: _tr("Needs", "Object"), lambda row: row.first.object or "", file_only=True),
    LineColumn("id", lambda: _tr("Needs", "Record Id"), lambda row: row.first.record_id or "", file_only=True),
    LineColumn("field", lambda: _tr("Needs", "Field"), lambda row: row.first.field or "", file_only=True),
    LineColumn(
        "sf-code", lambda: _tr("Needs", "Salesforce's code"), lambda row: row.first.salesforce_code, file_only=True
    ),
    LineColumn(
        "sf-text", lambda: _tr("Needs", "Salesforce's text"), lambda row: row.first.salesforce_text, file_only=True
    ),
    LineColumn("remedy", lambda: _tr("Needs", "What to do"), lambda row: row.first.remedy, file_only=True),
    LineColumn("code", lambda: _tr("Needs", "Code"), lambda row: row.first.code, file_only=True),
)

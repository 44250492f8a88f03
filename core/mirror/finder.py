"""The search over all objects, as a person types: names first, then everything else a record is found by.

On one read connection; each object costs a few FTS look-ups (under a millisecond each at a million rows), so objects
are asked one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import apsw

from core.mirror import search, words
from core.mirror.columns import subtitle_columns, title_columns
from core.mirror.folding import fold
from core.mirror.names import Names
from core.mirror.pages import read_page
from core.mirror.query import search_sql
from core.mirror.search import IndexPhase
from core.mirror.tables import Table
from core.mirror.views import SearchHit
from core.model.refs import RecordRef, is_salesforce_id, long_id

# In which order objects are shown; others follow by name.
ORDER = ("Contact", "Lead", "Account", "Opportunity", "Campaign", "Event", "Task", "Case", "User")
# Rows that only say how others belong together are found by those.
_SILENT = frozenset(
    {
        "CampaignMember", "CampaignMemberStatus", "OpportunityContactRole", "QueueSobject", "RecordType",
        "Organization", "CurrencyType", "DatedConversionRate",
    }
)  # fmt: skip
_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class _Found:
    om_row: int
    by_name: bool


def find(
    conn: apsw.Connection,
    tables: Mapping[str, Table],
    text: str,
    names: Names,
    zone: tzinfo,
    *,
    per_object: int = 8,
    objects: Iterable[str] | None = None,
) -> list[SearchHit]:
    """Records found by every word of `text`, up to `per_object` of each object, objects in the order of `ORDER`.

    An id finds its record. Objects whose index is not ready are left out; `indexing` names them.
    """
    terms = words.parse(text)
    if not terms:
        return []
    hits = []
    for table in _searched(tables, objects):
        by_id = _by_id(conn, table, text.strip())
        if by_id is None and search.state(conn, table).phase is not IndexPhase.READY:
            continue
        found = [_Found(by_id, True)] if by_id is not None else _find_in(conn, table, text, terms, per_object)
        hits += _hits(conn, table, found, text, names, zone)[:per_object]
    return hits


def indexing(conn: apsw.Connection, tables: Mapping[str, Table]) -> list[Table]:
    """The objects with rows whose index is not ready: search does not cover them yet."""
    waiting = []
    for table in _searched(tables, None):
        if search.state(conn, table).phase is not IndexPhase.READY:
            filled = conn.execute(f"SELECT 1 FROM {table.quoted} LIMIT 1").get
            if filled is not None:
                waiting.append(table)
    return waiting


def _searched(tables: Mapping[str, Table], objects: Iterable[str] | None) -> list[Table]:
    chosen = [n for n in tables if n not in _SILENT] if objects is None else [n for n in objects if n in tables]
    places = {name: at for at, name in enumerate(ORDER)}
    return [tables[name] for name in sorted(chosen, key=lambda n: (places.get(n, len(ORDER)), n))]


def _by_id(conn: apsw.Connection, table: Table, text: str) -> int | None:
    if not is_salesforce_id(text):
        return None
    if table.info.key_prefix and not text.startswith(table.info.key_prefix):
        return None
    row = conn.execute(f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?', (long_id(text),)).get
    return None if row is None else int(row)


def _find_in(
    conn: apsw.Connection, table: Table, text: str, terms: Sequence[words.Term], per_object: int
) -> list[_Found]:
    """Whole words of the name, then beginnings of its words, then the same anywhere."""
    every = tuple(word for term in terms for word in term.words)
    index = search.words_table(table.name)
    found: dict[int, _Found] = {}
    for names_only, whole in ((True, True), (True, False), (False, True), (False, False)):
        limit = _CANDIDATES if names_only else per_object + len(found)
        if not names_only and any(term.digits for term in terms):
            condition, params = search_sql(text, table, indexed=True)
            sql = f"SELECT t.om_row FROM {table.quoted} AS t WHERE {condition} LIMIT {limit}"
        else:
            # Straight from the index, which stops at the limit; for whole words it need not even begin to merge.
            sql = f"SELECT rowid FROM {index}(?) LIMIT {limit}"
            params = (words.match_words(every, names_only=names_only, whole=whole),)
        for (row,) in conn.execute(sql, params):
            found.setdefault(row, _Found(row, names_only))
        if len(found) >= per_object:
            break
    return list(found.values())


def _hits(
    conn: apsw.Connection, table: Table, found: Sequence[_Found], text: str, names: Names, zone: tzinfo
) -> list[SearchHit]:
    if not found:
        return []
    titles, subtitles = title_columns(table), subtitle_columns(table)
    rows = read_page(conn, table, [f.om_row for f in found], ["Id", *titles, *subtitles], names, zone)
    begins = fold(text.strip())
    ranked: list[tuple[tuple[bool, bool, str], SearchHit]] = []
    for entry, cells in zip(found, rows, strict=True):
        record_id = cells[0]
        if not record_id:
            continue
        title = next((cell for cell in cells[1 : 1 + len(titles)] if cell), record_id)
        subtitle = " · ".join(cell for cell in cells[1 + len(titles) :] if cell)
        hit = SearchHit(RecordRef(table.name, record_id), entry.om_row, table.label, title, subtitle, entry.by_name)
        key = fold(title)
        ranked.append(((not entry.by_name, not key.startswith(begins), key), hit))
    ranked.sort(key=lambda pair: pair[0])
    return [hit for _, hit in ranked]

"""ListQuery -> SQL: which records a list has, and in what order. Pure: it reads no file.

Look-ups are compared and sorted by the name they show. The statements answer row numbers (om_row).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from core.mirror import search, words
from core.mirror.conditions import condition_sql
from core.mirror.sorting import Key, key_of, key_sql
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator, Sort

# How many of the newest rows are looked at first: some tens of milliseconds.
NEWEST_ROWS = 5000
_LIVE = '{alias}om_row NOT IN (SELECT om_row FROM {table} WHERE "IsDeleted" = 1)'


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement and its parameters. `by_row`: its answer is still to be put in the order of row numbers, which is
    quicker than to read a large table in that order for nothing but its row numbers."""

    text: str
    params: tuple[Any, ...] = ()
    by_row: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What a query is read against. `indexed`: the object's search index is ready; `loaded`: its first load is done;
    `zone` is the one a day begins in."""

    tables: Mapping[str, Table]
    indexed: bool = True
    loaded: bool = True
    zone: tzinfo = field(default=UTC)

    def table(self, name: str) -> Table:
        """The object's table, its name in any case. Raises NO_SUCH_OBJECT."""
        if name in self.tables:
            return self.tables[name]
        lowered = name.lower()
        for known in self.tables:
            if known.lower() == lowered:
                return self.tables[known]
        raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=name)

    def column(self, table: Table, name: str) -> Column:
        """The field's column, its name in any case. Raises NO_SUCH_FIELD."""
        column = table.column(name)
        if column is None:
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=name)
        return column


def parse_where(scene: Scene, object_name: str, texts: Sequence[str]) -> tuple[Condition, ...]:
    """`FIELD=VALUE` as conditions; `FIELD=` asks for empty ones. Raises NO_SUCH_FIELD, BAD_FILTER."""
    table = scene.table(object_name)
    conditions = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise OrgMirrorError(ErrorCode.BAD_FILTER, filter=text)
        column = scene.column(table, name.strip())
        if value == "":
            conditions.append(Condition(column.name, Operator.IS_EMPTY))
        else:
            conditions.append(Condition(column.name, Operator.EQUALS, value))
    return tuple(conditions)


def newest_sql(query: ListQuery, scene: Scene) -> Sql | None:
    """For the first rows of a filtered list in its usual order: the statement that looks among the newest rows only.

    Where it answers as many as were asked for, they are the right ones; otherwise `list_sql` must be asked. None where
    that shortcut does not apply. It spares reading a million rows for a screen full of them.
    """
    filtered = bool(query.conditions or query.search.strip())
    if not filtered or query.limit is None or query.sort or not scene.loaded:
        return None
    table = scene.table(query.object)
    stamp = table.stamp_field
    if stamp is None:
        return None
    where, params = _where(query, scene, table)
    key = quoted(stamp)
    newest = f"SELECT om_row FROM {table.quoted} ORDER BY {key} DESC, om_row DESC LIMIT {NEWEST_ROWS}"
    text = (
        f"SELECT t.om_row FROM {table.quoted} AS t{where} AND t.om_row IN ({newest}) "
        f"ORDER BY +t.{key} DESC, t.om_row DESC LIMIT ?"
    )
    return Sql(text, (*params, query.limit))


def list_sql(query: ListQuery, scene: Scene) -> Sql:
    """The statement that answers the row numbers of a list in its order.

    Without a sort: the record changed last comes first; while the first load goes on, in the order rows arrive, so that
    a growing list only grows at its end. Raises NO_SUCH_OBJECT, NO_SUCH_FIELD, BAD_FILTER.
    """
    table = scene.table(query.object)
    where, params = _where(query, scene, table)
    sorts = query.sort or default_sort(table, scene)
    if not sorts and query.limit is None:
        return Sql(f"SELECT t.om_row FROM {table.quoted} AS t{where}", params, by_row=True)
    filtered = bool(query.conditions or query.search.strip())
    ranks: list[str] = []
    joins: list[str] = []
    order: list[str] = []
    for number, sort in enumerate(sorts):
        column = scene.column(table, sort.field)
        if key_of(column) is Key.NAME:
            ranks.append(f"r{number} (id, place) AS MATERIALIZED ({_ranking(column, scene)})")
            joins.append(f" LEFT JOIN r{number} ON r{number}.id = t.{quoted(column.name)}")
            key = f"r{number}.place"
        else:
            key = key_sql(column, "t")
            if filtered:
                # Not by an index of the order: that reads every row in random order to see whether it fits.
                key = f"+{key}"
        # Descending, SQLite puts NULL last by itself.
        order.append(f"{key} DESC" if sort.descending else f"{key} NULLS LAST")
    # The same direction for equal values lets an index on the first key give the whole order.
    last = "t.om_row DESC" if sorts and sorts[-1].descending else "t.om_row"
    ctes = f"WITH {', '.join(ranks)} " if ranks else ""
    text = f"{ctes}SELECT t.om_row FROM {table.quoted} AS t{''.join(joins)}{where} ORDER BY {', '.join([*order, last])}"
    if query.limit is not None:
        text += " LIMIT ?"
        params = (*params, max(0, query.limit))
    return Sql(text, params)


def count_sql(query: ListQuery, scene: Scene) -> Sql:
    """The statement that counts the records of a list, its limit left aside."""
    table = scene.table(query.object)
    where, params = _where(query, scene, table)
    return Sql(f"SELECT count(*) FROM {table.quoted} AS t{where}", params)


def default_sort(table: Table, scene: Scene) -> tuple[Sort, ...]:
    """The order of a list for which nobody chose one."""
    stamp = table.stamp_field
    if stamp is None or not scene.loaded:
        return ()
    return (Sort(stamp, descending=True),)


def live_sql(table: Table, alias: str = "") -> str | None:
    """The condition that leaves the recycle bin out, by its small index; None where the object has none."""
    if not table.has_is_deleted:
        return None
    return _LIVE.format(alias=f"{alias}." if alias else "", table=table.quoted)


def _where(query: ListQuery, scene: Scene, table: Table) -> tuple[str, tuple[Any, ...]]:
    parts: list[str] = []
    params: list[Any] = []
    for condition in query.conditions:
        column = scene.column(table, condition.field)
        text, values = condition_sql(condition, column, scene.tables, scene.zone)
        parts.append(text)
        params += values
    if query.search.strip():
        text, found = search_sql(query.search, table, indexed=scene.indexed)
        parts.append(text)
        params += found
    live = None if query.include_deleted else live_sql(table, "t")
    if live is not None:
        parts.append(live)
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(params)


def _ranking(column: Column, scene: Scene) -> str:
    """Ids and the place of the name each shows, over all objects a look-up may refer to."""
    named = name_sources(column, scene.tables)
    if not named:
        return "SELECT NULL, NULL WHERE 0"
    parts = [
        f'SELECT "Id" AS id, om_fold({quoted(name)}) AS name FROM {target.quoted} WHERE {quoted(name)} IS NOT NULL'
        for target, name in named
    ]
    return f"SELECT id, dense_rank() OVER (ORDER BY name) FROM ({' UNION ALL '.join(parts)})"


def name_sources(column: Column, tables: Mapping[str, Table]) -> list[tuple[Table, str]]:
    """The mirrored objects that a look-up may refer to, each with its name field."""
    found = []
    for name in column.field.reference_to:
        target = tables.get(name)
        if target is not None and target.name_field is not None:
            found.append((target, target.name_field))
    return found


def search_sql(text: str, table: Table, *, indexed: bool, alias: str = "t") -> tuple[str, tuple[Any, ...]]:
    """The condition that a record is found by `text`: every term of it. Without an index, by a look at every row."""
    terms = words.parse(text)
    if not terms:
        return "0", ()
    parts: list[str] = []
    params: list[Any] = []
    plain = words.together(terms)
    if indexed and plain:
        # One expression: FTS5 goes through rare words first, and never lists all records with a frequent one.
        parts.append(f"{alias}.om_row IN (SELECT rowid FROM {search.words_table(table.name)}(?))")
        params.append(words.match_words(plain))
    for term in terms:
        if indexed and not term.digits:
            continue
        part, values = _number_by_index(term, table, alias) if indexed else _found_by_scan(term, table, alias)
        parts.append(part)
        params += values
    return "(" + " AND ".join(parts) + ")", tuple(params)


def _number_by_index(term: words.Term, table: Table, alias: str) -> tuple[str, list[Any]]:
    index = search.words_table(table.name)
    parts = [f"{alias}.om_row IN (SELECT rowid FROM {index}(?))"]
    params: list[Any] = [words.match_words(term.words)]
    phones = search.phone_columns(table)
    if term.digits and phones:
        index = search.digits_table(table.name)
        exact = " OR ".join(f"instr({search.phone_sql(c, alias)}, ?)" for c in phones)
        parts.append(f"({alias}.om_row IN (SELECT rowid FROM {index}(?)) AND ({exact}))")
        params += [words.match_digits(term.digits), *[term.digits] * len(phones)]
    return "(" + " OR ".join(parts) + ")", params


def _found_by_scan(term: words.Term, table: Table, alias: str) -> tuple[str, list[Any]]:
    columns = [f"{alias}.{quoted(c.name)}" for c in search.word_columns(table)]
    parts: list[str] = []
    params: list[Any] = []
    if columns:
        text = f"om_fold(concat_ws(' ', {', '.join(columns)}))"
        parts.append("(" + " AND ".join([f"instr({text}, ?)"] * len(term.words)) + ")")
        params += [word.text for word in term.words]
    if term.digits:
        for column in search.phone_columns(table):
            parts.append(f"instr({search.phone_sql(column, alias)}, ?)")
            params.append(term.digits)
    return ("(" + " OR ".join(parts) + ")" if parts else "0"), params

"""The search index: FTS5 beside each mirrored table, kept up in the transaction that writes the rows.

Two contentless tables per object: `om_fts_<Object>` with the words of `words.index_text`, and, where the object has
phone fields, `om_dig_<Object>` with bare digits by trigrams. Rows in the recycle bin are not in them. Written only on
the writer's thread; `build` waits on the caller's. What the index was made of stands in `om_setting`: when the fields
of the object change, the index is stale and `build` makes it anew.

Indexed: the name, and of the other fields e-mails, phones, web addresses, texts of up to 255 characters (custom ones,
formulas too), company, title, city, postal code. Not: long and rich texts, pick lists, streets, countries, and ids;
they are found by the filters of a list.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import apsw

from core.mirror import words
from core.mirror.session import WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.mirror.writer import Priority, Writer
from core.model.cancel import CancelToken

_TEXT_LENGTH = 255
_TYPES = frozenset({"email", "url", "string", "combobox", "anyType"})
# Texts by their type that no person looks for, and that would fill the index with the same few words.
_NOT_FOUND_BY = frozenset(
    {
        "BillingCountry", "BillingState", "ShippingCountry", "ShippingState", "MailingCountry", "MailingState",
        "OtherCountry", "OtherState", "Country", "State", "Jigsaw", "JigsawContactId", "JigsawCompanyId", "PhotoUrl",
        "FullPhotoUrl", "SmallPhotoUrl", "BannerPhotoUrl", "MediumPhotoUrl", "MediumBannerPhotoUrl",
        "SmallBannerPhotoUrl", "DeveloperName", "NamespacePrefix", "SenderEmail", "SenderName", "StayInTouchNote",
        "StayInTouchSubject", "CommunityNickname", "BadgeText", "CallObject", "Signature", "Address",
        "NaicsDesc", "SicDesc", "Tradestyle", "LocaleSidKey", "LanguageLocaleKey", "EmailEncodingKey",
    }
)  # fmt: skip
# Parts of the name of a person, which has them all.
_NAME_PARTS = frozenset({"FirstName", "MiddleName", "LastName", "Suffix", "Salutation"})
# Bare digits in SQL: calling Python for each phone would cost more than the index itself.
_SIGNS = " -().+/"
_SLICE_SECONDS = 0.1
_FIRST_SLICE = 3000
_MIN_SLICE = 1000
_MAX_SLICE = 10_000
# Merging index segments later than FTS5 would by itself saves a fifth of a build and costs a search nothing.
_AUTOMERGE = 8
_KEY = "search:"


class IndexPhase(StrEnum):
    """Whether an object can be searched."""

    NONE = "none"
    BUILDING = "building"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class IndexState:
    """`done` of `total` row numbers are looked at; both 0 when nothing was begun."""

    phase: IndexPhase
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Made:
    """What an index was made of, as stored."""

    version: int
    fields: tuple[str, ...]
    phones: tuple[str, ...]
    done: int
    total: int
    ready: bool

    def matches(self, table: Table) -> bool:
        return (
            self.version == words.VERSION
            and self.fields == tuple(c.name for c in word_columns(table))
            and self.phones == tuple(c.name for c in phone_columns(table))
        )

    def text(self) -> str:
        return json.dumps(
            {name: getattr(self, name) for name in ("version", "fields", "phones", "done", "total", "ready")}
        )


def word_columns(table: Table) -> tuple[Column, ...]:
    """The columns whose words are indexed, the name first."""
    name = table.name_field
    known = _NAME_PARTS if name == "Name" else frozenset()
    found = [c for c in table.columns if c.name != name and c.name not in known and _has_words(c)]
    return (*([table.by_name[name]] if name else []), *found)


def _has_words(column: Column) -> bool:
    field = column.field
    if field.name in _NOT_FOUND_BY or field.html_formatted or field.name.endswith(("Code", "Key")):
        return field.name.endswith("PostalCode")
    return field.type in _TYPES and field.length <= _TEXT_LENGTH


def phone_columns(table: Table) -> tuple[Column, ...]:
    """The columns whose digits are indexed."""
    return tuple(c for c in table.columns if c.field.type == "phone")


def words_table(object_name: str) -> str:
    """The quoted name of the object's index of words."""
    return quoted(f"om_fts_{object_name}")


def digits_table(object_name: str) -> str:
    """The quoted name of the object's index of phone digits."""
    return quoted(f"om_dig_{object_name}")


def has_index(conn: apsw.Connection, object_name: str) -> bool:
    """Whether rows that are written must be brought into an index: it is built, or being built."""
    return _read(conn, object_name) is not None


def state(conn: apsw.Connection, table: Table) -> IndexState:
    """Where the object's index stands. One made of other fields than the table has now counts as none."""
    made = _read(conn, table.name)
    if made is None or not made.matches(table):
        return IndexState(IndexPhase.NONE)
    return IndexState(IndexPhase.READY if made.ready else IndexPhase.BUILDING, made.done, made.total)


def build(
    writer: Writer,
    table: Table,
    cancel: CancelToken | None = None,
    progress: Callable[[IndexState], None] | None = None,
    *,
    priority: Priority = Priority.BATCH,
) -> None:
    """Build the object's index, or go on where a build was cut off; at once when it is there. Waits for the writer.

    Works in transactions of about 0.1 s. `cancel` ends it between two of them by `Cancelled`; what is done stays.
    """
    current = writer.submit(lambda session: _begin(session, table), priority).result()
    size = _FIRST_SLICE
    while current.phase is not IndexPhase.READY:
        if progress is not None:
            progress(current)
        if cancel is not None:
            cancel.raise_if_set()

        def piece(session: WriteSession, size: int = size) -> tuple[IndexState, float]:
            started = time.perf_counter()
            return _go_on(session, table, size), time.perf_counter() - started

        current, seconds = writer.submit(piece, priority).result()
        factor = min(2.0, max(0.25, _SLICE_SECONDS / max(seconds, 0.001)))
        size = max(_MIN_SLICE, min(_MAX_SLICE, int(size * factor)))
    if progress is not None:
        progress(current)


def update(conn: apsw.Connection, table: Table, om_rows: Sequence[int]) -> None:
    """Bring rows that were written (or removed) into the index, in the transaction that wrote them."""
    if not om_rows:
        return
    made = _read(conn, table.name)
    if made is None:
        return
    if not made.ready:
        om_rows = [row for row in om_rows if row <= made.done]  # the builder comes by the others
    rows = json.dumps(list(om_rows))
    where = "om_row IN (SELECT value FROM json_each(?))"
    for name, insert in _inserts(table, made, where):
        conn.execute(f"DELETE FROM {name} WHERE rowid IN (SELECT value FROM json_each(?))", (rows,))
        conn.execute(insert, (rows,))


def drop(conn: apsw.Connection, object_name: str) -> None:
    """Remove the object's index."""
    conn.execute(f"DROP TABLE IF EXISTS {words_table(object_name)}")
    conn.execute(f"DROP TABLE IF EXISTS {digits_table(object_name)}")
    conn.execute("DELETE FROM om_setting WHERE key = ?", (_KEY + object_name,))


def phone_sql(column: Column, alias: str = "") -> str:
    """The SQL expression of a phone column's digits: C as far as a number is written with the usual signs."""
    raw = f"{alias}.{quoted(column.name)}" if alias else quoted(column.name)
    bare = raw
    for sign in _SIGNS:
        bare = f"replace({bare}, '{sign}', '')"
    return f"CASE WHEN instr({raw}, '(0)') OR {bare} GLOB '*[^0-9]*' THEN om_digits({raw}) ELSE {bare} END"


def _read(conn: apsw.Connection, object_name: str) -> _Made | None:
    text = conn.execute("SELECT value FROM om_setting WHERE key = ?", (_KEY + object_name,)).get
    if text is None:
        return None
    raw = json.loads(text)
    return _Made(
        raw["version"], tuple(raw["fields"]), tuple(raw["phones"]), raw["done"], raw["total"], bool(raw["ready"])
    )


def _write(conn: apsw.Connection, object_name: str, made: _Made) -> None:
    conn.execute("INSERT OR REPLACE INTO om_setting (key, value) VALUES (?, ?)", (_KEY + object_name, made.text()))


def _begin(session: WriteSession, table: Table) -> IndexState:
    conn = session.conn
    made = _read(conn, table.name)
    if made is None or not made.matches(table):
        drop(conn, table.name)
        create_tables(conn, table)
        begun_at(conn, table, 0)
    return state(conn, table)


def begun_at(conn: apsw.Connection, table: Table, done: int) -> None:
    """Note that the index is made of the fields that the table has now, and of the rows up to number `done`."""
    total = conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0
    names = tuple(c.name for c in word_columns(table))
    phones = tuple(c.name for c in phone_columns(table))
    _write(conn, table.name, _Made(words.VERSION, names, phones, min(done, total), total, ready=done >= total))


def create_tables(conn: apsw.Connection, table: Table) -> None:
    """Make the object's index tables, empty."""
    _create(conn, words_table(table.name), "words", "tokenize='ascii', prefix='1 2 3'")
    if phone_columns(table):
        _create(conn, digits_table(table.name), "digits", "tokenize='trigram'")


def _create(conn: apsw.Connection, index: str, column: str, options: str) -> None:
    conn.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5({column}, content='', contentless_delete=1, detail=none, {options})"
    )
    conn.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('automerge', {_AUTOMERGE})")


def _go_on(session: WriteSession, table: Table, size: int) -> IndexState:
    conn = session.conn
    made = _read(conn, table.name)
    if made is None or not made.matches(table):
        return _begin(session, table)  # the object was described anew meanwhile
    if made.ready:
        return state(conn, table)
    end = made.done + size
    for _, insert in _inserts(table, made, "om_row > ? AND om_row <= ?"):
        conn.execute(insert, (made.done, end))
    last = conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0
    done = min(end, last)
    _write(conn, table.name, _Made(made.version, made.fields, made.phones, done, last, ready=end >= last))
    return state(conn, table)


def sources(table: Table, fields: Sequence[str], phones: Sequence[str], where: str) -> Iterator[tuple[str, str, str]]:
    """For each index of the object: its quoted name, its column, and the SELECT of row number and text over `where`.

    Fields withdrawn since the index was made are no columns any more and are passed over.
    """
    held = [table.by_name[name] for name in fields if name in table.by_name]
    live = f'{where} AND "IsDeleted" IS NOT 1' if table.has_is_deleted else where
    name = next((quoted(c.name) for c in held if c.name == table.name_field), "NULL")
    rest = [quoted(c.name) for c in held if c.name != table.name_field]
    others = f"concat_ws(' ', {', '.join(rest)})" if rest else "NULL"
    yield (
        words_table(table.name),
        "words",
        f"SELECT om_row, om_index({name}, {others}) FROM {table.quoted} WHERE {live}",
    )
    numbered = [table.by_name[name] for name in phones if name in table.by_name]
    if phones and numbered:
        some = " OR ".join(f"{quoted(c.name)} IS NOT NULL" for c in numbered)
        numbers = f"concat_ws(' ', {', '.join(phone_sql(c) for c in numbered)})"
        yield (
            digits_table(table.name),
            "digits",
            f"SELECT om_row, {numbers} FROM {table.quoted} WHERE {live} AND ({some})",
        )


def _inserts(table: Table, made: _Made, where: str) -> Iterator[tuple[str, str]]:
    """For each index of the object: its name and the statement that brings the rows of `where` in."""
    for index, column, select in sources(table, made.fields, made.phones, where):
        yield index, f"INSERT INTO {index} (rowid, {column}) {select}"

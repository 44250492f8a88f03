"""Mirrored tables as data: which columns an object's table has and how they are stored. Immutable, any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import apsw

from core.mirror import describes
from core.mirror.session import TABLES_VERSION
from core.mirror.values import SQL_TYPES, Kind, kind_of, quoted
from core.model.describe import STAMP_FIELDS, FieldInfo, ObjectInfo

HIDDEN_PREFIX = "om_hidden_"
REAL_PREFIX = "om_real_"
# Why a column is out of sight, or (HELD) in sight and not asked for: `om_field.hidden_why`.
UNTICKED, WITHDRAWN, HELD = "unticked", "withdrawn", "held"


@dataclass(frozen=True, slots=True)
class Column:
    """One field's column; its name is the API name."""

    name: str
    field: FieldInfo
    kind: Kind

    @property
    def sql_type(self) -> str:
        """The declared type, which decides SQLite's affinity."""
        return SQL_TYPES[self.kind]

    @property
    def real_name(self) -> str | None:
        """The generated REAL column by which an exact number is sorted and compared; None for other kinds."""
        return REAL_PREFIX + self.name if self.kind is Kind.EXACT else None

    @property
    def order_sql(self) -> str:
        """The quoted column whose values compare as the field's values do."""
        return quoted(self.real_name or self.name)


@dataclass(frozen=True)
class Table:
    """The table of one object. `columns` are what this user sees now, `Id` first, long texts last.

    `row_filter`: the person's own SOQL condition on which rows are mirrored, None for all. `held`: columns that show
    their last values and are not asked for, until a person has decided on their new type. `storage`: the name in the
    file where that is not the object's (a shadow table).
    """

    name: str
    label: str
    label_plural: str
    columns: tuple[Column, ...]
    info: ObjectInfo
    row_filter: str | None = None
    held: frozenset[str] = frozenset()
    storage: str | None = None

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by API name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def _by_folded_name(self) -> Mapping[str, Column]:
        return {column.name.lower(): column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of that API name, whatever its case, as SQLite and SOQL see it; None when there is none."""
        return self.by_name.get(name) or self._by_folded_name.get(name.lower())

    @cached_property
    def has_is_deleted(self) -> bool:
        return "IsDeleted" in self.by_name

    @cached_property
    def stamp_field(self) -> str | None:
        """The column that moves with every change; None: the object is reloaded whole."""
        return next((name for name in STAMP_FIELDS[:2] if (c := self.by_name.get(name)) and c.field.filterable), None)

    @cached_property
    def name_field(self) -> str | None:
        """The column that names a record to a person."""
        name = self.info.name_field
        return name if name in self.by_name else None

    @property
    def quoted(self) -> str:
        return quoted(self.storage or self.name)


def make_table(
    info: ObjectInfo, names: frozenset[str], row_filter: str | None = None, held: frozenset[str] = frozenset()
) -> Table:
    """The table of `info` with the columns `names`; fields that are not mirrored are left out."""
    fields = [f for f in info.mirrored_fields if f.name in names]
    fields.sort(key=lambda f: (f.name != "Id", f.is_long_text))  # stable: describe's order within
    columns = tuple(Column(f.name, f, kind_of(f)) for f in fields)
    return Table(info.name, info.label, info.label_plural, columns, info, row_filter, held)


class TableSnapshot(Mapping[str, Table]):
    """The tables at one moment, by API name. A table is unpacked when it is first asked for (rules 6).

    Unpacking twice at the same moment in two threads gives equal tables, so no lock is needed.
    """

    def __init__(self, packed: Mapping[str, tuple[bytes, frozenset[str], str | None, frozenset[str]]]) -> None:
        self._packed = dict(packed)
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            blob, names, row_filter, held = self._packed[name]
            table = self._tables[name] = make_table(describes.unpack(blob), names, row_filter, held)
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def renewed(self, fresh: TableSnapshot) -> TableSnapshot:
        """`fresh`, with the tables that were unpacked here already and are the same in it."""
        same = {key: table for key, table in self._tables.items() if self._packed[key] == fresh._packed.get(key)}
        snapshot = TableSnapshot(fresh._packed)
        snapshot._tables = same
        return snapshot

    def replaced(self, fresh: TableSnapshot, names: set[str]) -> TableSnapshot:
        """A new snapshot in which the objects `names` are as in `fresh`; tables already unpacked are kept."""
        packed = {key: value for key, value in self._packed.items() if key not in names} | fresh._packed
        snapshot = TableSnapshot(packed)
        snapshot._tables = {key: value for key, value in self._tables.items() if key not in names}
        return snapshot


def read_version(conn: apsw.Connection) -> int:
    """How often tables changed; another number than before says that a process changed some."""
    return int(conn.execute("SELECT value FROM om_meta WHERE key = ?", (TABLES_VERSION,)).get or 0)


def read_snapshot(conn: apsw.Connection, names: set[str] | None = None) -> TableSnapshot:
    """The tables as the file has them now; `names` limits it to some objects."""
    fields: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    for name, field, why in conn.execute("SELECT object, name, hidden_why FROM om_field WHERE hidden_at IS NULL"):
        if names is None or name in names:
            fields.setdefault(name, set()).add(field)
            if why == HELD:
                held.setdefault(name, set()).add(field)
    packed = {
        name: (blob, frozenset(fields.get(name, ())), row_filter, frozenset(held.get(name, ())))
        for name, blob, row_filter in conn.execute(
            "SELECT name, describe, row_filter FROM om_object WHERE has_table ORDER BY name"
        )
        if names is None or name in names
    }
    return TableSnapshot(packed)

"""What every part of the generator shares: the store, the ids given out, the clock and the users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.demo.edits import SERIAL_STARTS, SHARED_PREFIX
from core.demo.generate.source import Clock, Source
from core.demo.ids import IdMaker
from core.demo.metadata.fields import Object
from core.demo.metadata.schema import Schema
from core.demo.store import Store
from core.demo.values import Stored

_BATCH = 2000
Row = dict[str, Stored]


@dataclass
class Build:
    """One run of the generator."""

    store: Store
    schema: Schema
    clock: Clock
    seed: int
    instance: str
    counts: dict[str, int]
    people: dict[str, str] = field(default_factory=dict)
    """User ids by a short name: ada, sam, mia, robot."""
    sellers: list[str] = field(default_factory=list)
    """Ids of the users who own records; some are inactive, Sam comes often."""
    queues: dict[str, str] = field(default_factory=dict)
    record_types: dict[str, str] = field(default_factory=dict)
    """Record type ids by `Object.DeveloperName`."""

    def source(self, name: str) -> Source:
        return Source(self.seed, name)

    def maker(self, name: str) -> IdMaker:
        return IdMaker(self.schema[name].prefix or SHARED_PREFIX, self.instance)

    def make_id(self, name: str, number: int) -> str:
        """The id of the nth record of an object."""
        return self.maker(name).make(number + SERIAL_STARTS.get(name, 0))

    def insert(self, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows of (n, Id, *columns), the columns' names separated by blanks. Others stay null, booleans false."""
        item = self.schema[name]
        named = columns.split()
        flags = [f.name for f in item.stored_fields if f.type == "boolean" and f.name not in named]
        zeros = (0,) * len(flags)
        names = ["Id", *named, *flags]
        iterator = ((*row, *zeros) for row in rows)
        while batch := list(islice(iterator, _BATCH)):
            self.store.insert_many(item, names, batch)

    def insert_rows(self, name: str, rows: list[Row]) -> list[str]:
        """A few rows given by field; returns their ids. Stamps, if not given, are those of the org's first day."""
        item = self.schema[name]
        ids = [self.make_id(name, number) for number in range(1, len(rows) + 1)]
        columns = [f.name for f in item.stored_fields if f.name != "Id"]
        filled = [self._filled(item, row) for row in rows]
        self.insert(
            name, " ".join(columns),
            ((number, ids[number - 1], *(row.get(c) for c in columns)) for number, row in enumerate(filled, 1)),
        )  # fmt: skip
        return ids

    def _filled(self, item: Object, row: Row) -> Row:
        first = self.clock.text(3600)
        base: Row = {f.name: 0 for f in item.stored_fields if f.type == "boolean"}
        base.update(CreatedDate=first, LastModifiedDate=first, SystemModstamp=first)
        ada = self.people.get("ada")
        base.update(CreatedById=ada, LastModifiedById=ada)
        return {**base, **row}

    def log_deleted(self, name: str, rows: Iterable[tuple[str, str]]) -> None:
        """The delete log for rows (id, moment) that are in the recycle bin."""
        self.store.connection.executemany(
            "INSERT INTO om_deleted (object, id, at, root) VALUES (?, ?, ?, ?)",
            ((name, record_id, at, record_id) for record_id, at in rows),
        )


class Pointers:
    """Ids of records that others may refer to, without those in the recycle bin. Made on demand from numbers."""

    def __init__(self, maker: IdMaker, total: int, gone: set[int]) -> None:
        self.total = total
        self.gone = gone
        self._make = maker.make

    def id(self, number: int) -> str:
        return self._make(number)

    def pick(self, source: Source) -> int | None:
        """The number of some live record, None where there is none."""
        for _ in range(20):
            if not self.total:
                return None
            number = 1 + source.below(self.total)
            if number not in self.gone:
                return number
        return None

    def numbers(self) -> Iterator[int]:
        return (number for number in range(1, self.total + 1) if number not in self.gone)

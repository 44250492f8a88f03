"""Names to SQL: fields, parent paths with their joins, and what the user may not know of.

A Context lives for one compilation and belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from core.demo.access import Rights
from core.demo.errors import OrgError
from core.demo.metadata.fields import Field, Object
from core.demo.soql.parse import error_at
from core.demo.soql.tree import Path
from core.demo.store import quoted

MAX_DEPTH = 5
_NAME_LABELS = {
    "Name": "string", "Id": "id", "Type": "string", "FirstName": "string", "LastName": "string", "Email": "email",
    "Username": "string", "Phone": "phone", "Title": "string", "Alias": "string", "IsActive": "boolean",
    "RecordTypeId": "reference", "ProfileId": "reference", "UserRoleId": "reference",
}  # fmt: skip
# What a look-up to several objects can be asked for without TYPEOF.
NAME_FIELDS = {name.lower(): Field(name, kind, name, 255) for name, kind in _NAME_LABELS.items()}
# Profiles with the permission View Encrypted Data.
ENCRYPTED_READERS = frozenset({"System Administrator", "Analytics Cloud Integration User"})


@dataclass
class Context:
    """What the compilation of one query needs to know."""

    rights: Rights
    now: datetime
    zone: tzinfo
    soql: str
    all_rows: bool = False
    bulk: bool = False
    aliases: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def alias(self) -> str:
        return f"t{next(self.aliases)}"

    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def midnight(self, day: date) -> str:
        """The stored form of the moment at which a day begins for the user."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def fail(self, pos: int, code: str, message: str) -> OrgError:
        return error_at(self.soql, pos, code, message)


def table(item: Object) -> str:
    """What stands in FROM for an object: its table, or nothing in the right shape."""
    if not item.virtual:
        return quoted(item.name)
    columns = ", ".join(f"NULL AS {quoted(name)}" for name in ["n", *(f.name for f in item.stored_fields)])
    return f"(SELECT {columns} WHERE 0)"


@dataclass(frozen=True)
class Column:
    """A field in SQL. `links` are the relationships walked, with describe's casing."""

    sql: str
    field: Field
    links: tuple[str, ...]
    owner: Object | None
    alias: str

    @property
    def name(self) -> str:
        return ".".join((*self.links, self.field.name))


@dataclass
class Place:
    """Where a path has come to: an object's alias, or several where the look-up may point to several objects."""

    links: tuple[str, ...]
    targets: list[tuple[Object, str]]
    pointer: str
    """SQL of the id that led here; of the row's own id at the start."""
    polymorphic: bool = False


class Scope:
    """One FROM with its joins, added as paths need them."""

    def __init__(self, context: Context, item: Object, alias: str | None = None) -> None:
        self.context = context
        self.item = item
        self.sql_alias = context.alias()
        self.user_alias = alias.lower() if alias else None
        self._joins: list[str] = []
        self._places: dict[tuple[str, ...], Place] = {(): Place((), [(item, self.sql_alias)], f'{self.sql_alias}."Id"')}

    def from_sql(self) -> str:
        """The table with every join asked for so far."""
        return " ".join([f"{table(self.item)} AS {self.sql_alias}", *self._joins])

    def base_condition(self, *, all_rows: bool, filtered: bool) -> list[str]:
        """Which rows there are at all for this user and this kind of query."""
        condition = self.context.rights.condition(self.item, self.sql_alias)
        parts = []
        if not all_rows:
            # The index on the flags is the quickest way to all live rows, and the worst one to a few of them:
            # a plus sign keeps SQLite from taking it.
            sign = "+" if filtered else ""
            flags = [name for name in ("IsDeleted", "IsArchived") if self._flag(name)]
            parts += [f"{sign}{self.sql_alias}.{quoted(name)} = 0" for name in flags]
        return [*parts, condition] if condition else parts

    def _flag(self, name: str) -> bool:
        if name == "IsArchived" and self.item.name not in ("Task", "Event"):
            return False
        return self.item.has(name) and self.item.by_name[name.lower()].stored

    def column(self, path: Path) -> Column:
        """The field at the end of a path. Raises OrgError INVALID_FIELD."""
        parts = self._own(path)
        place = self._walk(parts[:-1], path)
        return self.field_at(place, parts[-1], path.pos)

    def place(self, path: Path) -> Place:
        """The relationship at the end of a path (for TYPEOF)."""
        return self._walk(self._own(path), path)

    def _own(self, path: Path) -> tuple[str, ...]:
        parts = path.parts
        first = parts[0].lower()
        fits = first == self.user_alias or (first == self.item.name.lower() and first not in self.item.by_relationship)
        return parts[1:] if len(parts) > 1 and fits else parts

    def _walk(self, parts: tuple[str, ...], path: Path) -> Place:
        if len(parts) > MAX_DEPTH:
            raise self.context.fail(
                path.pos, "INVALID_FIELD",
                f"SOQL relationships cannot be more than {MAX_DEPTH} levels: {path.text}",
            )  # fmt: skip
        place = self._places[()]
        for index, part in enumerate(parts):
            key = tuple(step.lower() for step in parts[: index + 1])
            found = self._places.get(key)
            if found is None:
                found = self._step(place, part, path)
                self._places[key] = found
            place = found
        return place

    def _step(self, place: Place, part: str, path: Path) -> Place:
        rights = self.context.rights
        for item, alias in place.targets:
            single = item.by_relationship.get(part.lower())
            if single is None or single.name.lower() not in rights.fields(item):
                continue
            assert single.relationship is not None
            pointer = self.sql_of(single, alias)
            names = [name for name in single.reference_to if rights.find(name) is not None]
            targets = []
            for name in names:
                target = rights.schema[name]
                if target.virtual and len(names) > 1:
                    continue
                joined = self.context.alias()
                condition = rights.condition(target, joined)
                visible = f" AND {condition}" if condition else ""
                self._joins.append(f'LEFT JOIN {table(target)} AS {joined} ON {joined}."Id" = {pointer}{visible}')
                targets.append((target, joined))
            if targets:
                return Place((*place.links, single.relationship), targets, pointer, single.polymorphic)
        raise self.context.fail(
            path.pos,
            "INVALID_FIELD",
            f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
            "WSDL or the describe call for the appropriate names.",
        )

    def field_at(self, place: Place, name: str, pos: int) -> Column:
        """A field of the object, or of the several objects, at a place."""
        if place.polymorphic:
            return self._name_field(place, name, pos)
        item, alias = place.targets[0]
        single = self.context.rights.fields(item).get(name.lower())
        if single is None:
            raise self.missing(name, item.name, pos)
        return Column(self.sql_of(single, alias), single, place.links, item, alias)

    def missing(self, name: str, entity: str, pos: int) -> OrgError:
        """The error for a field that is not there for this user."""
        return self.context.fail(
            pos,
            "INVALID_FIELD",
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
            "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )

    def _name_field(self, place: Place, name: str, pos: int) -> Column:
        single = NAME_FIELDS.get(name.lower())
        if single is None:
            raise self.missing(name, "Name", pos)
        if single.name == "Type":
            cases = " ".join(f"WHEN {alias}.n IS NOT NULL THEN '{item.name}'" for item, alias in place.targets)
            return Column(f"CASE {cases} END", single, place.links, None, place.targets[0][1])
        found = []
        for item, alias in place.targets:
            own = item.name_field if single.name == "Name" else item.by_name.get(name.lower())
            if own is not None:
                found.append(self.sql_of(own, alias))
        sql = "NULL" if not found else found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
        return Column(sql, single, place.links, None, place.targets[0][1])

    def sql_of(self, single: Field, alias: str) -> str:
        """A field's value on a row: the column, a formula, or a masked secret."""
        sql = f"({single.sql.replace('{t}', alias)})" if single.sql else f"{alias}.{quoted(single.name)}"
        if single.type == "encryptedstring" and self.context.rights.profile not in ENCRYPTED_READERS:
            stars = "*" * single.length
            masked = f"substr('{stars}', 4 - length({sql})) || substr({sql}, -4)"
            return f"CASE WHEN length({sql}) > 4 THEN {masked} ELSE {sql} END"
        return sql

"""The shape of an answer: which SQL columns are read for a query and how a row becomes JSON.

A row's JSON is made by a function that is compiled once per query: a page of 2,000 rows of 50 fields takes a few
milliseconds, where walking a tree of nodes takes a hundred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.demo.errors import BulkRefused
from core.demo.metadata.fields import NUMBER_TYPES, Field, Object
from core.demo.soql import tree
from core.demo.soql.scope import Column, Context, Place, Scope
from core.demo.store import quoted
from core.demo.values import rest_datetime, rest_number

# SQLite functions take 100 arguments at least.
_MOST_ARGUMENTS = 80
RowMaker = Callable[[Any, str, Any], dict[str, Any]]
_ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


@dataclass(frozen=True)
class OutColumn:
    """One column of the answer, as CSV and columnMetadata name it."""

    name: str
    type: str
    label: str
    field: Field
    aggregate: bool = False


@dataclass
class Node:
    """A nested record: its fields' JSON expressions by name, in order."""

    object_name: str
    id_index: int
    type_name: str
    members: dict[str, str | Node] = field(default_factory=dict)
    type_index: int | None = None

    def source(self) -> str:
        """A Python expression over the row `r`, the URL base `u` and the children `c`."""
        if self.type_index is None:
            url = f"u + {self.object_name + '/'!r} + r[{self.id_index}]"
        else:
            url = f"u + r[{self.type_index}] + '/' + r[{self.id_index}]"
        parts = [f"'attributes': {{'type': {self.type_name!r}, 'url': {url}}}"]
        for name, member in self.members.items():
            if isinstance(member, Node):
                parts.append(f"{name!r}: {member.source()} if r[{member.id_index}] is not None else None")
            else:
                parts.append(f"{name!r}: {member}")
        return "{" + ", ".join(parts) + "}"


@dataclass
class ChildPlan:
    """A parent-to-child subquery, run once per page for all its parents."""

    name: str
    shape: Shape
    scope: Scope
    sql: str
    params: list[Any]


class Shape:
    """Collects the SQL columns of one SELECT list, with the way from row to JSON and to CSV."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.context: Context = scope.context
        self.sql: list[str] = []
        self.columns: list[OutColumn] = []
        self.csv: list[str] = []
        self._json: list[tuple[str, str, Field]] = []
        self.children: list[ChildPlan] = []
        self.flat = True
        """Whether every column is a plain value of the row itself, so that `json_pieces` can write the record."""
        self._indexes: dict[str, int] = {}
        self.root = Node(scope.item.name, self.index(f'{scope.sql_alias}."Id"'), scope.item.name)
        self._maker: RowMaker | None = None

    def index(self, sql: str) -> int:
        """The place of an SQL expression in the row, added where it is new."""
        if sql not in self._indexes:
            self._indexes[sql] = len(self.sql)
            self.sql.append(sql)
        return self._indexes[sql]

    def add(self, path: tree.Path) -> None:
        """A plain field, or one of a parent."""
        column = self.scope.column(path)
        self.add_column(column, path.pos)

    def add_column(self, column: Column, pos: int) -> None:
        """A resolved field. Raises OrgError for a second time, and BulkRefused for a compound field in Bulk."""
        name = column.name
        if any(known.name == name for known in self.columns):
            raise self.context.fail(pos, "INVALID_FIELD", f"duplicate field selected: {name}")
        single = column.field
        if single.is_compound:
            if self.context.bulk:
                raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
            source = self._compound(column)
            self.flat = False
        else:
            if self.context.bulk and single.type == "base64":
                raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "Binary fields cannot be selected in Bulk Query")
            source = self.value_source(single, self.index(column.sql))
            self.csv.append(csv_sql(column.sql, single))
        self.columns.append(OutColumn(name, single.type, single.label, single))
        self._node(column.links).members[single.name] = source
        if column.links:
            self.flat = False
        else:
            self._json.append((single.name, column.sql, single))

    def add_value(self, name: str, sql: str, single: Field) -> None:
        """A value of the row itself under a name of its own: toLabel(), FORMAT()."""
        self.columns.append(OutColumn(name, single.type, single.label, single))
        self.csv.append(csv_sql(sql, single))
        self._json.append((name, sql, single))
        self.root.members[name] = self.value_source(single, self.index(sql))

    def value_source(self, single: Field, at: int) -> str:
        """The Python expression for a stored value in its REST form."""
        kind = single.type
        if kind == "boolean":
            return f"B[r[{at}]]"
        if kind == "datetime":
            return f"D(r[{at}])"
        return f"N(r[{at}])" if kind in NUMBER_TYPES else f"r[{at}]"

    def _node(self, links: tuple[str, ...]) -> Node:
        node = self.root
        for depth in range(1, len(links) + 1):
            member = node.members.get(links[depth - 1])
            if not isinstance(member, Node):
                place = self.scope.place(tree.Path(links[:depth], 0))
                member = self._nested(place)
                node.members[links[depth - 1]] = member
            node = member
        return node

    def _nested(self, place: Place) -> Node:
        if not place.polymorphic:
            item, alias = place.targets[0]
            return Node(item.name, self.index(f'{alias}."Id"'), item.name)
        ids = ", ".join(f'{alias}."Id"' for _, alias in place.targets)
        cases = " ".join(f"WHEN {alias}.n IS NOT NULL THEN '{item.name}'" for item, alias in place.targets)
        found = self.index(f"coalesce({ids}, NULL)")
        return Node("", found, "Name", type_index=self.index(f"CASE {cases} END"))

    def _compound(self, column: Column) -> str:
        assert column.owner is not None
        single = column.field
        if single.type == "location":
            stem = single.name.removesuffix("c")
            at = [self.index(f"{column.alias}.{quoted(stem + part + '__s')}") for part in ("Latitude", "Longitude")]
            return (
                f"{{'latitude': r[{at[0]}], 'longitude': r[{at[1]}]}} "
                f"if r[{at[0]}] is not None or r[{at[1]}] is not None else None"
            )
        prefix = single.name.removesuffix("Address")
        visible = self.context.rights.fields(column.owner)
        places = {
            p: self.index(f"{column.alias}.{quoted(prefix + p)}" if (prefix + p).lower() in visible else "NULL")
            for p in _ADDRESS_PARTS
        }
        body = ", ".join(f"{p[0].lower() + p[1:]!r}: r[{at}]" for p, at in places.items())
        some = " or ".join(f"r[{at}] is not None" for at in places.values())
        return f"{{{body}}} if {some} else None"

    def add_typeof(self, item: tree.TypeOf) -> None:
        """TYPEOF: another field list for each kind of record that the look-up may point to."""
        self.flat = False
        place = self.scope.place(item.path)
        source = "None"
        branches: list[tuple[str, Node]] = []
        for name, paths in item.whens:
            found = next((t for t in place.targets if t[0].name.lower() == name.lower()), None)
            if found is None:
                raise self.context.fail(
                    item.path.pos, "INVALID_FIELD", f"The relationship '{item.path.text}' does not point to '{name}'"
                )
            branches.append((f"r[{self.index(found[1] + '.n')}] is not None", self._branch(place, found, paths)))
        if item.otherwise:
            node = self._nested(place)
            for path in item.otherwise:
                column = self.scope.field_at(place, path.parts[-1], path.pos)
                node.members[column.field.name] = self.value_source(column.field, self.index(column.sql))
            source = f"{node.source()} if r[{node.id_index}] is not None else None"
        for test, node in reversed(branches):
            source = f"{node.source()} if {test} else {source}"
        name = place.links[-1]
        self.columns.append(OutColumn(name, "reference", name, Field(name, "reference", name)))
        self._node(place.links[:-1]).members[name] = source

    def _branch(self, place: Place, target: tuple[Object, str], paths: tuple[tree.Path, ...]) -> Node:
        item, alias = target
        node = Node(item.name, self.index(f'{alias}."Id"'), item.name)
        only = Place(place.links, [target], place.pointer)
        for path in paths:
            column = self.scope.field_at(only, path.parts[-1], path.pos)
            node.members[column.field.name] = self.value_source(column.field, self.index(column.sql))
        return node

    def add_child(self, plan: ChildPlan) -> None:
        """A subquery's records under the child relationship's name."""
        self.flat = False
        self.root.members[plan.name] = f"C(c[{len(self.children)}].get(r[0]))"
        self.children.append(plan)
        self.columns.append(OutColumn(plan.name, "childrelationship", plan.name, Field(plan.name, "string", plan.name)))

    def json_pieces(self, base: str) -> list[str]:
        """SQL columns that joined give a record's JSON, of a `flat` shape: text between the numbers, which stay values.

        `base` as in the maker. Ready text from SQLite takes a third of the time of dictionaries and their encoding.
        """
        pieces: list[str] = []
        name = self.scope.item.name
        form = f'{{"attributes":{{"type":"{name}","url":"{base}{name}/%s"}}'
        values = [f'{self.scope.sql_alias}."Id"']
        for label, sql, single in self._json:
            form += f',"{label}":'
            if single.type in NUMBER_TYPES or len(values) >= _MOST_ARGUMENTS:
                pieces.append(f"printf('{form}', {', '.join(values)})" if values else f"'{form}'")
                form, values = "", []
            if single.type in NUMBER_TYPES:
                pieces.append(sql)
            else:
                form += "%s"
                values.append(json_sql(sql, single))
        form += "}"
        pieces.append(f"printf('{form}', {', '.join(values)})" if values else f"'{form}'")
        return pieces

    def maker(self) -> RowMaker:
        """The compiled function (row, url base, children by parent id) -> record."""
        if self._maker is None:
            names = {"B": {0: False, 1: True, None: None}, "D": rest_datetime, "N": rest_number, "C": _children}
            # The text is built from metadata names and integers alone, never from the query's own text.
            self._maker = eval(f"lambda r, u, c: {self.root.source()}", names)  # noqa: S307
        assert self._maker is not None
        return self._maker


def _children(records: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    if not records:
        return None
    return {"totalSize": len(records), "done": True, "records": records}


def csv_sql(sql: str, single: Field) -> str:
    """SQL for a value's Bulk form. Numbers stay numbers: SQLite's text of a double has 15 digits and loses some."""
    if single.type == "boolean":
        return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END"
    return f"ifnull({sql}, '')"


def json_sql(sql: str, single: Field) -> str:
    """SQL for the JSON text of a value that is no number."""
    if single.type == "boolean":
        return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
    if single.type == "datetime":
        return f"ifnull('\"' || substr({sql}, 1, 23) || '+0000\"', 'null')"
    return f"json_quote({sql})"


def csv_pieces(shape: Shape, delimiter: str, line_ending: str) -> list[str]:
    """SQL columns that joined give a CSV record: quoted text between the numbers, which stay values of their own."""
    pieces: list[str] = []
    values: list[str] = []
    form = '"'
    last = len(shape.csv) - 1

    def finish() -> None:
        # %w is SQLite's form for text in double quotes: it doubles those inside.
        pieces.append(f"printf('{form}', {', '.join(values)})" if values else f"'{form}'")
        values.clear()

    for place, (sql, column) in enumerate(zip(shape.csv, shape.columns, strict=True)):
        if column.type in NUMBER_TYPES:
            finish()
            pieces.append(sql)
            form = '"'
        else:
            values.append(sql)
            form += '%w"'
        if place == last:
            form += line_ending
        elif len(values) >= _MOST_ARGUMENTS:
            form += delimiter
            finish()
            form = '"'
        else:
            form += f'{delimiter}"'
    finish()
    return pieces

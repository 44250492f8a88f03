"""Which fields stand where on a form: the org's page layout as it was stored, or the documented rule. Pure.

The rule where no layout is known (refused, or not fetched yet): the groups of `mirror/record.py` in their order, two
fields a row, long texts alone. Below a layout stands what it leaves out, folded, so that every field can be reached.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.mirror.record import TITLES, group_names
from core.mirror.tables import Table
from core.mirror.views import Section
from core.model.describe import ChildRelationship, ObjectInfo


@dataclass(frozen=True, slots=True)
class Place:
    """One field on a form. `required`, `editable`: what the layout says of it (None: it says nothing)."""

    name: str
    required: bool = False
    editable: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A section: rows of places, None for an empty one. `rest`: what the layout left out."""

    title: str
    rows: tuple[tuple[Place | None, ...], ...]
    collapsed: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """A related list of a layout; `columns` are the layout's, which the mirror may not have."""

    object: str
    field: str
    label: str | None
    columns: tuple[str, ...] = ()


def by_rule(table: Table) -> tuple[Plan, ...]:
    """The sections where no layout is known."""
    return tuple(
        Plan(TITLES[section], _pairs(table, names), collapsed=section is Section.SYSTEM)
        for section, names in group_names(table)
    )


def by_layout(table: Table, layout: Mapping[str, Any], *, creating: bool) -> tuple[Plan, ...]:
    """The sections of a stored layout, then what it leaves out; none where the layout has no field."""
    flag = "new" if creating else "update"
    placed: set[str] = set()
    plans: list[Plan] = []
    for section in layout.get("sections") or ():
        rows = []
        for row in section.get("rows") or ():
            places: list[Place | None] = []
            for item in row:
                listed = item.get("fields") or ()
                names = [n for n in _expanded(table, listed) if n not in placed]
                placed.update(names)
                # What is said of a compound field is not said of its parts: Name cannot be written, a last name can.
                places += [
                    Place(n, bool(item.get("required")), bool(item.get(flag, True)))
                    if n in listed
                    else Place(n, bool(item.get("required")) and n == "LastName")
                    for n in names
                ] or [None]
            if any(places):
                rows.append(tuple(places))
        if rows:
            plans.append(Plan(str(section.get("heading") or ""), tuple(rows), bool(section.get("collapsed"))))
    if not plans:
        return ()
    for each in by_rule(table):
        left = [p.name for row in each.rows for p in row if p is not None and p.name not in placed]
        if left:
            plans.append(dataclasses.replace(each, rows=_pairs(table, left), collapsed=True, rest=True))
    return tuple(plans)


def related(layout: Mapping[str, Any] | None, info: ObjectInfo) -> list[Related]:
    """Related lists: the layout's, or the usual ones by describe's child relationships and then custom objects."""
    if layout is not None and layout.get("related"):
        found = []
        for item in layout["related"]:
            for name, field in _activities(info, str(item.get("object")), str(item.get("field"))):
                columns = tuple(str(column) for column in item.get("columns") or ())
                label = item.get("label") if name == item.get("object") else None
                found.append(Related(name, field, label, columns))
        return list({(item.object, item.field): item for item in reversed(found)}.values())[::-1]
    return [Related(child.child, child.field, None) for child in _usual(info)]


def _expanded(table: Table, names: Sequence[str]) -> list[str]:
    """Fields as the mirror has them: a compound one is its components; a person's name is its parts."""
    found: list[str] = []
    for name in names:
        parts = [c.name for c in table.columns if c.field.compound_field_name == name and c.name != name]
        if name == "Name" and not parts and table.column("LastName") is not None:
            parts = [n for n in ("Salutation", "FirstName", "MiddleName", "LastName", "Suffix") if table.column(n)]
        column = table.column(name)
        if parts and not (column is not None and name == "Name" and column.field.updateable):
            order = {f.name: at for at, f in enumerate(table.info.fields)}
            found += sorted(parts, key=lambda n: order.get(n, 0))
        elif column is not None:
            found.append(column.name)
    return found


def _pairs(table: Table, names: Sequence[str]) -> tuple[tuple[Place | None, ...], ...]:
    rows: list[tuple[Place | None, ...]] = []
    half: Place | None = None
    for name in names:
        field = table.by_name[name].field
        if field.is_long_text or field.html_formatted:
            if half is not None:
                rows.append((half, None))
                half = None
            rows.append((Place(name),))
        elif half is None:
            half = Place(name)
        else:
            rows.append((half, Place(name)))
            half = None
    if half is not None:
        rows.append((half, None))
    return tuple(rows)


_USUAL = ("Task", "Event", "CampaignMember", "Contact", "Opportunity", "OpportunityContactRole", "Lead")
_PEOPLE = frozenset({"Lead", "Contact"})


def _usual(info: ObjectInfo) -> list[ChildRelationship]:
    named = [child for child in info.children if child.name]
    usual = [child for name in _USUAL for child in named if child.child == name]
    return [*usual, *(child for child in named if child.child.endswith("__c"))]


def _activities(info: ObjectInfo, name: str, field: str) -> list[tuple[str, str]]:
    """Open activities and activity history are views of tasks and events."""
    if name not in ("OpenActivity", "ActivityHistory"):
        return [(name, field)]
    key = "WhoId" if info.name in _PEOPLE else "WhatId"
    return [("Task", key), ("Event", key)]

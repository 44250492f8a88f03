"""What `core.api.scope` answers and takes: frozen values, safe across threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.errors import ErrorCode
from core.model.progress import CycleResult
from core.model.scope import DeletePolicy, Direction, SchemaPolicy

ALL_FIELDS = ("*",)


class FieldState(StrEnum):
    """Where a field's values stand."""

    HERE = "here"
    WANTED = "wanted"  # ticked; its column comes with the next cycle
    LEFT_OUT = "left-out"  # unticked
    WITHDRAWN = "withdrawn"  # no longer visible; its values wait for the end of their grace time
    DEAD = "dead"  # an empty column that `drop_columns` may remove


@dataclass(frozen=True, slots=True)
class FieldScope:
    """One field. `required` ones cannot be unticked. `since`: when it was withdrawn."""

    name: str
    label: str
    type: str
    in_scope: bool
    required: bool
    state: FieldState = FieldState.HERE
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ObjectScope:
    """One object as it is chosen. `fields` is empty in `objects()` and filled by `object()`.

    `directions` are those that may be chosen. `pending` edits wait; `outside` rows no longer fit the filter and stay
    for their edits. `removable`: dead columns. `under_way`: the rows are not yet those of the filter.
    """

    name: str
    label: str
    label_plural: str
    custom: bool
    in_scope: bool
    is_new: bool
    loaded: bool
    rows: int
    direction: Direction
    directions: tuple[Direction, ...]
    row_filter: str | None
    schema_policy: SchemaPolicy
    delete_policy: DeletePolicy
    fields: tuple[FieldScope, ...] = ()
    removable: tuple[str, ...] = ()
    pending: int = 0
    outside: int = 0
    under_way: bool = False

    def as_json(self) -> dict[str, Any]:
        """What `orgmirror scope --json` prints of it."""
        return {
            "object": self.name,
            "label": self.label,
            "on": self.in_scope,
            "loaded": self.loaded,
            "rows": self.rows,
            "direction": self.direction.value,
            "where": self.row_filter,
            "fields": [f.name for f in self.fields if f.in_scope],
            "left_out": [f.name for f in self.fields if not f.in_scope],
            "schema_policy": self.schema_policy.value,
            "delete_policy": self.delete_policy.value,
            "outside": self.outside,
            "under_way": self.under_way,
        }


@dataclass(frozen=True, slots=True)
class AvailableObject:
    """One object of the org. `reason` says why it cannot be ticked, None where it can."""

    name: str
    label: str
    custom: bool
    ticked: bool
    is_new: bool
    reason: ErrorCode | None = None


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What is to be different; None stays as it is. `where` "" removes the filter; `fields` are all that stay ticked,

    or ALL_FIELDS. API names in any case.
    """

    on: bool | None = None
    where: str | None = None
    fields: tuple[str, ...] | None = None
    direction: Direction | None = None
    schema_policy: SchemaPolicy | None = None
    delete_policy: DeletePolicy | None = None


@dataclass(frozen=True, slots=True)
class ScopePlan:
    """What a change would do. `rows_removed` and `rows_fetched` are the org's counts, None where it was not asked or

    did not say. `first_load`: the object is not here yet. `change` has names in the org's case.
    """

    object: str
    change: ScopeChange
    rows_here: int
    rows_removed: int | None = 0
    rows_fetched: int | None = 0
    fields_removed: tuple[str, ...] = ()
    fields_fetched: tuple[str, ...] = ()
    first_load: bool = False
    pending: int = 0

    @property
    def needs_consent(self) -> bool:
        """Whether something that is here would go."""
        return self.rows_removed is None or self.rows_removed > 0 or bool(self.fields_removed)


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """The object afterwards, and how the cycle that carried the change out ended (None: nothing was to be done)."""

    scope: ObjectScope
    result: CycleResult | None = None

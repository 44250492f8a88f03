"""What a person has changed in the dialog *What to mirror* and not applied yet: per object, against what is stored.

Pure: values in and out. A draft that is back at what is stored is no change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.api.scope import DeletePolicy, Direction, ObjectScope, SchemaPolicy, ScopeChange


@dataclass(frozen=True, slots=True)
class Draft:
    """One object as the person wants it; `fields` are the API names that are ticked."""

    on: bool
    where: str
    fields: frozenset[str]
    direction: Direction
    schema_policy: SchemaPolicy
    delete_policy: DeletePolicy


def draft_of(scope: ObjectScope) -> Draft:
    """What is stored, as a draft."""
    return Draft(
        on=scope.in_scope,
        where=scope.row_filter or "",
        fields=frozenset(field.name for field in scope.fields if field.in_scope),
        direction=scope.direction,
        schema_policy=scope.schema_policy,
        delete_policy=scope.delete_policy,
    )


class ScopeDrafts:
    """The drafts of a dialog. Objects whose details were never looked at can only be ticked."""

    def __init__(self) -> None:
        self._stored: dict[str, ObjectScope] = {}
        self._drafts: dict[str, Draft] = {}
        self._ticks: dict[str, bool] = {}

    def keep(self, scope: ObjectScope) -> Draft:
        """What is stored of an object has been read; its draft, with a tick that was made before."""
        self._stored[scope.name] = scope
        made = draft_of(scope)
        known = self._drafts.get(scope.name)
        if known is not None:
            return known
        if scope.name in self._ticks:
            made = replace(made, on=self._ticks[scope.name])
        self._drafts[scope.name] = made
        return made

    def stored(self, name: str) -> ObjectScope | None:
        return self._stored.get(name)

    def draft(self, name: str) -> Draft | None:
        return self._drafts.get(name)

    def set(self, name: str, draft: Draft) -> None:
        """The person changed something of an object."""
        self._drafts[name] = draft
        self._ticks[name] = draft.on

    def tick(self, name: str, on: bool) -> None:
        """The person ticked or unticked an object in the list."""
        self._ticks[name] = on
        if name in self._drafts:
            self._drafts[name] = replace(self._drafts[name], on=on)

    def is_on(self, name: str, stored: bool) -> bool:
        """Whether an object is wanted; `stored` is what the file says."""
        return self._ticks.get(name, stored)

    def changes(self, ticked: dict[str, bool]) -> dict[str, ScopeChange]:
        """What is to be different, by object; `ticked` says which are stored as ticked."""
        found = {}
        for name in {*self._drafts, *self._ticks}:
            change = self._change(name, ticked.get(name, False))
            if change is not None:
                found[name] = change
        return dict(sorted(found.items()))

    def forget(self, name: str) -> None:
        """It was applied: what is stored is read anew."""
        self._stored.pop(name, None)
        self._drafts.pop(name, None)
        self._ticks.pop(name, None)

    def _change(self, name: str, ticked: bool) -> ScopeChange | None:
        from core.api.scope import ScopeChange

        stored, draft = self._stored.get(name), self._drafts.get(name)
        if stored is None or draft is None:
            on = self._ticks.get(name, ticked)
            return ScopeChange(on=on) if on != ticked else None
        before = draft_of(stored)
        on = draft.on if draft.on != before.on else None
        if on is False:
            return ScopeChange(on=False)
        change = ScopeChange(
            on=on,
            where=draft.where.strip() if draft.where.strip() != before.where else None,
            fields=tuple(sorted(draft.fields)) if draft.fields != before.fields else None,
            direction=draft.direction if draft.direction != before.direction else None,
            schema_policy=draft.schema_policy if draft.schema_policy != before.schema_policy else None,
            delete_policy=draft.delete_policy if draft.delete_policy != before.delete_policy else None,
        )
        return None if change == ScopeChange() or not draft.on else change

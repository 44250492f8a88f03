"""What the file knows of an object's scope, as the facade answers it. Pure over what a session reads."""

from __future__ import annotations

from core.api.scope_views import ALL_FIELDS, FieldScope, FieldState, ObjectScope
from core.mirror import scoping, times
from core.mirror.listed import Listed
from core.mirror.objects import ObjectRecord
from core.mirror.schema import SYSTEM_FIELDS
from core.mirror.scoping import FieldChoice
from core.mirror.session import Session
from core.model.describe import ObjectInfo
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import Direction, default_direction, possible_directions


def chosen_fields(
    scope: ObjectScope, wanted: tuple[str, ...] | None
) -> tuple[tuple[str, ...] | None, tuple[str, ...], tuple[str, ...]]:
    """(all that stay ticked, those to leave out, those to take in), in the org's case."""
    if wanted is None:
        return None, (), ()
    by_lower = {item.name.lower(): item for item in scope.fields}
    if wanted == ALL_FIELDS:
        on = tuple(item.name for item in scope.fields if not item.in_scope)
        return ALL_FIELDS, (), on
    chosen: set[str] = set()
    for name in wanted:
        if name.lower() not in by_lower:
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=scope.name, field=name)
        chosen.add(by_lower[name.lower()].name)
    kept = tuple(item.name for item in scope.fields if item.name in chosen or item.required)
    off = tuple(item.name for item in scope.fields if item.in_scope and item.name not in kept)
    on = tuple(item.name for item in scope.fields if not item.in_scope and item.name in kept)
    return kept, off, on


def unknown(info: ObjectInfo) -> ObjectRecord:
    """An object that the file has no line of yet."""
    return ObjectRecord(
        name=info.name,
        label=info.label,
        label_plural=info.label_plural,
        custom=info.custom,
        direction=default_direction(info.name).value,
        loaded=False,
        rows=0,
        in_scope=False,
        last_synced_at=None,
    )


def scope_of(
    session: Session,
    item: ObjectRecord,
    entry: Listed | None,
    info: ObjectInfo | None = None,
    *,
    under_way: bool,
) -> ObjectScope:
    known = scoping.fields_of(session, item.name)
    return ObjectScope(
        name=item.name,
        label=item.label,
        label_plural=item.label_plural,
        custom=item.custom,
        in_scope=item.in_scope,
        is_new=entry is not None and entry.is_new,
        loaded=item.loaded,
        rows=item.rows,
        direction=Direction(item.direction),
        directions=possible_directions(item.name),
        row_filter=item.row_filter,
        schema_policy=item.schema_policy,
        delete_policy=item.delete_policy,
        fields=_field_scopes(info, known) if info is not None else (),
        removable=tuple(name for name, choice in known.items() if choice.erased and not choice.visible),
        pending=scoping.pending_of(session, item.name),
        outside=len(scoping.outside(session, item.name)),
        under_way=under_way,
    )


def _field_scopes(info: ObjectInfo, known: dict[str, FieldChoice]) -> tuple[FieldScope, ...]:
    found = [
        FieldScope(
            name=field.name,
            label=field.label,
            type=field.type,
            in_scope=field.name not in known or known[field.name].in_scope,
            required=field.name in SYSTEM_FIELDS,
            state=_state(known.get(field.name)),
        )
        for field in info.mirrored_fields
    ]
    listed_now = {item.name for item in found}
    found += [
        FieldScope(
            name=name,
            label=choice.label,
            type="",
            in_scope=False,
            required=False,
            state=FieldState.DEAD if choice.erased else FieldState.WITHDRAWN,
            since=times.optional_moment(choice.hidden_at),
        )
        for name, choice in known.items()
        if name not in listed_now and not choice.visible
    ]
    return tuple(found)


def _state(choice: FieldChoice | None) -> FieldState:
    if choice is None:
        return FieldState.WANTED
    if not choice.in_scope:
        return FieldState.LEFT_OUT
    return FieldState.HERE if choice.visible else FieldState.WANTED

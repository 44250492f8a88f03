"""Takes one object's describe over into the mirror, as the object's policy has it, in the cycle that sees it.

Engine's thread. The table is altered in one short transaction; values that have to be moved go in slices behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from core.mirror import aside, objects, problems, questions, schema_log, scoping, withdrawal
from core.mirror.mirror import Mirror
from core.mirror.questions import QuestionKind
from core.mirror.schema import SchemaDelta, convert, ensure_table, stored_describe
from core.mirror.schema_log import SchemaLine
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.describe import ObjectInfo, parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import SchemaPolicy
from core.salesforce.client import Client, DescribeAnswer
from core.sync.durable_ids import read_durable_ids
from core.sync.schema_changes import Taken, columns_to_fill, log_lines, may_be_cut, renamed, take, type_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What taking a describe over did. `before`: the describe until then, None for a new object."""

    delta: SchemaDelta
    before: ObjectInfo | None

    @property
    def ids_wanted(self) -> bool:
        """Whether Salesforce's ids of the fields are to be read: custom fields came, and so may have been renamed."""
        came = (self.delta.table.by_name[name] for name in self.delta.added)
        made = self.delta.created and any(column.field.custom for column in self.delta.table.columns)
        return made or any(column.field.custom for column in came)


def store(mirror: Mirror, answer: DescribeAnswer) -> Stored:
    """Take one describe over into the mirror. Raises OBJECT_NOT_VISIBLE for what cannot be queried."""
    assert answer.raw is not None
    info = parse_object(answer.raw)
    if not info.queryable:
        raise OrgMirrorError(ErrorCode.OBJECT_NOT_VISIBLE, object=info.name)
    fingerprint = info.fingerprint()
    refused = mirror.read(lambda s: objects.refused_fields(s, info.name, fingerprint))
    if refused:
        info = replace(info, fields=tuple(field for field in info.fields if field.name not in refused))
    found: list[tuple[ObjectInfo | None, Taken]] = []

    def write(session: WriteSession) -> SchemaDelta:
        earlier = stored_describe(session, info.name)
        before = earlier[0] if earlier else None
        came_back = withdrawal.bring_back(session, info.name)
        objects.described(session, info.name, fingerprint)
        taken = _taken(session, before, info)
        delta = ensure_table(session, taken.info, describe_stamp=answer.last_modified, held=taken.held)
        found[:] = [(before, taken)]
        if not delta.created:
            wanted = (*columns_to_fill(delta), *may_be_cut(before, taken.info))
            if wanted:
                objects.want_reload(session, info.name, wanted)
        schema_log.record(session, log_lines(before, delta, came_back=came_back))
        _ask(session, before, info, taken)
        for retyped in delta.retyped:
            questions.forget(session, info.name, retyped.name)
        if delta.removed or delta.left_out:
            objects.want_reindex(session, info.name)
        if delta.removed or delta.returned:
            # Rights have changed, perhaps those to rows as well.
            objects.want_sweep(session, info.name)
        return delta

    # A table with many columns to rename takes long with hundreds of objects beside it: a person may go in between.
    delta = mirror.writer.submit(write, Priority.BATCH, preemptible=True).result()
    before, taken = found[0]
    for retyped in delta.retyped:
        convert(mirror.writer, delta.table, retyped)
    if not delta.created:
        for name, why in may_be_cut(before, taken.info).items():
            column = delta.table.by_name.get(name)
            if column is not None:
                aside.keep_unfit(mirror.writer, delta.table, column, name, column.kind, why)
    return Stored(delta, before)


def describe_again(mirror: Mirror, client: Client, name: str) -> Table:
    """One object, unconditionally: a field or the object was refused in a query."""
    delta = store(mirror, client.describe(name, None)).delta
    log.info("described %s again: %d added, %d removed", name, len(delta.added), len(delta.removed))
    return delta.table


def look_for_renamed(mirror: Mirror, client: Client, stored: Mapping[str, Stored]) -> None:
    """Keep Salesforce's ids of custom fields, and ask where a field that came seems to be one that went."""
    names = [name for name, item in stored.items() if item.ids_wanted]
    if not names:
        return
    ids = read_durable_ids(client, names)

    def write(session: WriteSession) -> None:
        for name in names:
            known = {
                field: choice.durable_id
                for field, choice in scoping.fields_of(session, name).items()
                if choice.durable_id is not None
            }
            new = ids.get(name, {})
            for came, went, sure in renamed(stored[name].delta, stored[name].before, known, new):
                if questions.ask(session, QuestionKind.RENAMED, name, came, went, sure=sure) is not None:
                    _tell(session, name, came)
                    schema_log.record(session, [SchemaLine(name, came, "renamed", went, came)])
            scoping.keep_durable_ids(session, name, new)

    mirror.writer.call(write, Priority.BATCH)


def filled(mirror: Mirror, table: Table) -> None:
    """Columns were read anew: what was kept aside and is there all the same is forgotten, the rest reported."""
    for field in mirror.read(partial(aside.fields, name=table.name)):
        lost = aside.settle(mirror.writer, table, field)
        if lost:
            error = OrgMirrorError(ErrorCode.VALUES_KEPT_ASIDE, object=table.name, field=field, count=lost)
            tell = partial(problems.open_problem, object_name=table.name, error=error, field=field)
            mirror.writer.call(tell, Priority.BATCH)


def _taken(session: WriteSession, before: ObjectInfo | None, info: ObjectInfo) -> Taken:
    known = scoping.fields_of(session, info.name)
    taken = take(
        before,
        info,
        objects.schema_policy(session, info.name),
        set(known),
        held=scoping.held(session, info.name),
        agreed=questions.agreed(session, info.name),
    )
    scoping.choose_fields(session, info.name, taken.left_out, ())
    return taken


def _ask(session: WriteSession, before: ObjectInfo | None, info: ObjectInfo, taken: Taken) -> None:
    name = info.name
    asks = objects.schema_policy(session, name) is SchemaPolicy.ASK
    lines = [SchemaLine(name, field, "offered", None, type_of(info, field)) for field in taken.left_out]
    for field in taken.newly_held:
        assert before is not None
        lines.append(SchemaLine(name, field, "held", type_of(before, field), type_of(info, field)))
    schema_log.record(session, lines)
    if not asks:
        return
    for field in taken.left_out:
        if questions.ask(session, QuestionKind.NEW_FIELD, name, field, type=type_of(info, field)) is not None:
            _tell(session, name, field)
    for field in taken.newly_held:
        types = {"old": type_of(before, field) if before is not None else None, "new": type_of(info, field)}
        if questions.ask(session, QuestionKind.CHANGED_TYPE, name, field, **types) is not None:
            _tell(session, name, field)


def _tell(session: WriteSession, name: str, field: str) -> None:
    error = OrgMirrorError(ErrorCode.SCHEMA_QUESTION, object=name, field=field)
    problems.open_problem(session, name, error, field=field)

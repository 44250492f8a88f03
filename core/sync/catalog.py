"""Schema, the first step of every cycle: which objects and fields this user sees, and their tables here.

One conditional global describe gates the describes (rules 6): its answer also changes when permissions do. Where a
server sends no Last-Modified, and once an hour in any case, the describes are asked for, each conditional too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.mirror import listed, meta, problems, questions, schema_log, withdrawal
from core.mirror import objects as objects_store
from core.mirror.listed import Listed
from core.mirror.mirror import Mirror
from core.mirror.questions import QuestionKind
from core.mirror.schema_log import SchemaLine
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.describe import ObjectInfo, parse_object
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import in_default_scope, load_order
from core.model.states import Operation
from core.salesforce.client import Client
from core.salesforce.errors import SalesforceError
from core.sync.describing import Stored, describe_again, look_for_renamed, store
from core.sync.faults import as_error, is_fatal
from core.sync.schema_answers import act_on_answers
from core.sync.scope_changes import narrow

__all__ = ["Catalog", "describe_again", "refresh", "wanted_names"]

log = logging.getLogger(__name__)

FULL_DESCRIBE_EVERY = timedelta(hours=1)
_GLOBAL_STAMP = objects_store.DESCRIBE_STAMP
_DESCRIBED_AT = "described_at"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The objects of this cycle in load order; `failed` could not be described, `reload` have columns to fill."""

    tables: tuple[Table, ...]
    reload: frozenset[str] = frozenset()
    failed: Mapping[str, OrgMirrorError] = field(default_factory=dict)
    changed: bool = False


def refresh(mirror: Mirror, client: Client, objects: tuple[str, ...] | None, *, force: bool = False) -> Catalog:
    """Ask what is visible and bring the tables up to it and to what was chosen. `objects` None = the default scope.

    Raises what stops everything (signed out, offline, API limit); an object's own failure is in `failed`.
    """
    changed = act_on_answers(mirror)
    changed = narrow(mirror) or changed
    stamp, described_at = mirror.read(lambda s: (meta.get(s, _GLOBAL_STAMP), meta.get(s, _DESCRIBED_AT)))
    entries = mirror.read(listed.all_listed)
    answer = client.describe_global(stamp if entries and not force else None)
    now = client.server_now()
    if not answer.not_modified:
        infos = {str(item["name"]): parse_object(item) for item in (answer.raw or {}).get("sobjects", ())}
        mirror.writer.call(lambda s: _keep_listing(s, infos, objects), Priority.BATCH)
        entries = mirror.read(listed.all_listed)
    known = mirror.tables()
    scope = mirror.read(objects_store.all_objects)
    here = [name for name in known if scope[name].in_scope]
    gone = [name for name in here if name not in entries or entries[name].gone_at is not None]
    wanted = [name for name in wanted_names(entries.values(), objects) if name not in gone]
    missing = [name for name in wanted if name not in known]
    asked = missing if answer.not_modified and _is_recent(described_at, now) else wanted
    if not asked and not gone:
        tables = sorted((known[name] for name in wanted), key=lambda t: load_order(t.name))
        return Catalog(tuple(tables), mirror.read(objects_store.reload_wanted), changed=changed)
    stamps = mirror.read(objects_store.describe_stamps)
    described = client.describe_many({name: None if force or name in missing else stamps.get(name) for name in asked})
    tables_now: dict[str, Table] = {name: known[name] for name in wanted if name not in asked}
    failed: dict[str, OrgMirrorError] = {}
    stored: dict[str, Stored] = {}
    changed = changed or bool(gone)
    for name in asked:
        outcome = described.get(name)
        if isinstance(outcome, SalesforceError) or outcome is None:
            error: OrgMirrorError = outcome or OrgMirrorError(ErrorCode.OBJECT_NOT_VISIBLE, object=name)
            if is_fatal(error):
                raise error
            failed[name] = as_error(error, name)
            continue
        if outcome.not_modified and name in known:
            tables_now[name] = known[name]
            continue
        try:
            found = store(mirror, outcome)
        except OrgMirrorError as error:
            if is_fatal(error):
                raise
            failed[name] = as_error(error, name)
            continue
        stored[name] = found
        tables_now[name] = found.delta.table
        changed = changed or found.delta.changed
    look_for_renamed(mirror, client, stored)

    def note(session: WriteSession) -> None:
        for name, error in failed.items():
            problems.open_problem(session, name, error, operation=Operation.SCHEMA)
        for name in tables_now:
            problems.close_problems(session, name, operation=Operation.SCHEMA)
        for name in gone:
            problems.close_problems(session, name)
            withdrawal.hide_object(session, name)
            schema_log.record(session, [SchemaLine(name, None, "removed")])
        objects_store.set_scope(session, [*tables_now, *(n for n in failed if n in known)])
        # Kept only when every describe came: otherwise the next cycle asks again.
        if not failed:
            if asked is wanted:
                meta.set_(session, _DESCRIBED_AT, now.isoformat())
            if answer.last_modified is not None:
                meta.set_(session, _GLOBAL_STAMP, answer.last_modified)

    mirror.writer.call(note, Priority.BATCH)
    tables = sorted(tables_now.values(), key=lambda t: load_order(t.name))
    return Catalog(tuple(tables), mirror.read(objects_store.reload_wanted), failed, changed)


def _keep_listing(session: WriteSession, infos: Mapping[str, ObjectInfo], chosen: tuple[str, ...] | None) -> None:
    """Take over what the org lists; a new custom object is told of, and offered where a list was chosen."""
    for name in listed.keep(session, infos):
        if not infos[name].custom or not in_default_scope(infos[name]):
            continue
        if chosen is not None:
            questions.ask(session, QuestionKind.NEW_OBJECT, name, label=infos[name].label)
            schema_log.record(session, [SchemaLine(name, None, "offered", None, infos[name].label)])
        else:
            schema_log.record(session, [SchemaLine(name, None, "added", None, infos[name].label)])


def wanted_names(entries: Iterable[Listed], chosen: tuple[str, ...] | None) -> list[str]:
    """The objects to mirror, in load order: those `chosen` when the connection was made (None: the default scope),

    and what a person ticked since, without what they unticked. Pure.
    """
    known = list(entries)
    by_lower = {item.name.lower(): item for item in known}
    if chosen is None:
        wanted = {item.name for item in known if in_default_scope(item) and item.gone_at is None}
    else:
        wanted = {by_lower[name.lower()].name if name.lower() in by_lower else name for name in chosen}
    wanted |= {item.name for item in known if item.ticked and item.gone_at is None}
    wanted -= {item.name for item in known if item.ticked is False}
    return sorted(wanted, key=load_order)


def _is_recent(described_at: str | None, now: datetime) -> bool:
    return described_at is not None and now - datetime.fromisoformat(described_at) < FULL_DESCRIBE_EVERY

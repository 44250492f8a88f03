"""What a push does with the edits of each record, given what Salesforce has now. Pure: values in, operations out.

A `Job` is one record's share of the outbox. Edits of existing records are merged field by field against the record as
it was just read; a delete looks whether anybody changed the record meanwhile; a create waits for the records that it
refers to. Nothing here reads a clock, a file or the network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.mirror.entries import CREATE, DELETE, UPDATE, Entry
from core.mirror.tables import Table
from core.mirror.times import from_text
from core.model.conflicts import ConflictKind
from core.model.describe import NUMBER_TYPES
from core.sync.merge3 import Decision, Edit, Policy, Sibling, Verdict, alike, merge, partners_of, same, units

# Moved by every change, or by a mere look: they tell nothing of what a person changed.
NOISE = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate"})
# What tells one new record from another; look-ups, the owner left out, do too.
_IDENTIFYING = frozenset({"FirstName", "LastName", "Name", "Company", "Email", "Subject", "Label", "Phone"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
MARKETO_PRESET: Mapping[str, Policy] = {"Lead": Policy.MINE, "Contact": Policy.SALESFORCE}


@dataclass(frozen=True, slots=True)
class Job:
    """One record's entries that may go now, by sequence number. `op` is create, update or delete."""

    object: str
    record_id: str
    op: str
    entries: tuple[Entry, ...]

    @property
    def seqs(self) -> tuple[int, ...]:
        return tuple(entry.seq for entry in self.entries)

    @property
    def values(self) -> dict[str, Any]:
        """The values of its fields, as stored."""
        return {e.field: e.mine for e in self.entries if e.op == UPDATE and e.field is not None}

    @property
    def options(self) -> dict[str, Any]:
        """A create's options."""
        return next((e.options for e in self.entries if e.op == CREATE), {})

    @property
    def attempts(self) -> int:
        return max((e.attempts for e in self.entries), default=0)

    def only(self, fields: Collection[str]) -> Job:
        """The same record with only these fields."""
        return replace(self, entries=tuple(e for e in self.entries if e.op != UPDATE or e.field in fields))


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as the precheck read it: stored values, and who changed it last when (server time)."""

    values: Mapping[str, Any]
    modified_at: datetime | None = None
    modified_by: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Seen:
        """From a record's stored values."""
        at = values.get("LastModifiedDate") or values.get("SystemModstamp")
        return cls(values, from_text(at) if at else None, values.get("LastModifiedById"))


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """`send` are the stored values that go out; the decisions tell of every field."""

    job: Job
    seen: Seen
    decisions: tuple[Decision, ...]

    @property
    def send(self) -> dict[str, Any]:
        return {d.edit.field: d.edit.mine for d in self.decisions if d.verdict is Verdict.SEND}

    def of(self, verdict: Verdict) -> tuple[Decision, ...]:
        return tuple(d for d in self.decisions if d.verdict is verdict)

    def entries(self, verdict: Verdict) -> tuple[Entry, ...]:
        """The entries whose fields were decided so."""
        fields = {d.edit.field for d in self.of(verdict)}
        return tuple(e for e in self.job.entries if e.field in fields)

    @property
    def overruled(self) -> tuple[Decision, ...]:
        """Fields of which Salesforce's newer value will be replaced because a policy says so."""
        return tuple(d for d in self.of(Verdict.SEND) if d.by is not None and d.edit.field in d.collided)


@dataclass(frozen=True, slots=True)
class Rules:
    """How one object is merged. `policies` maps a field, or None for the whole object."""

    table: Table
    policies: Mapping[str | None, Policy] = field(default_factory=dict)
    partners: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table, policies: Mapping[str | None, Policy]) -> Rules:
        return cls(table, policies, partners_of(table.info))

    def policy(self, name: str) -> Policy:
        return self.policies.get(name) or self.policies.get(None) or Policy.ASK

    def kind(self, name: str) -> str:
        column = self.table.column(name)
        return column.field.type if column is not None else "string"

    def looked_at(self, names: Iterable[str]) -> list[str]:
        """The fields that a precheck has to read for edits of `names`: they, their partners, stamps and states."""
        wanted = list(names)
        around = [other for name in wanted for other in sorted(self.partners.get(name, frozenset()))]
        known = self.table.by_name
        always = ("Id", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted", "IsConverted")
        return list(dict.fromkeys(name for name in (*always, *wanted, *around) if name in known))


def jobs(entries: Iterable[Entry], waits: Mapping[str, Collection[str]]) -> list[Job]:
    """The entries by record, parents of new records first. What refers to a record that is not made yet waits:

    a new record as a whole, of an existing one that field alone. New records that wait for each other in a ring are
    made without the reference, which follows.
    """
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        found.setdefault((entry.object, entry.record_id), []).append(entry)
    every = [Job(name, record_id, _op(own), tuple(own)) for (name, record_id), own in found.items()]
    creates = {job.record_id: job for job in every if job.op == CREATE}
    ready: list[Job] = []
    for job in every:
        needed = set(waits.get(job.record_id, ())) - {job.record_id}
        if not needed:
            ready.append(job)
        elif job.op == UPDATE:
            rest = tuple(e for e in job.entries if e.mine not in needed)
            if rest:
                ready.append(replace(job, entries=rest))
        elif job.op == DELETE:
            ready.append(job)
        elif _in_ring(job.record_id, waits, creates):
            ready.append(replace(job, entries=tuple(e for e in job.entries if e.op == CREATE or e.mine not in needed)))
    return ready


def plan_update(
    job: Job, seen: Seen, rules: Rules, *, bases: Mapping[str, Any], sent: Mapping[str, tuple[Any, ...]]
) -> UpdatePlan:
    """Merge one record's edits with the record as it is now.

    An entry's time is on server time, as near as it was known when the edit was made (rules 4). `bases` are the values
    that untouched partners had when the edit was first seen; `sent` what was sent of a field without an answer.
    """
    entries = {e.field: e for e in job.entries if e.field is not None}
    decisions: list[Decision] = []
    for edited, around in units(entries, rules.partners):
        edits = [
            Edit(
                field=name,
                type=rules.kind(name),
                base=entries[name].base,
                mine=entries[name].mine,
                # What cannot be read cannot be compared: a person could only be asked about nothing.
                theirs=seen.values.get(name, entries[name].base),
                edited_at=entries[name].edited_at,
                policy=rules.policy(name),
                sent=sent.get(name, ()),
            )
            for name in edited
        ]
        siblings = [
            Sibling(name, rules.kind(name), bases[name], seen.values[name])
            for name in around
            if name in bases and name in seen.values
        ]
        decisions += merge(edits, siblings, seen.modified_at)
    return UpdatePlan(job, seen, tuple(decisions))


def changed_after(job: Job, seen: Seen) -> bool:
    """Whether a record was modified in Salesforce after the state from which it was deleted here."""
    base = next((e.base for e in job.entries if e.op == DELETE), None)
    if not isinstance(base, str) or not _MOMENT.match(base) or seen.modified_at is None:
        return True
    return seen.modified_at > from_text(base)


def changed_since_delete(job: Job, seen: Seen, copy: Mapping[str, Any], rules: Rules) -> dict[str, tuple[Any, Any]]:
    """What somebody changed of a record after it was deleted here: {field: (then, now)}; empty: it may go.

    `copy` is the record as it was when it was deleted here.
    """
    if not changed_after(job, seen):
        return {}
    return {
        name: (copy[name], now)
        for name, now in seen.values.items()
        if name in copy
        and name not in NOISE
        and not _calculated(rules.table, name)
        and not same(rules.kind(name), copy[name], now)
    }


def gone_kind(found: Mapping[str, Any] | None) -> tuple[ConflictKind, dict[str, Any]] | None:
    """Why a record cannot be written to, from what the recycle bin knows of it (stored values); None where it can."""
    if found is None:
        return ConflictKind.HIDDEN_THERE, {}
    if found.get("MasterRecordId"):
        return ConflictKind.MERGED_THERE, {"survivor": found["MasterRecordId"]}
    if found.get("IsConverted") == 1:
        return ConflictKind.CONVERTED_THERE, {
            "contact": found.get("ConvertedContactId"),
            "account": found.get("ConvertedAccountId"),
        }
    if found.get("IsDeleted") == 1:
        return ConflictKind.GONE_THERE, {}
    return None


def candidates(
    sent: Mapping[str, Any], found: Iterable[Mapping[str, Any]], rules: Rules, taken: Collection[str]
) -> list[str]:
    """Ids of the records (stored values) that may be the one that was sent: equal in all that tells records apart.

    Where some are equal in everything that was sent, only those. Where there is none, those that somebody has changed
    since they were made and that are still equal in something that tells records apart.
    """
    telling = [
        name
        for name, value in sent.items()
        if value is not None
        and name != "OwnerId"
        and (name in _IDENTIFYING or rules.kind(name) == "reference" or name == rules.table.name_field)
    ] or list(sent)
    free = [record for record in found if record.get("Id") not in taken]
    equal = {id(record): [_equal(rules, name, sent[name], record.get(name)) for name in telling] for record in free}
    near = [record for record in free if all(equal[id(record)])]
    exact = [
        record for record in near if all(_equal(rules, name, value, record.get(name)) for name, value in sent.items())
    ]
    changed = [record for record in free if any(equal[id(record)]) and _was_changed(record)]
    return [str(record["Id"]) for record in exact or near or changed]


def _was_changed(record: Mapping[str, Any]) -> bool:
    """Whether the record was changed after it was made."""
    made, modified = record.get("CreatedDate"), record.get("LastModifiedDate")
    return bool(made and modified and modified > made)


@dataclass(frozen=True, slots=True)
class MassQuestion:
    """So many records are about to be changed or deleted at once that a person has to confirm it."""

    updates: int
    deletes: int
    objects: tuple[str, ...]
    seqs: tuple[int, ...]

    @property
    def records(self) -> int:
        return self.updates + self.deletes


def mass_question(waiting: Sequence[Job], limit: int, confirmed: int) -> MassQuestion | None:
    """What has to be confirmed before it leaves: acts (groups) over more than `limit` existing records, and deletes

    that are as many together. Entries up to the sequence number `confirmed` were confirmed before. `limit` 0: never.
    """
    if limit <= 0:
        return None
    fresh = [job for job in waiting if job.op != CREATE and job.seqs[-1] > confirmed]
    by_group: dict[str, list[Job]] = {}
    for job in fresh:
        for group in {e.group_id for e in job.entries if e.group_id is not None}:
            by_group.setdefault(group, []).append(job)
    deletes = [job for job in fresh if job.op == DELETE]
    asked: dict[tuple[str, str], Job] = {}
    for many in (*by_group.values(), deletes):
        if len(many) > limit:
            asked.update({(job.object, job.record_id): job for job in many})
    if not asked:
        return None
    return MassQuestion(
        updates=sum(1 for job in asked.values() if job.op == UPDATE),
        deletes=sum(1 for job in asked.values() if job.op == DELETE),
        objects=tuple(sorted({job.object for job in asked.values()})),
        seqs=tuple(sorted(seq for job in asked.values() for seq in job.seqs)),
    )


def by_object(waiting: Iterable[Job], order: Callable[[str], Any], op: str) -> dict[str, list[Job]]:
    """The jobs of one kind by object: parents first, for deletes last."""
    found: dict[str, list[Job]] = {}
    for job in waiting:
        if job.op == op:
            found.setdefault(job.object, []).append(job)
    return {name: found[name] for name in sorted(found, key=order, reverse=op == DELETE)}


def _op(entries: Sequence[Entry]) -> str:
    for op in (DELETE, CREATE):
        if any(e.op == op for e in entries):
            return op
    return UPDATE


def _in_ring(record_id: str, waits: Mapping[str, Collection[str]], creates: Mapping[str, Job]) -> bool:
    """Whether a new record waits for itself by way of others, all of which could go now."""
    seen: set[str] = set()
    near = [other for other in waits.get(record_id, ()) if other in creates]
    if len(near) < len(set(waits.get(record_id, ()))):
        return False
    while near:
        here = near.pop()
        if here == record_id:
            return True
        if here not in seen:
            seen.add(here)
            near += [other for other in waits.get(here, ()) if other in creates]
    return False


def _calculated(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is None or column.field.calculated


def _equal(rules: Rules, name: str, one: Any, other: Any) -> bool:
    kind = rules.kind(name)
    if kind not in NUMBER_TYPES and isinstance(one, str) and isinstance(other, str):
        return alike(kind, one.casefold(), other.casefold())
    return alike(kind, one, other)

"""Reconcile: every Id and stamp of the org against what is here (sync-peers 2.4).

Finds what cycles cannot see: rows deleted for good, rows no longer visible, rows newly shared, and anything missed.
Missing and differing rows are fetched, vanished ones leave the table for their grace time; if more than 5 % (and over
50) would vanish, nothing is done and a person is asked. Some whole rows are compared as well. Engine's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from core.mirror import narrowing, removal, sweeps, watermarks
from core.mirror import objects as objects_store
from core.mirror.merge import MergeCounts
from core.mirror.mirror import Mirror
from core.mirror.rows import count_live
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.client import Client
from core.sync.deletions import apply_policy, settle, would_vanish_too_many
from core.sync.part_read import read_parts
from core.sync.strays import IDS_PER_QUERY, ids_there

SAMPLED_ROWS = 25
_WITHDRAW_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a sweep of one object found and did.

    `checked` ids of the org; `gone` rows left the table; `fetched` rows were absent or older here; `drift` is all
    that should have been in step and was not: rows gone, fetched, or different in a sample.
    """

    object: str
    rows: int = 0
    checked: int = 0
    gone: int = 0
    fetched: MergeCounts = field(default_factory=MergeCounts)
    sampled: int = 0
    sample_differed: int = 0
    changes: Changes = field(default_factory=Changes)
    error: OrgMirrorError | None = None

    @property
    def drift(self) -> int:
        return self.gone + self.fetched.written + self.sample_differed


class Sweep:
    """One object's sweep. `consent`: a person agreed that however many rows may vanish.

    `fit`: the row filter is another one than that by which the rows came, so what is not in the answer leaves for that.
    Otherwise rows that are still in the org and only ceased to fit the filter leave without a word; the rest is
    withdrawn.
    """

    def __init__(
        self,
        mirror: Mirror,
        client: Client,
        table: Table,
        cancel: CancelToken,
        *,
        consent: bool = False,
        fit: bool = False,
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._table = table
        self._cancel = cancel
        self._consent = consent
        self._fit = fit

    def run(self) -> Reconciled:
        """Raises OrgMirrorError, TOO_MANY_GONE where a person has to be asked; nothing was withdrawn then."""
        table, writer = self._table, self._mirror.writer
        begun = self._client.server_now()
        whole = False
        writer.call(sweeps.begin, Priority.BATCH)
        try:
            rows = self._mirror.read(lambda s: count_live(s, table))
            extra = [name for name in (table.stamp_field, "IsDeleted" if table.has_is_deleted else None) if name]
            for piece in read_parts(self._client, table, ("Id", *extra), self._cancel, rows=rows):
                nothing: list[str | None] = [None] * len(piece.rows)
                stamps = piece.column(table.stamp_field) if table.stamp_field else nothing
                dead = piece.column("IsDeleted") if table.has_is_deleted else nothing
                found = list(zip(piece.column("Id"), stamps, dead, strict=True))
                writer.call(partial(_add, rows=found), Priority.BATCH)
            if table.row_filter or self._fit:
                writer.call(lambda s: narrowing.mark_absent(s, table), Priority.BATCH)
            missing, unfitting = self._missing()
            fetched = settle(self._mirror, self._client, table, self._wanted(), withdraw=False)
            gone = self._withdraw(missing, removal.withdraw) + self._withdraw(unfitting, narrowing.remove_rows)
            sampled = writer.call(lambda s: sweeps.sample(s, table, SAMPLED_ROWS), Priority.BATCH)
            compared = settle(self._mirror, self._client, table, sampled, withdraw=False)
            checked = writer.call(sweeps.size, Priority.BATCH)
            whole = table.row_filter is None
        finally:
            writer.call(lambda s: sweeps.end(s, table, whole=whole), Priority.BATCH)
        apply_policy(self._mirror, table)

        def note(session: WriteSession) -> int:
            watermarks.swept(session, table.name, begun)
            objects_store.swept(session, table.name)
            return count_live(session, table)

        live = writer.call(note, Priority.BATCH)
        changes = fetched.changes.merged(compared.changes)
        if gone:
            changes = changes.merged(Changes({table.name: None}))
        return Reconciled(
            table.name,
            rows=live,
            checked=checked,
            gone=gone,
            fetched=fetched.counts,
            sampled=len(sampled),
            sample_differed=compared.counts.written,
            changes=changes,
        )

    def _missing(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Rows that the org does not have, or does not show; and those that do not fit the filter.

        Raises TOO_MANY_GONE.
        """
        missing: list[tuple[int, str]] = []
        alive = rows = after = 0
        while True:
            self._cancel.raise_if_set()
            job = partial(sweeps.local_slice, table=self._table, after=after)
            found = self._mirror.writer.call(job, Priority.BATCH)
            if found.last is None:
                break
            after = found.last
            rows += found.rows
            alive += found.alive
            missing += found.missing
        if self._fit:
            return [], missing
        unfitting = self._unfitting(missing) if self._table.row_filter else set()
        alive -= len(unfitting)
        if would_vanish_too_many(alive, rows) and not self._consent:
            raise OrgMirrorError(ErrorCode.TOO_MANY_GONE, object=self._table.name, going=alive, rows=rows)
        return (
            [item for item in missing if item[1] not in unfitting],
            [item for item in missing if item[1] in unfitting],
        )

    def _unfitting(self, missing: list[tuple[int, str]]) -> set[str]:
        """Which of the missing rows are in the org all the same."""
        there: set[str] = set()
        for start in range(0, len(missing), IDS_PER_QUERY):
            self._cancel.raise_if_set()
            ids = [record_id for _, record_id in missing[start : start + IDS_PER_QUERY]]
            there |= ids_there(self._client, self._table, ids, unfiltered=True)
        return there

    def _wanted(self) -> list[str]:
        ids: list[str] = []
        after: str | None = ""
        while after is not None:
            self._cancel.raise_if_set()
            job = partial(sweeps.wanted, table=self._table, after=after)
            after, some = self._mirror.writer.call(job, Priority.BATCH)
            ids += some
        return ids

    def _withdraw(self, missing: list[tuple[int, str]], remove: Callable[..., int]) -> int:
        gone = 0
        for start in range(0, len(missing), _WITHDRAW_AT_ONCE):
            piece = missing[start : start + _WITHDRAW_AT_ONCE]
            job = partial(remove, table=self._table, rows=piece)
            gone += self._mirror.writer.call(job, Priority.BATCH)
        return gone


def _add(session: WriteSession, rows: list[tuple[str | None, str | None, str | None]]) -> None:
    sweeps.add(session, [(record_id, stamp, dead) for record_id, stamp, dead in rows if record_id])

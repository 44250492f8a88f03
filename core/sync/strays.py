"""Rows that cease to fit their object's filter: found in the cycle in which they change (rules 3).

The pull asks for changed rows that fit; here the ids of all that changed are asked for without the filter, five
objects to a call, and those that are here and no longer fit leave. Rows with pending edits stay, marked, and are
looked at again once the edits are over. Engine's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain

from core.mirror import meta, narrowing, scoping, times, watermarks
from core.mirror.mirror import Mirror
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.refs import is_temporary_id, long_id
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass
from core.salesforce.probes import Probe, ProbeQuery, probe
from core.salesforce.query import QueryPage
from core.sync import soql
from core.sync.ledger import Done

Guarded = Callable[[str, Callable[[], Done]], Done]
OBJECTS_AT_ONCE = 5
IDS_PER_QUERY = 400
# Of more changed rows than this the whole object is fitted to its filter instead.
MOST_CHANGED = 20_000
_MARK = "strays:"
_ALL_FAIL = (ErrorClass.AUTH, ErrorClass.BUDGET, ErrorClass.ORG_STATE)


def checked(session: WriteSession, name: str, at: datetime) -> None:
    """Rows that ceased to fit before `at` (server time) have gone."""
    meta.set_(session, _MARK + name, times.to_text(at))


def remove_strays(
    mirror: Mirror, client: Client, tables: Sequence[Table], cancel: CancelToken, guarded: Guarded
) -> Iterator[tuple[str, Done]]:
    """What left, of each of the filtered ones among `tables`, which are loaded; nothing for one of which none did.

    `guarded` runs an object's part and answers its failure. Raises what concerns everything.
    """
    filtered = [t for t in tables if t.row_filter and t.stamp_field]
    since = mirror.read(lambda s: {t.name: _since(s, t) for t in filtered})
    filtered.sort(key=lambda t: since[t.name])
    for start in range(0, len(filtered), OBJECTS_AT_ONCE):
        cancel.raise_if_set()
        chunk = filtered[start : start + OBJECTS_AT_ONCE]
        now = client.server_now()
        asked = {table.name: _statement(table, since[table.name]) for table in chunk}
        answers = _together(client, asked, now)
        for table in chunk:
            answer = answers.get(table.name)
            page = answer.page if answer else None
            done = guarded(table.name, partial(_one, mirror, client, table, asked[table.name], page, now))
            if done.deleted or done.error is not None:
                yield table.name, done


def _one(mirror: Mirror, client: Client, table: Table, statement: str, page: QueryPage | None, now: datetime) -> Done:
    changed = _changed(client, statement, page)
    if changed is None:
        want = partial(scoping.want_refit, name=table.name, before=table.row_filter)
        mirror.writer.call(want, Priority.BATCH)
        return Done()
    settled = mirror.read(partial(scoping.settled_outside, name=table.name))
    gone = leave_unfitting(mirror, client, table, {*changed, *settled})
    mirror.writer.call(partial(checked, name=table.name, at=now), Priority.BATCH)
    return Done(deleted=gone, changes=Changes({table.name: None}) if gone else Changes())


def leave_unfitting(mirror: Mirror, client: Client, table: Table, ids: Collection[str]) -> int:
    """Of these ids, the rows that are here and no longer fit the filter leave; how many. Salesforce decides."""
    here = mirror.read(lambda s: [each for _, each in narrowing.rows_of(s, table, sorted(ids))])
    gone = 0
    for start in range(0, len(here), IDS_PER_QUERY):
        asked = here[start : start + IDS_PER_QUERY]
        fitting = ids_there(client, table, asked)
        leaving = [each for each in asked if each not in fitting]
        mirror.writer.call(partial(scoping.unmark, name=table.name, ids=sorted(fitting)), Priority.BATCH)
        if leaving:
            gone += mirror.writer.call(partial(narrowing.remove_ids, table=table, ids=leaving), Priority.BATCH)
    return gone


def ids_there(client: Client, table: Table, ids: Sequence[str], *, unfiltered: bool = False) -> set[str]:
    """Which of these ids the org answers for, with the object's filter or without it."""
    sent = [each for each in ids if not is_temporary_id(each)]
    if not sent:
        return set()
    statement = soql.select(table, ("Id",), soql.among("Id", sent), unfiltered=unfiltered)
    return {long_id(str(record["Id"])) for record in client.query(statement, all_rows=True)}


def _since(session: Session, table: Table) -> datetime:
    mark = times.optional_moment(meta.get(session, _MARK + table.name))
    known = watermarks.get(session, table.name)
    return mark or (known.safe_from if known and known.safe_from else times.from_text("1970-01-01T00:00:00Z"))


def _statement(table: Table, since: datetime) -> str:
    assert table.stamp_field is not None
    return soql.select(table, ("Id",), soql.changed_since(table.stamp_field, since), unfiltered=True)


def _together(client: Client, asked: Mapping[str, str], now: datetime) -> Mapping[str, Probe]:
    """The first pages of several questions in one call; what is absent has to be asked by itself."""
    if len(asked) < 2:
        return {}
    answers = probe(client, [ProbeQuery(name, statement) for name, statement in asked.items()], now)
    for answer in answers.values():
        if answer.error is not None and answer.error.kind in _ALL_FAIL:
            raise answer.error
    return answers


def _changed(client: Client, statement: str, first: QueryPage | None) -> set[str] | None:
    """The ids of all that changed; None where it is too much to go by."""
    if first is None:
        pages = client.query_pages(statement, all_rows=True)
    elif first.next_url is None:
        pages = iter([first])
    else:
        pages = chain([first], client.query_pages(statement, all_rows=True, start=first.next_url))
    found: set[str] = set()
    for page in pages:
        if (page.total_size or 0) > MOST_CHANGED:
            return None
        found.update(long_id(str(record["Id"])) for record in page.records)
    return found

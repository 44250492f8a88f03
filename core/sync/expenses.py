"""The budget as it stands: what the file knows of our own calls, what the last answers say of the org's."""

from __future__ import annotations

import logging

from core.mirror import meta, times
from core.mirror.mirror import Mirror
from core.mirror.session import Session, WriteSession
from core.mirror.writer import Priority
from core.model.errors import OrgMirrorError
from core.salesforce.client import Client
from core.salesforce.meter import ApiMeter
from core.sync.budget import Budget, Spent

log = logging.getLogger(__name__)

_SINCE, _CALLS = "api_spent_since", "api_spent"


def budget_of(mirror: Mirror, client: Client, share: int) -> Budget:
    """What may be spent now. The org's own use is only known once this process had an answer."""

    def read(session: Session) -> tuple[Spent, int | None]:
        limit = meta.get(session, "api_limit")
        return _spent(session), int(limit) if limit else None

    spent, limit = mirror.read(read)
    usage = client.meter.usage
    fresh = spent.added(client.meter.unbooked, times.now())
    return Budget(share, usage.limit or limit, usage.used, fresh.calls)


def stored_budget(session: Session, share: int, used: int | None, limit: int | None) -> Budget:
    """The budget where no engine is at hand; `used` and `limit` as this process's last answer told, None where none.

    The org's own use is told from the file only where nothing newer is known.
    """
    known_used, known_limit = meta.get(session, "api_used"), meta.get(session, "api_limit")
    return Budget(
        share,
        limit if limit is not None else int(known_limit) if known_limit else None,
        used if used is not None else int(known_used) if known_used else None,
        _spent(session).added(0, times.now()).calls,
    )


def keep_spent(mirror: Mirror, meter: ApiMeter) -> None:
    """Note the calls that were made since the last time, by whichever lane: a cycle, however it ended, or a save."""
    calls = meter.take_unbooked()
    if not calls:
        return

    def note(session: WriteSession) -> None:
        spent = _spent(session).added(calls, times.now())
        meta.set_(session, _SINCE, times.to_text(spent.since))
        meta.set_(session, _CALLS, str(spent.calls))

    try:
        mirror.writer.call(note, Priority.BATCH)
    except OrgMirrorError as error:
        # A mirror that cannot be written to is told of by the cycle itself.
        log.info("the calls of the cycle were not kept: %s", error.code.value)


def _spent(session: Session) -> Spent:
    since = times.optional_moment(meta.get(session, _SINCE))
    return Spent(since or times.now(), int(meta.get(session, _CALLS) or 0) if since else 0)

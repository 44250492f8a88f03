"""Housekeeping at the end of a cycle: what has served its time goes, freed pages are given back. Small jobs, idle."""

from __future__ import annotations

from datetime import datetime, timedelta

from core import settings
from core.mirror import changes, copies, deleted, history, preferences, throughput, times, withdrawal
from core.mirror.mirror import Mirror
from core.mirror.removal import erase_withdrawn
from core.mirror.session import WriteSession
from core.mirror.writer import Priority

CHANGE_LOG = timedelta(days=90)
# Longer than Salesforce's recycle bin keeps anything.
TOMBSTONES = timedelta(days=90)


def tidy(mirror: Mirror, server_now: datetime) -> None:
    """Queue the upkeep; waits only where a grace time ended. What is left over goes at the end of the next cycle.

    Changes have the org's time, everything else this computer's.
    """

    days = settings.from_mapping(settings.WITHDRAWN_KEEP_DAYS, mirror.read(preferences.read_all))
    grace = times.now() - timedelta(days=days)

    def forget(session: WriteSession) -> None:
        now = times.now()
        changes.prune(session, server_now - CHANGE_LOG)
        erase_withdrawn(session, grace)
        history.prune(session, now)
        throughput.prune(session, now)
        deleted.prune(session, now - TOMBSTONES)
        copies.prune(session, now - TOMBSTONES)

    mirror.writer.submit(forget, Priority.IDLE)
    withdrawal.erase(mirror.writer, grace)
    mirror.maintain()

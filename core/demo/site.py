"""Everything that the handlers of one running demo org share.

Made once by the server; its parts lock for themselves where several worker threads use them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.demo.auth import Sessions
from core.demo.behaviour import Behaviour
from core.demo.bulk import BulkJobs
from core.demo.calllog import CallLog
from core.demo.cursors import Cursors
from core.demo.faults import Faults
from core.demo.ingest import BulkIngest
from core.demo.late import LateCalls
from core.demo.metering import Meter

if TYPE_CHECKING:
    from core.demo.colleagues import Colleagues
    from core.demo.http.router import Router
    from core.demo.org import Org


_USER = ("Username", "Name", "FirstName", "LastName", "Alias", "Email", "ProfileId", "TimeZoneSidKey", "LocaleSidKey")

_FEW = 5
_LATELY = timedelta(minutes=15)


class _TakenBack(Exception):
    """Ends a transaction without effect."""


class Site:
    """One org behind one address."""

    def __init__(self, org: Org, folder: Path, router: Router, url: str) -> None:
        self.org = org
        self.folder = folder
        self.router = router
        self.url = url
        """https://127.0.0.1:PORT, without a slash at the end."""
        self.behaviour = Behaviour()
        self.sessions = Sessions(org, self.behaviour)
        self.meter = Meter(org)
        self.cursors = Cursors(org, self.behaviour)
        self.bulk = BulkJobs(org, folder / "bulk", self.behaviour)
        self.faults = Faults()
        self.late = LateCalls(org)
        self.ingest = BulkIngest(org, self.behaviour, self.changed)
        self.log = CallLog()
        self._lately: deque[tuple[datetime, str, str]] = deque(maxlen=20)
        self._colleagues: Colleagues | None = None

    def close(self) -> None:
        """Stop the background work and keep the counters."""
        if self._colleagues is not None:
            self._colleagues.stop()
        self.late.stop()
        self.ingest.stop()
        self.bulk.stop()
        self.meter.save()

    def follow_switches(self) -> None:
        """Start or stop what runs by itself, after the switches were turned."""
        if self._colleagues is None and self.behaviour.colleagues:
            from core.demo.colleagues import Colleagues

            self._colleagues = Colleagues(self.org, changed=self.changed, lately=self.opened)
        if self._colleagues is not None:
            (self._colleagues.start if self.behaviour.colleagues else self._colleagues.stop)()

    def lately_read(self, name: str, ids: Sequence[str]) -> None:
        """Note that somebody opened these records, where it was a few: colleagues like to work on the same ones."""
        if len(ids) <= _FEW:
            now = self.org.now()
            self._lately.extend((now, name, each) for each in ids)

    def opened(self) -> list[tuple[str, str]]:
        """Object and id of the records that were opened in the last minutes, the last one at the end."""
        since = self.org.now() - _LATELY
        return [(name, each) for at, name, each in list(self._lately) if at >= since]

    def changed(self) -> None:
        """Rows or permissions changed: results rendered earlier are no longer what a new query would give."""
        self.bulk.forget_prerendered()

    @contextmanager
    def writing(self, all_or_none: bool) -> Iterator[Callable[[], None]]:
        """Around several writes of one call: one transaction where all have to succeed or none.

        Yields a function that has the transaction taken back at the end of the block.
        """
        if not all_or_none:
            yield lambda: None
            return
        taken_back = False

        def take_back() -> None:
            nonlocal taken_back
            taken_back = True

        with suppress(_TakenBack), self.org.store.writing():
            yield take_back
            if taken_back:
                raise _TakenBack

    def user(self, user_id: str) -> dict[str, Any]:
        """What sign-in answers say about a user, with OrganizationName and IsSandbox.

        Read past all rights: who signs in is told who he is, whatever his fields' security says.
        """
        run = self.org.store.connection.execute
        names = ", ".join(f'"{name}"' for name in _USER)
        found = run(f'SELECT {names} FROM "User" WHERE "Id" = ?', (user_id,)).fetchone()
        organization = run('SELECT "Name", "IsSandbox" FROM "Organization"').fetchone()
        return {
            **dict(zip(_USER, found, strict=True)),
            "OrganizationName": organization[0],
            "IsSandbox": bool(organization[1]),
        }

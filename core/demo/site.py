"""Everything that the handlers of one running demo org share.

Made once by the server; its parts lock for themselves where several worker threads use them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.demo.auth import Sessions
from core.demo.behaviour import Behaviour
from core.demo.bulk import BulkJobs
from core.demo.calllog import CallLog
from core.demo.cursors import Cursors
from core.demo.faults import Faults
from core.demo.metering import Meter

if TYPE_CHECKING:
    from core.demo.http.router import Router
    from core.demo.org import Org


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
        self.log = CallLog()
        self._write_lock = threading.RLock()

    def close(self) -> None:
        """Stop the background work and keep the counters."""
        self.bulk.stop()
        self.meter.save()

    def changed(self) -> None:
        """Rows or permissions changed: results rendered earlier are no longer what a new query would give."""
        self.bulk.forget_prerendered()

    @contextmanager
    def writing(self, all_or_none: bool) -> Iterator[Callable[[], None]]:
        """Around several writes of one call; yields what takes them back where all have to succeed or none."""
        with self._write_lock:
            yield lambda: None

    def user(self, user_id: str) -> dict[str, Any]:
        """What sign-in answers say about a user, with OrganizationName and IsSandbox."""
        view = self.org.view(self.org.admin_id)
        names = "Username, Name, FirstName, LastName, Alias, Email, ProfileId, TimeZoneSidKey, LocaleSidKey"
        found = view.query(f"SELECT {names} FROM User WHERE Id = '{user_id}'").records("65.0", 0, 1)
        organization = view.query("SELECT Name, IsSandbox FROM Organization").records("65.0", 0, 1)
        return {
            **found[0],
            "OrganizationName": organization[0]["Name"],
            "IsSandbox": organization[0]["IsSandbox"],
        }

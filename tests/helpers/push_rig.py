"""A small demo org over real HTTP, one user's mirror of it, and pushes between them; nothing is waited for.

The org's clock stands still and is moved by `wait`; a push's own clock is the same one, so that pauses pass at once.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from core.mirror import outbox
from core.mirror.outbox import Entry
from core.model.cancel import CancelToken
from core.model.pushing import PushResult
from core.sync.push import Around, Pusher, PushSettings
from core.sync.push_wire import WireOrg
from tests.helpers.demo_here import StillOrg
from tests.helpers.demo_rig import DemoRig

ROWS = {
    "Lead": 120,
    "Contact": 20,
    "Account": 10,
    "Opportunity": 5,
    "Campaign": 3,
    "CampaignMember": 10,
    "Task": 5,
    "Event": 2,
}


class PushRig:
    """`rig` has the mirror, loaded; `org` is the other side."""

    def __init__(self, org: StillOrg, folder: Path, *, loaded: Path | None = None) -> None:
        """`loaded`: the file of a mirror of an equal org, to be copied in place of a first load."""
        self.org = org
        self.user_id = org.admin_id
        if loaded is not None:
            folder.mkdir(parents=True)
            shutil.copyfile(loaded, folder / "mirror.db")
        self.rig = DemoRig(org, folder, self.user_id)
        if loaded is None:
            self.rig.cycle()
        self.mirror = self.rig.mirror
        self.settings = PushSettings()
        self.slept: list[float] = []
        self._groups = 0
        self._taken: set[str] = set()

    def now(self) -> datetime:
        return self.org.now()

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def wait(self, seconds: float) -> None:
        """Time passes on both sides; what was to be late happens."""
        self.org.advance_clock(seconds)
        self.org.site.late.run_due()

    def push(self, **options: Any) -> PushResult:
        client = self.rig.client()
        around = Around(now=self.now, sleep=self._sleep, jitter=lambda: 1.0)
        try:
            pusher = Pusher(self.mirror, WireOrg(client), self.user_id, around=around, settings=self.settings)
            return pusher.run(CancelToken(), **options)
        finally:
            client.close()

    def edit(self, record_id: str, name: str = "Lead", *, group: str | None = None, **values: Any) -> list[int]:
        self._groups += 1
        named = group or f"group-{self._groups}"
        table = self.mirror.tables()[name]
        return self.mirror.write(lambda s: outbox.put(s, table, record_id, values, at=self.now(), group_id=named))

    def create(self, name: str = "Lead", options: dict[str, Any] | None = None, **values: Any) -> str:
        self._groups += 1
        table = self.mirror.tables()[name]
        group = f"group-{self._groups}"
        return self.mirror.write(
            lambda s: outbox.put_create(s, table, values, options or {}, at=self.now(), group_id=group)
        )[1]

    def delete(self, record_id: str, name: str = "Lead") -> None:
        table = self.mirror.tables()[name]
        self.mirror.write(lambda s: outbox.put_delete(s, table, record_id, at=self.now(), group_id="delete"))

    def entries(self, record_id: str | None = None) -> list[Entry]:
        return [e for e in self.mirror.read(outbox.entries) if record_id is None or e.record_id == record_id]

    def there(self, record_id: str, name: str = "Lead") -> dict[str, Any]:
        """The record as the org has it."""
        return next(row for row in self.org.view(self.org.admin_id).truth(name, deleted=True) if row["Id"] == record_id)

    def leads(self, count: int) -> list[str]:
        """Ids of open leads, each handed out once."""
        rows = self.org.view(self.user_id).truth("Lead", deleted=False)
        free = [str(r["Id"]) for r in rows if not r["IsConverted"] and r["Id"] not in self._taken][:count]
        assert len(free) == count
        self._taken.update(free)
        return free

    def close(self) -> None:
        self.rig.close()

"""One engine that runs a cycle for every line of stdin and answers with what its process holds: `soak_client.py URL …`.

Arguments: url, access token, org id, path of the mirror. A process of its own, so that the figures are the client's
alone and not those of the org or the test.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from core.mirror.mirror import Mirror
from core.salesforce.access import Access, FixedAccess
from core.salesforce.client import Client
from core.salesforce.transport import Transport
from core.sync.control import EngineControl
from core.sync.engine import Engine
from core.sync.identity import identity_guard


def main(url: str, token: str, org_id: str, path: str) -> None:
    file = Path(path)
    mirror = Mirror.open(file, None)
    client = Client(Transport(FixedAccess(Access(token, url))))
    engine = Engine(mirror, client, None, check_identity=identity_guard(org_id, "soak"))
    control = EngineControl()
    for line in sys.stdin:
        if not line.strip():
            break
        result = engine.run_once(control, lambda _event: None)
        wal = file.with_name(file.name + "-wal")
        held = {
            "outcome": result.outcome.value,
            "written": sum(item.new + item.updated + item.deleted for item in result.objects),
            "rss": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            "threads": threading.active_count(),
            "handles": sum(1 for _ in Path("/proc/self/fd").iterdir()),
            "file": file.stat().st_size,
            "wal": wal.stat().st_size if wal.exists() else 0,
        }
        print(json.dumps(held), flush=True)
    client.close()
    mirror.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A process that is killed in the middle of a load leaves a file whose rows and resume state agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.mirror import doctor, loads
from core.mirror.mirror import Mirror
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import select

LOADER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.mirror import loads
from core.mirror.loads import LoadJob
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.model.states import LoadMethod
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import lead, lead_table

mirror = Mirror.create(Path(sys.argv[1]), KEY)
writer = RowWriter.for_json(lead_table(mirror))
start = datetime(2024, 3, 1, tzinfo=UTC)
mirror.write(lambda s: loads.start_job(s, LoadJob("Lead", LoadMethod.REST, "", "", "68.0", start)))
number, page = 0, 0
while True:
    for last in (False, False, True):
        rows = [lead(n) for n in range(number, number + 50)]
        number += 50

        def job(session):
            writer.load(session, rows)
            here = f"p{page}" if page else None
            if last:
                loads.page_done(session, "Lead", here, len(rows), f"p{page + 1}")
            else:
                loads.batch_done(session, "Lead", here, len(rows))

        mirror.write(job)
    page += 1
    print(page, flush=True)
"""


def test_a_killed_load(tmp_path: Path) -> None:
    path = tmp_path / "org" / "mirror.db"
    root = Path(__file__).parents[3]
    child = subprocess.Popen([sys.executable, "-c", LOADER, str(path)], cwd=root, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        told = [int(child.stdout.readline()) for _ in range(3)][-1]
        child.kill()
        child.wait(10)
    with Mirror.open(path, KEY) as mirror:
        job = mirror.read(lambda s: loads.get_job(s, "Lead"))
        assert job is not None
        assert job.pages_done >= told
        assert job.next_locator == f"p{job.pages_done}"
        assert select(mirror, 'SELECT count(*) FROM "Lead"') == [(job.rows_done,)]
        mirror.write(lambda s: loads.reset_partial(s, "Lead"))
        again = mirror.read(lambda s: loads.get_job(s, "Lead"))
        assert again is not None
        assert again.rows_done == job.pages_done * 150
        assert doctor.examine(mirror) == []

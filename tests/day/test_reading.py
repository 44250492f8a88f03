"""What is read beside the cycles: one record with its parents, calculated fields and as of when; sweeps by Bulk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.mirror import history, problems, removal, watermarks
from core.model.errors import ErrorCode
from core.model.states import CycleOutcome, Operation
from core.sync import deletions, part_read
from core.sync.control import EngineControl
from tests.day.conftest import Day
from tests.helpers.demo_rig import DemoRig


def refresh(rig: DemoRig, name: str, record_id: str) -> dict[str, object]:
    client = rig.client()
    return dict(rig.engine(client).refresh_record(name, record_id).objects)


def test_a_record_is_read_anew_with_the_parents_that_are_not_here(day: Day) -> None:
    world, rig = day
    contact = next(row for row in rig.rows("Contact") if row["AccountId"] and not row["IsDeleted"])
    table = rig.mirror.tables()["Account"]
    rig.mirror.write(lambda s: removal.withdraw_ids(s, table=table, ids=[contact["AccountId"]]))
    world.do("update", name="Contact", record_id=contact["Id"], values={"Title": "Opened"})
    before = rig.mirror.read(lambda s: watermarks.as_of(s.conn, "Contact", contact["Id"]))
    world.advance(3600)
    assert refresh(rig, "Contact", contact["Id"]).keys() == {"Contact", "Account"}
    assert next(row["Title"] for row in rig.rows("Contact") if row["Id"] == contact["Id"]) == "Opened"
    assert contact["AccountId"] in {row["Id"] for row in rig.rows("Account")}
    after = rig.mirror.read(lambda s: watermarks.as_of(s.conn, "Contact", contact["Id"]))
    assert before is not None
    assert after is not None
    assert after - before >= timedelta(minutes=59)
    assert rig.mirror.read(lambda s: watermarks.as_of(s.conn, "Contact", "003000000000000AAA")) == before
    assert refresh(rig, "Contact", contact["Id"]) == {}
    assert refresh(rig, "Contact", "new-4711") == {}


@pytest.mark.parametrize("bulk_above", [1_000_000, 0])
def test_sweeps_formulas_and_new_columns_are_read_by_either_wire(
    day: Day, monkeypatch: pytest.MonkeyPatch, bulk_above: int
) -> None:
    world, rig = day
    monkeypatch.setattr(part_read, "BULK_ABOVE", bulk_above)
    world.purge("Lead", 1, binned=False)
    world.administrate("trim_delete_log")
    world.administrate("add_field", "Account", "Extra1__c; string(40); Extra 1; cu")
    world.do("update", name="Account", record_id=world.one("Account", 1), values={"Extra1__c": "filled"})
    assert rig.cycle().outcome is CycleOutcome.OK
    swept = {item.object: item for item in rig.reconcile()}
    assert all(item.error is None for item in swept.values())
    assert swept["Lead"].drift == 0
    assert rig.differences() == []
    done = rig.mirror.read(lambda s: history.find(s, 500, statuses=["ok"]))
    assert {Operation.RECONCILE, Operation.FORMULAS, Operation.BACKFILL} <= {step.operation for step in done}


def test_too_many_gone_asks_and_a_consent_does_it(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    world, rig = day
    monkeypatch.setattr(deletions, "GUARD_ROWS", 3)
    hidden = world.ids("Account")
    world.administrate("hide_rows", rig.user_id, "Account", hidden)
    client = rig.client()
    [asked] = rig.engine(client).reconcile(EngineControl(), rig.events.append, ("Account",))
    client.close()
    assert asked.error is not None
    assert asked.error.code is ErrorCode.TOO_MANY_GONE
    assert len(rig.rows("Account")) >= len(hidden)
    [problem] = rig.mirror.read(lambda s: problems.open_problems(s, "Account"))
    assert problem.next_try_at is not None
    [done] = rig.reconcile(("Account",))
    assert done.gone == len(hidden)
    assert rig.mirror.read(lambda s: problems.open_problems(s, "Account")) == []

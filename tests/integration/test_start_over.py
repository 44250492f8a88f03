"""Starting one object over, and dropping dead columns: a shadow table beside what is here, and a swap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.api.scope import ScopeChange
from core.mirror import outbox, search, shadow
from core.mirror.search import IndexPhase
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from core.sync import start_over
from tests.helpers.demo_here import DemoServer, StillOrg, copy_org, make_org
from tests.helpers.scope_rig import ScopeRig

ROWS = {"*": 4, "Lead": 40, "Account": 8}
CHOSEN = ("Lead", "Account")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("shadow-org")
    make_org(folder, ROWS)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as found:
        yield found


@pytest.fixture
def org(server: DemoServer, made: Path, tmp_path: Path) -> StillOrg:
    return server.open(copy_org(made, tmp_path / "org"))


@pytest.fixture
def rig(org: StillOrg, tmp_path: Path) -> Iterator[ScopeRig]:
    found = ScopeRig(org, tmp_path / "mirror", org.admin_id, CHOSEN)
    assert found.cycle().outcome is CycleOutcome.OK
    yield found
    found.close()


def edit(rig: ScopeRig, record_id: str, **values: Any) -> None:
    table = rig.mirror.tables()["Lead"]
    now = datetime.now(UTC)
    rig.mirror.write(lambda s: outbox.put(s, table, record_id, values, at=now, group_id="g"))


def tables_in(rig: ScopeRig) -> set[str]:
    rows = rig.mirror.read(lambda s: s.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall())
    return {str(name) for (name,) in rows}


def spoil(rig: ScopeRig) -> list[str]:
    """Make the mirror wrong in ways that nothing would notice; the ids of two live rows."""
    ids = [str(row["Id"]) for row in rig.rows("Lead") if not row["IsDeleted"]]
    rig.mirror.write(lambda s: s.conn.execute('UPDATE "Lead" SET "Company" = \'wrong\' WHERE "Id" = ?', (ids[0],)))
    rig.mirror.write(lambda s: s.conn.execute('DELETE FROM "Lead" WHERE "Id" = ?', (ids[1],)))
    return ids[2:4]


def test_starting_over_brings_everything_and_pending_edits_survive(rig: ScopeRig) -> None:
    first, second = spoil(rig)
    edit(rig, first, Company="mine")
    rig.org.update(rig.org.admin_id, "Lead", first, {"Title": "theirs"})
    rig.org.advance_clock(60)
    done = rig.scope.start_over("lead")
    assert done.result is not None
    assert done.result.outcome is CycleOutcome.OK
    [row] = [row for row in rig.rows("Lead") if row["Id"] == first]
    assert (row["Company"], row["Title"]) == ("mine", "theirs")
    assert rig.findings() == []
    table = rig.mirror.tables()["Lead"]
    assert rig.mirror.read(lambda s: search.state(s.conn, table)).phase is IndexPhase.READY
    assert not [name for name in tables_in(rig) if name.startswith(("om_new_", "om_old_", "om_fts_om_", "om_dig_om_"))]
    [entry] = rig.mirror.read(outbox.pending)
    rig.mirror.write(lambda s: outbox.discard(s, [entry.seq]))
    assert rig.unlike("Lead") == []
    assert second in {row["Id"] for row in rig.rows("Lead")}
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.unlike("Lead") == []


@pytest.mark.parametrize("where", ["swap_loaded", "finish"])
def test_a_kill_in_the_middle_leaves_a_whole_table(rig: ScopeRig, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    before = rig.rows("Lead")

    def die(*_given: object) -> None:
        raise OrgMirrorError(ErrorCode.DISK_FULL)

    with monkeypatch.context() as patch:
        patch.setattr(shadow, where, die)
        rig.scope.start_over("Lead")
    # What a dead process would have left of it.
    rig.restart()
    assert sorted(rig.rows("Lead"), key=lambda r: r["Id"]) == sorted(before, key=lambda r: r["Id"])
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.unlike("Lead") == []
    assert rig.findings() == []
    assert not [name for name in tables_in(rig) if name.startswith(("om_new_", "om_old_"))]
    indexes = rig.mirror.read(
        lambda s: s.conn.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'om_ix_Lead%'").get
    )
    assert indexes > 3


def test_a_filter_holds_when_an_object_starts_over(rig: ScopeRig) -> None:
    rig.scope.apply("Lead", ScopeChange(where="Email != null"))
    rig.scope.start_over("Lead")
    assert rig.unlike("Lead", lambda row: row["Email"] is not None) == []


def test_dead_columns_are_dropped_and_rows_keep_their_numbers(rig: ScopeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.org.add_field("Lead", "Gone__c; string(40); Gone; cu")
    rig.org.advance_clock(60)
    rig.cycle()
    fields = tuple(f.name for f in rig.scope.object("Lead").fields if f.name not in ("Phone", "Gone__c"))
    rig.scope.apply("Lead", ScopeChange(fields=fields))
    numbers = rig.mirror.read(lambda s: s.conn.execute('SELECT om_row, "Id" FROM "Lead" ORDER BY 1').fetchall())
    assert "Phone" in rig.scope.object("Lead").removable
    ids = [str(row["Id"]) for row in rig.rows("Lead") if not row["IsDeleted"]]
    exact = start_over.shadow.copy_rows

    def edited_meanwhile(*given: Any) -> None:
        exact(*given)
        edit(rig, ids[0], Company="while it was copied")

    monkeypatch.setattr(shadow, "copy_rows", edited_meanwhile)
    rig.scope.drop_columns("Lead")
    columns = rig.mirror.read(lambda s: shadow.columns_of(s, "Lead").plain)
    assert not [name for name in columns if name.startswith("om_hidden_")]
    assert rig.mirror.read(lambda s: s.conn.execute('SELECT om_row, "Id" FROM "Lead" ORDER BY 1').fetchall()) == numbers
    assert next(row["Company"] for row in rig.rows("Lead") if row["Id"] == ids[0]) == "while it was copied"
    assert rig.findings() == []
    [entry] = rig.mirror.read(outbox.pending)
    rig.mirror.write(lambda s: outbox.discard(s, [entry.seq]))
    rig.scope.apply("Lead", ScopeChange(fields=("*",)))
    assert rig.unlike("Lead") == []

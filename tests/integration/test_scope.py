"""What a person chooses to mirror, over real HTTP: each change is compared with the org's truth, value by value."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.api.scope import ALL_FIELDS, Direction, ScopeChange
from core.mirror import outbox, scoping
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import DeletePolicy
from core.model.states import CycleOutcome
from core.sync import bulk_load, part_read, scope_changes
from core.sync.control import EngineControl
from core.sync.planner import LoadLimits
from tests.helpers.demo_here import DemoServer, StillOrg, copy_org, make_org
from tests.helpers.scope_rig import ScopeRig

ROWS = {"*": 4, "Lead": 60, "Contact": 20, "Account": 12, "Opportunity": 6, "Campaign": 3, "CampaignMember": 5}
CHOSEN = ("Lead", "Account", "Campaign")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("scope-org")
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


def german(row: dict[str, Any]) -> bool:
    return row["Country"] == "Germany"


def queries(org: StillOrg, after: int) -> list[str]:
    return [str(call) for call in org.site.log.calls(after) if "query" in call["path"]]


def last_call(org: StillOrg) -> int:
    return max((call["n"] for call in org.site.log.calls(0)), default=0)


def set_country(org: StillOrg, name: str, rows: list[dict[str, Any]], count: int) -> None:
    for row in rows[:count]:
        org.update(org.admin_id, "Lead", str(row["Id"]), {"Country": name})
    org.advance_clock(60)


def test_a_filter_narrows_and_widens_and_follows(rig: ScopeRig) -> None:
    org = rig.org
    live = [row for row in rig.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
    set_country(org, "Germany", live, 9)
    set_country(org, "France", live[9:], 50)
    rig.cycle()
    assert rig.unlike("Lead") == []
    where = "Country = 'Germany'"
    assert rig.scope.count("Lead", where) == sum(1 for row in rig.truth("Lead") if german(row) and not row["IsDeleted"])
    plan = rig.scope.plan("lead", ScopeChange(where=where))
    assert plan.needs_consent
    assert plan.rows_removed
    assert plan.rows_fetched == 0
    done = rig.scope.apply("Lead", ScopeChange(where=where), plan=plan)
    assert done.result is not None
    assert done.result.outcome is CycleOutcome.OK
    assert rig.unlike("Lead", german) == []
    # One stops matching, one begins to, one new row does not match: all in one cycle.
    fitting = list(live[:9])
    org.update(org.admin_id, "Lead", str(fitting[0]["Id"]), {"Country": "France"})
    org.update(org.admin_id, "Lead", str(live[20]["Id"]), {"Country": "Germany"})
    org.insert(org.admin_id, "Lead", {"LastName": "New", "Company": "C", "Country": "Spain"})
    org.advance_clock(60)
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.unlike("Lead", german) == []
    # Wider: only what is missing comes.
    wide = "Country = 'Germany' OR Country = 'France'"
    rig.scope.apply("Lead", ScopeChange(where=wide))
    assert rig.unlike("Lead", lambda row: row["Country"] in ("Germany", "France")) == []
    rig.scope.apply("Lead", ScopeChange(where=""))
    assert rig.unlike("Lead") == []
    assert rig.cycle().outcome is CycleOutcome.OK
    assert rig.unlike("Lead") == []
    assert rig.findings() == []


def test_a_filter_that_is_refused_says_so_in_salesforces_words(rig: ScopeRig) -> None:
    with pytest.raises(OrgMirrorError) as raised:
        rig.scope.count("Lead", "Nonsense__c = 3")
    assert raised.value.code is ErrorCode.ROW_FILTER_REFUSED
    assert "Nonsense__c" in (raised.value.salesforce_text or "")
    for text in ("Country = 'x) OR (Name = 'y'", "Country = 'a') OR (Name = 'b'"):
        with pytest.raises(OrgMirrorError) as raised:
            rig.scope.plan("Lead", ScopeChange(where=text))
        assert raised.value.code is ErrorCode.ROW_FILTER_REFUSED
    assert rig.unlike("Lead") == []


def test_fields_are_left_out_and_taken_in_alone(rig: ScopeRig) -> None:
    with pytest.raises(OrgMirrorError) as raised:
        rig.scope.plan("Lead", ScopeChange(fields=("Nope",)))
    assert raised.value.code is ErrorCode.NO_SUCH_FIELD
    everything = [f.name for f in rig.scope.object("Lead").fields]
    kept = tuple(name for name in everything if name not in ("Phone", "Company"))
    plan = rig.scope.plan("Lead", ScopeChange(fields=kept))
    assert set(plan.fields_removed) == {"Phone", "Company"}
    assert plan.needs_consent
    rig.scope.apply("Lead", ScopeChange(fields=kept), plan=plan)
    assert rig.unlike("Lead", without=frozenset({"Phone", "Company"})) == []
    hidden = rig.mirror.read(
        lambda s: s.conn.execute('SELECT count(*) FROM "Lead" WHERE "om_hidden_Phone" IS NOT NULL').get
    )
    assert hidden == 0
    before = last_call(rig.org)
    rig.scope.apply("Lead", ScopeChange(fields=ALL_FIELDS))
    assert rig.unlike("Lead") == []
    asked = queries(rig.org, before)
    assert any("Phone" in text for text in asked)
    assert not any("Street" in text and "WHERE" not in text for text in asked)
    # The required ones stay, whatever is named.
    rig.scope.apply("Lead", ScopeChange(fields=("Email",)))
    assert {"Id", "Email", "SystemModstamp", "IsDeleted"} <= {c.name for c in rig.mirror.tables()["Lead"].columns}
    assert rig.findings() == []


def test_an_object_is_left_out_and_taken_in(rig: ScopeRig) -> None:
    rig.scope.apply("Campaign", ScopeChange(on=False))
    assert "Campaign" not in rig.names()
    assert rig.cycle().outcome is CycleOutcome.OK
    assert "Campaign" not in rig.names()
    offered = {item.name: item for item in rig.scope.available()}
    assert not offered["Campaign"].ticked
    assert offered["Contact"].reason is None
    plan = rig.scope.plan("Contact", ScopeChange(on=True, where="Email != null"))
    assert plan.first_load
    assert not plan.needs_consent
    assert plan.rows_fetched
    rig.scope.apply("Contact", ScopeChange(on=True, where="Email != null"), plan=plan)
    assert rig.unlike("Contact", lambda row: row["Email"] is not None) == []
    rig.scope.apply("Campaign", ScopeChange(on=True))
    assert rig.unlike("Campaign") == []
    rig.restart()
    assert rig.cycle().outcome is CycleOutcome.OK
    assert {"Campaign", "Contact", "Lead", "Account"} <= set(rig.names())
    assert rig.findings() == []


def test_directions_that_are_possible(rig: ScopeRig) -> None:
    assert rig.scope.object("Lead").directions == (Direction.TWO_WAY, Direction.PULL)
    done = rig.scope.apply("Account", ScopeChange(direction=Direction.PULL_EDIT))
    assert done.scope.direction is Direction.PULL_EDIT
    with pytest.raises(OrgMirrorError) as raised:
        rig.scope.plan("Account", ScopeChange(direction=Direction.TWO_WAY))
    assert raised.value.code is ErrorCode.DIRECTION_NOT_POSSIBLE


def edit(rig: ScopeRig, record_id: str, **values: Any) -> None:
    table = rig.mirror.tables()["Lead"]
    now = datetime.now(UTC)
    rig.mirror.write(lambda s: outbox.put(s, table, record_id, values, at=now, group_id="g"))


def discard_all(rig: ScopeRig) -> None:
    rig.mirror.write(lambda s: outbox.discard(s, [entry.seq for entry in outbox.pending(s)]))


def test_rows_with_pending_edits_stay_and_are_marked(rig: ScopeRig) -> None:
    org = rig.org
    live = [row for row in rig.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
    set_country(org, "Germany", live, 4)
    set_country(org, "France", live[4:], 50)
    rig.cycle()
    outer, inner = str(live[5]["Id"]), str(live[0]["Id"])
    edit(rig, outer, Title="mine")
    plan = rig.scope.plan("Lead", ScopeChange(where="Country = 'Germany'"))
    assert plan.pending == 1
    rig.scope.apply("Lead", ScopeChange(where="Country = 'Germany'"), plan=plan)
    assert outer in {row["Id"] for row in rig.rows("Lead")}
    assert rig.scope.object("Lead").outside == 1
    # One that fitted gets an edit and then ceases to fit.
    edit(rig, inner, Title="mine too")
    org.update(org.admin_id, "Lead", inner, {"Country": "Spain"})
    org.advance_clock(60)
    rig.cycle()
    assert rig.mirror.read(lambda s: scoping.outside(s, "Lead")) == {outer, inner}
    shown = next(row for row in rig.rows("Lead") if row["Id"] == inner)
    assert shown["Title"] == "mine too"
    # Neither an object nor a field is left out over an edit.
    for change in (ScopeChange(on=False), ScopeChange(fields=("Email",))):
        with pytest.raises(OrgMirrorError) as raised:
            rig.scope.plan("Lead", change)
        assert raised.value.code is ErrorCode.HAS_PENDING_EDITS
    # With the edits over, they go in the next cycle.
    discard_all(rig)
    rig.cycle()
    assert rig.unlike("Lead", german) == []
    assert rig.scope.object("Lead").outside == 0
    assert rig.findings() == []


def test_relative_dates_are_evaluated_anew_each_day(rig: ScopeRig) -> None:
    org = rig.org
    live = [row for row in rig.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
    today = org.now().date()
    line = "Due__c; date; Due; cu"
    org.add_field("Lead", line)
    for days, row in enumerate(live[:6]):
        org.update(org.admin_id, "Lead", str(row["Id"]), {"Due__c": (today + timedelta(days=days)).isoformat()})
    org.advance_clock(60)
    rig.cycle()
    rig.scope.apply("Lead", ScopeChange(where="Due__c = NEXT_N_DAYS:2"))

    def fits(row: dict[str, Any]) -> bool:
        now = org.now().date()
        return bool(row["Due__c"]) and now < datetime.fromisoformat(row["Due__c"]).date() <= now + timedelta(days=2)

    assert len(rig.rows("Lead")) == 2
    assert rig.unlike("Lead", fits) == []
    org.advance_clock(2 * 86_400)
    rig.cycle()
    assert rig.unlike("Lead", fits) == []
    assert len(rig.rows("Lead")) == 2


def test_a_parents_field_in_a_filter_is_followed_by_the_sweep(rig: ScopeRig) -> None:
    org = rig.org
    rig.scope.apply("Contact", ScopeChange(on=True, where="Account.Industry = 'Mining'"))
    accounts = [str(row["Id"]) for row in rig.truth("Account") if not row["IsDeleted"]]
    for each in accounts[:6]:
        org.update(org.admin_id, "Account", each, {"Industry": "Mining"})
    org.advance_clock(86_400)
    rig.cycle()
    mining = {row["Id"] for row in rig.truth("Account") if row["Industry"] == "Mining"}
    assert any(row["AccountId"] in mining for row in rig.truth("Contact"))
    assert rig.unlike("Contact", lambda row: row["AccountId"] in mining) == []
    for each in accounts[:3]:
        org.update(org.admin_id, "Account", each, {"Industry": "Retail"})
    org.advance_clock(60)
    rig.reconcile(("Contact",))
    mining = {row["Id"] for row in rig.truth("Account") if row["Industry"] == "Mining"}
    assert rig.unlike("Contact", lambda row: row["AccountId"] in mining) == []


def test_by_bulk_a_filter_is_honoured_and_widened(
    org: StillOrg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bulk_load, part_read):
        monkeypatch.setattr(module, "FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(part_read, "BULK_ABOVE", 5)
    monkeypatch.setattr(scope_changes, "MANY_ROWS", 5)
    limits = LoadLimits(rest_max_rows=0)
    asked: list[str] = []
    create = org.site.bulk.create

    def noted(user_id: str, body: dict[str, Any], version: str) -> Any:
        asked.append(str(body.get("query")))
        return create(user_id, body, version)

    monkeypatch.setattr(org.site.bulk, "create", noted)
    rig = ScopeRig(org, tmp_path / "mirror", org.admin_id, ("Account",), limits=limits)
    try:
        rig.cycle()
        live = [row for row in rig.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
        set_country(org, "Germany", live, 10)
        set_country(org, "France", live[10:], 50)
        rig.scope.apply("Lead", ScopeChange(on=True, where="Country = 'Germany'"))
        assert rig.unlike("Lead", german) == []
        assert any("FROM Lead WHERE (Country = 'Germany')" in text for text in asked)
        rig.scope.apply("Lead", ScopeChange(where="Country != null"))
        assert rig.unlike("Lead", lambda row: row["Country"] is not None) == []
        assert any("WHERE (Country != null) AND (NOT (Country = 'Germany'))" in text for text in asked)
        rig.scope.apply("Lead", ScopeChange(where=""))
        assert rig.unlike("Lead") == []
        assert rig.findings() == []
    finally:
        rig.close()


def test_a_change_is_handed_to_whoever_runs_the_engine(rig: ScopeRig) -> None:
    control = EngineControl()
    begun = threading.Event()
    sync = rig.sync
    day = threading.Thread(target=lambda: sync.run(control, lambda event: begun.set() if event.result else None))
    day.start()
    try:
        assert begun.wait(30)
        done = rig.scope.apply("Lead", ScopeChange(where="Email != null"))
        assert done.result is not None
        assert done.result.outcome is CycleOutcome.OK
        assert rig.unlike("Lead", lambda row: row["Email"] is not None) == []
        rig.scope.apply("Campaign", ScopeChange(on=False))
        assert "Campaign" not in rig.names()
    finally:
        control.stop()
        day.join(30)


def test_what_another_process_chooses_holds_for_the_engine_that_runs(rig: ScopeRig, org: StillOrg) -> None:
    """The engine's process went on with the filter that it knew, and cleared the wish: rows never came."""
    control = EngineControl()
    begun = threading.Event()
    sync = rig.sync
    day = threading.Thread(target=lambda: sync.run(control, lambda event: begun.set() if event.result else None))
    other = ScopeRig(org, rig.folder, org.admin_id, CHOSEN)  # a mirror of its own over the same file
    day.start()
    try:
        assert begun.wait(30)
        for where in ("Email != null", ""):
            done = other.scope.apply("Lead", ScopeChange(where=where))
            assert done.result is not None
            assert done.result.outcome is CycleOutcome.OK
            for one in (rig, other):
                assert one.unlike("Lead", lambda row, all_=not where: all_ or row["Email"] is not None) == []
        names = tuple(f.name for f in other.scope.object("Lead").fields if f.name not in ("Email", "Phone"))
        other.scope.apply("Lead", ScopeChange(fields=names))
        for one in (rig, other):
            assert one.unlike("Lead", without=frozenset({"Email", "Phone"})) == []
        other.scope.apply("Lead", ScopeChange(fields=ALL_FIELDS, delete_policy=DeletePolicy.REMOVE))
        assert (rig.unlike("Lead"), other.unlike("Lead")) == ([], [])
        assert rig.scope.object("Lead").delete_policy is DeletePolicy.REMOVE
        # A wish alone, and the engine's own next cycle.
        other.sync.pause_object("Account", paused=True)
        org.update(org.admin_id, "Account", rig.rows("Account")[0]["Id"], {"Description": "while it was paused"})
        assert other.sync.run_once(EngineControl(), lambda _event: None).outcome is CycleOutcome.OK
        assert rig.unlike("Account") != []
        other.sync.pause_object("Account", paused=False)
        assert other.sync.run_once(EngineControl(), lambda _event: None).outcome is CycleOutcome.OK
        assert (rig.unlike("Account"), other.unlike("Account")) == ([], [])
        sync.pause()
        assert control.paused
        other.sync.resume()
        assert not control.paused
    finally:
        control.stop()
        day.join(30)
        other.close()

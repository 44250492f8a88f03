"""What a person chooses to mirror, over real HTTP: each change is compared with the org's truth, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.api.scope import ALL_FIELDS, Direction, ScopeChange
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
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

"""Fields that change their form or name under way, and policies that ask: over real HTTP, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.api.scope import Answer, QuestionKind, SchemaPolicy, ScopeChange
from core.mirror import aside, preferences, withdrawal
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from tests.helpers.demo_here import DemoServer, StillOrg, copy_org, make_org
from tests.helpers.scope_rig import ScopeRig
from tests.stateful.world import OBJECT

ROWS = {"*": 4, "Lead": 30, "Account": 8}
CHOSEN = ("Lead", "Account")
LINE = "Shade__c; string(40); Shade; cu"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("schema-org")
    make_org(folder, ROWS)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as found:
        yield found


@pytest.fixture
def org(server: DemoServer, made: Path, tmp_path: Path) -> StillOrg:
    org = server.open(copy_org(made, tmp_path / "org"))
    org.add_field("Lead", LINE)
    return org


@pytest.fixture
def rig(org: StillOrg, tmp_path: Path) -> Iterator[ScopeRig]:
    found = ScopeRig(org, tmp_path / "mirror", org.admin_id, CHOSEN)
    ids = [row["Id"] for row in found.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
    for number, value in enumerate(("12", "7.5", "not a number", "a rather long word indeed")):
        org.update(org.admin_id, "Lead", str(ids[number]), {"Shade__c": value})
    org.advance_clock(60)
    assert found.cycle().outcome is CycleOutcome.OK
    assert found.unlike("Lead") == []
    yield found
    found.close()


def log_of(rig: ScopeRig) -> list[tuple[str | None, str]]:
    return [(line.field, line.what) for line in rig.sync.schema_log() if line.object == "Lead"]


def kept(rig: ScopeRig, field: str) -> list[Any]:
    return sorted(item.value for item in rig.mirror.read(lambda s: list(aside.read(s, "Lead", field))))


def test_values_that_no_longer_fit_are_kept_aside_and_reported(rig: ScopeRig) -> None:
    rig.org.retype_field("Lead", "Shade__c; double(6,2); Shade; cu")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.unlike("Lead") == []
    assert kept(rig, "Shade__c") == ["a rather long word indeed", "not a number"]
    [problem] = [item for item in rig.sync.problems() if item.code is ErrorCode.VALUES_KEPT_ASIDE]
    assert (problem.object, problem.field, problem.params["count"]) == ("Lead", "Shade__c", 2)
    assert ("Shade__c", "type") in log_of(rig)
    assert rig.findings() == []


def test_values_that_are_gone_can_be_exported(rig: ScopeRig, tmp_path: Path) -> None:
    rig.org.drop_field("Lead", "Shade__c")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.unlike("Lead") == []
    assert rig.scope.kept_fields("Lead") == ("Shade__c",)
    target = tmp_path / "values.csv"
    assert rig.scope.export_values("lead", "shade__c", target) == 4
    assert "not a number" in target.read_text(encoding="utf-8-sig")
    with pytest.raises(OrgMirrorError) as raised:
        rig.scope.export_values("Lead", "Company", target)
    assert raised.value.code is ErrorCode.NO_SUCH_FIELD
    # At the end of the grace time nothing is left of it.
    withdrawal.erase(rig.mirror.writer, datetime.now(UTC) + timedelta(days=1))
    assert rig.scope.kept_fields("Lead") == ()
    assert rig.scope.object("Lead").removable == ("Shade__c",)


def test_without_a_grace_time_what_is_withdrawn_is_erased_at_once(rig: ScopeRig) -> None:
    rig.mirror.write(lambda s: preferences.keep(s, "withdrawn_keep_days", 0))
    rig.org.hide_field(rig.org.admin_id, "Lead", "Shade__c")
    rig.org.advance_clock(60)
    rig.cycle()
    left = rig.mirror.read(lambda s: s.conn.execute('SELECT count("om_hidden_Shade__c") FROM "Lead"').get)
    assert left == 0
    rig.org.show_field(rig.org.admin_id, "Lead", "Shade__c")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.unlike("Lead") == []


def test_the_log_of_a_withdrawn_field_is_out_of_sight(rig: ScopeRig) -> None:
    record = str(next(row["Id"] for row in rig.rows("Lead") if row["Shade__c"] == "12"))
    rig.org.update(rig.org.admin_id, "Lead", record, {"Shade__c": "secret", "Title": "seen"})
    rig.org.advance_clock(60)
    rig.cycle()
    assert {"Shade__c", "Title"} <= {change.field for change in rig.sync.recent_changes()}
    rig.org.hide_field(rig.org.admin_id, "Lead", "Shade__c")
    rig.org.advance_clock(60)
    rig.cycle()
    told = {change.field for change in rig.sync.recent_changes()}
    assert "Title" in told
    assert "Shade__c" not in told


def test_values_that_were_cut_are_kept_aside(rig: ScopeRig) -> None:
    rig.org.retype_field("Lead", "Shade__c; string(12); Shade; cu")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.unlike("Lead") == []
    assert kept(rig, "Shade__c") == ["a rather long word indeed"]


def test_a_renamed_field_is_asked_about_and_carried_over(rig: ScopeRig) -> None:
    rig.org.rename_field("Lead", "Shade__c", "Tint__c")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.unlike("Lead") == []
    [question] = rig.scope.schema_questions()
    assert (question.kind, question.field, question.other) == (QuestionKind.RENAMED, "Tint__c", "Shade__c")
    assert question.params["sure"]
    assert [p.field for p in rig.sync.problems() if p.code is ErrorCode.SCHEMA_QUESTION] == ["Tint__c"]
    rig.mirror.write(
        lambda s: s.conn.execute(
            "INSERT INTO om_view (object, name, definition) VALUES ('Lead', 'Mine', '{\"columns\": [\"Shade__c\"]}')"
        )
    )
    rig.scope.answer_schema_question(question.question_id, Answer.YES)
    assert rig.unlike("Lead") == []
    assert rig.scope.schema_questions() == []
    assert rig.sync.problems() == []
    view = rig.mirror.read(lambda s: s.conn.execute("SELECT definition FROM om_view").get)
    assert view == '{"columns": ["Tint__c"]}'
    left = rig.mirror.read(lambda s: s.conn.execute('SELECT count("om_hidden_Shade__c") FROM "Lead"').get)
    assert left == 0
    assert ("Tint__c", "carried-over") in log_of(rig)


def test_ask_takes_nothing_in_before_the_answer(rig: ScopeRig) -> None:
    rig.scope.apply("Lead", ScopeChange(schema_policy=SchemaPolicy.ASK))
    rig.org.add_field("Lead", "Extra__c; string(20); Extra; cu")
    rig.org.retype_field("Lead", "Shade__c; double(6,2); Shade; cu")
    rig.org.advance_clock(60)
    before = {row["Id"]: row["Shade__c"] for row in rig.rows("Lead")}
    for _ in range(2):
        assert rig.cycle().outcome is CycleOutcome.OK
        assert "Extra__c" not in {column.name for column in rig.mirror.tables()["Lead"].columns}
        assert {row["Id"]: row["Shade__c"] for row in rig.rows("Lead")} == before
    asked = {question.kind: question for question in rig.scope.schema_questions()}
    assert set(asked) == {QuestionKind.NEW_FIELD, QuestionKind.CHANGED_TYPE}
    rig.scope.answer_schema_question(asked[QuestionKind.CHANGED_TYPE].question_id, Answer.YES)
    assert rig.unlike("Lead", without=frozenset({"Extra__c"})) == []
    rig.scope.answer_schema_question(asked[QuestionKind.NEW_FIELD].question_id, Answer.YES)
    assert rig.unlike("Lead") == []
    assert rig.scope.schema_questions() == []
    assert [line for line in log_of(rig) if line[0] == "Shade__c"].count(("Shade__c", "held")) == 1


def test_freeze_asks_nothing_and_follow_takes_it_up(rig: ScopeRig) -> None:
    rig.scope.apply("Lead", ScopeChange(schema_policy=SchemaPolicy.FREEZE))
    rig.org.add_field("Lead", "Extra__c; string(20); Extra; cu")
    rig.org.retype_field("Lead", "Shade__c; double(6,2); Shade; cu")
    rig.org.advance_clock(60)
    rig.cycle()
    assert rig.scope.schema_questions() == []
    assert "Extra__c" not in {c.name for c in rig.mirror.tables()["Lead"].columns}
    rig.scope.apply("Lead", ScopeChange(schema_policy=SchemaPolicy.FOLLOW))
    assert rig.unlike("Lead", without=frozenset({"Extra__c"})) == []
    rig.scope.apply("Lead", ScopeChange(fields=tuple(f.name for f in rig.scope.object("Lead").fields)))
    assert rig.unlike("Lead") == []


def test_a_new_custom_object_is_offered_where_a_list_was_chosen(rig: ScopeRig) -> None:
    rig.org.add_object(OBJECT.format(name="Extra__c", prefix="a9Z"))
    rig.org.advance_clock(60)
    rig.cycle()
    assert "Extra__c" not in rig.names()
    [question] = rig.scope.schema_questions()
    assert (question.kind, question.object) == (QuestionKind.NEW_OBJECT, "Extra__c")
    assert next(item for item in rig.scope.available() if item.name == "Extra__c").is_new
    rig.scope.answer_schema_question(question.question_id, Answer.YES)
    assert "Extra__c" in rig.names()
    assert rig.unlike("Extra__c") == []

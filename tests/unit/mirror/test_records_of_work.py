"""Meta, history, problems and the change log: small stores, each with its own rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.mirror import changes, history, meta, problems, times
from core.mirror.history import Step
from core.mirror.meta import Owner
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import Operation, ProblemKind

NOW = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
ORG, OTHER_ORG = "00D000000000001EAA", "00D000000000002EAA"


def test_facts(mirror):
    assert mirror.read(lambda s: meta.get(s, "a")) is None
    mirror.write(lambda s: meta.set_(s, "a", "1"))
    mirror.write(lambda s: meta.set_(s, "a", "2"))
    assert mirror.read(lambda s: meta.get(s, "a")) == "2"
    mirror.write(lambda s: meta.set_(s, "a", None))
    assert mirror.read(lambda s: meta.get(s, "a")) is None


def test_a_mirror_belongs_to_one_org(mirror):
    assert mirror.read(meta.owner) is None
    me = Owner(ORG, "Acme", "005000000000001AAA", "Ada", "Europe/Berlin", "https://acme.my.salesforce.com")
    mirror.write(lambda s: meta.claim(s, me))
    assert mirror.read(meta.owner) == me
    mirror.write(lambda s: meta.claim(s, Owner(ORG, "Acme Ltd")))
    with pytest.raises(OrgMirrorError) as caught:
        mirror.write(lambda s: meta.claim(s, Owner(OTHER_ORG)))
    assert caught.value.code is ErrorCode.OTHER_ORG
    assert mirror.read(meta.owner).org_name == "Acme Ltd"


def test_history(mirror):
    steps = [Step(NOW, "load", "ok", NOW + timedelta(seconds=2), name, new=n) for n, name in enumerate("ABC")]
    for step in steps:
        mirror.write(lambda s, step=step: history.record_step(s, step))
    assert mirror.read(history.recent) == steps[::-1]
    assert mirror.read(lambda s: history.recent(s, 5, "B")) == [steps[1]]
    assert mirror.read(lambda s: history.find(s, operations=["load"], statuses=["ok"], objects=["A", "C"])) == [
        steps[2],
        steps[0],
    ]
    assert mirror.read(lambda s: history.find(s, since=NOW + timedelta(seconds=1))) == []
    assert mirror.read(lambda s: history.find(s, until=NOW)) == []


def test_idle_lines_are_kept_for_days_and_others_for_months(mirror):
    old = NOW - timedelta(days=10)
    idle, busy = Step(old, "pull-updates", "ok", old, "Lead"), Step(old, "pull-updates", "ok", old, "Lead", updated=1)
    failed, cycle = Step(old, "pull-updates", "problems", old, "Lead"), Step(old, "cycle", "ok", old)
    ancient = Step(NOW - timedelta(days=91), "cycle", "ok", NOW, updated=5)
    for step in (ancient, idle, busy, failed, cycle):
        mirror.write(lambda s, step=step: history.record_step(s, step))
    assert mirror.write(lambda s: history.prune(s, NOW, at_most=1)) == 1
    assert mirror.write(lambda s: history.prune(s, NOW)) == 1
    assert mirror.read(history.recent) == [cycle, failed, busy]


def test_a_problem_that_comes_again_is_counted(mirror):
    error = OrgMirrorError(ErrorCode.QUERY_REFUSED, salesforce_code="X", salesforce_text="no", object="Lead", at=NOW)
    first = mirror.write(lambda s: problems.open_problem(s, "Lead", error))
    assert mirror.write(lambda s: problems.open_problem(s, "Lead", error, next_try_at=NOW)) == first
    other = mirror.write(lambda s: problems.open_problem(s, "Lead", error, record_id="00Q", field="Name"))
    assert other != first
    found = {p.problem_id: p for p in mirror.read(problems.open_problems)}
    assert set(found) == {first, other}
    assert (found[first].attempts, found[first].next_try_at, found[first].code) == (2, NOW, ErrorCode.QUERY_REFUSED)
    assert (found[first].salesforce_code, found[first].salesforce_text) == ("X", "no")
    assert found[first].params["object"] == "Lead"
    assert mirror.read(problems.count_open) == 2
    assert len(mirror.read(lambda s: problems.open_problems(s, "Contact"))) == 0


def test_problems_are_closed_by_object_code_and_record(mirror):
    def note(code, **more):
        return mirror.write(lambda s: problems.open_problem(s, "Lead", OrgMirrorError(code), **more))

    def close(*args, **more):
        return mirror.write(lambda s: problems.close_problems(s, *args, **more))

    refused, failed = note(ErrorCode.QUERY_REFUSED), note(ErrorCode.BULK_FAILED)
    record = note(ErrorCode.FIELD_REFUSED, record_id="00Q1")
    assert close("Contact") == 0
    assert close("Lead", code=ErrorCode.QUERY_REFUSED) == 1
    assert {p.problem_id for p in mirror.read(problems.open_problems)} == {failed, record}
    assert close("Lead") == 1
    assert close("Lead", record_id="00Q1") == 1
    assert mirror.read(problems.count_open) == 0
    again = note(ErrorCode.QUERY_REFUSED)
    assert again not in (refused, failed, record), "a closed problem is not taken up again"
    mirror.write(lambda s: problems.close_problem(s, again))
    assert mirror.read(problems.count_open) == 0


def test_a_problem_is_closed_by_the_step_that_met_it(mirror):
    error = OrgMirrorError(ErrorCode.QUERY_REFUSED)
    pull = mirror.write(lambda s: problems.open_problem(s, "Lead", error, operation=Operation.PULL_UPDATES))
    later = NOW + timedelta(hours=1)
    guard = OrgMirrorError(ErrorCode.TOO_MANY_GONE)
    sweep = mirror.write(
        lambda s: problems.open_problem(s, "Lead", guard, operation=Operation.RECONCILE, next_try_at=later)
    )
    assert mirror.read(lambda s: problems.waits(s, "Lead", Operation.RECONCILE, NOW))
    assert not mirror.read(lambda s: problems.waits(s, "Lead", Operation.RECONCILE, later))
    assert not mirror.read(lambda s: problems.waits(s, "Lead", Operation.PULL_UPDATES, NOW))
    assert mirror.write(lambda s: problems.close_problems(s, "Lead", operation=Operation.PULL_UPDATES)) == 1
    left = mirror.read(problems.open_problems)
    assert [p.problem_id for p in left] == [sweep] != [pull]
    assert left[0].kind is ProblemKind.GUARD


def test_a_problem_is_told_once_and_ignored_until_it_is_well(mirror):
    error = OrgMirrorError(ErrorCode.QUERY_REFUSED)

    def note():
        return mirror.write(lambda s: problems.open_problem(s, "Lead", error, operation=Operation.FORMULAS))

    first = note()
    assert not mirror.read(problems.open_problems)[0].announced
    mirror.write(lambda s: problems.announced(s, [first]))
    note()
    assert mirror.read(problems.open_problems)[0].announced
    assert mirror.write(lambda s: problems.ignore(s, [first])) == 1
    assert note() == first
    assert mirror.read(problems.open_problems) == []
    mirror.write(lambda s: problems.close_problems(s, "Lead", operation=Operation.FORMULAS))
    again = note()
    assert again != first
    assert [p.problem_id for p in mirror.read(problems.open_problems)] == [again]


def test_a_retry_opens_the_way_at_once(mirror):
    error = OrgMirrorError(ErrorCode.QUERY_REFUSED)
    later = datetime.now(UTC) + timedelta(days=1)
    found = mirror.write(
        lambda s: problems.open_problem(s, "Lead", error, operation=Operation.FORMULAS, next_try_at=later)
    )
    assert [p.object for p in mirror.write(lambda s: problems.retry(s, [found]))] == ["Lead"]
    assert not mirror.read(lambda s: problems.waits(s, "Lead", Operation.FORMULAS, NOW))


def test_the_change_log_is_pruned_in_pieces(mirror):
    for n in range(5):
        mirror.write(lambda s, n=n: changes.record(s, "Lead", f"{n}", "Name", None, n, by="me", side=changes.LOCAL))
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert mirror.write(lambda s: changes.prune(s, NOW)) == 0
    assert [c.new for c in mirror.read(lambda s: changes.recent(s, 2))] == [4, 3]
    assert mirror.write(lambda s: changes.prune(s, later, at_most=3)) == 3
    assert mirror.write(lambda s: changes.prune(s, later)) == 2


def test_moments():
    assert times.to_text(datetime(2013, 5, 7, 22, 7, 19)) == "2013-05-07T22:07:19.000Z"
    assert times.from_text("2013-05-08T00:07:19+02:00") == datetime(2013, 5, 7, 22, 7, 19, tzinfo=UTC)
    assert times.from_text(times.to_text(NOW)) == NOW
    assert times.optional_text(None) is None
    assert times.optional_moment(None) is None

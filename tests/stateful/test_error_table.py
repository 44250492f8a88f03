"""Every refusal and failure that a pull can meet, through real HTTP: each has its one answer (sync-peers 2.7).

Retry, wait, sign in again, ask for less, begin anew, sweep, describe again, or tell the person: never a loop, never a
row lost, and one object's trouble is no other's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import messages
from core.mirror import history, problems
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult
from core.model.states import CycleOutcome
from core.sync import part_read
from core.sync.planner import LoadLimits
from tests.helpers.demo_rig import DemoRig
from tests.stateful.machine import ADMIN, Lab
from tests.stateful.world import World

LEAD = r"queryAll.*FROM(\+|%20)Lead\b"
UNLIMITED = r"queryAll(?!.*LIMIT).*FROM(\+|%20)Lead\b(?!.*LIMIT)"
MOST_TRIES = 5
Played = tuple[World, DemoRig]


@pytest.fixture
def played(lab: Lab) -> Iterator[Played]:
    """A mirror in step, and then a changed lead and a changed account that a cycle has to bring."""
    world, rig = lab.begin(ADMIN, LoadLimits())
    world.advance(1)
    world.touch("Lead", 1)
    world.touch("Account", 1)
    yield world, rig
    lab.end(rig)


def refusal(status: int, code: str | None, text: str = "Salesforce's own words") -> dict[str, Any]:
    body = "<html>no</html>" if code is None else [{"errorCode": code, "message": text}]
    return {"status": status, "body": body}


def put(rig: DemoRig, path: str, action: dict[str, Any], times: int | None = 1, *, nested: bool = False) -> None:
    rig.org.site.faults.add({"match": {"path": path, "nested": nested}, "times": times, "action": action})


def meet(rig: DemoRig, path: str, action: dict[str, Any], times: int | None = 1) -> None:
    """The object's part of the composite is refused for good, so that its question goes out by itself and meets it."""
    nested = action if "status" in action else refusal(503, "SERVER_UNAVAILABLE")
    put(rig, path, nested, None, nested=True)
    put(rig, path, action, times)


def asked(rig: DemoRig, pattern: str) -> list[dict[str, Any]]:
    import re

    return [call for call in rig.org.site.log.calls(0) if re.search(pattern, call["path"])]


def cycle(rig: DemoRig) -> CycleResult:
    rig.org.site.log.reset()
    rig.pauses.clear()
    return rig.cycle()


def error_of(result: CycleResult, name: str) -> OrgMirrorError | None:
    return next((item.error for item in result.objects if item.name == name), None)


def well_again(rig: DemoRig) -> None:
    """Without faults the next cycle has everything, and no problem is left standing."""
    rig.org.site.faults.clear()
    result = rig.cycle()
    assert result.outcome is CycleOutcome.OK, result
    assert rig.differences({"Lead", "Account"}) == []
    assert rig.mirror.read(problems.open_problems) == []


# retry: a later try may work


PASSING = [
    pytest.param(refusal(503, "SERVER_UNAVAILABLE"), id="503"),
    pytest.param(refusal(500, "UNKNOWN_EXCEPTION"), id="500"),
    pytest.param(refusal(502, None), id="502-page"),
    pytest.param(refusal(504, None), id="504-page"),
    pytest.param({"status": 420}, id="420"),
    pytest.param({"status": 406}, id="406-without-words"),
    pytest.param({"status": 408}, id="408"),
    pytest.param(refusal(400, "UNABLE_TO_LOCK_ROW"), id="lock"),
    pytest.param(refusal(403, "TOO_MANY_APEX_REQUESTS"), id="apex-requests"),
    pytest.param(refusal(400, "ALREADY_IN_PROCESS"), id="in-process"),
    pytest.param(refusal(400, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"), id="maintenance"),
    pytest.param({"cut": "before"}, id="reset"),
    pytest.param({"cut": "after"}, id="no-answer"),
    pytest.param({"cut": "mid-body"}, id="cut"),
    pytest.param({"truncate": 60, "clean": True}, id="short"),
    pytest.param({"stall": 30}, id="timeout"),
]


@pytest.mark.parametrize("action", PASSING)
def test_what_passes_is_tried_again_after_a_growing_pause(played: Played, action: dict[str, Any]) -> None:
    _, rig = played
    rig.read_timeout(0.4)
    meet(rig, LEAD, action, 3 if "stall" not in action else 1)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert rig.differences({"Lead"}) == []
    waited = rig.pauses
    assert [0.8 * 2**n <= pause <= 1.2 * 2**n for n, pause in enumerate(waited)] == [True] * len(waited)
    assert len(waited) == (3 if "stall" not in action else 1)


@pytest.mark.parametrize("action", [p for p in PASSING if p.id in ("503", "502-page", "lock", "420")])
def test_what_does_not_pass_is_the_object_s_problem(played: Played, action: dict[str, Any]) -> None:
    """Five tries, then the others go on and the next cycle asks again."""
    _, rig = played
    meet(rig, LEAD, action, None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.PROBLEMS
    error = error_of(result, "Lead")
    assert error is not None
    assert error.code is ErrorCode.SERVER_ERROR
    assert len(asked(rig, LEAD)) == MOST_TRIES
    assert rig.differences({"Account"}) == []
    assert "tries again" in messages.message(error).remedy
    well_again(rig)


@pytest.mark.parametrize(
    ("action", "code"),
    [({"cut": "before"}, ErrorCode.CANNOT_CONNECT), ({"cut": "mid-body"}, ErrorCode.CANNOT_CONNECT),
     ({"stall": 30}, ErrorCode.TIMED_OUT)],
    ids=["reset", "cut", "timeout"],
)  # fmt: skip
def test_without_a_network_the_cycle_ends_and_the_next_one_goes_on(
    played: Played, action: dict[str, Any], code: ErrorCode
) -> None:
    _, rig = played
    rig.read_timeout(0.2)
    put(rig, ".", action, None)
    result = cycle(rig)
    assert (result.outcome, result.error and result.error.code) == (CycleOutcome.ERROR, code)
    # The tries, and at most one look whether anything answers at all.
    assert 2 <= len(asked(rig, ".")) <= MOST_TRIES + 1
    well_again(rig)


# wait: fewer requests, longer pauses


@pytest.mark.parametrize(
    "action",
    [
        refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        refusal(403, "TXN_SECURITY_METERING_ERROR"),
        refusal(429, None),
    ],
    ids=["concurrent", "metering", "429"],
)
def test_a_busy_org_is_given_time(played: Played, action: dict[str, Any]) -> None:
    _, rig = played
    meet(rig, LEAD, action, 2)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert rig.differences({"Lead"}) == []
    assert [24 <= pause <= 120 for pause in rig.pauses] == [True, True]


def test_the_pause_that_the_org_asks_for_is_kept(played: Played) -> None:
    _, rig = played
    meet(rig, LEAD, {**refusal(503, "SERVER_UNAVAILABLE"), "headers": {"Retry-After": "17"}})
    assert cycle(rig).outcome is CycleOutcome.OK
    assert rig.pauses == [17]


# sign in


def test_an_ended_session_is_renewed_once_and_the_same_question_asked_again(played: Played) -> None:
    _, rig = played
    put(rig, "/composite", refusal(401, "INVALID_SESSION_ID"))
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    first, second = asked(rig, "/composite")[:2]
    assert (first["status"], second["status"]) == (401, 200)
    assert rig.pauses == []
    assert rig.differences({"Lead"}) == []


def test_a_session_that_ends_again_at_once_needs_the_person(played: Played) -> None:
    _, rig = played
    put(rig, "/composite", refusal(401, "INVALID_SESSION_ID"), None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.SIGN_IN_NEEDED
    assert [call["status"] for call in asked(rig, "/composite")] == [401, 401]
    assert result.error is not None
    assert "sign in" in messages.message(result.error).remedy.lower()
    well_again(rig)


# budget


def test_a_spent_day_stops_the_background_at_once_and_leaves_the_person_s_own_wishes(played: Played) -> None:
    world, rig = played
    put(rig, "/composite", refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.BUDGET
    assert result.error is not None
    assert result.error.code is ErrorCode.API_LIMIT
    assert asked(rig, ".")[-1]["path"].endswith("/composite")
    assert len(asked(rig, "/composite")) == 1
    record = world.one("Lead", 1)
    assert record is not None
    changes = rig.engine(rig.client()).refresh_record("Lead", record)
    assert changes.touches("Lead")
    well_again(rig)


# less at once


@pytest.mark.parametrize(
    "code", ["QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "EXCEEDED_ID_LIMIT", "OPERATION_TOO_LARGE"]
)
def test_too_much_at_once_is_asked_for_in_pieces(played: Played, code: str) -> None:
    _, rig = played
    meet(rig, UNLIMITED, refusal(400, code), None)
    put(rig, LEAD + r".*LIMIT(\+|%20)2000\b", refusal(400, code), None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert asked(rig, r"LIMIT(\+|%20)500\b")
    assert rig.differences({"Lead"}) == []


@pytest.mark.parametrize(
    "action",
    [refusal(400, "QUERY_TOO_COMPLICATED"), refusal(414, None), refusal(431, None)],
    ids=["complicated", "414", "431"],
)
def test_too_many_fields_are_asked_for_in_several_questions(played: Played, action: dict[str, Any]) -> None:
    _, rig = played
    # A Lead has some 80 fields: the address of them all is far longer.
    wide = r"queryAll.{900,}FROM(\+|%20)Lead\b"
    meet(rig, wide, action, None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert rig.differences({"Lead"}) == []


# begin anew


@pytest.mark.parametrize("action", [refusal(400, "INVALID_QUERY_LOCATOR"), refusal(404, "NOT_FOUND")])
def test_a_forgotten_cursor_begins_the_window_anew(played: Played, action: dict[str, Any]) -> None:
    world, rig = played
    for number in range(2, 20):
        world.touch("Lead", number)
    rig.org.site.behaviour.rest_page_rows = 4
    put(rig, r"/query(All)?/0r8", action)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert rig.differences({"Lead"}) == []


def test_a_gap_in_the_log_of_deletions_starts_a_sweep(played: Played) -> None:
    world, rig = played
    world.purge("Lead", 3, binned=False)
    put(rig, "Lead/deleted", refusal(400, "INVALID_REPLICATION_DATE"), nested=True)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert ("reconcile", "Lead") in operations(rig)
    assert rig.differences({"Lead"}) == []


def operations(rig: DemoRig) -> set[tuple[str, str | None]]:
    return {(step.operation, step.object) for step in rig.mirror.read(lambda s: history.recent(s, 200))}


# describe again


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_TYPE"])
def test_a_refused_field_or_object_is_described_again_and_asked_once_more(played: Played, code: str) -> None:
    _, rig = played
    meet(rig, LEAD, refusal(400, code))
    result = cycle(rig)
    assert result.outcome is CycleOutcome.OK, result
    assert len(asked(rig, "/sobjects/Lead/describe")) == 1
    assert rig.differences({"Lead"}) == []


@pytest.mark.parametrize(
    ("code", "told"), [("INVALID_FIELD", ErrorCode.FIELD_REFUSED), ("INVALID_TYPE", ErrorCode.OBJECT_NOT_VISIBLE)]
)
def test_what_is_refused_again_is_the_object_s_problem(played: Played, code: str, told: ErrorCode) -> None:
    _, rig = played
    meet(rig, LEAD, refusal(400, code), None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.PROBLEMS
    error = error_of(result, "Lead")
    assert error is not None
    assert error.code is told
    assert 1 <= len(asked(rig, "/sobjects/Lead/describe")) <= 2
    # Not one question for each of its fields: where all is refused, no field is to blame.
    assert len(asked(rig, LEAD)) <= 4
    assert "Salesforce's own words" in messages.message(error).title
    assert rig.differences({"Account"}) == []
    well_again(rig)


# tell the person


@pytest.mark.parametrize(
    ("status", "code"), [(403, "INSUFFICIENT_ACCESS"), (400, "MALFORMED_QUERY"), (400, "SOMETHING_NEW"), (418, None)]
)
def test_what_nobody_can_mend_is_told_with_salesforce_s_words_and_not_repeated(
    played: Played, status: int, code: str | None
) -> None:
    _, rig = played
    body = refusal(status, code) if code else {"status": status, "body": {"hello": 1}}
    meet(rig, LEAD, body, None)
    result = cycle(rig)
    assert result.outcome is CycleOutcome.PROBLEMS
    error = error_of(result, "Lead")
    assert error is not None
    words = messages.message(error)
    if code is not None:
        assert f"{code}: Salesforce's own words" in words.title
    assert len(asked(rig, LEAD)) == 1
    assert rig.differences({"Account"}) == []
    [problem] = rig.mirror.read(problems.open_problems)
    assert problem.object == "Lead"
    well_again(rig)


@pytest.mark.parametrize("code", ["API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"])
def test_an_org_whose_api_is_switched_off_is_left_alone(played: Played, code: str) -> None:
    _, rig = played
    put(rig, "/sobjects$", refusal(403, code), None)
    result = cycle(rig)
    assert (result.outcome, result.error and result.error.code) == (CycleOutcome.ERROR, ErrorCode.API_NOT_ENABLED)
    assert len(asked(rig, "/sobjects")) == 1
    assert not asked(rig, "/composite")
    well_again(rig)


@pytest.mark.parametrize(
    "action",
    [
        {"status": 200, "body": "<html>Please sign in to the guest network</html>"},
        {"status": 302, "body": "", "headers": {"Location": "https://portal.example/sign-in"}},
    ],
    ids=["page", "elsewhere"],
)
def test_what_is_not_salesforce_at_all_is_not_believed(played: Played, action: dict[str, Any]) -> None:
    _, rig = played
    put(rig, ".", action, None)
    result = cycle(rig)
    assert (result.outcome, result.error and result.error.code) == (CycleOutcome.ERROR, ErrorCode.NOT_SALESFORCE)
    assert len(asked(rig, ".")) == 1
    well_again(rig)


# the slow passes


@pytest.mark.parametrize(
    "begin",
    [
        lambda rig: setattr(
            rig.org.site.behaviour, "bulk_fail", "InternalServerError : Retried more than fifteen times"
        ),
        lambda rig: put(rig, "/jobs/query$", refusal(400, "EXCEEDEDQUOTA", "10000 jobs"), None),
        lambda rig: put(rig, "/jobs/query/.*/results", refusal(404, "NOT_FOUND"), None),
        lambda rig: put(rig, "/jobs/query", refusal(404, "NOT_FOUND"), None),
    ],
    ids=["failed", "quota", "gone", "not-offered"],
)
def test_a_sweep_whose_bulk_job_fails_goes_by_pages(
    played: Played, monkeypatch: pytest.MonkeyPatch, begin: Callable[[DemoRig], None]
) -> None:
    world, rig = played
    monkeypatch.setattr(part_read, "BULK_ABOVE", 3)
    world.purge("Lead", 3, binned=False)
    world.administrate("trim_delete_log")
    begin(rig)
    swept = rig.reconcile(("Lead",))
    assert [item.error for item in swept] == [None]
    assert rig.differences({"Lead"}) == []

"""What a push plans, alone: jobs, merges of records, deletes, candidates, mass questions, values on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.mirror.entries import CREATE, DELETE, UPDATE, Entry
from core.mirror.tables import Table, make_table
from core.model.conflicts import ConflictKind
from core.model.scope import load_order
from core.salesforce.errors import SalesforceError
from core.sync.duplicates import duplicates_of
from core.sync.merge3 import Policy, Verdict
from core.sync.push_plan import (
    Job,
    Rules,
    Seen,
    by_object,
    candidates,
    changed_after,
    changed_since_delete,
    gone_kind,
    jobs,
    mass_question,
    plan_update,
)
from core.sync.push_values import stored_record, wire_record
from tests.unit.push.conftest import LEAD, describe, edit_field

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def table(*more: dict[str, Any]) -> Table:
    info = describe("Lead", (*LEAD, *more))
    return make_table(info, frozenset(f.name for f in info.fields))


RULES = Rules.of(table(), {})


def entry(seq: int, record_id: str = "a", op: str = UPDATE, field: str | None = None, **more: Any) -> Entry:
    values: dict[str, Any] = {
        "object": "Lead",
        "base": None,
        "mine": None,
        "server": None,
        "group_id": "g",
        "state": "pending",
        "attempts": 0,
        "next_try_at": None,
        "error_code": None,
        "error_text": None,
        "created_at": AT,
        "edited_at": AT,
        "token": None,
    }
    return Entry(seq=seq, record_id=record_id, op=op, field=field, **(values | more))


def ids(found: Iterable[Job]) -> list[tuple[str, str]]:
    return [(job.record_id, job.op) for job in found]


def test_entries_become_one_job_a_record() -> None:
    found = jobs(
        [
            entry(1, "new-1", CREATE, mine='{"use_assignment_rules": true}'),
            entry(2, "new-1", field="LastName", mine="A"),
            entry(3, "b", field="City", mine="Rome", attempts=2),
            entry(4, "c", DELETE, base="2024-03-01T00:00:00.000Z"),
        ],
        {},
    )
    assert ids(found) == [("new-1", CREATE), ("b", UPDATE), ("c", DELETE)]
    assert found[0].options == {"use_assignment_rules": True}
    assert found[0].values == {"LastName": "A"}
    assert found[1].options == {}
    assert (found[1].attempts, found[1].seqs) == (2, (3,))
    assert found[1].only([]).entries == ()
    assert list(by_object(found, load_order, DELETE)) == ["Lead"]


def test_what_refers_to_a_record_that_is_not_made_waits() -> None:
    parent = entry(1, "new-1", CREATE)
    child = [entry(2, "new-2", CREATE), entry(3, "new-2", field="OwnerId", mine="new-1")]
    other = [entry(4, "b", field="OwnerId", mine="new-1"), entry(5, "b", field="City", mine="x")]
    only = [entry(6, "c", field="OwnerId", mine="new-1")]
    gone = [entry(7, "d", DELETE)]
    waits = {key: {"new-1"} for key in ("new-2", "b", "c", "d")}
    found = jobs([parent, *child, *other, *only, *gone], waits)
    assert ids(found) == [("new-1", CREATE), ("b", UPDATE), ("d", DELETE)]
    assert found[1].values == {"City": "x"}


def test_a_ring_of_new_records_is_made_without_its_references() -> None:
    one = [entry(1, "new-1", CREATE), entry(2, "new-1", field="OwnerId", mine="new-2")]
    two = [entry(3, "new-2", CREATE), entry(4, "new-2", field="OwnerId", mine="new-1")]
    found = jobs([*one, *two], {"new-1": {"new-2"}, "new-2": {"new-1"}})
    assert ids(found) == [("new-1", CREATE), ("new-2", CREATE)]
    assert found[0].values == {}
    chain = {"new-1": {"new-2"}, "new-2": {"new-3"}}
    three = [entry(5, "new-3", CREATE)]
    assert ids(jobs([*one, *two, *three], chain)) == [("new-3", CREATE)]
    loop = {"new-1": {"new-2"}, "new-2": {"new-3"}, "new-3": {"new-2"}}
    assert ids(jobs([*one, *two, *three], loop)) == [("new-2", CREATE), ("new-3", CREATE)]


def test_a_record_is_merged_field_by_field() -> None:
    job = jobs(
        [
            entry(1, field="City", base="Rome", mine="Oslo"),
            entry(2, field="Phone", base="1", mine="2"),
            entry(3, field="Company", base="A", mine="B"),
        ],
        {},
    )[0]
    seen = Seen.of(
        {"City": "Rome", "Phone": "3", "Company": "B", "Street": "new", "LastModifiedDate": "2024-03-01T12:00:00.000Z"}
    )
    plan = plan_update(job, seen, RULES, bases={}, sent={})
    assert plan.send == {"City": "Oslo"}
    assert [e.seq for e in plan.entries(Verdict.ASK)] == [2]
    assert [e.seq for e in plan.entries(Verdict.CONVERGED)] == [3]
    unit = plan_update(job, seen, RULES, bases={"Street": "old"}, sent={"Phone": ("3",)})
    assert unit.send == {"Phone": "2"}
    assert [d.edit.field for d in unit.of(Verdict.ASK)] == ["City"]
    mine = replace(RULES, policies={None: Policy.MINE, "City": Policy.ASK})
    assert [d.edit.field for d in plan_update(job, seen, mine, bases={}, sent={}).overruled] == ["Phone"]
    assert mine.policy("City") is Policy.ASK
    assert RULES.kind("NoSuchField") == "string"


def test_a_field_that_was_not_read_is_not_in_conflict() -> None:
    job = jobs([entry(1, field="City", base="Rome", mine="Oslo")], {})[0]
    assert plan_update(job, Seen.of({}), RULES, bases={}, sent={}).send == {"City": "Oslo"}


def test_a_precheck_reads_units_stamps_and_states() -> None:
    assert set(RULES.looked_at(["City", "NoSuchField"])) == {
        "Id", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted", "IsConverted", "City", "Street",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "modified", "after"),
    [
        ("2024-03-01T12:00:00.000Z", "2024-03-01T12:00:00.000Z", False),
        ("2024-03-01T12:00:00.000Z", "2024-03-01T12:00:01.000Z", True),
        ("00Q000000000001AAA", "2024-03-01T12:00:01.000Z", True),
        (None, "2024-03-01T12:00:01.000Z", True),
        ("2024-03-01T12:00:00.000Z", None, True),
    ],
)
def test_a_delete_knows_what_it_was_made_from(base: str | None, modified: str | None, after: bool) -> None:
    [job] = jobs([entry(1, op=DELETE, base=base)], {})
    seen = Seen.of({"LastModifiedDate": modified, "Phone": "2", "City": "x", "Name": "N", "Unknown": 1})
    assert changed_after(job, seen) is after
    changed = changed_since_delete(job, seen, {"Phone": "1", "City": "x", "LastModifiedDate": "0"}, RULES)
    assert changed == ({"Phone": ("1", "2")} if after else {})


def test_calculated_fields_are_nobodys_change() -> None:
    with_formula = Rules.of(table({"name": "Calc__c", "type": "string", "calculated": True}), {})
    [job] = jobs([entry(1, op=DELETE)], {})
    seen = Seen.of({"Calc__c": "b", "Nowhere": 2})
    assert changed_since_delete(job, seen, {"Calc__c": "a", "Nowhere": 1}, with_formula) == {}


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (None, ConflictKind.HIDDEN_THERE),
        ({"IsDeleted": 1, "MasterRecordId": "x"}, ConflictKind.MERGED_THERE),
        ({"IsConverted": 1}, ConflictKind.CONVERTED_THERE),
        ({"IsDeleted": 1}, ConflictKind.GONE_THERE),
    ],
)
def test_why_a_record_cannot_be_written_to(found: dict[str, Any] | None, kind: ConflictKind) -> None:
    told = gone_kind(found)
    assert told is not None
    assert told[0] is kind
    assert gone_kind({"IsDeleted": 0}) is None


def test_candidates_are_equal_in_what_tells_records_apart() -> None:
    sent = {
        "LastName": "Ames",
        "Company": "Acme",
        "City": "Oslo",
        "AnnualRevenue": "1.50",
        "OwnerId": "x",
        "Email": None,
    }
    rows = [
        {"Id": "1", "LastName": "ames", "Company": "Acme", "City": "Rome", "AnnualRevenue": 1.5},
        {"Id": "2", "LastName": "Ames", "Company": "Acme", "City": "Oslo", "AnnualRevenue": 1.5, "OwnerId": "x"},
        {"Id": "3", "LastName": "Bell", "Company": "Acme"},
        {"Id": "4", "LastName": "Ames", "Company": "Acme"},
    ]
    assert candidates(sent, rows, RULES, {"4"}) == ["2"]
    assert candidates(sent, rows, RULES, {"2", "4"}) == ["1"]
    assert candidates({"City": "Rome"}, rows, RULES, ()) == ["1"]


def test_a_mass_change_is_an_act_over_many_records() -> None:
    acts = [entry(i, f"r{i}", field="City", group_id="act") for i in range(1, 4)]
    single = entry(9, "x", field="City", group_id="one")
    new = [entry(20 + i, f"new-{i}", CREATE, group_id="act") for i in range(5)]
    deletes = [entry(30 + i, f"d{i}", DELETE, group_id=None) for i in range(3)]
    found = jobs([*acts, single, *new, *deletes], {})
    assert mass_question(found, 0, 0) is None
    assert mass_question(found, 3, 0) is None
    question = mass_question(found, 2, 0)
    assert question is not None
    assert (question.updates, question.deletes, question.records) == (3, 3, 6)
    assert question.objects == ("Lead",)
    assert 9 not in question.seqs
    assert mass_question(found, 2, question.seqs[-1]) is None


def test_values_travel_as_json_and_come_back_as_stored() -> None:
    wide = table(edit_field("Big__c", "double", precision=18, scale=6))
    out = wire_record(
        wide,
        {
            "AnnualRevenue": "12.50",
            "NumberOfEmployees": 7.0,
            "Big__c": "123456789012.123456",
            "HasOptedOutOfEmail": 1,
            "City": "",
            "Phone": "1",
            "Company": None,
            "attributes": {"type": "Lead"},
        },
    )
    assert out == {
        "AnnualRevenue": Decimal("12.50"),
        "NumberOfEmployees": 7,
        "Big__c": Decimal("123456789012.123456"),
        "HasOptedOutOfEmail": True,
        "City": None,
        "Phone": "1",
        "Company": None,
        "attributes": {"type": "Lead"},
    }
    assert wire_record(wide, {"NumberOfEmployees": 1.5, "AnnualRevenue": "****"}) == {
        "NumberOfEmployees": Decimal("1.5"),
        "AnnualRevenue": "****",
    }
    assert wire_record(wide, {"NumberOfEmployees": True, "AnnualRevenue": "3"}) == {
        "NumberOfEmployees": 1,
        "AnnualRevenue": 3,
    }
    assert wire_record(wide, {"NumberOfEmployees": float("inf")}) == {"NumberOfEmployees": "inf"}
    assert stored_record(wide, {"phone": "1", "HasOptedOutOfEmail": True, "Nope": 1}) == {
        "Phone": "1",
        "HasOptedOutOfEmail": 1,
    }


def test_duplicates_are_read_in_all_their_spellings() -> None:
    result = {
        "allowSave": True,
        "matchResults": [
            {
                "entityType": "Lead",
                "rule": "R",
                "matchRecords": [
                    {"matchConfidence": 90.0, "record": {"Id": "00Q000000000001AAA"}},
                    {"record": {"attributes": {"type": "Contact"}, "Id": "003000000000001AAA"}},
                    {"record": {}},
                    {"record": None},
                ],
            },
            "junk",
        ],
    }
    for key in ("duplicateResut", "duplicateResult", "duplicateRecordError"):
        found = duplicates_of(SalesforceError(400, "DUPLICATES_DETECTED", "Same?", details={key: result}))
        assert found is not None
        assert [(m["object"], m["confidence"]) for m in found["matches"]] == [("Lead", 90.0), ("Contact", 0.0)]
        assert (found["allow_save"], found["message"]) == (True, "Same?")
    assert duplicates_of(SalesforceError(400, "X", None)) is None
    assert duplicates_of(SalesforceError(400, "X", None, details={})) is None
    listless = SalesforceError(400, "X", None, details={"duplicateResut": {"matchResults": None}})
    assert duplicates_of(listless) == {"message": "", "rule": "", "allow_save": False, "matches": []}

"""The three-way merge, alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.describe import parse_object
from core.sync.merge3 import (
    Decision,
    Edit,
    Policy,
    Sibling,
    Verdict,
    alike,
    merge,
    partners_of,
    policy_of,
    same,
    units,
)

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def edit(base: Any, mine: Any, theirs: Any, policy: Policy = Policy.ASK, name: str = "F", **more: Any) -> Edit:
    more.setdefault("edited_at", AT)
    return Edit(name, more.pop("type", "string"), base, mine, theirs, policy=policy, **more)


def one(item: Edit, modified: datetime | None = AT) -> Decision:
    [decision] = merge([item], [], modified)
    return decision


@pytest.mark.parametrize(
    ("kind", "left", "right", "equal"),
    [
        ("string", "a", "a", True),
        ("string", "a", "A", False),
        ("string", "", None, True),
        ("string", None, "a", False),
        ("string", "a", None, False),
        ("double", 1, 1.0, True),
        ("currency", "10000000000000000.10", "10000000000000000.1", True),
        ("currency", "10000000000000000.1", "10000000000000000.2", False),
        ("int", True, 1, True),
        ("double", "****", "****", True),
        ("double", "****", 1, False),
        ("boolean", 1, True, True),
        ("boolean", 0, True, False),
        ("reference", "005000000000001", "005000000000001AAA", True),
        ("id", "005000000000001", "005000000000002AAA", False),
        ("multipicklist", "a;b", "b;a", True),
        ("multipicklist", "a", "a;b", False),
        ("date", "2024-03-01", "2024-03-01", True),
    ],
)
def test_values_are_compared_by_their_type(kind: str, left: Any, right: Any, equal: bool) -> None:
    assert same(kind, left, right) is equal
    assert alike(kind, left, right) is equal


@pytest.mark.parametrize(
    ("kind", "left", "right", "equal"),
    [
        ("string", " a ", "a", True),
        ("textarea", "a\r\nb", "a\nb", True),
        ("textarea", "a\rb", "a\nb ", True),
        ("string", "  ", None, True),
        ("string", None, " ", True),
        ("string", "a b", "ab", False),
        ("double", None, 1, False),
        ("boolean", 0, None, False),
    ],
)
def test_texts_that_salesforce_would_store_alike_are_alike(kind: str, left: Any, right: Any, equal: bool) -> None:
    assert alike(kind, left, right) is equal


def test_one_side_alone_merges_by_itself() -> None:
    assert one(edit("a", "b", "a")).verdict is Verdict.SEND
    assert one(edit("a", "b", "a")).by is None
    assert one(edit("a", "b", "b")).verdict is Verdict.CONVERGED


def test_a_value_of_mine_that_arrived_unseen_is_no_foreign_change() -> None:
    assert one(edit("a", "c", "b", sent=("b",))).verdict is Verdict.SEND
    assert one(edit("a", "c", "x", sent=("b",))).verdict is Verdict.ASK


@pytest.mark.parametrize(
    ("policy", "modified", "verdict"),
    [
        (Policy.ASK, AT, Verdict.ASK),
        (Policy.MINE, AT, Verdict.SEND),
        (Policy.SALESFORCE, AT, Verdict.THEIRS),
        (Policy.NEWEST, AT - timedelta(seconds=1), Verdict.SEND),
        (Policy.NEWEST, AT, Verdict.THEIRS),
        (Policy.NEWEST, AT + timedelta(seconds=1), Verdict.THEIRS),
        (Policy.NEWEST, None, Verdict.SEND),
    ],
)
def test_policies(policy: Policy, modified: datetime | None, verdict: Verdict) -> None:
    decision = one(edit("a", "b", "c", policy), modified)
    assert (decision.verdict, decision.by, decision.collided) == (verdict, policy, ("F",))


def test_a_unit_goes_one_way() -> None:
    city, street = edit("a", "b", "a", name="City"), edit("c", "d", "e", name="Street")
    decisions = merge([city, street], [], AT)
    assert [d.verdict for d in decisions] == [Verdict.ASK, Verdict.ASK]
    assert decisions[0].collided == ("Street",)


def test_a_change_of_an_untouched_part_meets_my_change() -> None:
    moved = Sibling("Street", "string", "a", "b")
    still = Sibling("Zip", "string", "1", "1")
    [decision] = merge([edit("a", "b", "a")], [moved, still], AT)
    assert (decision.verdict, decision.collided) == (Verdict.ASK, ("Street",))
    [settled] = merge([edit("a", "b", "b")], [moved], AT)
    assert settled.verdict is Verdict.CONVERGED


def test_what_converged_stays_so_beside_a_conflict() -> None:
    decisions = merge([edit("a", "b", "b", name="X"), edit("a", "b", "c", name="Y")], [], AT)
    assert [d.verdict for d in decisions] == [Verdict.CONVERGED, Verdict.ASK]


def test_fields_with_different_policies_are_asked_about() -> None:
    assert policy_of([edit(1, 2, 3, Policy.MINE), edit(1, 2, 3, Policy.SALESFORCE)]) is Policy.ASK
    assert policy_of([edit(1, 2, 3, Policy.NEWEST)]) is Policy.NEWEST


def test_units_follow_partners() -> None:
    partners = {
        "City": frozenset({"Street", "Zip"}),
        "Street": frozenset({"City", "Zip"}),
        "Amount": frozenset({"CurrencyIsoCode"}),
        "Budget": frozenset({"CurrencyIsoCode"}),
        "CurrencyIsoCode": frozenset({"Amount", "Budget"}),
    }
    assert units(["City", "Phone", "Street"], partners) == [(["City", "Street"], ["Zip"]), (["Phone"], [])]
    assert units(["Amount", "Budget"], partners) == [
        (["Amount"], ["CurrencyIsoCode"]),
        (["Budget"], ["CurrencyIsoCode"]),
    ]
    assert units(["Amount", "Budget", "CurrencyIsoCode"], partners) == [(["Amount", "CurrencyIsoCode", "Budget"], [])]
    assert units(["X", "X"], {}) == [(["X"], [])]


def test_partners_come_from_the_describe() -> None:
    def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
        return {"name": name, "type": kind, "updateable": True, **more}

    fields = [
        field("FirstName", compoundFieldName="Name"),
        field("LastName", compoundFieldName="Name"),
        {"name": "Name", "type": "string", "compoundFieldName": "Name"},
        field("City", compoundFieldName="Address"),
        {"name": "Accuracy", "type": "string", "compoundFieldName": "Address"},
        field("Amount", "currency"),
        {"name": "Expected", "type": "currency"},
        field("CurrencyIsoCode", "picklist"),
    ]
    raw: dict[str, Any] = {"name": "X", "label": "X", "labelPlural": "X", "fields": fields}
    assert partners_of(parse_object(raw)) == {
        "FirstName": frozenset({"LastName"}),
        "LastName": frozenset({"FirstName"}),
        "Amount": frozenset({"CurrencyIsoCode"}),
        "CurrencyIsoCode": frozenset({"Amount"}),
    }
    raw["fields"] = fields[:2]
    assert partners_of(parse_object(raw)) == {
        "FirstName": frozenset({"LastName"}),
        "LastName": frozenset({"FirstName"}),
    }


VALUES = st.sampled_from([None, "", "a", "b", " a", "c"])


@given(VALUES, VALUES, VALUES, st.sampled_from(list(Policy)), st.lists(VALUES, max_size=2))
def test_nothing_unseen_is_ever_replaced_without_a_word(
    base: Any, mine: Any, theirs: Any, policy: Policy, sent: list[Any]
) -> None:
    item = edit(base, mine, theirs, policy, sent=tuple(sent))
    decision = one(item)
    known = any(same("string", theirs, value) for value in (base, *sent))
    if decision.verdict is Verdict.SEND and not known:
        assert decision.by in (Policy.MINE, Policy.NEWEST)
    if decision.verdict is Verdict.CONVERGED:
        assert alike("string", mine, theirs)
    if decision.verdict is Verdict.THEIRS:
        assert decision.by in (Policy.SALESFORCE, Policy.NEWEST)
        assert not known

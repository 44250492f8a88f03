"""Rows written in a transaction that is held open, and the emptied recycle bin."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.demo.errors import OrgError
from core.demo.org import Org
from core.demo.values import moment
from tests.unit.demo.conftest import add, admin, names


def lead(org: Org, name: str, **more: object) -> dict[str, object]:
    return {"user": org.admin_id, "name": "Lead", "values": {"LastName": name, "Company": "Acme", **more}}


def covered(org: Org, start: datetime) -> tuple[list[str], datetime]:
    return admin(org).updated("Lead", start, org.now() + timedelta(hours=1))


def test_rows_appear_at_the_commit_with_their_own_stamps(bare: Org) -> None:
    begin = bare.now().replace(microsecond=0)
    old = add(bare, "Lead", LastName="Old", Company="Acme")
    bare.advance_clock(60)
    held = bare.hold()
    started = moment(bare.stamp())
    bare.advance_clock(60)
    new = bare.held_call(held, "insert", lead(bare, "Late"))
    change = {"user": bare.admin_id, "name": "Lead", "record_id": old, "values": {"LastName": "Older"}}
    bare.held_call(held, "update", change)
    written = moment(bare.stamp())
    bare.advance_clock(600)
    outside = add(bare, "Lead", LastName="Outside", Company="Acme")
    assert names(bare, "Company = 'Acme'") == ["Old", "Outside"]
    assert admin(bare).query("SELECT COUNT() FROM Lead").total_size == 2
    ids, until = covered(bare, begin)
    assert ids == [old, outside]
    assert started - timedelta(seconds=2) <= until <= started
    assert outside != new
    bare.commit(held)
    assert names(bare, "Company = 'Acme'") == ["Late", "Older", "Outside"]
    record = admin(bare).record("Lead", new, ["CreatedDate", "SystemModstamp"])
    assert abs(moment(str(record["SystemModstamp"])) - written) <= timedelta(seconds=2)
    ids, until = covered(bare, begin)
    assert set(ids) == {old, new, outside}
    assert until > written


def test_a_later_call_sees_the_earlier_ones(bare: Org) -> None:
    held = bare.hold()
    new = bare.held_call(held, "insert", lead(bare, "Late"))
    made = bare.held_call(held, "convert", {"user": bare.admin_id, "lead_id": new, "opportunity_name": "Deal"})
    with pytest.raises(OrgError):
        admin(bare).record("Contact", made["contact_id"], ["Id"])
    assert add(bare, "Account", Name="Other") != made["account_id"]
    bare.commit(held)
    assert admin(bare).record("Lead", new, ["ConvertedContactId"])["ConvertedContactId"] == made["contact_id"]


def test_a_deletion_appears_late_in_the_delete_log(bare: Org) -> None:
    begin = bare.now().replace(microsecond=0)
    old = add(bare, "Lead", LastName="Old", Company="Acme")
    held = bare.hold()
    bare.held_call(held, "delete", {"user": bare.admin_id, "name": "Lead", "record_id": old})
    before = bare.now() + timedelta(seconds=1)
    bare.advance_clock(600)
    assert admin(bare).deleted("Lead", begin, bare.now())[0] == []
    bare.commit(held)
    rows = admin(bare).deleted("Lead", begin, bare.now() + timedelta(hours=1))[0]
    assert [row["id"] for row in rows] == [old]
    assert moment(rows[0]["deletedDate"]) <= before


def test_rows_of_a_held_transaction_are_locked(bare: Org) -> None:
    old = add(bare, "Lead", LastName="Old", Company="Acme")
    held = bare.hold()
    change = {"user": bare.admin_id, "name": "Lead", "record_id": old, "values": {"LastName": "Held"}}
    bare.held_call(held, "update", change)
    with pytest.raises(OrgError) as caught:
        bare.update(bare.admin_id, "Lead", old, {"LastName": "Mine"})
    assert caught.value.code == "UNABLE_TO_LOCK_ROW"
    bare.roll_back(held)
    bare.update(bare.admin_id, "Lead", old, {"LastName": "Mine"})
    assert names(bare, "Company = 'Acme'") == ["Mine"]


def test_a_refused_call_leaves_the_transaction_as_it_was(bare: Org) -> None:
    held = bare.hold()
    bare.held_call(held, "insert", lead(bare, "Late"))
    with pytest.raises(OrgError, match="No such column"):
        bare.held_call(held, "insert", lead(bare, "Wrong", Nonsense="x"))
    with pytest.raises(ValueError, match="held open"):
        bare.held_call(held, "hide_field", {})
    bare.commit(held)
    assert names(bare, "Company = 'Acme'") == ["Late"]
    with pytest.raises(ValueError, match="no such transaction"):
        bare.commit(held)


def test_the_emptied_bin_is_gone_but_told_of(bare: Org) -> None:
    begin = bare.now().replace(microsecond=0)
    kept = add(bare, "Lead", LastName="Kept", Company="Acme")
    gone = add(bare, "Lead", LastName="Gone", Company="Acme")
    account = add(bare, "Account", Name="Gone")
    bare.delete(bare.admin_id, "Lead", gone)
    bare.delete(bare.admin_id, "Account", account)
    assert bare.empty_bin(bare.admin_id, "Lead") == 1
    rows = admin(bare).query("SELECT Id FROM Lead", all_rows=True).records("65.0")
    assert [row["Id"] for row in rows] == [kept]
    assert [row["id"] for row in admin(bare).deleted("Lead", begin, bare.now() + timedelta(minutes=2))[0]] == [gone]
    with pytest.raises(OrgError):
        bare.undelete(bare.admin_id, "Lead", gone)
    assert bare.empty_bin(bare.admin_id) == 1

"""Campaign members, calls and tasks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.api.records import ActName, EditRefused
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, long_id
from tests.helpers.crm import ME


@pytest.fixture
def fair(crm):
    """A campaign with two statuses, two leads and a contact."""
    (campaign,) = crm.add("Campaign", {"Name": "Fair"})
    crm.add("CampaignMemberStatus", {"CampaignId": campaign, "Label": "Came", "HasResponded": True, "SortOrder": 7})
    crm.add("CampaignMemberStatus", {"CampaignId": campaign, "Label": "Asked", "IsDefault": True, "SortOrder": 3})
    return campaign


@pytest.fixture
def people(crm):
    leads = crm.add("Lead", {"LastName": "A", "Name": "A", "Company": "X"}, {"LastName": "B", "Company": "X"})
    contacts = crm.add("Contact", {"LastName": "C"})
    return [RecordRef("Lead", each) for each in leads] + [RecordRef("Contact", each) for each in contacts]


def member_rows(crm):
    sql = 'SELECT coalesce("LeadId", "ContactId"), "Status" FROM "CampaignMember" WHERE "IsDeleted" IS NOT 1'
    return dict(crm.mirror.read(lambda s: s.conn.execute(sql).fetchall()))


def test_statuses_are_the_campaigns_own(crm, records, fair):
    assert [(s.label, s.is_default, s.has_responded) for s in records.campaign_statuses(fair)] == [
        ("Asked", True, False),
        ("Came", False, True),
    ]
    act = records.add_status(fair, "Spoke", has_responded=True)
    assert act.name is ActName.STATUS_ADD
    assert [s.label for s in records.campaign_statuses(fair)] == ["Asked", "Came", "Spoke"]
    assert {v.field: v.mine for v in records.pending() if v.field} == {
        "CampaignId": fair, "Label": "Spoke", "HasResponded": 1, "SortOrder": 8
    }  # fmt: skip
    assert records.add_status(fair, "Spoke").act_id is None


def test_members_are_added_once(crm, records, fair, people):
    done = records.campaign_add(fair, people[:2])
    assert done.act.params["campaign"] == "Fair"
    assert member_rows(crm) == {people[0].id: "Asked", people[1].id: "Asked"}
    done = records.campaign_add(fair, [*people, people[2]], "Came")
    assert [(hit.ref, hit.title, hit.status) for hit in done.existing] == [
        (people[0], "A", "Asked"),
        (people[1], people[1].id, "Asked"),
    ]
    assert member_rows(crm)[people[2].id] == "Came"
    assert records.campaign_add(fair, people).act is None
    with pytest.raises(OrgMirrorError) as caught:
        records.campaign_add(fair, people, "Nope")
    assert caught.value.code is ErrorCode.NO_SUCH_STATUS
    assert caught.value.params["statuses"] == "Asked, Came"
    with pytest.raises(OrgMirrorError):
        records.campaign_add(fair, [RecordRef("User", ME)])
    with pytest.raises(OrgMirrorError):
        records.campaign_add(long_id("701000000000999"), people)


def test_members_move_and_go(crm, records, fair, people):
    records.campaign_add(fair, people[:2])
    done = records.campaign_status(fair, people, "Came")
    assert done.missing == (people[2],)
    assert set(member_rows(crm).values()) == {"Came"}
    with pytest.raises(OrgMirrorError):
        records.campaign_status(fair, people, "Nope")
    done = records.campaign_remove(fair, people)
    assert done.missing == (people[2],)
    assert member_rows(crm) == {}
    assert records.pending() == ()
    records.undo_act(done.act.act_id)  # members that were never sent are made anew
    assert set(member_rows(crm)) == {people[0].id, people[1].id}


def test_a_campaign_made_here_takes_members(crm, records, people):
    (campaign,) = records.create("Campaign", {"Name": "New"}).refs
    done = records.campaign_add(campaign.id, people[:1], "Sent")
    assert done.act is not None
    assert member_rows(crm) == {people[0].id: "Sent"}


def test_people_by_their_ids(crm, records, people):
    assert records.people([ref.id[:15] for ref in people]) == tuple(people)
    with pytest.raises(OrgMirrorError):
        records.people([ME])


def test_calls_and_tasks_once_tasks_are_open(crm, people):
    records = crm.records(now=lambda: datetime(2024, 5, 8, 2, tzinfo=UTC))  # the 7th in New York
    with pytest.raises(OrgMirrorError) as caught:
        records.log_call(people[0], "Call")
    assert caught.value.code is ErrorCode.NOT_EDITABLE
    records.open_for_editing("Task", True)
    act = records.log_call(people[0], "Spoke", "well")
    assert act.name is ActName.LOG_CALL
    assert {v.field: v.mine for v in records.pending() if v.field} == {
        "Subject": "Spoke", "WhoId": people[0].id, "Description": "well", "TaskSubtype": "Call",
        "ActivityDate": "2024-05-07", "Status": "Completed",
    }  # fmt: skip
    records.undo_act(act.act_id)
    (account,) = crm.add("Account", {"Name": "A"})
    records.add_task(RecordRef("Account", account), "Write")
    found = {v.field: v.mine for v in records.pending() if v.field}
    assert (found["WhatId"], found["ActivityDate"], found["Status"]) == (account, "2024-05-12", "Not Started")
    with pytest.raises(EditRefused):
        records.add_task(RecordRef("User", ME), "x" * 300)


def test_what_is_kept_of_an_act_is_plain(crm, records, people):
    records.edit(people[0], {"Company": "Ünï"})
    (row,) = crm.mirror.read(lambda s: s.conn.execute("SELECT params, steps FROM om_act").fetchall())
    assert json.loads(row[1])[0]["new"] == "Ünï"

"""One record: every visible field in its group, look-ups as links or with the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.api.browse import BrowseSession, LinkState, Section
from core.mirror.schema import ensure_table
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from tests.helpers.sample_org import LEAD, SampleOrg, describe, field

Reading = Callable[[], AbstractContextManager[BrowseSession]]


def test_groups_hold_every_visible_field_once(org: SampleOrg, reading: Reading) -> None:
    (lead,) = org.add("Lead", {"Name": "Ann Lee", "Company": "Acme", "Title": "CEO", "Street": "Way 1\nFloor 2"})
    with reading() as session:
        record = session.record(RecordRef("Lead", lead[:15]))
    assert record.ref == RecordRef("Lead", lead)
    assert (record.title, record.subtitle, record.object_label) == ("Ann Lee", "CEO · Acme", "Lead")
    assert record.web_url == f"https://acme.my.salesforce.com/{lead}"
    names = [f.name for group in record.groups for f in group.fields]
    assert sorted(names) == sorted(org.mirror.tables()["Lead"].by_name)
    sections = {f.name: group.section for group in record.groups for f in group.fields}
    assert [group.section for group in record.groups] == [s for s in Section if s in sections.values()]
    assert sections["Company"] is Section.IDENTITY
    assert sections["Email"] is Section.CONTACT
    assert sections["City"] is Section.ADDRESS
    assert sections["Description"] is Section.DESCRIPTION
    assert sections["SystemModstamp"] is Section.SYSTEM
    street = record.field("Street")
    assert street is not None
    assert street.display == "Way 1\nFloor 2"
    assert street.long
    assert record.field("Nope") is None


def test_look_ups_are_links_or_say_why_not(org: SampleOrg, reading: Reading) -> None:
    (user,) = org.add("User", {"Name": "Ömer"})
    (lead,) = org.add("Lead", {"Name": "Ann", "OwnerId": "005000000000009AAA"})
    (account,) = org.add("Account", {"Name": "Acme", "OwnerId": user, "ParentId": "001000000000009AAA"})
    org.ready("User", "Lead", "Thing__c")
    (thing,) = org.add("Thing__c", {"Name": "T", "Account__c": account, "Ghost__c": "0XX000000000001AAA"})
    (task,) = org.add("Task", {"Subject": "Call", "WhoId": lead, "WhatId": thing})
    with reading() as session:
        called = session.record(RecordRef("Task", task))
        who, what, owner = called.field("WhoId"), called.field("WhatId"), called.field("OwnerId")
        assert who is not None and what is not None and owner is not None  # noqa: PT018
        assert (who.link, who.link_label, who.display) == (RecordRef("Lead", lead), "Ann", "Ann")
        assert what.link == RecordRef("Thing__c", thing)
        assert (owner.link, owner.link_state, owner.display) == (None, None, "")
        gone = session.record(RecordRef("Lead", lead)).field("OwnerId")
        assert gone is not None
        assert (gone.link, gone.link_state, gone.display) == (None, LinkState.NOT_VISIBLE, "005000000000009AAA")
        loading = session.record(RecordRef("Account", account)).field("ParentId")
        assert loading is not None
        assert loading.link_state is LinkState.NOT_LOADED
        ghost = session.record(RecordRef("Thing__c", thing)).field("Ghost__c")
        assert ghost is not None
        assert ghost.link_state is LinkState.NOT_LOADED
        assert session.lookup_name(account) == "Acme"
        assert session.lookup_name("001000000000009AAA") is None


def test_a_record_made_here_has_no_page_at_salesforce(org: SampleOrg, reading: Reading) -> None:
    (lead,) = org.add("Lead", {"Id": "new-1234", "Name": "New"})
    org.add("Task", {"Subject": "Call", "WhoId": lead})
    with reading() as session:
        assert session.record(RecordRef("Lead", lead)).web_url is None
        who = session.record(("Task", 1)).field("WhoId")
    assert who is not None
    assert who.link == RecordRef("Lead", "new-1234")


def test_a_deleted_record_says_so(org: SampleOrg, reading: Reading) -> None:
    (lead,) = org.add("Lead", {"Name": "Gone", "IsDeleted": True})
    with reading() as session:
        assert session.record(RecordRef("Lead", lead)).is_deleted


def test_a_record_that_is_not_here(org: SampleOrg, reading: Reading) -> None:
    with reading() as session:
        for wanted in (RecordRef("Lead", "00Q000000000999"), ("Lead", 99)):
            with pytest.raises(OrgMirrorError) as caught:
                session.record(wanted)
            assert caught.value.code is ErrorCode.NO_SUCH_RECORD
        with pytest.raises(OrgMirrorError) as caught:
            session.record(RecordRef("Nope", "00Q000000000999"))
        assert caught.value.code is ErrorCode.NO_SUCH_OBJECT


def test_formatted_text_is_given_raw_and_as_words(org: SampleOrg, reading: Reading) -> None:
    markup = "<p>Hello <b>you</b></p>"
    org.add("Thing__c", {"Name": "x", "Rich__c": markup})
    with reading() as session:
        rich = session.record(("Thing__c", 1)).field("Rich__c")
    assert rich is not None
    assert (rich.html, rich.raw, rich.display) == (True, markup, "Hello you")


def test_a_withdrawn_field_is_gone(org: SampleOrg, reading: Reading) -> None:
    org.add("Lead", {"Name": "Ann", "City": "Rome"})
    fewer = [field(f.name, f.type, nameField=f.name_field) for f in LEAD.fields if f.name in ("Name", "Company")]
    org.mirror.write(lambda s: ensure_table(s, describe("Lead", "00Q", fewer)))
    with reading() as session:
        assert session.record(("Lead", 1)).field("City") is None
        assert [c.name for c in session.columns("Lead") if c.name == "City"] == []

"""Layouts and picklist values of record types: fetched when due, conditionally, and never twice for a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from core.mirror import layouts as store
from core.mirror.mirror import Mirror
from core.mirror.schema import ensure_table
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.records.picklist_store import allowed_values
from core.salesforce.errors import SalesforceError
from core.sync import forms
from tests.helpers.crm import GROUP, LEAD, describe, field

AT = datetime(2024, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
INSIDE = long_id("012000000000001")
SECTIONS = [{"heading": "A", "layoutRows": [{"layoutItems": [{"layoutComponents": [{"value": "Company"}]}]}]}]
BODY = {
    "layouts": [{"id": "L1", "detailLayoutSections": SECTIONS}, {"id": "L2"}],
    "recordTypeMappings": [
        {"recordTypeId": INSIDE[:15], "layoutId": "L1", "picklistsForRecordType": [
            {"picklistName": "Status", "picklistValues": [{"value": "Open"}, {"value": "Old", "active": False}]}]},
        {"recordTypeId": store.MASTER_RECORD_TYPE, "layoutId": "L3", "picklistsForRecordType": None},
    ],
}  # fmt: skip
VALUES = {"picklistFieldValues": {"Status": {"values": [{"value": "Closed"}]}, "odd": None}}


class Org:
    """A client that answers from `answers` by the end of the path; what is missing is refused."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []
        self.transport = SimpleNamespace(request=self.request)

    def path(self, rest):
        return rest

    def request(self, method, path, *, headers):
        self.asked.append((path, headers.get("If-Modified-Since")))
        for end, answer in self.answers.items():
            if end in path:
                if isinstance(answer, Exception):
                    raise answer
                if headers.get("If-Modified-Since"):
                    return SimpleNamespace(status_code=304, headers={}, json=lambda: None)
                return SimpleNamespace(status_code=200, headers={"Last-Modified": "then"}, json=lambda a=answer: a)
        raise SalesforceError(404, "NOT_FOUND", "no")


@pytest.fixture
def mirror(tmp_path):
    with Mirror.create(tmp_path / "mirror.db", None) as made:
        for info in (LEAD, describe("Bare__c", "a01", field("Name", nameField=True))):
            made.write(lambda s, info=info: ensure_table(s, info))
        yield made


def refresh(mirror, org, name="Lead", kind=INSIDE, at=AT, **more):
    return forms.refresh(mirror, org, name, kind, now=at, **more)


def kept(mirror, part, name="Lead"):
    return mirror.read(lambda s: store.get(s, name, part))


def test_fetched_once_and_then_daily(mirror):
    org = Org(**{"describe/layouts": BODY, "picklist-values": VALUES})
    assert refresh(mirror, org)
    assert kept(mirror, store.layout_part(INSIDE)).content["sections"][0]["rows"][0][0]["fields"] == ["Company"]
    assert mirror.read(lambda s: allowed_values(s, "Lead", INSIDE)) == {"Status": frozenset({"Closed"})}
    assert len(org.asked) == 2
    assert not refresh(mirror, org, at=AT + DAY / 2)
    assert len(org.asked) == 2
    assert refresh(mirror, org, at=AT + DAY)
    assert org.asked[2] == ("sobjects/Lead/describe/layouts", "then")
    assert kept(mirror, store.layout_part(INSIDE)).at == AT + DAY
    assert refresh(mirror, org, at=AT + DAY, force=True)


def test_a_layout_that_is_not_among_those_answered_is_asked_for(mirror):
    org = Org(**{"layouts/012": {"detailLayoutSections": SECTIONS}, "describe/layouts": BODY})
    refresh(mirror, org, kind=None)
    assert [path for path, _ in org.asked][1] == f"sobjects/Lead/describe/layouts/{store.MASTER_RECORD_TYPE}"
    assert kept(mirror, store.layout_part(store.MASTER_RECORD_TYPE)).content is not None
    assert mirror.read(lambda s: allowed_values(s, "Lead", None)) == {}
    refresh(mirror, org)  # another type: asked for without a condition, its own layout is not here
    assert org.asked[3][1] is None


def test_where_the_ui_api_is_refused_the_mapping_tells(mirror):
    refresh(mirror, Org(**{"describe/layouts": BODY}))
    assert mirror.read(lambda s: allowed_values(s, "Lead", INSIDE)) == {"Status": frozenset({"Open"})}


def test_a_refusal_is_kept_for_the_day(mirror):
    org = Org()
    assert not refresh(mirror, org)
    assert kept(mirror, store.layout_part(INSIDE)).content is None
    assert not refresh(mirror, org)
    assert len(org.asked) == 2
    org = Org(**{"describe/layouts": {"layouts": [{"id": None, "detailLayoutSections": SECTIONS}]}})
    assert refresh(mirror, org, "Bare__c", None)
    assert len(org.asked) == 1  # an object without picklists is not asked for them


def test_trouble_is_no_refusal(mirror):
    for trouble in (SalesforceError(401, "INVALID_SESSION_ID", "x"), SalesforceError(503, "SERVER_UNAVAILABLE", "x")):
        with pytest.raises(SalesforceError):
            refresh(mirror, Org(**{"describe/layouts": trouble}))
    assert kept(mirror, store.LAYOUTS) is None
    with pytest.raises(OrgMirrorError) as caught:
        refresh(mirror, Org(), GROUP.name)
    assert caught.value.code is ErrorCode.NO_SUCH_OBJECT

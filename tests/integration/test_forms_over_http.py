"""The org's own layouts and picklists reach the form over HTTP, once a day; a refusal leaves the rule in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import App
from core.model.refs import RecordRef
from core.paths import Home
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome


@pytest.fixture
def connection(demo_org: DemoOrgProcess, loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = loaded.copy(tmp_path, monkeypatch)
    with App(Home.resolve(str(home))) as app, app.open("acme") as connection:
        yield connection


def first(connection, name):
    with connection.browse.session() as session:
        row = connection.browse.query(f'SELECT "Id" FROM "{name}" WHERE "IsDeleted" = 0 LIMIT 1').rows[0]
        return RecordRef(session.object_name(name), row[0])


def test_the_orgs_layout_reaches_the_form(connection, demo_org):
    lead = first(connection, "Lead")
    before = connection.records.form(lead.object, lead.id)
    assert not before.from_layout
    assert connection.forms.refresh_for(lead).touches("Lead")
    form = connection.records.form(lead.object, lead.id)
    assert form.from_layout
    assert [s.title for s in form.sections][:2] == ["Lead Information", "Address Information"]
    assert {f.name for f in form.fields} == {f.name for f in before.fields}
    assert form.field("LastName").editable
    assert {item.object for item in form.related} >= {"CampaignMember"}
    assert not connection.forms.refresh_for(lead).objects
    new = connection.records.form("Lead")
    assert new.can_edit
    assert new.field("LastName").required


def test_what_the_org_refuses_leaves_the_rule(connection):
    assert connection.forms.refresh("User") in (True, False)
    assert not connection.forms.refresh_for(RecordRef("Nowhere__c", "a0100000000000AAAA")).objects
    assert connection.records.form("User", connection.profile.user_id).reason is not None

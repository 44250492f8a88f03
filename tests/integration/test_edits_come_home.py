"""From the command line to Salesforce and back: what was edited and made here is there, under ids that keep working."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import App
from core.mirror import doctor
from core.model.refs import is_temporary_id
from core.paths import Home
from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess

SMALL = {"Lead": 20, "Contact": 10, "Account": 5, "Opportunity": 3, "Campaign": 2, "Task": 2, "Event": 1}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home of an org of its own: these tests write."""
    found = tmp_path / "home"
    with DemoOrgProcess(rows=SMALL, folder=tmp_path / "org") as org:
        assert connect(found, org, run=in_process).code == 0
        assert in_process(found, "sync", "acme", "--once").code == 0
        yield found


def run(home, *words):
    done = in_process(home, *words, "--json")
    assert done.code == 0, done.err
    return done.json


def values(home, name, record_id):
    return run(home, "show", "acme", name, record_id)


def test_an_edit_and_a_campaign_of_new_people(home):
    lead = run(home, "query", "acme", 'SELECT "Id" FROM "Lead" WHERE "IsConverted" = 0 AND "IsDeleted" = 0 LIMIT 1')
    (lead_id,) = lead["rows"][0]
    run(home, "edit", "acme", "Lead", lead_id, "Title=Countess", "FirstName=Ada")
    made = run(home, "create", "acme", "Lead", "LastName=Newcomer", "Company=Here Ltd", "Email=new@here.example")["id"]
    campaign = run(home, "create", "acme", "Campaign", "Name=Fair of the test")["id"]
    run(home, "campaign", "acme", campaign, "add", made, lead_id)
    assert is_temporary_id(made)
    answer = run(home, "push", "acme")
    assert (answer["result"], answer["failed"], answer["conflicts"], answer["pending"]) == ("ok", 0, 0, 0)
    now = values(home, "Lead", made)
    assert now["Company"] == "Here Ltd"
    assert not is_temporary_id(now["Id"])
    assert values(home, "Lead", lead_id)["Name"].startswith("Ada ")
    sql = 'SELECT count(*) FROM "CampaignMember" m JOIN "Campaign" c ON c."Id" = m."CampaignId" '
    assert run(home, "query", "acme", sql + "WHERE c.\"Name\" = 'Fair of the test'")["rows"] == [[2]]
    run(home, "edit", "acme", "Lead", made, "Company=There Ltd")
    assert run(home, "pending", "acme")[0]["id"] == now["Id"]
    run(home, "delete", "acme", "Lead", made)
    answer = run(home, "push", "acme")
    assert (answer["result"], answer["pending"]) == ("ok", 0)
    lines = run(home, "changes", "acme")
    assert {(c["field"], c["side"]) for c in lines if c["id"] == now["Id"]} >= {("IsDeleted", "local"), ("Id", "local")}
    with App(Home.resolve(str(home))) as app, app.open("acme") as connection:
        assert doctor.examine(connection._mirror) == []

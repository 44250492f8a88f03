"""`edit`, `create`, `delete`, `pending`, `undo`, `campaign` over a home that no network is needed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import App
from core.model.refs import is_temporary_id, long_id
from core.paths import Home
from tests.helpers.command import in_process
from tests.helpers.crm import crm_home

LEAD = long_id("00Q000000000001")
CONTACT = long_id("003000000000001")
CAMPAIGN = long_id("701000000000001")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return crm_home(tmp_path / "home").root


def run(home, *words):
    return in_process(home, *words)


def test_edit_pending_undo(home):
    done = run(home, "edit", "acme", "lead", LEAD[:15], "Company=Zenith=1", "firstname=", "--json")
    assert done.code == 0, done.err
    assert set(done.json) == {"seq", "object", "id"}
    assert (done.json["object"], done.json["id"]) == ("Lead", LEAD)
    rows = run(home, "pending", "acme", "--json").json
    assert [(r["op"], r["field"], r["base"], r["mine"], r["state"]) for r in rows] == [
        ("update", "Company", "Acme", "Zenith=1", "pending"),
        ("update", "FirstName", "Ada", None, "pending"),
    ]
    assert set(rows[0]) == {"seq", "object", "id", "op", "field", "base", "mine", "since", "state"}
    assert done.json["seq"] == rows[-1]["seq"]
    assert run(home, "show", "acme", "Lead", LEAD, "--json").json["Name"] == "Lovelace"
    assert run(home, "query", "acme", 'SELECT "Company" FROM "Lead"', "--json").json["rows"] == [["Zenith=1"]]
    assert run(home, "status", "acme", "--json").json["pending"] == 2
    assert "Zenith=1" in run(home, "pending", "acme").out
    done = run(home, "undo", "acme", "Lead", LEAD, "Company", "--json")
    assert done.json == {"object": "Lead", "id": LEAD, "undone": 1}
    assert run(home, "undo", "acme", "Lead", LEAD).code == 0
    done = run(home, "undo", "acme", "Lead", LEAD, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "nothing-to-undo")
    assert "Nothing waits" in run(home, "pending", "acme").err
    assert run(home, "edit", "acme", "Lead", LEAD, "Company=Acme", "--json").json["seq"] is None


def test_what_is_wrong_is_said(home):
    done = run(home, "edit", "acme", "Lead", LEAD, "Email=nobody", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "values-refused")
    assert "Email: It needs an e-mail address." in done.err
    for words in (["Company"], ["=x"]):
        assert run(home, "edit", "acme", "Lead", LEAD, *words).code == 2
    assert run(home, "edit", "acme", "Lead", long_id("00Q000000000999"), "Company=x").code == 1
    assert run(home, "edit", "acme", "Nope", LEAD, "Company=x").code == 1


def test_create_and_delete(home):
    done = run(home, "create", "acme", "Lead", "LastName=New", "Company=Co", "HasOptedOutOfEmail=true", "--json")
    assert done.code == 0, done.err
    made = done.json["id"]
    assert is_temporary_id(made)
    rows = run(home, "pending", "acme", "--json").json
    assert rows[0] == rows[0] | {"op": "create", "field": None, "base": None, "mine": None, "seq": done.json["seq"]}
    assert [r["mine"] for r in rows if r["field"] == "HasOptedOutOfEmail"] == [True]
    assert run(home, "show", "acme", "Lead", made, "--json").json["LastName"] == "New"
    assert run(home, "delete", "acme", "Lead", made, "--json").json == {"seq": None, "object": "Lead", "id": made}
    assert run(home, "pending", "acme", "--json").json == []
    done = run(home, "delete", "acme", "Lead", LEAD, "--json")
    assert done.json["seq"] > 0
    assert run(home, "list", "acme", "Lead", "--json").json == []
    assert run(home, "undo", "acme", "Lead", LEAD).code == 0
    assert run(home, "delete", "acme", "Lead", LEAD, "--here-only", "--json").json["seq"] is None
    assert run(home, "pending", "acme", "--json").json == []
    assert run(home, "create", "acme", "Lead", "--json").json["error"]["code"] == "values-refused"


def test_campaign(home):
    done = run(home, "campaign", "acme", CAMPAIGN, "add", LEAD, CONTACT, "--json")
    assert done.code == 0, done.err
    assert len(done.json["members"]) == 2
    again = run(home, "campaign", "acme", CAMPAIGN, "add", LEAD, "--status", "Came", "--json")
    assert [(hit["id"], hit["status"]) for hit in again.json["existing"]] == [(LEAD, "Sent")]
    assert "member already" in again.err
    assert run(home, "campaign", "acme", CAMPAIGN, "status", LEAD, "--status", "Came").code == 0
    assert run(home, "campaign", "acme", CAMPAIGN, "status", LEAD).code == 2
    assert run(home, "campaign", "acme", CAMPAIGN, "status", LEAD, "--status", "Nope").code == 1
    done = run(home, "campaign", "acme", CAMPAIGN, "remove", LEAD, "--json")
    assert done.json["missing"] == []
    assert run(home, "campaign", "acme", CAMPAIGN, "remove", LEAD, "--json").json["missing"] == [LEAD]


def test_a_connection_with_pending_edits_is_not_given_up_unasked(home):
    run(home, "edit", "acme", "Lead", LEAD, "Company=Zenith")
    done = run(home, "disconnect", "acme", "--json")
    assert done.code == 2
    assert "Company" in done.err
    assert LEAD in done.err
    assert run(home, "disconnect", "acme", "--delete-data").code == 2
    with App(Home.resolve(str(home))) as app:
        assert [c.name for c in app.connections.list()] == ["acme"]
    assert run(home, "disconnect", "acme", "--yes").code == 0

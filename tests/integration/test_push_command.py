"""`edit`, `push`, `conflicts`, `resolve` as commands, and the push inside a cycle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome, making

SMALL = {"Lead": 40, "Contact": 10, "Account": 5, "Opportunity": 3, "Campaign": 2, "Task": 2, "Event": 1}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoOrgProcess, KeptHome]]:
    folder = tmp_path_factory.mktemp("push")
    with DemoOrgProcess(rows=SMALL, folder=folder / "org") as org, making(folder / "kept") as kept:
        home = kept.path
        assert connect(home, org, "acme", "--objects", "Lead,Contact,User", run=in_process).code == 0
        assert in_process(home, "sync", "acme", "--once", "--json").code == 0
        yield org, kept


@pytest.fixture
def acme(made: tuple[DemoOrgProcess, KeptHome], monkeypatch: pytest.MonkeyPatch) -> tuple[DemoOrgProcess, Path]:
    """An org and a home that the tests here share, each with a lead of its own."""
    org, kept = made
    return org, kept.use(monkeypatch)


def leads(home: Path) -> list[dict[str, Any]]:
    rows = in_process(home, "list", "acme", "Lead", "--json").json
    return [row for row in rows if not row.get("IsConverted")]


def there(org: DemoOrgProcess, record_id: str) -> dict[str, Any]:
    return next(row for row in org.truth("Lead") if row["Id"] == record_id)


def test_an_edit_goes_home(acme: tuple[DemoOrgProcess, Path]) -> None:
    org, home = acme
    lead = leads(home)[0]["Id"]
    assert in_process(home, "edit", "acme", "Lead", lead, "City=Oslo", "--json").code == 0
    pushed = in_process(home, "push", "acme", "--json")
    assert pushed.code == 0
    assert pushed.json == {"result": "ok", "sent": 1, "failed": 0, "conflicts": 0, "pending": 0}
    assert there(org, lead)["City"] == "Oslo"


def test_a_conflict_is_listed_and_decided(acme: tuple[DemoOrgProcess, Path]) -> None:
    org, home = acme
    lead = leads(home)[1]["Id"]
    assert in_process(home, "edit", "acme", "Lead", lead, "Phone=mine").code == 0
    org.control("clock", advance=60)
    org.control("update", name="Lead", record_id=lead, values={"Phone": "theirs"})
    pushed = in_process(home, "push", "acme", "--json")
    assert pushed.code == 3
    assert pushed.json == {"result": "problems", "sent": 0, "failed": 0, "conflicts": 1, "pending": 1}
    again = in_process(home, "push", "acme", "--json")
    assert (again.code, again.json["conflicts"]) == (3, 1), "it still waits for a decision"
    [row] = in_process(home, "conflicts", "acme", "--json").json
    assert (row["object"], row["id"], row["field"]) == ("Lead", lead, "Phone")
    assert (row["mine"], row["theirs"], row["kind"]) == ("mine", "theirs", "field")
    assert row["changed_by"]
    assert "Phone" in in_process(home, "conflicts", "acme").out
    wrong = in_process(home, "resolve", "acme", "4711", "--keep", "mine", "--json")
    assert wrong.json["error"]["code"] == "no-such-conflict"
    decided = in_process(home, "resolve", "acme", str(row["conflict_id"]), "--keep", "a third", "--json")
    assert decided.code == 0
    assert decided.json["choice"] == "value"
    assert in_process(home, "push", "acme", "--json").json["pending"] == 0
    assert there(org, lead)["Phone"] == "a third"
    assert in_process(home, "conflicts", "acme", "--json").json == []
    again = in_process(home, "resolve", "acme", str(row["conflict_id"]), "--keep", "mine", "--json")
    assert again.json["error"]["code"] == "no-such-conflict"


def test_a_cycle_pushes_first(acme: tuple[DemoOrgProcess, Path]) -> None:
    org, home = acme
    lead = leads(home)[2]["Id"]
    assert in_process(home, "edit", "acme", "Lead", lead, "City=Bergen").code == 0
    assert in_process(home, "sync", "acme", "--once", "--json").code == 0
    assert there(org, lead)["City"] == "Bergen"
    steps = in_process(home, "history", "acme", "--json").json
    assert any(step["operation"] == "push" and step["updated"] == 1 for step in steps)


def test_a_record_deleted_there_is_made_anew(acme: tuple[DemoOrgProcess, Path]) -> None:
    org, home = acme
    lead = leads(home)[3]["Id"]
    assert in_process(home, "edit", "acme", "Lead", lead, "City=Tromso").code == 0
    org.control("delete", name="Lead", record_id=lead)
    in_process(home, "push", "acme", "--json")
    [row] = in_process(home, "conflicts", "acme", "--json").json
    assert (row["kind"], row["choices"]) == ("gone-there", ["recreate", "discard"])
    refused = in_process(home, "resolve", "acme", str(row["conflict_id"]), "--keep", "move", "--json")
    assert refused.json["error"]["code"] == "no-such-choice"
    done = in_process(home, "resolve", "acme", str(row["conflict_id"]), "--keep", "mine", "--json").json
    assert done["choice"] == "recreate"
    # A unique value may still be held by the record in the recycle bin: what is refused is mended in place.
    assert in_process(home, "edit", "acme", "Lead", done["id"], "Lead_Key__c=").code == 0
    assert in_process(home, "push", "acme", "--json").json["sent"] == 1, in_process(home, "problems", "acme").out
    shown = in_process(home, "show", "acme", "Lead", done["id"], "--json")
    assert shown.code == 0, "a temporary id keeps working after the push"


def test_a_mass_change_waits_for_a_word(acme: tuple[DemoOrgProcess, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    _, home = acme
    monkeypatch.setenv("ORGMIRROR_MASS_CHANGE_RECORDS", "2")
    for lead in leads(home)[4:8]:
        assert in_process(home, "delete", "acme", "Lead", lead["Id"]).code == 0
    held = in_process(home, "push", "acme", "--json")
    assert (held.code, held.json["sent"], held.json["pending"]) == (3, 0, 4)
    assert "4 records" in held.err
    assert in_process(home, "push", "acme", "--yes", "--json").json["sent"] == 4


def test_a_paused_push_sends_nothing_and_says_so(acme: tuple[DemoOrgProcess, Path]) -> None:
    _, home = acme
    lead = leads(home)[-1]["Id"]
    assert in_process(home, "pause", "acme").code == 0
    assert in_process(home, "edit", "acme", "Lead", lead, "City=Molde").code == 0
    waiting = in_process(home, "push", "acme", "--json")
    assert (waiting.json["sent"], waiting.json["pending"]) == (0, 1)
    assert "orgmirror resume acme" in waiting.err
    assert in_process(home, "resume", "acme").code == 0
    assert in_process(home, "push", "acme", "--json").json["sent"] == 1

"""What tests do to the demo org through its control interface, seen over the API by a client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.demo_org import DemoOrgProcess

BASE = "/services/data/v65.0"
GADGET = """
object Gadget__c; Gadget; Gadgets; a7Z; all
Id; id; Record ID
@deleted
OwnerId; reference(Group,User); Owner ID; curd; rel=Owner
Name; string(80); Gadget Name; cun
@stamps
"""


class Api:
    """The admin over REST."""

    def __init__(self, org: DemoOrgProcess) -> None:
        self.org = org
        self.session = org.session(org.info["access_token"])

    def get(self, path: str, **params: Any) -> Any:
        answer = self.session.get(self.org.info["url"] + BASE + path, params=params, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def field(self, name: str, field: str) -> dict[str, Any] | None:
        fields = self.get(f"/sobjects/{name}/describe")["fields"]
        return next((each for each in fields if each["name"] == field), None)

    def objects(self) -> set[str]:
        return {each["name"] for each in self.get("/sobjects")["sobjects"]}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    rows = {"*": 40, "Campaign": 4, "Account": 20}
    with DemoOrgProcess(rows=rows, folder=tmp_path_factory.mktemp("org") / "org", no_tls=True) as made:
        yield made


@pytest.fixture
def api(org: DemoOrgProcess) -> Iterator[Api]:
    made = Api(org)
    yield made
    made.session.close()


def test_a_field_comes_and_goes(org: DemoOrgProcess, api: Api) -> None:
    org.control("add_field", name="Lead", line="Colour__c; string(40); Colour; cu")
    found = api.field("Lead", "Colour__c")
    assert found is not None
    assert (found["type"], found["length"]) == ("string", 40)
    lead = org.control("insert", name="Lead", values={"LastName": "A", "Company": "B", "Colour__c": "red"})["result"]
    assert api.get(f"/sobjects/Lead/{lead}")["Colour__c"] == "red"
    org.control("drop_field", name="Lead", field="Colour__c")
    assert api.field("Lead", "Colour__c") is None
    assert "Colour__c" not in api.get(f"/sobjects/Lead/{lead}")


def test_an_object_comes_and_goes(org: DemoOrgProcess, api: Api) -> None:
    org.control("add_object", text=GADGET)
    assert "Gadget__c" in api.objects()
    org.control("insert", name="Gadget__c", values={"Name": "First"})
    assert api.get("/query", q="SELECT Name FROM Gadget__c")["records"][0]["Name"] == "First"
    org.control("drop_object", name="Gadget__c")
    assert "Gadget__c" not in api.objects()


def test_a_field_is_renamed_and_retyped(org: DemoOrgProcess, api: Api) -> None:
    org.control("add_field", name="Contact", line="Size__c; string(40); Size; cu")
    asked = "SELECT DurableId FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Contact' AND "
    before = api.get("/tooling/query", q=f"{asked} QualifiedApiName = 'Size__c'")["records"][0]["DurableId"]
    org.control("rename_field", name="Contact", field="Size__c", new="Magnitude__c")
    after = api.get("/query", q=f"{asked} QualifiedApiName = 'Magnitude__c'")["records"][0]["DurableId"]
    assert before == after
    org.control("retype_field", name="Contact", line="Magnitude__c; double(6,2); Magnitude; cu")
    found = api.field("Contact", "Magnitude__c")
    assert found is not None
    assert found["type"] == "double"
    org.control("change_field", name="Contact", field="Magnitude__c", label="How big")
    found = api.field("Contact", "Magnitude__c")
    assert found is not None
    assert found["label"] == "How big"


def test_a_held_transaction_shows_its_rows_when_it_is_committed(org: DemoOrgProcess, api: Api) -> None:
    counted = "SELECT COUNT() FROM Lead WHERE Company = 'Held'"
    values = {"LastName": "Held", "Company": "Held"}
    with org.transaction() as held:
        new = org.control("insert", name="Lead", values=values, transaction=held)["result"]
        assert api.get("/query", q=counted)["totalSize"] == 0
    assert api.get("/query", q=counted)["totalSize"] == 1
    org.control("delete", name="Lead", record_id=new)
    assert org.control("empty_bin")["result"] > 0
    assert api.get("/queryAll", q=counted)["totalSize"] == 0


def test_colleagues_are_off_until_they_are_switched_on(org: DemoOrgProcess) -> None:
    assert org.behaviour()["colleagues"] is False
    assert org.behaviour(colleagues=True)["colleagues"] is True
    org.control("reset")
    assert org.behaviour()["colleagues"] is False

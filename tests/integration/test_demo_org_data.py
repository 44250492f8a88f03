"""The demo org's rows over both wires equal its own truth, value by value, for the admin and for a restricted user."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.helpers.demo_org import DemoOrgError, DemoOrgProcess

OBJECTS = (
    "Lead", "Contact", "Account", "User", "Opportunity", "OpportunityContactRole", "Campaign", "CampaignMember",
    "CampaignMemberStatus", "Task", "Event", "RecordType", "Group", "Organization", "Project__c", "Milestone__c",
)  # fmt: skip
BASE = "/services/data/v65.0"
NUMBERS = {"double", "currency", "percent", "int"}


class Client:
    """One signed-in user."""

    def __init__(self, org: DemoOrgProcess, token: str) -> None:
        self.url = org.info["url"]
        self.session: requests.Session = org.session(token)

    def get(self, path: str, **params: Any) -> requests.Response:
        answer = self.session.get(self.url + path, params=params, timeout=60)
        assert answer.status_code < 300, f"{path}: {answer.text[:500]}"
        return answer

    def fields(self, name: str) -> dict[str, str]:
        """Name -> type of the fields that are not compound."""
        described = self.get(f"{BASE}/sobjects/{name}/describe").json()["fields"]
        return {field["name"]: field["type"] for field in described if field["type"] not in ("address", "location")}


@pytest.fixture(params=["ada.admin@orgmirror.demo", "restricted"])
def who(request: pytest.FixtureRequest, demo_org: DemoOrgProcess) -> str:
    """The admin, and somebody whose profile and sharing leave things out."""
    if request.param != "restricted":
        return str(request.param)
    users = demo_org.control("users")
    return str(next(user["username"] for user in users if "Sales" in user["profile"] and user["is_active"]))


@pytest.fixture
def client(demo_org: DemoOrgProcess, who: str) -> Iterator[Client]:
    made = Client(demo_org, demo_org.token(who))
    yield made
    made.session.close()


def seen(client: Client) -> set[str]:
    """The objects of OBJECTS that this user can see."""
    listed = client.get(f"{BASE}/sobjects").json()["sobjects"]
    return {each["name"] for each in listed} & set(OBJECTS)


def test_rest_equals_the_truth(demo_org: DemoOrgProcess, client: Client, who: str) -> None:
    demo_org.behaviour(uri_limit=None, rest_page_rows=700)
    for name in sorted(seen(client)):
        names = list(client.fields(name))
        got: dict[str, dict[str, Any]] = {}
        page = client.get(f"{BASE}/queryAll", q=f"SELECT {', '.join(names)} FROM {name}").json(parse_float=Decimal)
        total = page["totalSize"]
        while True:
            for record in page["records"]:
                del record["attributes"]
                got[record["Id"]] = record
            if page["done"]:
                break
            page = client.get(page["nextRecordsUrl"]).json(parse_float=Decimal)
        truth = {row["Id"]: row for row in demo_org.truth(name, who)}
        assert len(got) == total == len(truth), name
        for row_id, row in truth.items():
            assert got[row_id] == row, f"{name} {row_id}"


def test_bulk_equals_the_truth(demo_org: DemoOrgProcess, client: Client, who: str) -> None:
    demo_org.behaviour(bulk_seconds=0.0, bulk_seconds_per_row=0.0)
    for name in sorted(seen(client)):
        fields = client.fields(name)
        body = {"operation": "queryAll", "query": f"SELECT {', '.join(fields)} FROM {name}"}
        job = client.session.post(f"{client.url}{BASE}/jobs/query", json=body, timeout=60).json()
        base, locator = f"{BASE}/jobs/query/{job['id']}", None
        assert client.get(base).json()["state"] == "JobComplete", client.get(base).text
        got: dict[str, dict[str, str]] = {}
        while locator != "null":
            page = client.get(f"{base}/results", maxRecords=900, **({"locator": locator} if locator else {}))
            rows = list(csv.DictReader(io.StringIO(page.content.decode(), newline="")))
            assert len(rows) == int(page.headers["Sforce-NumberOfRecords"])
            got |= {row["Id"]: row for row in rows}
            locator = page.headers["Sforce-Locator"]
        truth = {row["Id"]: row for row in demo_org.truth(name, who)}
        assert len(got) == len(truth), name
        for row_id, row in truth.items():
            for field, kind in fields.items():
                assert same(got[row_id][field], row[field], kind), f"{name} {row_id} {field}"
        client.session.delete(client.url + base, timeout=60)


def same(text: str, value: Any, kind: str) -> bool:
    """Whether a CSV value is the REST value."""
    if value is None:
        return text == ""
    if kind in NUMBERS:
        return Decimal(text) == Decimal(str(value))
    if kind == "boolean":
        return text == str(value).lower()
    if kind == "datetime":
        return text == str(value).replace("+0000", "Z")
    return text == value


def test_a_restricted_user_sees_less(demo_org: DemoOrgProcess) -> None:
    users = demo_org.control("users")
    name = next(user["username"] for user in users if "Sales" in user["profile"] and user["is_active"])
    admin, other = Client(demo_org, demo_org.info["access_token"]), Client(demo_org, demo_org.token(name))
    with admin.session, other.session:
        assert set(other.fields("Lead")) < set(admin.fields("Lead"))
        counts = [
            each.get(f"{BASE}/query", q="SELECT COUNT() FROM Lead").json()["totalSize"] for each in (admin, other)
        ]
        assert 0 < counts[1] < counts[0]
        hidden = sorted(set(admin.fields("Lead")) - set(other.fields("Lead")))[0]
        refused = other.session.get(f"{other.url}{BASE}/query", params={"q": f"SELECT {hidden} FROM Lead"}, timeout=30)
        assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_permissions_change_describe_and_its_date(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("rights") / "org"
    with DemoOrgProcess(rows={"Lead": 30, "Account": 10}, folder=folder) as org:
        client = Client(org, org.info["access_token"])
        with client.session:
            path = f"{BASE}/sobjects/Lead/describe"
            first = client.get(path)
            again = client.session.get(
                client.url + path, headers={"If-Modified-Since": first.headers["Last-Modified"]}, timeout=30
            )
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["Sforce-Limit-Info"].startswith("api-usage=")
            org.control("hide_field", who=org.info["username"], name="Lead", field="Industry")
            after = client.session.get(
                client.url + path, headers={"If-Modified-Since": first.headers["Last-Modified"]}, timeout=30
            )
            assert after.status_code == 200
            assert "Industry" not in {field["name"] for field in after.json()["fields"]}
            row = next(iter(org.truth("Lead")))
            assert "Industry" not in row
            org.control("update", name="Lead", record_id=row["Id"], values={"Company": "Neu & Söhne"})
            read = client.get(f"{BASE}/sobjects/Lead/{row['Id']}", fields="Company").json()
            assert read["Company"] == "Neu & Söhne"
            org.control("delete", name="Lead", record_id=row["Id"])
            gone = client.session.get(f"{client.url}{BASE}/sobjects/Lead/{row['Id']}", timeout=30)
            assert (gone.status_code, gone.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_control_moves_rows_rights_and_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("control") / "org"
    with DemoOrgProcess(rows={"*": 0, "Lead": 40, "Account": 5, "Contact": 5}, folder=folder) as org:
        rows = [row for row in org.truth("Lead") if not row["IsDeleted"] and not row["IsConverted"]]
        one, two, three = (row["Id"] for row in rows[:3])
        sales = next(user for user in org.control("users") if "Sales" in user["profile"] and user["is_active"])
        org.control("set_object_permission", profile=sales["id"], name="Lead", perm="viewAll", value=True)
        assert {row["Id"] for row in org.truth("Lead", sales["username"])} >= {one, two}
        org.control("hide_rows", user=sales["username"], name="Lead", rows=[one])
        assert one not in {row["Id"] for row in org.truth("Lead", sales["username"])}
        org.control("show_rows", user=sales["username"], name="Lead", rows=[one])
        assert one in {row["Id"] for row in org.truth("Lead", sales["username"])}
        org.control("hide_object", who=sales["username"], name="Lead")
        with pytest.raises(DemoOrgError, match="404"):
            list(org.truth("Lead", sales["username"]))

        org.control("delete", name="Lead", record_id=one)
        org.control("delete", name="Lead", record_id=two)
        org.control("undelete", name="Lead", record_id=one)
        org.control("purge", name="Lead", record_id=two)
        deleted = {row["Id"]: row["IsDeleted"] for row in org.truth("Lead")}
        assert deleted[one] is False
        assert two not in deleted

        client = Client(org, org.info["access_token"])
        with client.session:
            before = org.control("clock")["now"]
            org.control("clock", advance=86_400)
            assert org.control("clock")["now"] > before
            answer = client.session.get(f"{client.url}{BASE}/limits", timeout=30)
            assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
            client.session.headers["Authorization"] = f"Bearer {org.token(org.info['username'])}"
            lead = {"type": "Lead"}
            body = {"allOrNone": True, "records": [{"attributes": lead, "id": three, "Company": "Half"}]}
            body["records"].append({"attributes": lead, "id": two, "Company": "Gone"})  # type: ignore[attr-defined]
            results = client.session.patch(f"{client.url}{BASE}/composite/sobjects", json=body, timeout=30).json()
            assert results[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
            path = f"{BASE}/sobjects/Lead/{three}"
            assert client.get(path, fields="Company").json()["Company"] == rows[2]["Company"]
            body["allOrNone"] = False
            results = client.session.patch(f"{client.url}{BASE}/composite/sobjects", json=body, timeout=30).json()
            assert [each["success"] for each in results] == [True, False]
            assert client.get(path, fields="Company").json()["Company"] == "Half"


def test_every_read_resource_answers(demo_org: DemoOrgProcess) -> None:
    client = Client(demo_org, demo_org.info["access_token"])
    with client.session:
        now = demo_org.control("clock")["now"]
        window = {"start": now.replace(now[:10], now[:8] + "01", 1) if now[8:10] != "01" else now, "end": now}
        account = client.get(f"{BASE}/query", q="SELECT Id FROM Account LIMIT 1").json()["records"][0]["Id"]
        views = client.get(f"{BASE}/sobjects/Lead/listviews").json()["listviews"]
        assert views
        view = f"{BASE}/sobjects/Lead/listviews/{views[0]['id']}"
        assert client.get(f"{view}/describe").json()["query"].upper().startswith("SELECT")
        assert len(client.get(f"{view}/results", limit=5).json()["records"]) == 5
        layouts = client.get(f"{BASE}/sobjects/Lead/describe/layouts").json()
        assert layouts["layouts"]
        record_type = layouts["recordTypeMappings"][0]["recordTypeId"]
        assert client.get(f"{BASE}/sobjects/Lead/describe/layouts/{record_type}").json()
        values = client.get(f"{BASE}/ui-api/object-info/Lead/picklist-values/{record_type}").json()
        assert values["picklistFieldValues"]["Status"]["values"]
        assert client.get(f"{BASE}/ui-api/object-info/Lead").json()["fields"]["LastName"]["required"] is True
        if window["start"] != window["end"]:
            assert "ids" in client.get(f"{BASE}/sobjects/Lead/updated", **window).json()
        for path in (
            "/sobjects/Lead", "/sobjects/Lead/describe/compactLayouts", "/recent", "/limits",
            "/limits/recordCount?sObjects=Lead,Contact", f"/sobjects/Account/{account}",
            "/tooling/query?q=SELECT+Id+FROM+User", "/jobs/query", "",
        ):  # fmt: skip
            assert client.get(BASE + path).json() is not None
        counted = client.get(f"{BASE}/limits/recordCount", sObjects="Lead").json()["sObjects"]
        assert counted[0]["name"] == "Lead"
        assert counted[0]["count"] > 1000

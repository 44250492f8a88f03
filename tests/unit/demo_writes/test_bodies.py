"""The bodies that carry several writes: collections, composite, tree, graph, Bulk ingest; and conditions and keys."""

from __future__ import annotations

import time
from typing import Any

import pytest

from core.demo.http.call import Answer
from core.demo.org import Org
from core.demo.site import Site
from tests.unit.demo_writes.conftest import SAM, Ask, lead, row, user_id

BASE = "/services/data/v65.0"
LEAD = {"attributes": {"type": "Lead"}}


def count(org: Org, name: str) -> int:
    return org.view(org.admin_id).query(f"SELECT COUNT() FROM {name}").total_size


def test_upsert_of_many_by_an_external_id(org: Org, ask: Ask) -> None:
    known = lead(org, Lead_Key__c="k-1")
    records = [
        {**LEAD, "Lead_Key__c": "K-1", "City": "Rome"},
        {**LEAD, "Lead_Key__c": "k-2", "LastName": "N", "Company": "C"},
        {**LEAD, "LastName": "no key", "Company": "C"},
        {"attributes": {"type": "Contact"}, "LastName": "x"},
    ]
    answer = ask("PATCH", "/composite/sobjects/Lead/Lead_Key__c", {"records": records})
    first, second, third, fourth = answer.payload
    assert first == {"id": known, "success": True, "errors": [], "created": False}
    assert second["created"] is True
    assert row(org, "Lead", known)["City"] == "Rome"
    assert [each["errors"][0]["statusCode"] for each in (third, fourth)] == ["MISSING_ARGUMENT", "INVALID_TYPE"]


def test_a_collection_has_at_most_ten_chunks_also_when_it_deletes(org: Org, ask: Ask) -> None:
    ids = []
    for _ in range(6):
        ids += [lead(org), org.insert(org.admin_id, "Contact", {"LastName": "C"})]
    answer = ask("DELETE", f"/composite/sobjects?ids={','.join(ids)}")
    assert answer.payload[0]["errorCode"] == "INVALID_REQUEST"
    answer = ask("DELETE", f"/composite/sobjects?ids={','.join([*ids[:8], ids[0]])}&allOrNone=true")
    assert [each["success"] for each in answer.payload] == [False] * 9
    assert answer.payload[8]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"
    assert count(org, "Lead") == 6
    answer = ask("DELETE", f"/composite/sobjects?ids={','.join(sorted(ids))}")
    assert all(each["success"] for each in answer.payload)


def test_conditions_on_a_single_record(org: Org, ask: Ask) -> None:
    made = lead(org)
    seen = ask("GET", f"/sobjects/Lead/{made}").headers["Last-Modified"]
    url = f"/sobjects/Lead/{made}"
    assert ask("PATCH", url, {"City": "Rome"}, if_unmodified_since=seen).status == 204
    org.advance_clock(5)
    org.update(org.admin_id, "Lead", made, {"City": "Oslo"})
    late = ask("PATCH", url, {"City": "Bern"}, if_unmodified_since=seen)
    assert (late.status, late.payload[0]["errorCode"]) == (412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")
    assert row(org, "Lead", made)["City"] == "Oslo"
    assert ask("PATCH", url, {"City": "Bern"}, if_unmodified_since="yesterday").status == 400


def test_an_account_has_an_etag(org: Org, ask: Ask) -> None:
    made = org.insert(org.admin_id, "Account", {"Name": "A"})
    url = f"/sobjects/Account/{made}"
    tag = ask("GET", url).headers["ETag"]
    assert ask("GET", url, if_none_match=tag).status == 304
    assert ask("PATCH", url, {"Phone": "1"}, if_match=tag).status == 204
    org.advance_clock(5)
    org.update(org.admin_id, "Account", made, {"Phone": "2"})
    assert ask("PATCH", url, {"Phone": "3"}, if_match=tag).status == 412
    assert "ETag" not in ask("GET", f"/sobjects/Lead/{lead(org)}").headers


def test_a_tree_is_all_or_none(org: Org, ask: Ask) -> None:
    def account(reference: str, **values: Any) -> dict[str, Any]:
        return {"attributes": {"type": "Account", "referenceId": reference}, "Name": "A", **values}

    people = {"records": [{"attributes": {"type": "Contact", "referenceId": "c1"}, "LastName": "L"}]}
    answer = ask("POST", "/composite/tree/Account", {"records": [account("a1", Contacts=people), account("a2")]})
    assert answer.status == 201
    assert [each["referenceId"] for each in answer.payload["results"]] == ["a1", "c1", "a2"]
    (contact,) = org.view(org.admin_id).query("SELECT AccountId FROM Contact").records("65.0")
    assert contact["AccountId"] == answer.payload["results"][0]["id"]
    broken = {"records": [{"attributes": {"type": "Contact", "referenceId": "c1"}}]}
    answer = ask("POST", "/composite/tree/Account", {"records": [account("a1", Contacts=broken), account("a2")]})
    assert (answer.status, answer.payload["hasErrors"]) == (400, True)
    assert answer.payload["results"][0]["referenceId"] == "c1"
    assert (count(org, "Account"), count(org, "Contact")) == (2, 1)


def test_graphs_stand_each_for_itself(org: Org, ask: Ask) -> None:
    def graph(name: str, contact: dict[str, Any]) -> dict[str, Any]:
        return {
            "graphId": name,
            "compositeRequest": [
                {"method": "POST", "url": f"{BASE}/sobjects/Account", "referenceId": "a", "body": {"Name": name}},
                {"method": "POST", "url": f"{BASE}/sobjects/Contact", "referenceId": "c",
                 "body": {**contact, "AccountId": "@{a.id}"}},
            ],
        }  # fmt: skip

    answer = ask("POST", "/composite/graph", {"graphs": [graph("good", {"LastName": "L"}), graph("bad", {})]})
    good, bad = answer.payload["graphs"]
    assert (good["isSuccessful"], bad["isSuccessful"]) == (True, False)
    (found,) = org.view(org.admin_id).query("SELECT LastName, Account.Name FROM Contact").records("65.0")
    assert found["Account"]["Name"] == "good"
    assert count(org, "Account") == 1


def test_a_key_makes_a_ui_api_write_happen_once(org: Org, site: Site, ask: Ask) -> None:
    body = {"apiName": "Lead", "fields": {"LastName": "Once", "Company": "C"}}
    first = ask("POST", "/ui-api/records", body, idempotency_key="k-1")
    again = ask("POST", "/ui-api/records", body, idempotency_key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert first.payload["id"] == again.payload["id"]
    assert count(org, "Lead") == 1
    # The owner is who made it: this API runs no assignment rule unless asked to.
    assert first.payload["fields"]["OwnerId"]["value"] == org.admin_id
    other = ask("POST", "/ui-api/records", {**body, "fields": {**body["fields"], "City": "x"}}, idempotency_key="k-1")  # type: ignore[dict-item]
    assert other.status == 400
    org.advance_clock(25 * 3600)
    ask("POST", "/ui-api/records", body, idempotency_key="k-1")
    assert count(org, "Lead") == 2
    site.behaviour.idempotency = False
    for _ in range(2):
        ask("POST", "/ui-api/records", body, idempotency_key="k-2")
    assert count(org, "Lead") == 4


def test_ui_api_errors_tell_fields_and_duplicates(org: Org, ask: Ask) -> None:
    bad = ask("POST", "/ui-api/records", {"apiName": "Lead", "fields": {"LastName": "x"}})
    assert bad.status == 400
    assert bad.payload[0]["output"]["fieldErrors"]["Company"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    first = lead(org, Email="a@example.com")
    body = {"apiName": "Lead", "fields": {"LastName": "x", "Company": "y", "Email": "a@example.com"}}
    twin = ask("POST", "/ui-api/records", body)
    found = twin.payload[0]["output"]["errors"][0]["duplicateRecordError"]["matchResults"][0]["matchRecords"]
    assert found[0]["record"]["Id"] == first
    assert ask("POST", "/ui-api/records", {**body, "allowSaveOnDuplicate": True}).status == 201
    changed = ask("PATCH", f"/ui-api/records/{first}", {"fields": {"City": "Rome"}})
    assert (changed.status, changed.payload["fields"]["City"]["value"]) == (200, "Rome")
    assert ask("GET", f"/ui-api/records/{first}?fields=Lead.City").payload["fields"]["City"]["value"] == "Rome"
    defaults = ask("GET", "/ui-api/record-defaults/create/Lead").payload["record"]["fields"]
    assert defaults["Status"]["value"] == "Open - Not Contacted"


def job(ask: Ask, operation: str, text: str, user: str | None = None, **options: Any) -> dict[str, Any]:
    """Run an ingest job to its end; its details with the three results as text."""
    made = ask("POST", "/jobs/ingest", {"object": "Lead", "operation": operation, **options}, user=user).payload
    url = f"/jobs/ingest/{made['id']}"
    assert (made["state"], made["contentUrl"]) == ("Open", f"services/data/v65.0{url}/batches")
    assert ask("PUT", f"{url}/batches", text.encode(), user=user, content_type="text/csv").status == 201
    assert ask("PATCH", url, {"state": "UploadComplete"}, user=user).payload["state"] == "UploadComplete"
    return ended(ask, url, user)


def ended(ask: Ask, url: str, user: str | None = None) -> dict[str, Any]:
    for _ in range(500):
        told = ask("GET", url, user=user).payload
        if told["state"] in ("JobComplete", "Failed", "Aborted"):
            for kind in ("successfulResults", "failedResults", "unprocessedrecords"):
                told[kind] = text_of(ask("GET", f"{url}/{kind}", user=user))
            return dict(told)
        time.sleep(0.01)
    raise AssertionError("the job did not end")


def text_of(answer: Answer) -> list[str]:
    assert answer.body is not None
    return answer.body.decode().splitlines()


def test_ingest_inserts_and_says_what_it_refused(org: Org, ask: Ask) -> None:
    told = job(ask, "insert", "LastName,Company,Email\nA,C,a@example.com\nB,,b@example.com\nE,C,nobody\n")
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    made = org.view(org.admin_id).query("SELECT Id, OwnerId FROM Lead").records("65.0")[0]
    assert told["successfulResults"] == [
        '"sf__Id","sf__Created","LastName","Company","Email"',
        f'"{made["Id"]}","true","A","C","a@example.com"',
    ]
    assert made["OwnerId"] == org.admin_id
    refused = told["failedResults"][1:]
    assert refused[0] == (
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --","B","","b@example.com"'
    )
    assert '"INVALID_EMAIL_ADDRESS:Email: invalid email address: nobody:Email --"' in refused[1]
    assert told["unprocessedrecords"] == ['"LastName","Company","Email"']


def test_ingest_update_leaves_empty_cells_alone_and_clears_with_na(org: Org, ask: Ask) -> None:
    made = lead(org, City="Rome", Title="Boss")
    told = job(ask, "update", f"Id;City;Title;DoNotCall\r\n{made};;#N/A;TRUE\r\n", columnDelimiter="SEMICOLON",
               lineEnding="CRLF")  # fmt: skip
    assert told["numberRecordsFailed"] == 0
    found = row(org, "Lead", made)
    assert (found["City"], found["Title"], found["DoNotCall"]) == ("Rome", None, True)
    assert org.writes(0, "Lead", made)[-1]["via"] == "Bulk"


def test_ingest_upsert_delete_and_hard_delete(org: Org, ask: Ask) -> None:
    known = lead(org, Lead_Key__c="k-1")
    told = job(
        ask, "upsert", "Lead_Key__c,LastName,Company\nk-1,New,C\nk-2,Other,C\n", externalIdFieldName="Lead_Key__c"
    )
    assert [line.split(",")[1] for line in told["successfulResults"][1:]] == ['"false"', '"true"']
    assert row(org, "Lead", known)["LastName"] == "New"
    assert job(ask, "delete", f"Id\n{known}\n")["numberRecordsFailed"] == 0
    assert row(org, "Lead", known)["IsDeleted"] is True
    assert job(ask, "hardDelete", f"Id\n{known}\n")["numberRecordsFailed"] == 0
    assert org.view(org.admin_id).query("SELECT Id FROM Lead", all_rows=True).total_size == 1
    sam = user_id(org, SAM)
    answer = ask("POST", "/jobs/ingest", {"object": "Lead", "operation": "hardDelete"}, user=sam)
    assert answer.payload[0]["errorCode"] == "FEATURENOTENABLED"


def test_ingest_states(org: Org, site: Site, ask: Ask) -> None:
    site.behaviour.ingest_hold = True
    made = ask("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).payload
    url = f"/jobs/ingest/{made['id']}"
    assert ask("DELETE", url).payload[0]["errorCode"] == "INVALIDJOBSTATE"
    ask("PUT", f"{url}/batches", b"LastName,Company\nA,C\n", content_type="text/csv")
    again = ask("PUT", f"{url}/batches", b"LastName,Company\nA,C\n", content_type="text/csv")
    assert again.payload[0]["errorCode"] == "INVALIDJOBSTATE"
    ask("PATCH", url, {"state": "UploadComplete"})
    assert ask("GET", url).payload["state"] == "UploadComplete"
    assert ask("PATCH", url, {"state": "Aborted"}).payload["state"] == "Aborted"
    told = ended(ask, url)
    assert told["unprocessedrecords"] == ['"LastName","Company"', '"A","C"']
    assert count(org, "Lead") == 0
    assert [each["id"] for each in ask("GET", "/jobs/ingest").payload["records"]] == [made["id"]]
    assert ask("DELETE", url).status == 204
    assert ask("GET", url).status == 404


def test_an_unknown_column_fails_the_job(org: Org, ask: Ask) -> None:
    told = job(ask, "insert", "LastName,Company,Colour\nA,C,red\n")
    assert (told["state"], told["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Colour")
    assert told["unprocessedrecords"][1:] == ['"A","C","red"']


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"object": "Lead", "operation": "burn"}, "INVALIDJOB"),
        ({"object": "Nothing", "operation": "insert"}, "INVALIDENTITY"),
        ({"object": "Lead", "operation": "upsert"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "upsert", "externalIdFieldName": "City"}, "INVALIDJOB"),
        ({"object": "Lead", "operation": "insert", "contentType": "XML"}, "INVALIDJOB"),
    ],
)
def test_refused_ingest_jobs(ask: Ask, body: dict[str, Any], code: str) -> None:
    assert ask("POST", "/jobs/ingest", body).payload[0]["errorCode"] == code

"""The demo org's SOAP partner API: converting, merging, restoring, and who may call it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from core.demo.http.xml import Node, read_envelope
from core.demo.org import Org
from core.demo.site import Site
from tests.unit.demo_writes.conftest import SAM, Ask, lead, queue_id, row, user_id

P = "{urn:partner.soap.sforce.com}"


class Soap:
    """Calls as the admin."""

    def __init__(self, site: Site, org: Org, ask: Ask) -> None:
        self._ask = ask
        self.site = site
        self.token = site.sessions.open(org.admin_id).token

    def __call__(self, body: str, header: str = "", version: str = "65.0") -> list[Node]:
        answer = self._ask("POST", f"/services/Soap/u/{version}", self.envelope(body, header))
        assert answer.body is not None
        ElementTree.fromstring(answer.body)  # noqa: S314 - our own answer: well-formed for a strict parser too
        _, operation = read_envelope(answer.body)
        if operation.name == "Fault":
            return [operation]
        return operation.all("result")

    def envelope(self, body: str, header: str = "") -> bytes:
        return (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header '
            'xmlns="urn:partner.soap.sforce.com">'
            f"<SessionHeader><sessionId>{self.token}</sessionId></SessionHeader>{header}</soapenv:Header>"
            f'<soapenv:Body xmlns="urn:partner.soap.sforce.com">{body}</soapenv:Body></soapenv:Envelope>'
        ).encode()


@pytest.fixture
def soap(site: Site, org: Org, ask: Ask) -> Soap:
    return Soap(site, org, ask)


def convert(lead_id: str, more: str = "", status: str = "Closed - Converted") -> str:
    return (
        f"<convertLead><leadConverts><convertedStatus>{status}</convertedStatus><leadId>{lead_id}</leadId>"
        f"{more}</leadConverts></convertLead>"
    )


def problem(node: Node) -> tuple[str | None, str | None]:
    error = node.find("errors")
    assert error is not None
    assert node.text_of("success") == "false"
    return error.text_of("statusCode"), error.text_of("message")


def test_a_lead_becomes_account_contact_and_opportunity(org: Org, soap: Soap) -> None:
    made = lead(org, Company="A & B <C>", Email="l@example.com")
    (result,) = soap(convert(made))
    assert result.text_of("success") == "true"
    told = {name: result.text_of(name) for name in ("accountId", "contactId", "opportunityId", "leadId")}
    assert told["leadId"] == made
    assert row(org, "Lead", made)["ConvertedOpportunityId"] == told["opportunityId"]
    assert row(org, "Opportunity", str(told["opportunityId"]))["Name"] == "A & B <C>"
    (again,) = soap(convert(made))
    assert problem(again)[0] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_conversion_into_what_is_there(org: Org, soap: Soap) -> None:
    account = org.insert(org.admin_id, "Account", {"Name": "A"})
    contact = org.insert(org.admin_id, "Contact", {"LastName": "C", "AccountId": account})
    made = lead(org, LeadSource="Web")
    (missing,) = soap(convert(made, f"<contactId>{contact}</contactId>"))
    assert problem(missing)[0] == "INVALID_CROSS_REFERENCE_KEY"
    more = (
        f"<accountId>{account}</accountId><contactId>{contact}</contactId>"
        "<doNotCreateOpportunity>true</doNotCreateOpportunity><overwriteLeadSource>true</overwriteLeadSource>"
    )
    (result,) = soap(convert(made, more))
    assert (result.text_of("contactId"), result.text_of("opportunityId")) == (contact, None)
    assert row(org, "Contact", contact)["LeadSource"] == "Web"


def test_what_a_conversion_needs(org: Org, soap: Soap) -> None:
    made = lead(org, OwnerId=queue_id(org, "Web_Leads"))
    assert problem(soap(convert(made, status="Working - Contacted"))[0])[0] == "INVALID_STATUS"
    code, text = problem(soap(convert(made))[0])
    assert code == "REQUIRED_FIELD_MISSING"
    assert "can only be owned by users" in str(text)
    (result,) = soap(convert(made, f"<ownerId>{user_id(org, SAM)}</ownerId>"))
    assert row(org, "Account", str(result.text_of("accountId")))["OwnerId"] == user_id(org, SAM)


def test_converting_is_a_permission(org: Org, soap: Soap, site: Site) -> None:
    sam = user_id(org, SAM)
    made = lead(org, OwnerId=sam)
    run = org.store.connection.execute
    (profile,) = run('SELECT "ProfileId" FROM "User" WHERE "Id" = ?', (sam,)).fetchone()
    org.update(org.admin_id, "Profile", profile, {"PermissionsConvertLeads": False})
    soap.token = site.sessions.open(sam).token
    assert problem(soap(convert(made))[0])[0] == "INSUFFICIENT_ACCESS"
    org.update(org.admin_id, "Profile", profile, {"PermissionsConvertLeads": True})
    assert soap(convert(made))[0].text_of("success") == "true"


def test_a_duplicate_account_stops_a_conversion_unless_allowed(org: Org, soap: Soap) -> None:
    org.insert(org.admin_id, "Contact", {"LastName": "C", "Email": "l@example.com"})
    made = lead(org, Email="l@example.com")
    assert problem(soap(convert(made))[0]) == ("DUPLICATES_DETECTED", "Use one of these records?")
    assert org.view(org.admin_id).query("SELECT COUNT() FROM Account").total_size == 0
    header = "<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>"
    assert soap(convert(made), header)[0].text_of("success") == "true"


def test_merge_takes_children_and_leaves_no_member_twice(org: Org, soap: Soap) -> None:
    master, loser = lead(org, LastName="Master", Title="Boss"), lead(org, LastName="Loser", City="Rome")
    task = org.insert(org.admin_id, "Task", {"Subject": "Call", "WhoId": loser})
    fair, show = (org.insert(org.admin_id, "Campaign", {"Name": name}) for name in ("Fair", "Show"))
    for campaign, who in ((fair, master), (fair, loser), (show, loser)):
        org.insert(org.admin_id, "CampaignMember", {"CampaignId": campaign, "LeadId": who})
    request = (
        f"<merge><mergeRequests><masterRecord><type>Lead</type><fieldsToNull>Title</fieldsToNull><Id>{master}</Id>"
        f"<City>Rome</City></masterRecord><recordToMergeIds>{loser}</recordToMergeIds></mergeRequests></merge>"
    )
    (result,) = soap(request)
    assert (result.text_of("id"), result.text_of("mergedRecordIds")) == (master, loser)
    assert task in [each.text for each in result.all("updatedRelatedIds")]
    found = row(org, "Lead", master)
    assert (found["City"], found["Title"]) == ("Rome", None)
    assert row(org, "Lead", loser)["MasterRecordId"] == master
    members = org.view(org.admin_id).query("SELECT CampaignId, LeadId FROM CampaignMember").records("65.0")
    assert sorted((m["CampaignId"], m["LeadId"]) for m in members) == sorted([(fair, master), (show, master)])
    assert problem(soap(request)[0])[0] == "ENTITY_IS_DELETED"


def test_undelete_and_its_refusals(org: Org, soap: Soap) -> None:
    account = org.insert(org.admin_id, "Account", {"Name": "A"})
    contact = org.insert(org.admin_id, "Contact", {"LastName": "C", "AccountId": account})
    org.delete(org.admin_id, "Account", account)
    good, bad, none = soap(
        f"<undelete><ids>{account}</ids><ids>{contact}</ids><ids>001000000000000AAA</ids></undelete>"
    )
    assert good.text_of("success") == "true"
    assert row(org, "Contact", contact)["IsDeleted"] is False
    assert problem(bad)[0] == "UNDELETE_FAILED"
    assert problem(none)[0] == "INVALID_CROSS_REFERENCE_KEY"


def test_create_update_delete(org: Org, soap: Soap) -> None:
    (made,) = soap("<create><sObjects><type>Lead</type><LastName>S</LastName><Company>C</Company></sObjects></create>")
    record_id = str(made.text_of("id"))
    # Without a header no assignment rule runs: the opposite of REST.
    assert row(org, "Lead", record_id)["OwnerId"] == org.admin_id
    header = "<AssignmentRuleHeader><useDefaultRule>true</useDefaultRule></AssignmentRuleHeader>"
    change = f"<update><sObjects><type>Lead</type><Id>{record_id}</Id><City>Rome</City></sObjects></update>"
    assert soap(change, header)[0].text_of("success") == "true"
    assert row(org, "Lead", record_id)["OwnerId"] == queue_id(org, "Leads_EMEA")
    assert soap(f"<delete><ids>{record_id}</ids></delete>")[0].text_of("success") == "true"
    assert soap(f"<emptyRecycleBin><ids>{record_id}</ids></emptyRecycleBin>")[0].text_of("success") == "true"
    assert (
        soap("<getServerTimestamp/>")[0].text_of(
            "timestamp",
        )
        is not None
    )
    assert soap("<getUserInfo/>")[0].text_of("userId") == org.admin_id


def test_who_may_call(org: Org, site: Site, soap: Soap) -> None:
    made = lead(org)
    soap.token = "00D!nobody"
    (fault,) = soap(convert(made))
    assert str(fault.text_of("faultstring")).startswith("INVALID_SESSION_ID")
    site.behaviour.jwt_tokens = True
    soap.token = site.sessions.open(org.admin_id).token
    (fault,) = soap(convert(made), version="65.0")
    assert str(fault.text_of("faultstring")).startswith("INVALID_SESSION_ID")
    assert soap(convert(made), version="68.0")[0].text_of("success") == "true"

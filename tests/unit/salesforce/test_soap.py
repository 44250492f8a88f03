"""The SOAP client: what it sends, what it makes of answers, and which tokens it tries."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.access import Access
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.soap import LeadConvert, SoapClient, is_jwt

LEAD, MASTER, LOSER = "00Q000000000001AAA", "00Q000000000002AAA", "00Q000000000003AAA"
NS = {"p": "urn:partner.soap.sforce.com", "so": "urn:sobject.partner.soap.sforce.com"}
OPAQUE = "00D000000000001!AQ.abc.def"


def jwt() -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256"}).encode()).decode().rstrip("=")
    return f"{head}.e30.c2ln"


def envelope(body: str) -> bytes:
    return (
        '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def fault(code: str) -> bytes:
    detail = f"<detail><x><exceptionCode>{code}</exceptionCode><exceptionMessage>words</exceptionMessage></x></detail>"
    return envelope(f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: w</faultstring>{detail}"
                    "</soapenv:Fault>")  # fmt: skip


GOOD = envelope(
    "<convertLeadResponse><result><accountId>001000000000001</accountId><contactId>003000000000001AAA</contactId>"
    f'<leadId>{LEAD}</leadId><opportunityId xsi:nil="true"/><success>true</success></result></convertLeadResponse>'
)


@dataclass
class Wire:
    """A client whose transport answers from a list."""

    answers: list[tuple[int, bytes]]
    tokens: list[str] = field(default_factory=lambda: [OPAQUE, "00D000000000001!renewed"])
    version: str = "65.0"
    sent: list[ElementTree.Element] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    renewed: int = 0
    looked: int = 0
    after_look: list[str] = field(default_factory=list)

    def soap(self) -> SoapClient:
        transport = SimpleNamespace(request=self.request, tokens=self, cancel=CancelToken())
        client = SimpleNamespace(transport=transport, api_version=self.version, path=lambda rest: f"/data/{rest}")
        return SoapClient(cast(Client, client))

    def session(self, cancel: CancelToken | None = None) -> Access:
        return Access(self.tokens[0], "https://x")

    def renew(self, stale_token: str, cancel: CancelToken | None = None) -> Access:
        assert stale_token == self.tokens[0]
        self.renewed += 1
        return Access(self.tokens[1], "https://x")

    def request(self, method: str, path: str, *, data: bytes = b"", **options: Any) -> Any:
        if method == "GET":
            # REST takes the token, or renews it.
            self.looked += 1
            self.tokens = self.after_look or self.tokens
            return None
        assert (method, options["renew"]) == ("POST", False)
        self.sent.append(ElementTree.fromstring(data))  # noqa: S314 - what we made ourselves
        self.paths.append(path)
        status, content = self.answers.pop(0)
        return SimpleNamespace(status_code=status, content=content)

    def text(self, path: str, at: int = 0) -> list[str | None]:
        return [found.text for found in self.sent[at].iterfind(path, NS)]


def test_a_conversion_as_it_is_sent_and_answered() -> None:
    wire = Wire([(200, GOOD)])
    made = wire.soap().convert_lead(
        LeadConvert(LEAD, "Closed & <done>", opportunity_name='He said "x"', owner_id="005000000000001AAA")
    )
    assert (made.account_id, made.contact_id, made.opportunity_id) == ("001000000000001AAA", "003000000000001AAA", None)
    assert wire.paths == ["/services/Soap/u/65.0"]
    assert wire.text(".//p:sessionId") == [OPAQUE]
    # No assignment rule may run, and a duplicate is not let pass by itself.
    assert wire.text(".//p:AssignmentRuleHeader/p:useDefaultRule") == ["false"]
    assert wire.text(".//p:DuplicateRuleHeader/p:allowSave") == []
    told = {child.tag.partition("}")[2]: child.text for child in wire.sent[0].iterfind(".//p:leadConverts/*", NS)}
    assert told == {
        "convertedStatus": "Closed & <done>", "doNotCreateOpportunity": "false", "leadId": LEAD,
        "opportunityName": 'He said "x"', "overwriteLeadSource": "false", "ownerId": "005000000000001AAA",
        "sendNotificationEmail": "false",
    }  # fmt: skip


def test_a_merge_as_it_is_sent_and_answered() -> None:
    answer = envelope(
        f"<mergeResponse><result><id>{MASTER}</id><mergedRecordIds>{LOSER}</mergedRecordIds><success>true</success>"
        "<updatedRelatedIds>00T000000000001AAA</updatedRelatedIds></result></mergeResponse>"
    )
    wire = Wire([(200, answer)])
    values = {"City": None, "DoNotCall": False, "Score__c": Decimal("1E+3"), "Title": "a\x00b\x0bc"}
    done = wire.soap().merge("Lead", MASTER, [LOSER], values, allow_duplicates=True)
    assert (done.id, done.merged, done.related) == (MASTER, (LOSER,), ("00T000000000001AAA",))
    assert wire.text(".//p:DuplicateRuleHeader/p:allowSave") == ["true"]
    assert wire.text(".//p:masterRecord/so:type") == ["Lead"]
    assert wire.text(".//so:fieldsToNull") == ["City"]
    assert wire.text(".//so:DoNotCall") == ["false"]
    assert wire.text(".//so:Score__c") == ["1000"]
    assert wire.text(".//so:Title") == ["abc"]
    assert wire.text(".//p:recordToMergeIds") == [LOSER]
    with pytest.raises(ValueError, match="3 records"):
        wire.soap().merge("Lead", MASTER, [LOSER] * 3, {})


def test_undelete_answers_for_each_id_in_slices() -> None:
    one = f"<result><id>{LEAD}</id><success>true</success></result>"
    bad = "<result><errors><fields>Id</fields><message>no</message><statusCode>UNDELETE_FAILED</statusCode></errors>" \
          "<success>false</success></result>"  # fmt: skip
    wire = Wire([
        (200, envelope(f"<undeleteResponse>{one * 200}</undeleteResponse>")),
        (200, envelope(f"<undeleteResponse>{bad}</undeleteResponse>")),
    ])  # fmt: skip
    answers = wire.soap().undelete([LEAD] * 200 + [MASTER])
    assert len(answers) == 201
    last = answers[-1]
    assert last.id == MASTER
    assert last.error is not None
    assert (last.error.salesforce_code, last.error.fields) == ("UNDELETE_FAILED", ("Id",))


def test_a_refused_session_is_renewed_once_and_the_body_is_made_anew() -> None:
    wire = Wire([(500, fault("INVALID_SESSION_ID")), (200, GOOD)])
    wire.soap().convert_lead(LeadConvert(LEAD, "S"))
    assert wire.renewed == 1
    assert wire.text(".//p:sessionId", 1) == ["00D000000000001!renewed"]
    wire = Wire([(500, fault("INVALID_SESSION_ID"))] * 2)
    with pytest.raises(OrgMirrorError) as caught:
        wire.soap().convert_lead(LeadConvert(LEAD, "S"))
    assert (caught.value.code, wire.renewed) == (ErrorCode.SIGN_IN_NEEDED, 1)


def test_a_jwt_is_tried_only_where_soap_takes_it() -> None:
    assert is_jwt(jwt())
    assert not any(map(is_jwt, (OPAQUE, "a.b.c", "", "bm8.b.c", f"{jwt()}.d")))
    wire = Wire([], tokens=[jwt(), jwt()])
    with pytest.raises(OrgMirrorError) as caught:
        wire.soap().convert_lead(LeadConvert(LEAD, "S"))
    assert (caught.value.code, wire.sent) == (ErrorCode.SOAP_TOKEN, [])
    wire = Wire([(200, GOOD)], tokens=[jwt()], version="68.0")
    assert wire.soap().convert_lead(LeadConvert(LEAD, "S")).contact_id
    # An org that takes none after all: the same word, not a request to sign in again.
    wire = Wire([(500, fault("INVALID_SESSION_ID"))], tokens=[jwt()], version="68.0")
    with pytest.raises(OrgMirrorError) as caught:
        wire.soap().convert_lead(LeadConvert(LEAD, "S"))
    assert (caught.value.code, wire.looked, wire.renewed) == (ErrorCode.SOAP_TOKEN, 1, 0)
    # One that had run out is renewed by REST, and then taken.
    wire = Wire([(500, fault("INVALID_SESSION_ID")), (200, GOOD)], tokens=[jwt()], version="68.0")
    wire.after_look = [jwt().replace("c2ln", "bmV3")]
    assert wire.soap().convert_lead(LeadConvert(LEAD, "S")).contact_id
    assert wire.text(".//p:sessionId", 1) == wire.after_look


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (fault("REQUEST_LIMIT_EXCEEDED"), ErrorClass.BUDGET, "REQUEST_LIMIT_EXCEEDED"),
        (fault("SERVER_UNAVAILABLE"), ErrorClass.TRANSIENT, "SERVER_UNAVAILABLE"),
        (envelope("<soapenv:Fault><faultstring>UNKNOWN_EXCEPTION: oh</faultstring></soapenv:Fault>"),
         ErrorClass.TRANSIENT, "UNKNOWN_EXCEPTION"),
        (envelope("<soapenv:Fault><faultstring>just words</faultstring></soapenv:Fault>"), ErrorClass.TRANSIENT, None),
    ],
)  # fmt: skip
def test_faults_are_classified_by_their_code(content: bytes, kind: ErrorClass, code: str | None) -> None:
    with pytest.raises(SalesforceError) as caught:
        Wire([(500, content)]).soap().convert_lead(LeadConvert(LEAD, "S"))
    assert (caught.value.kind, caught.value.salesforce_code) == (kind, code)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>oops</body></html>",
        b'<!DOCTYPE x [<!ENTITY e "e">]>' + GOOD.partition(b"?>")[2],
        envelope(""),
        envelope("<convertLeadResponse/>"),
        b"<a>" * 100,
    ],
)
def test_rubbish_is_a_failed_server_and_not_a_crash(content: bytes) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        Wire([(200, content)]).soap().convert_lead(LeadConvert(LEAD, "S"))
    assert caught.value.code is ErrorCode.SERVER_ERROR

"""The SOAP partner API, for the three acts that REST lacks: convertLead, merge and undelete.

The session id goes into the body, so a renewed token means a new body: that is done here and not by the transport. A
JWT-based access token is taken only from version 68.0 on [jsforce pull request 1817]; before, the act is refused with
SOAP_TOKEN and not even tried. XML is read without document types and entities. Nothing is sent twice, except after a
refused session, when nothing was done. A SoapClient belongs to its client's thread.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce.access import AccessProvider
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.writes import WriteAnswer

MAX_IDS = 200
MAX_LOSERS = 2
JWT_FROM = 68.0
_DEEPEST = 40
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:so="urn:sobject.partner.soap.sforce.com">'
    "<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
# What XML 1.0 cannot hold at all.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class LeadConvert:
    """One conversion. `status` is a status that means converted; `opportunity_name` None: the company's name."""

    lead_id: str
    status: str
    account_id: str | None = None
    contact_id: str | None = None
    opportunity: bool = True
    opportunity_name: str | None = None
    owner_id: str | None = None
    notify_owner: bool = False
    overwrite_lead_source: bool = False


@dataclass(frozen=True, slots=True)
class ConvertedIds:
    """What a conversion made or used; ids of 18 characters."""

    account_id: str | None
    contact_id: str | None
    opportunity_id: str | None


@dataclass(frozen=True, slots=True)
class MergeAnswer:
    """The master, the records that went into it, and those that now point to it."""

    id: str
    merged: tuple[str, ...]
    related: tuple[str, ...]


def is_jwt(token: str) -> bool:
    """Whether an access token is a JSON Web Token: three parts, of which the first is a JSON header."""
    parts = token.split(".")
    if len(parts) != 3 or "!" in token:
        return False
    try:
        head = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        return isinstance(json.loads(head), dict)
    except (ValueError, binascii.Error):
        return False


class SoapClient:
    """The calls over a client's transport. Each raises OrgMirrorError: SOAP_TOKEN, SIGN_IN_NEEDED, a network code, or

    the SalesforceError of what was refused.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def convert_lead(self, wanted: LeadConvert, *, allow_duplicates: bool = False) -> ConvertedIds:
        """Convert one lead."""
        told: dict[str, Any] = {
            "accountId": wanted.account_id,
            "contactId": wanted.contact_id,
            "convertedStatus": wanted.status,
            "doNotCreateOpportunity": not wanted.opportunity,
            "leadId": wanted.lead_id,
            "opportunityName": wanted.opportunity_name if wanted.opportunity else None,
            "overwriteLeadSource": wanted.overwrite_lead_source,
            "ownerId": wanted.owner_id,
            "sendNotificationEmail": wanted.notify_owner,
        }
        inner = "".join(_tag(name, value) for name, value in told.items() if value is not None)
        (result,) = self._call("convertLead", f"<leadConverts>{inner}</leadConverts>", 1, allow_duplicates)
        _raise_refused(result)
        return ConvertedIds(*(_id(result, name) for name in ("accountId", "contactId", "opportunityId")))

    def merge(
        self,
        name: str,
        master_id: str,
        losers: Sequence[str],
        values: Mapping[str, Any],
        *,
        allow_duplicates: bool = False,
    ) -> MergeAnswer:
        """Merge up to two records into a master; `values` (JSON, None empties) are set on it."""
        if not 1 <= len(losers) <= MAX_LOSERS:
            raise ValueError(f"{len(losers)} records cannot be merged into one at once")
        empty = "".join(_tag("so:fieldsToNull", each) for each, value in values.items() if value is None)
        given = "".join(_tag(f"so:{each}", value) for each, value in values.items() if value is not None)
        record = f"{_tag('so:type', name)}{empty}{_tag('so:Id', master_id)}{given}"
        ids = "".join(_tag("recordToMergeIds", each) for each in losers)
        inner = f"<mergeRequests><masterRecord>{record}</masterRecord>{ids}</mergeRequests>"
        (result,) = self._call("merge", inner, 1, allow_duplicates)
        _raise_refused(result)
        return MergeAnswer(
            _id(result, "id") or long_id(master_id),
            tuple(long_id(each.text.strip()) for each in result.all("mergedRecordIds")),
            tuple(long_id(each.text.strip()) for each in result.all("updatedRelatedIds")),
        )

    def undelete(self, ids: Sequence[str]) -> list[WriteAnswer]:
        """Take records out of the recycle bin, each by itself; answers in the order of the ids."""
        answers: list[WriteAnswer] = []
        for start in range(0, len(ids), MAX_IDS):
            wanted = ids[start : start + MAX_IDS]
            results = self._call("undelete", "".join(_tag("ids", each) for each in wanted), len(wanted), False)
            for each, result in zip(wanted, results, strict=True):
                answers.append(WriteAnswer(_id(result, "id") or long_id(each), _refusal(result)))
        return answers

    # Inside

    def _call(self, operation: str, inner: str, count: int, allow_duplicates: bool) -> list[Element]:
        body = f"<{operation}>{inner}</{operation}>"
        transport = self._client.transport
        tokens = transport.tokens
        if tokens is None:
            raise OrgMirrorError(ErrorCode.SIGN_IN_NEEDED)
        token = self._token(tokens)
        try:
            results = self._post(body, token, allow_duplicates)
        except SalesforceError as error:
            if error.kind is not ErrorClass.AUTH:
                raise
            # Refused before anything was done, so it may be sent again, once.
            token = self._renewed(tokens, token, error)
            try:
                results = self._post(body, token, allow_duplicates)
            except SalesforceError as again:
                if again.kind is not ErrorClass.AUTH:
                    raise
                raise _no_session(token, again) from None
        if len(results) != count:
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, reason="results", count=len(results))
        return results

    def _renewed(self, tokens: AccessProvider, stale: str, error: SalesforceError) -> str:
        """Another token than the one that SOAP refused. Raises SOAP_TOKEN for a JWT that only SOAP refuses."""
        transport = self._client.transport
        if not is_jwt(stale):
            return self._checked(tokens.renew(stale, transport.cancel).access_token)
        # SOAP's word for a token that has run out and for one of a kind that it does not know is the same. REST knows
        # the difference, and the transport renews there what has run out.
        transport.request("GET", self._client.path("limits"))
        fresh = self._token(tokens)
        if fresh == stale:
            raise _no_session(stale, error) from None
        return fresh

    def _token(self, tokens: AccessProvider) -> str:
        return self._checked(tokens.session(self._client.transport.cancel).access_token)

    def _checked(self, token: str) -> str:
        """The token, if this version's SOAP API takes one of its kind."""
        if is_jwt(token) and float(self._client.api_version) < JWT_FROM:
            raise OrgMirrorError(ErrorCode.SOAP_TOKEN)
        return token

    def _post(self, body: str, token: str, allow_duplicates: bool) -> list[Element]:
        # No rule may move an owner (rules 5): SOAP's equivalent of Sforce-Auto-Assign: FALSE.
        header = (
            f"<SessionHeader>{_tag('sessionId', token)}</SessionHeader>"
            f"<AssignmentRuleHeader>{_tag('useDefaultRule', False)}</AssignmentRuleHeader>"
        )
        if allow_duplicates:
            header += f"<DuplicateRuleHeader>{_tag('allowSave', True)}</DuplicateRuleHeader>"
        answer = self._client.transport.request(
            "POST",
            f"/services/Soap/u/{self._client.api_version}",
            data=_ENVELOPE.format(header=header, body=body).encode(),
            headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Accept": "text/xml"},
            allow=(500,),
            renew=False,
        )
        content = answer.content or b""
        try:
            operation = _read(content)
        except ValueError as error:
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=answer.status_code, reason=str(error)) from None
        if operation.name == "Fault":
            raise _fault(operation, answer.status_code)
        return operation.all("result")


@dataclass(slots=True)
class Element:
    """One XML element: local name, text, children in order."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def text_of(self, name: str) -> str | None:
        """The text of the first child of that name; None where there is none, or an empty one."""
        return next((child.text.strip() for child in self.children if child.name == name), "") or None

    def deep(self, name: str) -> str | None:
        """The text of the first element of that name at any depth."""
        for child in self.children:
            found = child.text.strip() if child.name == name else child.deep(name)
            if found:
                return found
        return None


def _read(content: bytes) -> Element:
    """What is inside soap Body. Raises ValueError for what is no envelope, or has a document type or entities."""
    top = Element("")
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise ValueError("too deep")
        made = Element(name.rpartition(" ")[2])
        stack[-1].children.append(made)
        stack.append(made)

    def end(name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def forbidden(*details: object) -> None:
        raise ValueError("document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden  # type: ignore[assignment]
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise ValueError("not XML") from None
    bodies = top.children[0].all("Body") if top.children and top.children[0].name == "Envelope" else []
    if not bodies or not bodies[0].children:
        raise ValueError("no envelope")
    return bodies[0].children[0]


def _no_session(token: str, error: SalesforceError) -> OrgMirrorError:
    code = ErrorCode.SOAP_TOKEN if is_jwt(token) else ErrorCode.SIGN_IN_NEEDED
    return OrgMirrorError(code, salesforce_code=error.salesforce_code, salesforce_text=error.salesforce_text)


def _fault(fault: Element, status: int) -> SalesforceError:
    """The exception of a SOAP fault; its code stands in the detail, or before the colon of its words."""
    text = fault.deep("exceptionMessage") or fault.text_of("faultstring")
    code = fault.deep("exceptionCode")
    if code is None:
        found = re.match(r"([A-Z][A-Z0-9_]{2,79})\s*:\s*(.*)", text or "", re.DOTALL)
        code, text = (found[1], found[2]) if found else (None, text)
    if status == 500 and code is not None:
        status = 400  # a fault is always a 500; what is meant is in its code
    return SalesforceError(status, code, text)


def _refusal(result: Element) -> SalesforceError | None:
    if (result.text_of("success") or "").lower() == "true":
        return None
    error = next(iter(result.all("errors")), Element("errors"))
    fields = tuple(each.text.strip() for each in error.all("fields"))
    return SalesforceError(400, error.text_of("statusCode"), error.text_of("message"), fields=fields)


def _raise_refused(result: Element) -> None:
    error = _refusal(result)
    if error is not None:
        raise error


def _id(result: Element, name: str) -> str | None:
    text = result.text_of(name)
    return None if text is None else long_id(text)


def _tag(name: str, value: Any) -> str:
    return f"<{name}>{escape(_text(value))}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return _UNSPEAKABLE.sub("", str(value))

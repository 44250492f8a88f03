"""What the SOAP partner API does with records: convertLead, merge, undelete, emptyRecycleBin, create, update, upsert,
delete, and the small questions getServerTimestamp and getUserInfo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.records import matches
from core.demo.http.soap_login import user_info
from core.demo.http.xml import HEAD, XML_TYPE, Node, tag
from core.demo.ids import is_id, to_18
from core.demo.manner import Manner, in_manner

_MOST = 200
_MOST_CONVERSIONS = 100
_MOST_MERGES = 200
_NAMESPACES = (
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.partner.soap.sforce.com"'
)


def act(call: Call, header: Node, operation: Node) -> Answer:
    """Do one operation in the manner that the header asks for. Raises OrgError for what is wrong as a whole."""
    with in_manner(_manner(header)):
        results = OPERATIONS[operation.name](call, operation)
    call.site.changed()
    name = f"{operation.name}Response"
    text = (
        f"{HEAD}<soapenv:Envelope {_NAMESPACES}><soapenv:Body><{name}>"
        + "".join(f"<result>{each}</result>" for each in results)
        + f"</{name}></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(body=text.encode(), headers=dict(XML_TYPE))


def _manner(header: Node) -> Manner:
    """Rules run only where a header asks for them: the opposite of REST."""
    assignment, duplicates = header.find("AssignmentRuleHeader"), header.find("DuplicateRuleHeader")
    told: dict[str, str] = {}
    assigns = allows = False
    if assignment is not None:
        assigns = assignment.true("useDefaultRule") or assignment.text_of("assignmentRuleId") is not None
        told["assignmentruleheader"] = str(assigns).lower()
    if duplicates is not None:
        allows = duplicates.true("allowSave")
        told["duplicateruleheader"] = str(allows).lower()
    return Manner(via="SOAP", assigns=assigns, allows_duplicates=allows, checks_duplicates=True, headers=told)


def _convert(call: Call, operation: Node) -> list[str]:
    wanted = operation.all("leadConverts")
    _check_count(len(wanted), _MOST_CONVERSIONS)
    results = []
    for each in wanted:
        lead = each.text_of("leadId")
        try:
            if lead is None:
                raise OrgError("REQUIRED_FIELD_MISSING", "Required fields are missing: [leadId]", 400, ["leadId"])
            status = each.text_of("convertedStatus")
            if status is None:
                raise OrgError("INVALID_STATUS", "invalid convertedStatus: null")
            name = None
            if not each.true("doNotCreateOpportunity"):
                name = each.text_of("opportunityName") or _company(call, lead)
            made = call.site.org.convert(
                _user(call), lead, account_id=_id(each, "accountId"), contact_id=_id(each, "contactId"),
                opportunity_id=_id(each, "opportunityId"), owner_id=_id(each, "ownerId"), status=status,
                opportunity_name=name, overwrite_source=each.true("overwriteLeadSource"), strict=True,
            )  # fmt: skip
        except OrgError as error:
            empty = "".join(f'<{name} xsi:nil="true"/>' for name in ("accountId", "contactId"))
            failed = '<leadId xsi:nil="true"/>' if lead is None else tag("leadId", lead)
            results.append(f'{empty}{_errors(error)}{failed}<opportunityId xsi:nil="true"/>{tag("success", "false")}')
            continue
        results.append(
            _optional("accountId", made["account_id"]) + _optional("contactId", made["contact_id"])
            + tag("leadId", to_18(str(lead))) + _optional("opportunityId", made["opportunity_id"])
            + tag("success", "true")
        )  # fmt: skip
    return results


def _merge(call: Call, operation: Node) -> list[str]:
    wanted = operation.all("mergeRequests") or operation.all("request")
    _check_count(len(wanted), _MOST_MERGES)
    results = []
    for each in wanted:
        losers = [to_18(child.text.strip()) for child in each.all("recordToMergeIds") if is_id(child.text.strip())]
        try:
            master = each.find("masterRecord")
            if master is None:
                raise OrgError("REQUIRED_FIELD_MISSING", "Required fields are missing: [masterRecord]")
            name, values = _record(master)
            record_id = str(values.pop("Id", None) or "")
            if not is_id(record_id):
                raise OrgError("MALFORMED_ID", f"bad id {record_id}")
            before = _last_write(call)
            kept = call.site.org.merge(_user(call), name, record_id, losers, values)
        except OrgError as error:
            results.append(f'{_errors(error)}<id xsi:nil="true"/>{tag("success", "false")}')
            continue
        moved = [w["id"] for w in call.site.org.writes(before) if w["op"] == "merge" and w["id"] not in (kept, *losers)]
        results.append(
            tag("id", kept) + "".join(tag("mergedRecordIds", each) for each in losers) + tag("success", "true")
            + "".join(tag("updatedRelatedIds", each) for each in moved)
        )  # fmt: skip
    return results


def _by_ids(work: Callable[[Call, str, str], None]) -> Callable[[Call, Node], list[str]]:
    def run(call: Call, operation: Node) -> list[str]:
        ids = [child.text.strip() for child in operation.all("ids")]
        _check_count(len(ids), _MOST)
        results = []
        for record_id in ids:
            try:
                item = call.site.org.schema.by_id(record_id) if is_id(record_id) else None
                if item is None:
                    raise OrgError("MALFORMED_ID", f"bad id {record_id}")
                work(call, item.name, record_id)
                results.append(tag("id", to_18(record_id)) + tag("success", "true"))
            except OrgError as error:
                code = "INVALID_CROSS_REFERENCE_KEY" if error.code == "NOT_FOUND" else error.code
                shown = OrgError(code, error.message, 400, error.fields)
                results.append(f"{_errors(shown)}{_optional('id', record_id)}{tag('success', 'false')}")
        return results

    return run


def _undelete(call: Call, name: str, record_id: str) -> None:
    call.site.org.undelete(_user(call), name, record_id)


def _delete(call: Call, name: str, record_id: str) -> None:
    call.site.org.delete(_user(call), name, record_id)


def _purge(call: Call, name: str, record_id: str) -> None:
    call.site.org.purge(_user(call), name, record_id)


def _save(call: Call, operation: Node) -> list[str]:
    records = operation.all("sObjects")
    _check_count(len(records), _MOST)
    key = operation.text_of("externalIDFieldName")
    results = []
    for record in records:
        try:
            name, values = _record(record)
            record_id, created = _saved(call, operation.name, name, values, key)
        except OrgError as error:
            results.append(f'{_errors(error)}<id xsi:nil="true"/>{tag("success", "false")}')
            continue
        made = tag("created", str(created).lower()) if operation.name == "upsert" else ""
        results.append(made + tag("id", record_id) + tag("success", "true"))
    return results


def _saved(call: Call, verb: str, name: str, values: dict[str, Any], key: str | None) -> tuple[str, bool]:
    org, user = call.site.org, _user(call)
    record_id = values.pop("Id", None)
    if verb == "upsert" and key and key.lower() != "id":
        value = values.get(key)
        found = matches(call, name, key, str(value)) if value else []
        if len(found) > 1:
            raise OrgError("DUPLICATE_EXTERNAL_ID", f"{key}: more than one record found for external id field")
        record_id = found[0] if found else None
    if verb == "create" or (verb == "upsert" and not record_id):
        return org.insert(user, name, values), True
    if not record_id:
        raise OrgError("MISSING_ARGUMENT", "Id not specified in an update call")
    org.update(user, name, str(record_id), values)
    return to_18(str(record_id)), False


def _timestamp(call: Call, operation: Node) -> list[str]:
    return [tag("timestamp", call.site.org.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"))]


def _user_info(call: Call, operation: Node) -> list[str]:
    return [user_info(call, _user(call))]


OPERATIONS: dict[str, Callable[[Call, Node], list[str]]] = {
    "convertLead": _convert,
    "merge": _merge,
    "undelete": _by_ids(_undelete),
    "delete": _by_ids(_delete),
    "emptyRecycleBin": _by_ids(_purge),
    "create": _save,
    "update": _save,
    "upsert": _save,
    "getServerTimestamp": _timestamp,
    "getUserInfo": _user_info,
}


def _record(node: Node) -> tuple[str, dict[str, Any]]:
    """Type and values of an sObject; what `fieldsToNull` names is None. Raises OrgError without a type."""
    name = node.text_of("type")
    if name is None:
        raise OrgError("INVALID_TYPE", "Must send a concrete entity type.")
    values: dict[str, Any] = {child.text.strip(): None for child in node.all("fieldsToNull")}
    for child in node.children:
        if child.name not in ("type", "fieldsToNull"):
            values.setdefault(child.name, None if child.nil else child.text)
    return name, values


def _errors(error: OrgError) -> str:
    fields = "".join(tag("fields", name) for name in error.fields)
    return f"<errors>{fields}{tag('message', error.message)}{tag('statusCode', error.code)}</errors>"


def _optional(name: str, value: str | None) -> str:
    return f'<{name} xsi:nil="true"/>' if not value else tag(name, value)


def _id(node: Node, name: str) -> str | None:
    text = node.text_of(name)
    if text is not None and not is_id(text):
        raise OrgError("MALFORMED_ID", f"{name}: id value of incorrect type: {text}", 400, [name])
    return None if text is None else to_18(text)


def _company(call: Call, lead: str) -> str | None:
    try:
        company = call.view.record("Lead", lead, ["Company"], "65.0")["Company"]
    except OrgError:
        return None  # the conversion itself says what is wrong with the lead
    return str(company)[:120]


def _last_write(call: Call) -> int:
    row = call.site.org.store.connection.execute("SELECT ifnull(MAX(n), 0) FROM om_writes").fetchone()
    return int(row[0])


def _check_count(count: int, most: int) -> None:
    if count > most:
        raise OrgError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records")


def _user(call: Call) -> str:
    assert call.session is not None
    return call.session.user_id

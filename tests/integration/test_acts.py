"""Converting, merging and restoring: in the org first, here after it, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.api.acts import ConvertOptions, PendingEdits, Standing
from core.app import App, Connection
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from core.paths import Home
from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome, making

SMALL = {"*": 0, "Lead": 40, "Contact": 30, "Account": 15, "Campaign": 3, "Task": 20}
SAM = "sam.sales@orgmirror.demo"


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    with DemoOrgProcess(rows=SMALL, folder=tmp_path_factory.mktemp("acts") / "org") as found:
        yield found


@pytest.fixture(scope="module")
def first_home(org: DemoOrgProcess, tmp_path_factory: pytest.TempPathFactory) -> KeptHome:
    with making(tmp_path_factory.mktemp("first")) as home:
        done = connect(home.path, org, run=in_process)
        assert done.code == 0, done.err
        done = in_process(home.path, "sync", "acme", "--once")
        assert done.code == 0, done.err
    return home


class Scene:
    """One connection, and short words for what the tests do."""

    def __init__(self, org: DemoOrgProcess, home: Path, connection: Connection) -> None:
        self.org = org
        self.home = home
        self.connection = connection
        self.acts = connection.acts

    def make(self, name: str, **values: Any) -> str:
        """A record made in the org by somebody else, and read here."""
        found = {"Lead": {"LastName": "L", "Company": "Firm"}, "Contact": {"LastName": "C"}}.get(name, {})
        made = str(self.org.control("insert", name=name, values={**found, **values})["result"])
        self.connection.sync.refresh_record(name, made)
        return made

    def here(self, name: str, record_id: str) -> dict[str, Any]:
        found = in_process(self.home, "query", "acme", f'SELECT * FROM "{name}" WHERE "Id" = \'{record_id}\'', "--json")
        (row,) = found.json["rows"]
        return dict(zip(found.json["columns"], row, strict=True))

    def there(self, name: str, record_id: str) -> dict[str, Any]:
        return next(row for row in self.org.truth(name) if row["Id"] == record_id)

    def edit(self, name: str, record_id: str, **values: str) -> None:
        self.connection.records.edit(RecordRef(name, record_id), values)

    def pending(self) -> set[tuple[str, str | None]]:
        return {(row["id"], row["field"]) for row in self.connection.records.pending_rows()}


@pytest.fixture
def scene(
    org: DemoOrgProcess, first_home: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    home = first_home.copy(tmp_path, monkeypatch)
    with App(Home(home)) as app, app.open("acme") as connection:
        yield Scene(org, home, connection)
    org.control("reset")
    assert org.errors == ""


def code_of(call: Any) -> tuple[ErrorCode, str | None]:
    with pytest.raises(OrgMirrorError) as caught:
        call()
    return caught.value.code, caught.value.salesforce_code


# Converting


def test_a_lead_is_converted_there_and_what_it_became_is_here(scene: Scene) -> None:
    lead = scene.make("Lead", Company="A & B <C>", Email="one@convert.example", Score__c=7, FirstName="Ümit")
    task = scene.make("Task", Subject="Call", WhoId=lead)
    form = scene.acts.convert_form(lead)
    assert [choice.value for choice in form.statuses] == ["Closed - Converted"]
    assert form.statuses[0].default
    assert (form.company, form.owner_needed, form.pending) == ("A & B <C>", False, 0)
    assert [left.field for left in form.left] == ["Score__c"]
    made = scene.acts.convert(lead)
    assert made.complete
    assert made.opportunity_id is not None
    assert scene.here("Lead", lead)["ConvertedContactId"] == made.contact_id
    assert scene.here("Contact", str(made.contact_id))["Name"] == "Ümit L"
    assert scene.here("Account", str(made.account_id))["Name"] == "A & B <C>"
    assert scene.here("Opportunity", made.opportunity_id)["Name"] == "A & B <C>"
    assert scene.here("Task", task)["WhoId"] == made.contact_id
    assert made.changes.touches("Task")
    assert code_of(lambda: scene.acts.convert(lead)) == (ErrorCode.PUSH_CONVERTED, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert code_of(lambda: scene.acts.convert_form(lead))[0] is ErrorCode.NOT_EDITABLE


def test_namesakes_are_offered_and_a_contact_brings_its_account(scene: Scene) -> None:
    account = scene.make("Account", Name="Namesake Ltd", BillingCity="Rome")
    contact = scene.make("Contact", LastName="Twin", Email="twin@convert.example", AccountId=account)
    lead = scene.make("Lead", Company="namesake LTD", LastName="Twin", Email="TWIN@convert.example")
    form = scene.acts.convert_form(lead)
    assert [(each.ref.id, each.detail) for each in form.accounts] == [(account, "Rome")]
    assert [(each.ref.id, each.account_id) for each in form.contacts] == [(contact, account)]
    assert "Namesake Ltd" in form.contacts[0].detail
    made = scene.acts.convert(lead, ConvertOptions(contact_id=contact, opportunity=False))
    assert (made.account_id, made.contact_id, made.opportunity_id) == (account, contact, None)


def test_edits_of_the_lead_are_sent_before_it_is_converted(scene: Scene) -> None:
    lead = scene.make("Lead", Company="Edited first")
    scene.edit("Lead", lead, Title="Head of purchasing")
    assert scene.acts.convert_form(lead).pending == 1
    assert code_of(lambda: scene.acts.convert(lead, pending=PendingEdits.ASK))[0] is ErrorCode.HAS_PENDING_EDITS
    made = scene.acts.convert(lead)
    assert scene.there("Contact", str(made.contact_id))["Title"] == "Head of purchasing"
    assert scene.pending() == set()


def test_an_edit_that_salesforce_refuses_stops_the_conversion(scene: Scene) -> None:
    lead = scene.make("Lead", Company="Not yet")
    rule = scene.org.control("add_validation_rule", name="Lead", condition="City = 'Nowhere'", message="No.")["result"]
    scene.edit("Lead", lead, City="Nowhere")
    assert code_of(lambda: scene.acts.convert(lead))[0] is ErrorCode.HAS_PENDING_EDITS
    assert scene.there("Lead", lead)["IsConverted"] is False
    scene.org.control("drop_validation_rule", rule=rule)


def test_a_lead_of_a_queue_needs_an_owner(scene: Scene) -> None:
    users = {user["username"]: user["id"] for user in scene.org.control("users")}
    queue = next(r["Id"] for r in scene.org.truth("Group") if r["DeveloperName"] == "Web_Leads")
    lead = scene.make("Lead", Company="Queued", OwnerId=queue)
    assert scene.acts.convert_form(lead).owner_needed
    assert code_of(lambda: scene.acts.convert(lead)) == (ErrorCode.PUSH_REFUSED, "REQUIRED_FIELD_MISSING")
    made = scene.acts.convert(lead, ConvertOptions(owner_id=users[SAM]))
    assert scene.here("Contact", str(made.contact_id))["OwnerId"] == users[SAM]


def test_a_lost_answer_is_found_in_the_lead(scene: Scene) -> None:
    lead = scene.make("Lead", Company="Lost answer")
    scene.org.faults({"match": {"path": "/Soap/", "body": "convertLead"}, "action": {"cut": "after"}})
    made = scene.acts.convert(lead)
    assert made.contact_id is not None
    assert made.contact_id == scene.there("Lead", lead)["ConvertedContactId"]
    other = scene.make("Lead", Company="Never arrived")
    scene.org.faults({"match": {"path": "/Soap/", "body": "convertLead"}, "action": {"cut": "before"}})
    assert code_of(lambda: scene.acts.convert(other))[0] is ErrorCode.ACT_UNKNOWN
    assert scene.there("Lead", other)["IsConverted"] is False


def test_duplicates_are_told_and_made_only_when_allowed(scene: Scene) -> None:
    scene.make("Contact", LastName="Twin", Email="double@convert.example")
    lead = scene.make("Lead", Company="Double", Email="double@convert.example")
    assert code_of(lambda: scene.acts.convert(lead)) == (ErrorCode.PUSH_DUPLICATES, "DUPLICATES_DETECTED")
    assert scene.there("Lead", lead)["IsConverted"] is False
    assert scene.acts.convert(lead, ConvertOptions(allow_duplicates=True)).contact_id


def test_an_expired_session_is_renewed_once_with_a_new_body(scene: Scene) -> None:
    lead = scene.make("Lead", Company="Expired")
    scene.org.faults({
        "match": {"path": "/Soap/", "body": "convertLead"},
        "action": {"status": 500, "headers": {"Content-Type": "text/xml"}, "body": SOAP_EXPIRED},
    })  # fmt: skip
    # The connection was made with a token that nobody can renew: the person is asked to sign in.
    assert code_of(lambda: scene.acts.convert(lead))[0] is ErrorCode.SIGN_IN_NEEDED
    assert scene.there("Lead", lead)["IsConverted"] is False


SOAP_EXPIRED = (
    '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    "<soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID"
    "</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
)


def test_a_token_that_soap_does_not_take_leads_to_the_page_in_salesforce(scene: Scene, tmp_path: Path) -> None:
    lead = scene.make("Lead", Company="By page")
    scene.org.behaviour(jwt_tokens=True, soap_jwt_from=99.0)
    other = tmp_path / "other"
    other.mkdir()
    token = scene.org.token(scene.org.info["username"])
    assert token.count(".") == 2
    with making(other) as home:
        done = connect(home.path, scene.org, "acme", "--objects", "Lead", run=in_process, token=token)
        assert done.code == 0, done.err
        assert in_process(home.path, "sync", "acme", "--once").code == 0
        done = in_process(home.path, "convert", "acme", lead, "--json")
        with App(Home(home.path)) as app, app.open("acme") as connection, pytest.raises(OrgMirrorError) as caught:
            connection.acts.undelete([RecordRef("Lead", lead)])
    assert done.code == 1
    assert f"{scene.org.info['url']}/{lead}" in done.err
    assert (caught.value.code, caught.value.params["url"]) == (
        ErrorCode.SOAP_TOKEN,
        f"{scene.org.info['url']}/{lead}",
    )
    assert scene.there("Lead", lead)["IsConverted"] is False


# Merging


def test_two_leads_become_one_and_nothing_is_lost_unseen(scene: Scene) -> None:
    master = scene.make("Lead", LastName="Master", Company="Merge", Title="Boss", Score__c=3, DoNotCall=False)
    loser = scene.make("Lead", LastName="Loser", Company="Merge", Title="Clerk", City="Rome", Score__c=4,
                       DoNotCall=True, Description="Wants a demo")  # fmt: skip
    task = scene.make("Task", Subject="Call", WhoId=loser)
    preview = scene.acts.merge_preview("Lead", master, [loser])
    assert preview.possible
    assert [side.children for side in preview.sides] == [(), (("Task", "Tasks", 1),)]
    fields = {each.name: each for each in preview.fields}
    assert (fields["Title"].chosen, fields["City"].chosen, fields["City"].displays) == (0, 1, ("", "Rome"))
    # False is a value: it is not filled up from the other record.
    assert (fields["DoNotCall"].chosen, fields["DoNotCall"].values) == (0, (0, 1))
    assert (fields["Score__c"].summed, fields["Score__c"].total) == (True, 7)
    assert not fields["Company"].differs
    values = preview.values(totals=frozenset({"Score__c"}))
    assert values == {"City": "Rome", "Description": "Wants a demo", "Score__c": 7}
    merged = scene.acts.merge("Lead", master, [loser], values)
    assert merged.complete
    kept = scene.here("Lead", master)
    assert (kept["Title"], kept["City"], kept["Score__c"], kept["DoNotCall"]) == ("Boss", "Rome", 7, 0)
    gone = scene.here("Lead", loser)
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (1, master)
    assert scene.here("Task", task)["WhoId"] == master
    lost = {each.field: each.value for each in scene.connection.sync.lost_in_merge(RecordRef("Lead", master))}
    assert lost["Title"] == "Clerk"
    assert "City" not in lost
    assert merged.lost == len(lost)


def test_edits_of_the_loser_move_only_with_consent(scene: Scene) -> None:
    master = scene.make("Contact", LastName="Master", Title="Boss")
    loser = scene.make("Contact", LastName="Loser")
    scene.edit("Contact", loser, Department="Sales", Title="Clerk")
    scene.edit("Contact", master, Title="Director")
    scene.connection.records.open_for_editing("Task", True)
    act = scene.connection.records.create("Task", {"Subject": "Mail", "WhoId": loser})
    assert code_of(lambda: scene.acts.merge("Contact", master, [loser]))[0] is ErrorCode.HAS_PENDING_EDITS
    scene.acts.merge("Contact", master, [loser], {}, pending=PendingEdits.MOVE)
    waiting = scene.pending()
    assert (master, "Department") in waiting
    assert (master, "Title") in waiting
    assert not {each for each in waiting if each[0] == loser}
    # The master's own edit stands; the new task of the loser is one of the master now.
    assert scene.here("Contact", master)["Title"] == "Director"
    assert scene.here("Task", act.refs[0].id)["WhoId"] == master
    result = scene.connection.push.push()
    assert (result.failed, result.pending) == (0, 0)
    found = scene.there("Contact", master)
    assert (found["Department"], found["Title"]) == ("Sales", "Director")


def test_edits_of_the_loser_are_given_up_on_request_and_a_lost_answer_is_found(scene: Scene) -> None:
    master, loser = (scene.make("Contact", LastName=name) for name in ("Master", "Loser"))
    scene.edit("Contact", loser, Title="Clerk")
    scene.org.faults({"match": {"path": "/Soap/", "body": "mergeRequests"}, "action": {"cut": "after"}})
    merged = scene.acts.merge("Contact", master, [loser], pending=PendingEdits.DISCARD)
    assert merged.master.id == master
    assert scene.there("Contact", loser)["MasterRecordId"] == master
    assert not {each for each in scene.pending() if each[0] == loser}
    assert scene.there("Contact", master)["Title"] is None
    # What was typed and given up is in the change log.
    lines = scene.connection.records.change_log(RecordRef("Contact", loser))
    assert any((line.field, line.old) == ("Title", "Clerk") for line in lines)


def test_a_counterpart_that_is_gone_takes_no_part(scene: Scene) -> None:
    master, loser, third = (scene.make("Lead", Company="Gone", LastName=name) for name in ("A", "B", "C"))
    scene.org.control("delete", name="Lead", record_id=loser)
    preview = scene.acts.merge_preview("Lead", master, [loser, third])
    assert [side.standing for side in preview.sides] == [Standing.THERE, Standing.GONE, Standing.THERE]
    assert not preview.possible
    merged = scene.acts.merge("Lead", master, [loser, third], {})
    assert [ref.id for ref in merged.losers] == [loser, third]
    assert scene.here("Lead", loser)["IsDeleted"] == 1
    assert scene.there("Lead", loser)["MasterRecordId"] is None
    assert scene.there("Lead", third)["MasterRecordId"] == master
    assert code_of(lambda: scene.acts.merge("Lead", master, [loser], {}))[0] is ErrorCode.PUSH_GONE
    assert code_of(lambda: scene.acts.merge("Lead", loser, [master], {}))[0] is ErrorCode.PUSH_GONE


def test_what_cannot_be_merged_is_said(scene: Scene) -> None:
    one, two = scene.make("Lead", Company="X"), scene.make("Lead", Company="X")
    acts = scene.acts
    assert code_of(lambda: acts.merge("Task", one, [two]))[0] is ErrorCode.NOT_EDITABLE
    assert code_of(lambda: acts.merge("Lead", one, [one]))[0] is ErrorCode.NO_SUCH_CHOICE
    assert code_of(lambda: acts.merge("Lead", one, [two], {"Colour": 1}))[0] is ErrorCode.NO_SUCH_FIELD
    assert code_of(lambda: acts.merge("Lead", one, [two], {"Is_Hot__c": 1}))[0] is ErrorCode.NOT_EDITABLE
    made = acts.convert(two)
    assert made.contact_id
    assert code_of(lambda: acts.merge("Lead", one, [two], {}))[0] is ErrorCode.PUSH_CONVERTED


# Restoring, tokens, the command line


def test_deleted_records_come_back_with_what_went_along(scene: Scene) -> None:
    account = scene.make("Account", Name="Back again")
    contact = scene.make("Contact", LastName="Along", AccountId=account)
    scene.org.control("delete", name="Account", record_id=account)
    scene.connection.sync.refresh_record("Account", account)
    scene.connection.sync.refresh_record("Contact", contact)
    assert scene.here("Contact", contact)["IsDeleted"] == 1
    done = scene.acts.undelete([RecordRef("Account", account), RecordRef("Contact", contact)])
    assert [ref.id for ref in done.refs] == [account]
    assert done.failed[0][:2] == (contact, "UNDELETE_FAILED")
    assert (scene.here("Account", account)["IsDeleted"], scene.here("Contact", contact)["IsDeleted"]) == (0, 0)


def test_the_command_line(
    org: DemoOrgProcess, first_home: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = first_home.copy(tmp_path, monkeypatch)
    leads = [r for r in org.truth("Lead") if not (r["IsDeleted"] or r["IsConverted"])]
    owned = [r["Id"] for r in leads if r["OwnerId"].startswith("005")]
    active = {user["id"] for user in org.control("users") if user["is_active"]}
    owned = [r["Id"] for r in leads if r["OwnerId"] in active]
    done = in_process(home, "convert", "acme", owned[0][:15], "--no-opportunity", "--json")
    assert done.code == 0, done.err
    assert set(done.json) == {"contact_id", "account_id", "opportunity_id"}
    assert done.json["opportunity_id"] is None
    assert next(r for r in org.truth("Lead") if r["Id"] == owned[0])["ConvertedContactId"] == done.json["contact_id"]
    done = in_process(home, "merge", "acme", "lead", owned[1], owned[2], "City=Rome", "Website=", "--json")
    assert done.code == 0, done.err
    assert done.json == {"master_id": owned[1]}
    row = next(r for r in org.truth("Lead") if r["Id"] == owned[1])
    assert (row["City"], row["Website"]) == ("Rome", None)
    assert in_process(home, "merge", "acme", "Lead", owned[1], owned[3], "City").code == 2
    assert in_process(home, "convert", "acme", owned[0]).code == 1

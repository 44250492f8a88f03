"""Edits that come home over real HTTP: each refusal of a real org, its words and what a person is told to do."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.messages import message
from core.mirror import aliases, conflicts, problems, sends
from core.model.conflicts import ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from core.salesforce.errors import TABLE, ErrorClass
from core.sync.push_creates import use_external_id
from core.sync.push_sending import PushSettings
from tests.helpers.demo_here import DemoServer, copy_org, make_org, rule
from tests.helpers.push_rig import ROWS, PushRig


@dataclass(frozen=True)
class Template:
    """An org that was made, and a mirror that was loaded from it, both to be copied."""

    server: DemoServer
    org: Path
    mirror: Path

    def rig(self, folder: Path) -> PushRig:
        org = self.server.open(copy_org(self.org, folder / "org"))
        return PushRig(org, folder / "mirror", loaded=self.mirror)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    folder = tmp_path_factory.mktemp("template")
    make_org(folder / "made", ROWS)
    with DemoServer() as server:
        first = PushRig(server.open(copy_org(folder / "made", folder / "org")), folder / "mirror")
        first.close()
        yield Template(server, folder / "made", folder / "mirror" / "mirror.db")


@pytest.fixture
def rig(template: Template, tmp_path: Path) -> Iterator[PushRig]:
    """An org and a mirror of the test's own."""
    made = template.rig(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushRig]:
    """One org and one mirror for many small tries, each with a lead of its own."""
    with DemoServer() as server:
        made = Template(server, template.org, template.mirror).rig(tmp_path_factory.mktemp("shared"))
        yield made
        made.close()


def told(rig: PushRig, record_id: str) -> tuple[ErrorCode, str, str, str | None]:
    """Code, words and remedy of what a person reads about a record, and the field it stands at."""
    [problem] = [p for p in rig.mirror.read(problems.open_problems) if p.record_id == record_id]
    words = message(
        OrgMirrorError(
            problem.code,
            salesforce_code=problem.salesforce_code,
            salesforce_text=problem.salesforce_text,
            **dict(problem.params),
        )
    )
    return problem.code, words.title, words.remedy, problem.field


# Codes that stop at the record, with the code of the words that a person reads.
ASKED = {
    ErrorClass.USER_DATA: ErrorCode.PUSH_REFUSED,
    ErrorClass.RIGHTS: ErrorCode.PUSH_NOT_ALLOWED,
    ErrorClass.BUSINESS: ErrorCode.PUSH_LOCKED,
    ErrorClass.AUTOMATION: ErrorCode.PUSH_AUTOMATION,
    ErrorClass.REFUSED: ErrorCode.PUSH_REFUSED,
    ErrorClass.GONE: ErrorCode.PUSH_REFERENCE,
    ErrorClass.CONVERTED: ErrorCode.PUSH_CONVERTED,
    ErrorClass.SCHEMA: ErrorCode.PUSH_FIELD_REFUSED,
}
NOT_OF_RECORDS = {
    "INVALIDENTITY",
    "INVALID_TYPE",
    "FORBIDDEN",
    "MALFORMED_QUERY",
    "INVALID_SEARCH",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
}
ASKED_CODES = [
    *sorted((code, ASKED[kind]) for code, kind in TABLE.items() if kind in ASKED and code not in NOT_OF_RECORDS),
    ("A_CODE_NOBODY_KNOWS", ErrorCode.PUSH_REFUSED),
    ("DUPLICATE_VALUE", ErrorCode.PUSH_DUPLICATE_VALUE),
]
QUIET_CODES = sorted(
    code
    for code, kind in TABLE.items()
    if kind in (ErrorClass.TRANSIENT, ErrorClass.ORG_STATE) and code not in ("API_DISABLED_FOR_ORG",)
)


def refuse(code: str, text: str, fields: list[str], status: int = 400) -> dict[str, Any]:
    body = [{"errorCode": code, "message": text, "fields": fields}]
    return rule(r"/sobjects/Lead/00Q", {"status": status, "body": body}, method="PATCH")


@pytest.mark.parametrize(("code", "expected"), ASKED_CODES)
def test_a_refusal_stands_at_the_record_in_salesforces_words(shared: PushRig, code: str, expected: ErrorCode) -> None:
    [lead] = shared.leads(1)
    before = shared.there(lead)["Phone"]
    shared.edit(lead, Phone="0100")
    shared.org.site.faults.add(refuse(code, f"Words of {code}", ["Phone"]))
    result = shared.push()
    assert (result.sent, result.failed, result.outcome) == (0, 1, CycleOutcome.PROBLEMS)
    found, title, remedy, field = told(shared, lead)
    assert found is expected
    assert f"Words of {code}" in title
    assert remedy
    assert field == "Phone"
    assert shared.push().sent == 0, "what needs a person is not sent again by itself"
    assert shared.there(lead)["Phone"] == before
    shared.edit(lead, Phone="0200")
    assert shared.push().sent == 1
    assert shared.there(lead)["Phone"] == "0200"
    assert not [p for p in shared.mirror.read(problems.open_problems) if p.record_id == lead]


@pytest.mark.parametrize("code", QUIET_CODES)
def test_a_busy_org_is_asked_again_later_without_a_word(shared: PushRig, code: str) -> None:
    [lead] = shared.leads(1)
    shared.edit(lead, Phone=f"busy {code}"[:40])
    for _ in range(6):
        shared.org.site.faults.add(refuse(code, "Busy", []))
    result = shared.push()
    assert (result.sent, result.failed) == (0, 0)
    assert [e.state for e in shared.entries(lead)] == ["retry"] or result.error is not None
    assert not [p for p in shared.mirror.read(problems.open_problems) if p.record_id == lead]
    shared.org.site.faults.clear()
    shared.wait(4000)
    assert shared.push().sent == 1
    assert shared.entries(lead) == []


@pytest.mark.parametrize("body", ["array", "object", "empty"])
def test_a_412_merges_again_whatever_its_body(shared: PushRig, body: str) -> None:
    shared.org.site.behaviour.update({"precondition_body": body})
    [lead] = shared.leads(1)
    shared.edit(lead, Phone=body)
    newer = {"array": [{"errorCode": "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", "message": "newer"}]}
    shared.org.site.faults.add(
        rule(r"/sobjects/Lead/00Q", {"status": 412, "body": newer.get(body, "")}, method="PATCH", times=2)
    )
    assert shared.push().sent == 1
    assert shared.there(lead)["Phone"] == body


def test_a_field_that_may_not_be_written_waits_and_the_rest_goes(shared: PushRig) -> None:
    [lead] = shared.leads(1)
    shared.edit(lead, Phone="1", City="Oslo")
    words = "Unable to create/update fields: Phone. Please check the security settings of this field."
    shared.org.site.faults.add(refuse("INVALID_FIELD_FOR_INSERT_UPDATE", words, ["Phone"]))
    result = shared.push()
    assert (result.sent, result.failed) == (1, 1)
    assert shared.there(lead)["City"] == "Oslo"
    assert [e.field for e in shared.entries(lead)] == ["Phone"]
    assert told(shared, lead)[0] is ErrorCode.PUSH_FIELD_REFUSED


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"status": 503, "body": "<html>down</html>", "headers": {"Content-Type": "text/html"}}, CycleOutcome.OK),
        ({"cut": "before"}, CycleOutcome.ERROR),
        ({"cut": "after"}, CycleOutcome.ERROR),
        ({"status": 403, "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]},
         CycleOutcome.BUDGET),
    ],
)  # fmt: skip
def test_what_concerns_everything_leaves_the_edit_where_it_is(
    shared: PushRig, answer: dict[str, Any], outcome: CycleOutcome
) -> None:
    [lead] = shared.leads(1)
    shared.edit(lead, Phone="4711")
    shared.org.site.faults.add(rule(r"/sobjects/Lead/00Q", answer, method="PATCH"))
    assert shared.push().outcome is outcome
    shared.wait(120)
    assert shared.push().conflicts == 0
    assert shared.entries(lead) == []
    assert shared.there(lead)["Phone"] == "4711"


# what a real org refuses by itself


def test_the_orgs_own_rules_answer_at_the_field(rig: PushRig) -> None:
    tries: list[tuple[dict[str, Any], str, str | None]] = [
        ({"NumberOfEmployees": -5}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "NumberOfEmployees"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", "LastName"),
        ({"Phone": "1" * 50}, "STRING_TOO_LONG", "Phone"),
        ({"Email": "no address"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ({"NumberOfEmployees": 99_999_999_999}, "NUMBER_OUTSIDE_VALID_RANGE", "NumberOfEmployees"),
        ({"OwnerId": rig.leads(1)[0]}, "FIELD_INTEGRITY_EXCEPTION", None),
    ]
    leads = rig.leads(len(tries))
    for lead, (values, _, _) in zip(leads, tries, strict=True):
        rig.edit(lead, **values)
    result = rig.push()
    assert (result.sent, result.failed) == (0, len(tries))
    found = {p.record_id: p for p in rig.mirror.read(problems.open_problems)}
    for lead, (_, code, field) in zip(leads, tries, strict=True):
        problem = found[lead]
        if code != "FIELD_INTEGRITY_EXCEPTION":
            assert (problem.salesforce_code, problem.field) == (code, field)
        assert problem.salesforce_text
        assert problem.code.value.startswith("push-")


def test_one_bad_record_holds_up_nobody(rig: PushRig) -> None:
    leads = rig.leads(30)
    for lead in leads:
        rig.edit(lead, City="Oslo")
    rig.edit(leads[3], NumberOfEmployees=-1)
    result = rig.push()
    assert (result.sent, result.failed) == (29, 1)
    writes = rig.org.writes(name="Lead")
    assert {w["fields"]["City"][1] for w in writes if "City" in w["fields"]} == {"Oslo"}


def test_an_edit_never_moves_an_owner(rig: PushRig) -> None:
    rig.org.set_assignment_rule(True)
    leads = rig.leads(4)
    owners = {lead: rig.there(lead)["OwnerId"] for lead in leads}
    # The proof that the rule would move them: a write that does not forbid it does.
    client = rig.rig.client()
    client.transport.request("PATCH", client.path(f"sobjects/Lead/{leads[0]}"), json={"LeadSource": "Web"})
    client.close()
    assert rig.there(leads[0])["OwnerId"] != owners[leads[0]]
    rig.edit(leads[1], LeadSource="Web")
    rig.push()
    for lead in leads[2:]:
        rig.edit(lead, LeadSource="Web", Country="Brazil")
    rig.push()
    rig.settings = PushSettings(bulk_from=0)
    rig.edit(leads[1], Country="Mexico")
    rig.edit(leads[2], Country="Mexico")
    assert rig.push().pending == 0
    for lead in leads[1:]:
        assert rig.there(lead)["OwnerId"] == owners[lead]
        assert rig.there(lead)["LeadSource"] == "Web"
    made = [rig.create(LastName="Keyed", Company="X", Country="Brazil")]
    rig.push()
    rig.settings = PushSettings(use_keys=False)
    made.append(rig.create(LastName="Plain", Company="X", Country="Brazil"))
    rig.push()
    for temporary in made:
        assert rig.there(rig.mirror.read(lambda s, t=temporary: aliases.resolve(s, t)))["OwnerId"] == rig.user_id
    chosen = rig.create(LastName="Ruled", Company="X", Country="Brazil", options={"use_assignment_rules": True})
    rig.push()
    assert rig.there(rig.mirror.read(lambda s: aliases.resolve(s, chosen)))["OwnerId"] != rig.user_id


def test_who_changed_it_and_when_comes_from_the_history(rig: PushRig) -> None:
    [lead] = rig.leads(1)
    colleague = next(u for u in rig.org.users() if u.id != rig.user_id)
    rig.edit(lead, Phone="mine", Status="Contacted")
    rig.org.advance_clock(60)
    rig.org.update(rig.org.admin_id, "Lead", lead, {"Phone": "theirs"})
    rig.org.advance_clock(60)
    result = rig.push()
    assert result.conflicts == 1
    [found] = rig.mirror.read(conflicts.waiting)
    assert (found.kind, found.mine, found.theirs) == (ConflictKind.FIELD, "mine", "theirs")
    assert found.changed_by == rig.org.admin_id
    assert found.changed_at
    assert colleague


@pytest.mark.parametrize("way", ["external", "keyed", "plain", "unkeyed"])
@pytest.mark.parametrize("cut", [{"cut": "before"}, {"cut": "after"}, {"late": 300}])
def test_a_create_is_made_once(rig: PushRig, way: str, cut: dict[str, Any]) -> None:
    external = next((f.name for f in rig.mirror.tables()["Lead"].info.fields if f.external_id and f.createable), None)
    if way == "external":
        if external is None:
            pytest.skip("the demo org's leads have no external id")
        rig.mirror.write(lambda s: use_external_id(s, "Lead", external))
    rig.settings = PushSettings(use_keys=way in ("keyed", "unkeyed"))
    rig.org.site.behaviour.update({"idempotency": way != "unkeyed"})
    if way == "keyed":
        rig.create(LastName="First", Company="Once")
        rig.push()
    rig.create(LastName="Once", Company="Once", Email="once@example.org")
    path = r"/ui-api/records" if way in ("keyed", "unkeyed") else r"/sobjects/Lead"
    rig.org.site.faults.add(rule(path, cut, body="once@example.org"))
    rig.push()
    assert rig.entries()
    for _ in range(16):
        rig.wait(60)
        rig.push()
    assert rig.entries() == []
    rows = [r for r in rig.org.view(rig.org.admin_id).truth("Lead", deleted=False) if r["LastName"] == "Once"]
    assert len(rows) == 1


def test_duplicates_are_shown_and_saved_when_a_person_says_so(rig: PushRig) -> None:
    [known] = rig.leads(1)
    address = rig.there(known)["Email"]
    for way in (True, False):
        rig.settings = PushSettings(use_keys=way)
        temporary = rig.create(LastName=f"Twin {way}", Company="Twin", Email=address)
        assert rig.push().failed == 1
        found = rig.mirror.read(lambda s, t=temporary: sends.duplicates(s, "Lead", t))
        assert found is not None
        assert known in {match["id"] for match in found.content["matches"]}
        assert found.content["allow_save"] is True
        rig.mirror.write(lambda s, t=temporary: sends.allow_duplicates(s, "Lead", t))
        rig.edit(temporary, City="Oslo")
        assert rig.push().pending == 0


def test_many_go_by_bulk_ingest_merged_first(rig: PushRig) -> None:
    rig.settings = PushSettings(bulk_from=10, mass_limit=0)
    leads = rig.leads(20)
    for index, lead in enumerate(leads):
        rig.edit(lead, City="Oslo", Phone=None if index % 2 else f"0{index}", AnnualRevenue="12.50")
    rig.edit(leads[5], NumberOfEmployees=-1)
    rig.org.update(rig.org.admin_id, "Lead", leads[0], {"City": "Paris", "Rating": "Hot"})
    result = rig.push()
    assert (result.sent, result.conflicts) == (19, 1)
    assert rig.there(leads[0])["City"] == "Paris"
    assert rig.there(leads[2])["Phone"] == "02"
    assert rig.there(leads[3])["Phone"] is None
    assert rig.there(leads[3])["City"] == "Oslo"
    [problem] = rig.mirror.read(problems.open_problems)
    assert problem.salesforce_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_what_is_gone_there_is_known_for_what_it_is(rig: PushRig) -> None:
    leads = rig.leads(5)
    for lead in leads[:4]:
        rig.edit(lead, City="Oslo")
    rig.org.delete(rig.org.admin_id, "Lead", leads[0])
    rig.org.merge(rig.org.admin_id, "Lead", leads[4], [leads[1]])
    rig.org.convert(rig.org.admin_id, leads[2])
    rig.org.delete(rig.org.admin_id, "Lead", leads[3])
    rig.org.purge(rig.org.admin_id, "Lead", leads[3])
    result = rig.push()
    assert (result.sent, result.conflicts) == (0, 4)
    kinds = {c.record_id: (c.kind, c.details) for c in rig.mirror.read(conflicts.waiting)}
    assert kinds[leads[0]][0] is ConflictKind.GONE_THERE
    assert kinds[leads[1]] == (ConflictKind.MERGED_THERE, {"survivor": leads[4]})
    assert kinds[leads[2]][0] is ConflictKind.CONVERTED_THERE
    assert str(kinds[leads[2]][1]["contact"]).startswith("003")
    assert kinds[leads[3]][0] is ConflictKind.HIDDEN_THERE


def test_a_delete_goes_and_the_mirror_agrees_afterwards(rig: PushRig) -> None:
    before = rig.rig.differences({"Lead"})  # what was deleted years ago is not kept
    first, second, third = rig.leads(3)
    rig.delete(first)
    rig.edit(second, City="Oslo", Phone="77")
    rig.create(LastName="Neu", Company="N")
    assert rig.push().sent == 3
    rig.wait(1)
    rig.rig.cycle(("Lead",))
    assert rig.there(first)["IsDeleted"] is True
    assert rig.there(third)["IsDeleted"] is False
    assert rig.rig.differences({"Lead"}) == before


def test_dates_of_conditions_are_http_dates(rig: PushRig) -> None:
    [lead] = rig.leads(1)
    rig.edit(lead, City="Oslo")
    rig.push()
    [write] = rig.org.writes(name="Lead", record_id=lead)
    headers = {key.lower(): value for key, value in write["headers"].items()}
    assert headers["sforce-auto-assign"].upper() == "FALSE"
    assert email.utils.parsedate_to_datetime(headers["if-unmodified-since"])

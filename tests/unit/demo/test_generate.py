"""The made-up records: coherent, and with everything that real orgs hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.generate.countries import COUNTRIES
from core.demo.generate.source import scattered
from core.demo.generate.words import STRANGE
from core.demo.ids import to_18
from core.demo.metadata.fields import NUMBER_TYPES
from core.demo.org import Org
from core.demo.store import quoted
from tests.unit.demo.conftest import ANCHOR, admin


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """Large enough for the rare kinds of records to occur."""
    folder: Path = tmp_path_factory.mktemp("generated")
    made = Org.open(folder, rows={"*": 1500, "Campaign": 40, "Project__c": 120}, anchor=ANCHOR)
    yield made
    made.close()


# Their ids are the durable ids of objects and fields, not record ids.
DEFINITIONS = ("EntityDefinition", "FieldDefinition")


def count(org: Org, condition: str, name: str = "Lead") -> int:
    return admin(org).query(f"SELECT COUNT() FROM {name} WHERE {condition}", all_rows=True).total_size


def test_every_value_fits_its_field(org: Org) -> None:
    run = org.store.connection.execute
    for item in org.schema:
        if item.virtual or item.name in DEFINITIONS:
            continue
        total = run(f"SELECT COUNT(*) FROM {quoted(item.name)}").fetchone()[0]
        for field in item.stored_fields:
            values = [
                row[0]
                for row in run(
                    f"SELECT {quoted(field.name)} FROM {quoted(item.name)} WHERE {quoted(field.name)} IS NOT NULL"
                )
            ]
            where = f"{item.name}.{field.name}"
            assert field.nillable or len(values) == total, where
            if field.type in NUMBER_TYPES:
                assert all(isinstance(value, (float, str)) for value in values), where
            elif field.type in ("boolean", "int"):
                assert all(isinstance(value, int) for value in values), where
            else:
                assert all(isinstance(value, str) and value for value in values), where
                assert all(len(value) <= (field.length or 40) for value in values), where
            if field.picks and field.type != "combobox":
                allowed = {pick.value for pick in field.picks}
                assert {part for value in values for part in str(value).split(";")} <= allowed, where
            if field.type == "datetime":
                assert all(len(value) == 24 and value.endswith(".000Z") for value in values), where
            if field.unique:
                assert len({str(value).lower() for value in values}) == len(values), where


def test_references_point_at_rows_that_are_there(org: Org) -> None:
    run = org.store.connection.execute
    live: dict[str, dict[str, bool]] = {}
    for item in org.schema:
        if not item.virtual:
            flag = '"IsDeleted"' if item.has("IsDeleted") else "0"
            live[item.name] = {row[0]: not row[1] for row in run(f'SELECT "Id", {flag} FROM {quoted(item.name)}')}
    for item in org.schema:
        for field in item.stored_fields if not item.virtual else ():
            if field.type != "reference":
                continue
            flag = '"IsDeleted"' if item.has("IsDeleted") else "0"
            rows = run(
                f"SELECT {quoted(field.name)}, {flag} FROM {quoted(item.name)} WHERE {quoted(field.name)} NOTNULL"
            )
            for target, gone in rows:
                homes = [name for name in field.reference_to if target in live.get(name, {})]
                assert len(homes) == 1, (item.name, field.name, target)
                assert gone or live[homes[0]][target], (item.name, field.name, target)


def test_ids_are_proper(org: Org) -> None:
    seen: set[str] = set()
    for item in org.schema:
        if item.virtual or item.name in DEFINITIONS:
            continue
        ids = [row[0] for row in org.store.connection.execute(f'SELECT "Id" FROM {quoted(item.name)} ORDER BY n')]
        assert ids == sorted(ids)
        assert all(to_18(each[:15]) == each and each[:3] == (item.prefix or "01J") for each in ids)
        assert not seen & set(ids)
        seen |= set(ids)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("Lead", "IsConverted = true AND ConvertedContactId != null AND ConvertedOpportunityId = null"),
        ("Lead", "IsConverted = true AND ConvertedOpportunityId != null"),
        ("Lead", "MasterRecordId != null AND IsDeleted = true"),
        ("Lead", "IsDeleted = true AND MasterRecordId = null"),
        ("Lead", "Owner.Type = 'Group' AND IsDeleted = false"),
        ("Lead", "Owner.IsActive = false"),
        ("Lead", "NumberOfEmployees = 0"),
        ("Lead", "NumberOfEmployees = null"),
        ("Lead", "Budget__c = 0"),
        ("Lead", "SystemModstamp > 2026-05-22T00:00:00Z AND CreatedDate < 2026-01-01T00:00:00Z"),
        ("Lead", "Product_Interest__c INCLUDES ('Analytics;Security')"),
        ("Contact", "MasterRecordId != null"),
        ("Contact", "AccountId = null"),
        ("Contact", "ReportsToId != null"),
        ("Contact", "Birthdate <= 1900-12-31"),
        ("Contact", "Birthdate >= 2099-01-01"),
        ("Account", "ParentId != null"),
        ("Account", "IsDeleted = true"),
        ("Opportunity", "Id NOT IN (SELECT OpportunityId FROM OpportunityContactRole)"),
        ("Opportunity", "AccountId = null"),
        ("Opportunity", "IsWon = true"),
        ("Opportunity", "Amount = 0"),
        ("Opportunity", "Amount = null"),
        ("OpportunityContactRole", "IsPrimary = true"),
        ("Campaign", "ParentId != null"),
        ("CampaignMember", "LeadId != null AND HasResponded = true"),
        ("CampaignMember", "ContactId != null AND IsDeleted = true"),
        ("Task", "IsArchived = true"),
        ("Task", "IsRecurrence = true"),
        ("Task", "RecurrenceActivityId != null"),
        ("Task", "Owner.Type = 'Group'"),
        ("Event", "IsArchived = true"),
        ("Event", "IsRecurrence = true"),
        ("Event", "IsAllDayEvent = true"),
        ("Project__c", "Start__c > 2090-01-01"),
        ("Project__c", "Budget__c > 90000000000000"),
        ("Project__c", "Budget__c < 0"),
        ("Project__c", "Owner.Type = 'Group'"),
        ("Milestone__c", "Starts_At__c = 13:45:30.250Z"),
        ("User", "IsActive = false"),
    ],
)
def test_what_real_orgs_hold(org: Org, name: str, condition: str) -> None:
    assert count(org, condition, name) > 0


def test_archived_and_deleted_rows_are_for_query_all_alone(org: Org) -> None:
    view = admin(org)
    for name in ("Task", "Event"):
        hidden = count(org, "IsArchived = true OR IsDeleted = true", name)
        every = view.query(f"SELECT COUNT() FROM {name}", all_rows=True).total_size
        assert view.query(f"SELECT COUNT() FROM {name}").total_size == every - hidden
        assert view.query(f"SELECT Id FROM {name} WHERE IsArchived = true").total_size == 0


def test_texts_that_try_careless_programs(org: Org) -> None:
    described = {row["Description"] for row in admin(org).truth("Lead")} | {
        row["Description"] for row in admin(org).truth("Contact")
    }
    assert set(STRANGE) <= described
    joined = "\x00".join(text for text in described if text)
    for part in (
        "\t",
        "\r\n",
        "\r",
        "\n",
        '"',
        ",",
        "<b>",
        "NULL",
        "#N/A",
        "=SUM(",
        "+1-",
        "日本",
        "עברית",
        "مرحبا",
        "👩‍👩‍👧‍👦",
    ):
        assert part in joined
    names = {row["LastName"] for row in admin(org).truth("Lead")}
    assert {"NULL", "NA", "=1+1", "+1-800-FLOWERS", "#N/A"} <= names
    numbers = {row["Registry_Number__c"] for row in admin(org).truth("Account")} - {None}
    assert all(len(str(number)) == 18 for number in numbers)


def test_people_of_many_countries(org: Org) -> None:
    found = {row["Country"] for row in admin(org).truth("Lead")}
    assert found == {country.name for country in COUNTRIES}
    mails = [row["Email"] for row in admin(org).truth("Contact") if row["Email"]]
    assert all(mail.isascii() and mail.count("@") == 1 and mail.endswith(".example") for mail in mails)


def test_moments_are_in_order_and_none_lies_ahead(org: Org) -> None:
    newest = ANCHOR.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    for name in ("Lead", "Contact", "Account", "Opportunity", "Task", "Event", "Project__c", "CampaignMember"):
        for row in admin(org).truth(name):
            assert "2018" <= row["CreatedDate"] <= row["LastModifiedDate"] <= row["SystemModstamp"] <= newest
    years = {row["CreatedDate"][:4] for row in admin(org).truth("Lead")}
    assert len(years) >= 8


def test_deleted_rows_stand_in_the_delete_log(org: Org) -> None:
    for name in ("Lead", "Contact", "Account", "Task", "Milestone__c"):
        logged = {row[0] for row in org.store.connection.execute("SELECT id FROM om_deleted WHERE object = ?", (name,))}
        assert logged == {row["Id"] for row in admin(org).truth(name) if row["IsDeleted"]}


def test_every_country_is_complete() -> None:
    for country in COUNTRIES:
        for _, latin in (*country.first, *country.last):
            assert latin.isascii(), (country.name, latin)
        assert all(-90 <= town[3] <= 90 and -180 <= town[4] <= 180 for town in country.towns)
    assert len(COUNTRIES) >= 20


@pytest.mark.parametrize("total", [0, 1, 12, 57, 58, 150, 40_000])
def test_special_values_lie_all_over_an_object(total: int) -> None:
    found = scattered(total, 57)
    assert sorted(found.values()) == list(range(min(total, 57)))
    assert all(1 <= number <= total for number in found)
    if total > 5_000:
        assert min(found) > 200
        assert max(found) < total - 200


def test_the_first_and_last_pages_look_like_any_org(org: Org) -> None:
    names = [row["LastName"] for row in admin(org).query("SELECT LastName FROM Lead", all_rows=True).records("65.0")]
    odd = {text.strip()[:80] for text in STRANGE}
    assert odd <= set(names)
    for page in (names[:30], names[-30:]):
        assert sum(name in odd for name in page) < 20

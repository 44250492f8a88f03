"""The org itself: organization, profiles, roles, users, queues, record types and the values of status picklists."""

from __future__ import annotations

from typing import Any

from core.demo.access import ADMIN_PROFILE, INTEGRATION_PROFILE, MARKETING_PROFILE, SALES_PROFILE
from core.demo.edits import STAGE_PROBABILITY, full_name
from core.demo.generate.build import Build
from core.demo.generate.countries import COUNTRIES
from core.demo.generate.people import phone
from core.demo.generate.source import Source

_ROLES = ("CEO", "VP Sales", "VP Marketing", "Sales EMEA", "Sales Americas", "Sales APAC", "Marketing Team")
_PROFILES = (ADMIN_PROFILE, SALES_PROFILE, MARKETING_PROFILE, INTEGRATION_PROFILE, "Standard User", "Read Only")
_ACTIVE, _INACTIVE = 24, 8
_LOCALES = {"Germany": "de_DE", "France": "fr_FR", "Japan": "ja_JP", "United Kingdom": "en_GB", "Brazil": "pt_BR"}


def make_setup(build: Build) -> dict[str, Any]:
    """Everything that is there before the first record; returns what the org keeps of it by name."""
    source = build.source("setup")
    org_id = build.make_id("Organization", 1)
    build.people["ada"] = build.make_id("User", 1)
    profiles = dict(zip(_PROFILES, _profiles(build), strict=True))
    roles = _roles(build)
    _users(build, source, profiles, roles)
    _organization(build)
    _groups(build)
    _record_types(build)
    _statuses(build)
    return {"org_id": org_id, "admin_id": build.people["ada"], "instance": build.instance}


def _profiles(build: Build) -> list[str]:
    everything = {f.name: 1 for f in build.schema["Profile"].fields if f.name.startswith("Permissions")}
    few = ("PermissionsApiEnabled", "PermissionsEditTask", "PermissionsEditEvent", "PermissionsRunReports",
           "PermissionsConvertLeads")  # fmt: skip
    rows: list[dict[str, Any]] = []
    for name in _PROFILES:
        granted = everything if name in (ADMIN_PROFILE,) else dict.fromkeys(few, 1)
        if name == INTEGRATION_PROFILE:
            granted = {**granted, "PermissionsViewAllData": 1, "PermissionsViewEncryptedData": 1}
        rows.append({"Name": name, "UserType": "Standard", "Description": None, **granted})
    return build.insert_rows("Profile", rows)


def _roles(build: Build) -> list[str]:
    top = build.make_id("UserRole", 1)
    return build.insert_rows(
        "UserRole",
        [
            {
                "Name": name, "DeveloperName": name.replace(" ", "_"), "ParentRoleId": None if name == "CEO" else top,
                "OpportunityAccessForAccountOwner": "Edit", "PortalType": "None", "RollupDescription": name,
            }
            for name in _ROLES
        ],
    )  # fmt: skip


def _users(build: Build, source: Source, profiles: dict[str, str], roles: list[str]) -> None:
    berlin, york, tokyo = "Europe/Berlin", "America/New_York", "Asia/Tokyo"
    fixed = [
        ("ada", "Ada", "Admin", ADMIN_PROFILE, roles[0], berlin, "en_US", "IT Director", 1),
        ("sam", "Sam", "Sales", SALES_PROFILE, roles[3], york, "en_US", "Account Executive", 1),
        ("mia", "Mia", "Marketing", MARKETING_PROFILE, roles[6], tokyo, "en_GB", "Head of Marketing", 1),
        ("robot", "Integration", "User", INTEGRATION_PROFILE, None, "UTC", "en_US", None, 1),
        ("auto", "Automated", "Process", ADMIN_PROFILE, None, "UTC", "en_US", None, 1),
    ]  # fmt: skip
    rows = []
    for alias, first, last, profile, role, zone, locale, title, active in fixed:
        username = f"{first}.{last}@orgmirror.demo".lower()
        rows.append(_user(alias, first, last, username, profiles[profile], role, zone, locale, title, active))
    for number in range(_ACTIVE + _INACTIVE):
        country = COUNTRIES[number % len(COUNTRIES)]
        first, first_latin = source.pick(country.first)
        last, last_latin = source.pick(country.last)
        username = f"{first_latin}.{last_latin}{number}@orgmirror.demo"
        profile = SALES_PROFILE if number % 5 else "Standard User"
        row = _user(
            f"{first_latin[:3]}{last_latin[:3]}{number}"[:8], first, last, username, profiles[profile],
            roles[3 + number % 3], country.zone, _LOCALES.get(country.name, "en_US"), "Account Executive",
            int(number < _ACTIVE),
        )  # fmt: skip
        row.update(
            Phone=phone(source, country), City=country.towns[0][0], Country=country.name,
            ManagerId=build.make_id("User", 1), AboutMe=source.pick((None, "Happy to help.", "猫が好きです。")),
        )  # fmt: skip
        rows.append(row)
    ids = build.insert_rows("User", rows)
    build.people.update(ada=ids[0], sam=ids[1], mia=ids[2], robot=ids[3], auto=ids[4])
    others = ids[5:]
    # Sam owns about a tenth; those who left still own something.
    build.sellers = others + others[:_ACTIVE] + [ids[1]] * max(1, len(others) // 6) + [ids[0], ids[2]]


def _user(
    alias: str, first: str, last: str, username: str, profile: str, role: str | None, zone: str, locale: str,
    title: str | None, active: int,
) -> dict[str, Any]:  # fmt: skip
    return {
        "Username": username, "FirstName": first, "LastName": last, "Name": full_name(first, last), "Alias": alias,
        "Email": username.replace("@orgmirror.demo", "@example.com"), "CommunityNickname": username.split("@")[0],
        "ProfileId": profile, "UserRoleId": role, "TimeZoneSidKey": zone, "LocaleSidKey": locale, "Title": title,
        "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", "UserType": "Standard", "IsActive": active,
        "CompanyName": "OrgMirror Demo Company", "DigestFrequency": "N", "DefaultGroupNotificationFrequency": "N",
        "ForecastEnabled": active, "UserPermissionsMarketingUser": int(alias in ("ada", "mia")),
        "UserPreferencesLightningExperiencePreferred": 1, "IsProfilePhotoActive": 0,
    }  # fmt: skip


def _organization(build: Build) -> None:
    access = {f"Default{kind}Access": value for kind, value in (
        ("Account", "None"), ("Contact", "ControlledByParent"), ("Opportunity", "None"), ("Lead", "None"),
        ("Case", "None"), ("Calendar", "HideDetailsInsert"), ("Pricebook", "ReadSelect"), ("Campaign", "Read"),
    )}  # fmt: skip
    build.insert_rows(
        "Organization",
        [
            {
                "Name": "OrgMirror Demo Company", "OrganizationType": "Enterprise Edition", "InstanceName": "DMO1",
                "IsSandbox": 0, "TimeZoneSidKey": "Europe/Berlin", "DefaultLocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US", "Street": "Hauptstraße 1", "City": "Berlin", "State": "Berlin",
                "PostalCode": "10115", "Country": "Germany", "Phone": "+49 30 1234567", "PrimaryContact": "Ada Admin",
                "FiscalYearStartMonth": 1, "UiSkin": "Theme3", "NumKnowledgeService": 0, **access,
            }
        ],
    )  # fmt: skip


def _groups(build: Build) -> None:
    owner = build.make_id("Organization", 1)
    names = (("Leads EMEA", "Queue", "Lead"), ("Leads Americas", "Queue", "Lead"), ("Web Leads", "Queue", "Lead"),
             ("Project Intake", "Queue", "Project__c"), ("Task Pool", "Queue", "Task"),
             ("All Sales", "Regular", ""))  # fmt: skip
    ids = build.insert_rows(
        "Group",
        [
            {
                "Name": name, "DeveloperName": name.replace(" ", "_"), "Type": kind, "OwnerId": owner,
                "Email": f"{name.lower().replace(' ', '.')}@example.com" if kind == "Queue" else None,
                "DoesIncludeBosses": 1,
            }
            for name, kind, _ in names
        ],
    )  # fmt: skip
    build.queues = {name: group for (name, _, _), group in zip(names, ids, strict=True)}
    build.insert_rows(
        "QueueSobject",
        [{"QueueId": build.queues[name], "SobjectType": thing} for name, kind, thing in names if kind == "Queue"],
    )
    members = [("Leads EMEA", "sam"), ("Web Leads", "mia"), ("All Sales", "sam"), ("Task Pool", "ada")]
    build.insert_rows(
        "GroupMember", [{"GroupId": build.queues[name], "UserOrGroupId": build.people[who]} for name, who in members]
    )


def _record_types(build: Build) -> None:
    kinds = (("Account", "Customer"), ("Account", "Partner"), ("Project__c", "Client"), ("Project__c", "Internal"),
             ("CampaignMember", "Standard"))  # fmt: skip
    ids = build.insert_rows(
        "RecordType",
        [
            {
                "Name": name if item != "Project__c" else f"{name} Project", "DeveloperName": name,
                "SobjectType": item, "IsActive": 1, "Description": f"{name} records",
            }
            for item, name in kinds
        ],
    )  # fmt: skip
    build.record_types = {f"{item}.{name}": found for (item, name), found in zip(kinds, ids, strict=True)}


def _statuses(build: Build) -> None:
    statuses = [pick.value for pick in build.schema["Lead"].by_name["status"].picks]
    build.insert_rows(
        "LeadStatus",
        [
            {
                "MasterLabel": name, "ApiName": name, "SortOrder": order, "IsDefault": int(order == 1),
                "IsConverted": int("Closed - Conv" in name),
            }
            for order, name in enumerate(statuses, 1)
        ],
    )  # fmt: skip
    build.insert_rows(
        "OpportunityStage",
        [
            {
                "MasterLabel": name, "ApiName": name, "IsActive": 1, "SortOrder": order,
                "IsClosed": int(name.startswith("Closed")), "IsWon": int(name == "Closed Won"),
                "ForecastCategory": "Closed" if name == "Closed Won" else "Pipeline",
                "ForecastCategoryName": "Closed" if name == "Closed Won" else "Pipeline",
                "DefaultProbability": float(share),
            }
            for order, (name, share) in enumerate(STAGE_PROBABILITY.items(), 1)
        ],
    )  # fmt: skip
    tasks = [pick.value for pick in build.schema["Task"].by_name["status"].picks]
    build.insert_rows(
        "TaskStatus",
        [
            {
                "MasterLabel": name, "ApiName": name, "SortOrder": order, "IsDefault": int(order == 1),
                "IsClosed": int(name == "Completed"),
            }
            for order, name in enumerate(tasks, 1)
        ],
    )  # fmt: skip

"""What an administrator set up in the org: validation rules, duplicate rules, assignment rules.

They are kept with the org, not with its switches, because they are the org's own. Every demo org begins with the same
ones (below); the methods of Policies change them, and the control interface calls those.
"""

from __future__ import annotations

from typing import Any

from core.demo.errors import OrgError
from core.demo.manner import manner
from core.demo.metadata.fields import Object
from core.demo.soql.scope import Context
from core.demo.soql.where_text import condition_sql
from core.demo.store import quoted
from core.demo.values import Stored
from core.demo.writelog import WriteLog

_VALIDATION: list[dict[str, Any]] = [
    {
        "name": "Employees_not_negative", "object": "Lead", "field": "NumberOfEmployees",
        "sql": '{t}."NumberOfEmployees" < 0', "message": "The number of employees cannot be negative.",
    },
    {
        "name": "Do_not_call_without_reason", "object": "Lead", "field": None,
        "sql": '{t}."DoNotCall" = 1 AND {t}."Rating" = \'Hot\' AND {t}."Description" IS NULL',
        "message": "A hot lead that must not be called needs a description that says why.",
    },
    {
        "name": "Birthdate_in_the_past", "object": "Contact", "field": "Birthdate",
        "sql": "{t}.\"Birthdate\" > substr({t}.\"LastModifiedDate\", 1, 10)",
        "message": "A birthdate cannot lie in the future.",
    },
    {
        "name": "Campaign_ends_after_start", "object": "Campaign", "field": "EndDate",
        "sql": '{t}."EndDate" < {t}."StartDate"', "message": "A campaign cannot end before it starts.",
    },
]  # fmt: skip
_DUPLICATES: dict[str, dict[str, Any]] = {
    "Lead": {
        "name": "Standard_Lead_Duplicate_Rule", "action": "alert",
        "keys": [["Email"], ["FirstName", "LastName", "Company"]],
    },
    "Contact": {
        "name": "Standard_Contact_Duplicate_Rule", "action": "alert",
        "keys": [["Email"], ["FirstName", "LastName", "AccountId"]],
    },
}  # fmt: skip
DUPLICATE_MESSAGE = "Use one of these records?"
_ASSIGNMENT = [
    {"field": "Country", "values": ["United States", "Brazil", "Mexico", "Canada"], "queue": "Leads_Americas"},
    {"field": "LeadSource", "values": ["Web"], "queue": "Web_Leads"},
    {"field": None, "values": [], "queue": "Leads_EMEA"},
]
_MOST_MATCHES = 10


class DuplicatesFound(OrgError):
    """DUPLICATES_DETECTED, with what the rule and its matches say."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__("DUPLICATES_DETECTED", DUPLICATE_MESSAGE)
        self.details = details


class Policies(WriteLog):
    """The part of Org that holds the rules of its administrator."""

    def context(self, user_id: str, soql: str = "") -> Context:
        """What a compilation for that user needs."""
        raise NotImplementedError

    # Set up

    def add_validation_rule(
        self, name: str, condition: str, message: str, field: str | None = None, rule: str | None = None
    ) -> str:
        """Refuse rows of an object for which a SOQL condition is true, at a field or at the whole record.

        Returns the rule's name. Raises OrgError for a wrong condition, KeyError for no such object or field.
        """
        item = self.schema[name]
        made = {
            "name": rule or f"Rule_{len(self._validation()) + 1}", "object": item.name,
            "field": item.by_name[field.lower()].name if field else None, "message": message,
            "sql": condition_sql(condition, item, self.context(self._administrator())),
        }  # fmt: skip
        kept = [each for each in self._validation() if each["name"] != made["name"]]
        self.kv.set("validation_rules", [*kept, made])
        return str(made["name"])

    def drop_validation_rule(self, rule: str) -> None:
        """Remove a validation rule by its name."""
        self.kv.set("validation_rules", [each for each in self._validation() if each["name"] != rule])

    def set_duplicate_rule(self, name: str, action: str, keys: list[list[str]] | None = None) -> None:
        """What happens to duplicates of an object: "alert" (may be saved all the same), "block" or "off".

        `keys` are groups of fields of which one has to agree wholly, ignoring case.
        """
        item = self.schema[name]
        if action not in ("alert", "block", "off"):
            raise ValueError(f"no such action: {action}")
        usual = {"name": f"{item.name}_Duplicate_Rule", "keys": [["Name"]]}
        rule = {**self._duplicate_rules().get(item.name, usual), "action": action}
        if keys is not None:
            rule["keys"] = [[item.by_name[field.lower()].name for field in key] for key in keys]
        self.kv.set("duplicate_rules", {**self._duplicate_rules(), item.name: rule})

    def set_assignment_rule(self, active: bool, entries: list[dict[str, Any]] | None = None) -> None:
        """Switch the lead assignment rule on or off; `entries` are `{"field", "values", "queue": DeveloperName}`."""
        self.kv.set("assignment", {"active": bool(active), "entries": entries or _ASSIGNMENT})

    # Inside

    def _administrator(self) -> str:
        return str(self.kv.get("org")["admin_id"])

    def _validation(self) -> list[dict[str, Any]]:
        return list(self.kv.get("validation_rules", _VALIDATION))

    def _duplicate_rules(self) -> dict[str, dict[str, Any]]:
        return dict(self.kv.get("duplicate_rules", _DUPLICATES))

    def _validate(self, item: Object, record_id: str) -> None:
        """The validation rules of a row that was just written. Raises OrgError FIELD_CUSTOM_VALIDATION_EXCEPTION."""
        for rule in self._validation():
            if rule["object"] != item.name:
                continue
            sql = f'SELECT 1 FROM {quoted(item.name)} AS t WHERE t."Id" = ? AND ({rule["sql"].replace("{t}", "t")})'
            if self.store.connection.execute(sql, (record_id,)).fetchone() is not None:
                fields = [rule["field"]] if rule["field"] else []
                raise OrgError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], 400, fields)

    def _check_duplicates(
        self, user: str, item: Object, record_id: str, whole: dict[str, Stored], changed: set[str]
    ) -> None:
        """The duplicate rule of a row that was just written. Raises DuplicatesFound."""
        how = manner()
        rule = self._duplicate_rules().get(item.name)
        if not how.checks_duplicates or rule is None or rule["action"] == "off":
            return
        alerts = rule["action"] == "alert"
        if alerts and how.allows_duplicates:
            return
        found: list[str] = []
        for key in rule["keys"]:
            if not changed.intersection(key) or any(whole.get(name) in (None, "") for name in key):
                continue
            found += [each for each in self._alike(user, item, record_id, key, whole) if each not in found]
        if found:
            raise DuplicatesFound(_details(item, rule["name"], found[:_MOST_MATCHES], alerts))

    def _alike(self, user: str, item: Object, record_id: str, key: list[str], whole: dict[str, Stored]) -> list[str]:
        """Ids of other live rows that agree in all fields of a key, as far as the user sees them."""
        parts = [f"t.{quoted(name)} = ? COLLATE NOCASE" for name in key]
        parts += ['t."Id" <> ?', *(f't."{flag}" = 0' for flag in ("IsDeleted", "IsConverted") if item.has(flag))]
        seen = self.rights(user).condition(item, "t")
        if seen:
            parts.append(seen)
        sql = f'SELECT t."Id" FROM {quoted(item.name)} AS t WHERE {" AND ".join(parts)} ORDER BY t.n'
        rows = self.store.connection.execute(f"{sql} LIMIT {_MOST_MATCHES}", (*(whole[n] for n in key), record_id))
        return [row[0] for row in rows]

    def _assign(self, user: str, item: Object, record_id: str, whole: dict[str, Stored]) -> None:
        """Let the active assignment rule give a lead to a queue, where the caller did not forbid it."""
        rule = self.kv.get("assignment", {"active": True, "entries": _ASSIGNMENT})
        if item.name != "Lead" or not manner().assigns or not rule["active"]:
            return
        for entry in rule["entries"]:
            if entry["field"] is not None and whole.get(entry["field"]) not in entry["values"]:
                continue
            sql = 'SELECT "Id" FROM "Group" WHERE "DeveloperName" = ? AND "Type" = \'Queue\''
            found = self.store.connection.execute(sql, (entry["queue"],)).fetchone()
            if found is not None and found[0] != whole.get("OwnerId"):
                self._write(item, record_id, {"OwnerId": found[0]})
                self._wrote(user, "update", item, record_id, {"OwnerId": found[0]}, whole)
            return


def _details(item: Object, rule: str, ids: list[str], may_save: bool) -> dict[str, Any]:
    """What the body of DUPLICATES_DETECTED tells, as captured from orgs of v54 and v56."""
    matches = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": item.name, "url": f"/services/data/v65.0/sobjects/{item.name}/{each}"},
                "Id": each,
            },
        }
        for each in ids
    ]
    return {
        "allowSave": may_save,
        "duplicateRule": rule,
        "duplicateRuleEntityType": item.name,
        "errorMessage": DUPLICATE_MESSAGE,
        "matchResults": [
            {
                "entityType": item.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine",
                "matchRecords": matches,
                "rule": f"Standard_{item.name}_Match_Rule_v1_0",
                "size": len(matches),
                "success": True,
            }
        ],
    }

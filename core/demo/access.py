"""Who may see what: object permissions, field-level security and sharing, decided as sets and SQL conditions.

The rules live in the org's key-value table. A `Rights` is what they come to for one user; it is frozen and shared by
threads, and a change of the rules makes new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.demo.metadata.fields import Field, Object
from core.demo.metadata.schema import Schema

PERMISSIONS = ("create", "read", "edit", "delete", "viewAll", "modifyAll")
ADMIN_PROFILE = "System Administrator"
SALES_PROFILE = "Sales Representative"
MARKETING_PROFILE = "Marketing Manager"
INTEGRATION_PROFILE = "Analytics Cloud Integration User"
_SEE_ALL = {ADMIN_PROFILE, INTEGRATION_PROFILE}
# Whose rows are private to owner and queue, and whose follow a parent; all other objects are public to read.
PRIVATE = frozenset({"Account", "Lead", "Opportunity", "Task", "Event"})
PARENTS = {
    "Contact": ("AccountId", "Account"),
    "OpportunityContactRole": ("OpportunityId", "Opportunity"),
    "CampaignMember": ("CampaignId", "Campaign"),
    "CampaignMemberStatus": ("CampaignId", "Campaign"),
    "Milestone__c": ("Project__c", "Project__c"),
    "LeadHistory": ("LeadId", "Lead"),
    "ContactHistory": ("ContactId", "Contact"),
}

Rules = dict[str, Any]


def default_rules() -> Rules:
    """The profiles of a new demo org: `objects` and `fields` by profile name or user id."""
    return {
        "objects": {
            SALES_PROFILE: {
                "Milestone__c": {"read": False, "create": False, "edit": False, "delete": False},
                "Campaign": {"create": False, "edit": False, "delete": False},
                "Lead": {"delete": False},
            },
            MARKETING_PROFILE: {
                "Opportunity": {"read": False, "create": False, "edit": False, "delete": False},
                "OpportunityContactRole": {"read": False, "create": False, "edit": False, "delete": False},
                "Lead": {"viewAll": True},
                "Account": {"viewAll": True, "edit": False},
                "Contact": {"viewAll": True},
            },
        },
        "fields": {
            SALES_PROFILE: {
                "Lead": {"AnnualRevenue": False, "NumberOfEmployees": False, "Budget__c": False},
                "Contact": {"Birthdate": False, "HomePhone": False},
                "Account": {"AnnualRevenue": False, "Registry_Number__c": False, "DunsNumber": False},
                "Opportunity": {"Discount__c": False, "NextStep": False},
                "Project__c": {"Access_Code__c": False, "Ledger_Number__c": False},
            },
            MARKETING_PROFILE: {"Contact": {"Birthdate": False}},
        },
        "conditions": {},
    }


@dataclass(frozen=True)
class Rights:
    """What one user may do. `conditions` are SQL texts with `{t}` for the row's alias."""

    user_id: str
    profile: str
    owner_ids: tuple[str, ...]
    schema: Schema
    objects: Mapping[str, Mapping[str, bool]]
    hidden_fields: Mapping[str, frozenset[str]]
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden_rows: frozenset[str] = frozenset()
    locked_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that the user may read and not write."""
    _visible: dict[str, dict[str, Field]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sees_all(self) -> bool:
        """View All Data: sharing does not apply."""
        return self.profile in _SEE_ALL

    def may(self, name: str, permission: str) -> bool:
        """Whether the user has an object permission ("read", "edit", ...)."""
        default = permission not in ("viewAll", "modifyAll") or self.sees_all
        return self.objects.get(name, {}).get(permission, default)

    def find(self, name: str) -> Object | None:
        """The object, if there is one of that name that the user may read."""
        item = self.schema.find(name)
        return item if item is not None and self.may(item.name, "read") else None

    def fields(self, item: Object) -> dict[str, Field]:
        """The fields the user may read, by lower-case name, in describe's order."""
        found = self._visible.get(item.name)
        if found is None:
            hidden = self.hidden_fields.get(item.name, frozenset())
            parts = {f.name for f in item.fields if f.compound in hidden}
            found = {k: f for k, f in item.by_name.items() if f.name not in hidden and f.name not in parts}
            self._visible[item.name] = found
        return found

    def may_write(self, item: Object, single: Field) -> bool:
        """Whether field-level security lets the user write a field that he reads."""
        locked = self.locked_fields.get(item.name, frozenset())
        return single.name not in locked and (single.compound is None or single.compound not in locked)

    def condition(self, item: Object, alias: str) -> str | None:
        """SQL that is true for the rows of that alias that the user may see; None if all."""
        parts = []
        shared = self._sharing(item.name, alias)
        if shared:
            parts.append(shared)
        parts += [f"NOT ({text.replace('{t}', alias)})" for text in self.conditions.get(item.name, ())]
        if item.name == "FieldDefinition":
            parts += [
                f'NOT ({alias}."EntityDefinitionId" = '
                f'(SELECT e."Id" FROM "EntityDefinition" e WHERE e."QualifiedApiName" = \'{name}\') '
                f'AND {alias}."QualifiedApiName" IN ({", ".join(repr(field) for field in sorted(fields))}))'
                for name, fields in self.hidden_fields.items()
                if fields
            ]
        if item.name in self.hidden_rows:
            parts.append(
                f"NOT EXISTS (SELECT 1 FROM om_hidden h WHERE h.user_id = '{self.user_id}' "
                f"AND h.object = '{item.name}' AND h.id = {alias}.\"Id\")"
            )
        return " AND ".join(parts) or None

    def _sharing(self, name: str, alias: str, depth: int = 0) -> str | None:
        if self.sees_all or self.may(name, "viewAll"):
            return None
        owners = ", ".join(f"'{owner}'" for owner in self.owner_ids)
        if name in PRIVATE:
            return f'{alias}."OwnerId" IN ({owners})'
        if name not in PARENTS:
            return None
        lookup, parent = PARENTS[name]
        inner = f"p{depth}"
        condition = self._sharing(parent, inner, depth + 1)
        if condition is None:
            return None
        seen = f'EXISTS (SELECT 1 FROM "{parent}" {inner} WHERE {inner}."Id" = {alias}."{lookup}" AND {condition})'
        return f'({seen} OR {alias}."OwnerId" IN ({owners}))' if name == "Contact" else seen


def rights_of(
    rules: Rules, schema: Schema, user_id: str, profile: str, queues: tuple[str, ...], hidden_rows: frozenset[str]
) -> Rights:
    """What the rules come to for a user: his own entries override those of his profile."""
    objects: dict[str, dict[str, bool]] = {}
    visible: dict[str, dict[str, bool]] = {}
    for principal in (profile, user_id):
        for name, permissions in rules["objects"].get(principal, {}).items():
            objects.setdefault(name, {}).update(permissions)
        for name, fields in rules["fields"].get(principal, {}).items():
            visible.setdefault(name, {}).update(fields)
    hidden = {
        name: frozenset(single for single, shown in fields.items() if not shown) for name, fields in visible.items()
    }
    locked: dict[str, set[str]] = {}
    for principal in (profile, user_id):
        for name, writable in rules.get("locked", {}).get(principal, {}).items():
            for single, is_locked in writable.items():
                (locked.setdefault(name, set()).add if is_locked else locked.setdefault(name, set()).discard)(single)
    conditions = {name: tuple(texts) for name, texts in rules["conditions"].get(user_id, {}).items() if texts}
    return Rights(user_id, profile, (user_id, *queues), schema, objects, hidden, conditions, hidden_rows,
                  {name: frozenset(fields) for name, fields in locked.items()})  # fmt: skip

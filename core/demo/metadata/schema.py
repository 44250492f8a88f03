"""All objects of one org, with the relationships between them.

Frozen once made; a change of the org's schema makes a new one. Shared by every thread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from core.demo.metadata.fields import ChildLink, Field, Object
from core.demo.metadata.others import other_objects
from core.demo.metadata.parse import parse_field, parse_objects, parse_picks
from core.demo.metadata.standard import (
    accounts,
    activities,
    campaigns,
    custom,
    definitions,
    histories,
    leads,
    organization,
    sales,
    users,
)

_TEXTS = (accounts, activities, campaigns, leads, organization, sales, users, custom, definitions, histories)
# What the parent object calls its children, where it is not simply the plural.
_CHILD_NAMES = {
    "Account.ParentId": "ChildAccounts", "Campaign.ParentId": "ChildCampaigns", "Contact.ReportsToId": None,
    "CampaignMember.LeadOrContactId": None, "CampaignMember.LeadOrContactOwnerId": None,
    "CampaignMemberStatus.CampaignId": "CampaignMemberStatuses", "Event.RecurrenceActivityId": "RecurringEvents",
    "Task.RecurrenceActivityId": "RecurringTasks", "User.ManagerId": "ManagedUsers",
    "User.DelegatedApproverId": "DelegatedUsers", "Task.AccountId": None, "Event.AccountId": None,
    "Lead.ConvertedAccountId": None, "Lead.ConvertedContactId": None, "Lead.ConvertedOpportunityId": None,
    "GroupMember.UserOrGroupId": None, "GroupMember.GroupId": "GroupMembers", "QueueSobject.QueueId": "QueueSobjects",
    "Group.RelatedId": None, "UserRole.ForecastUserId": None, "UserRole.PortalAccountOwnerId": None,
    "UserRole.ParentRoleId": None, "UserRole.PortalAccountId": None,
}  # fmt: skip
_CASCADES = {
    "CampaignMember.LeadId", "CampaignMember.ContactId", "CampaignMember.CampaignId", "Task.WhoId", "Event.WhoId",
    "Task.WhatId", "Event.WhatId", "CampaignMemberStatus.CampaignId", "OpportunityContactRole.OpportunityId",
    "OpportunityContactRole.ContactId", "Contact.AccountId", "Opportunity.AccountId", "GroupMember.GroupId",
    "QueueSobject.QueueId",
}  # fmt: skip
_UNNAMED = ("CreatedById", "LastModifiedById", "MasterRecordId", "OwnerId")
EMPTY_FIELDS = """
object {name}; {label}; {label}; {prefix}; all
Id; id; Record ID
@deleted
OwnerId; reference(Group,User); Owner ID; curd; rel=Owner
Name; string(80); {label}; cun
@stamps
LastActivityDate; date; Last Activity Date
@viewed
Amount__c; currency(16,2); Amount; cu
Note__c; textarea; Note; cu
Due__c; date; Due; cu
"""


class Schema:
    """The objects by lower-case name."""

    def __init__(self, objects: Iterable[Object]) -> None:
        made = list(objects)
        names = {item.name for item in made}
        links: dict[str, list[ChildLink]] = {}
        for item in made:
            for single in item.fields:
                for target in single.reference_to:
                    if target in names:
                        links.setdefault(target, []).append(_link(item, single))
        self._objects = {
            item.name.lower(): replace(item, children=tuple(_distinct(links.get(item.name, ())))) for item in made
        }
        self._prefixes = {item.prefix: item for item in self._objects.values() if item.prefix}

    def __iter__(self) -> Iterator[Object]:
        return iter(self._objects.values())

    def find(self, name: str) -> Object | None:
        """The object of that name, whatever its case."""
        return self._objects.get(name.lower())

    def __getitem__(self, name: str) -> Object:
        return self._objects[name.lower()]

    def fingerprint(self) -> str:
        """A short hash of all tables and their columns."""
        digest = hashlib.sha256()
        for item in self:
            if not item.virtual:
                digest.update(repr((item.name, [(f.name, f.affinity) for f in item.stored_fields])).encode())
        return digest.hexdigest()[:16]

    def by_id(self, record_id: str) -> Object | None:
        """The object that an id belongs to, by its key prefix."""
        return self._prefixes.get(record_id[:3])


def _link(item: Object, single: Field) -> ChildLink:
    key = f"{item.name}.{single.name}"
    if single.child_name:
        name: str | None = single.child_name
    elif key in _CHILD_NAMES:
        name = _CHILD_NAMES[key]
    elif single.name in _UNNAMED or item.virtual or single.custom:
        name = None
    else:
        name = item.plural.replace(" ", "") if not item.custom else f"{item.name.removesuffix('__c')}s__r"
        if item.name == "OpportunityContactRole":
            name = "OpportunityContactRoles"
    return ChildLink(item.name, single.name, name, single.master or key in _CASCADES)


def _distinct(links: Iterable[ChildLink]) -> Iterator[ChildLink]:
    taken: set[str] = set()
    for link in links:
        if link.name and link.name.lower() in taken:
            yield replace(link, name=None)
            continue
        if link.name:
            taken.add(link.name.lower())
        yield link


@lru_cache(maxsize=8)
def standard_schema(empty_objects: int = 0) -> Schema:
    """The demo company's schema, with that many further custom objects without records."""
    objects = [item for module in _TEXTS for item in parse_objects(module.TEXT)]
    objects += _empty_objects(empty_objects)
    taken = {item.name for item in objects}
    objects += [item for item in other_objects() if item.name not in taken]
    return Schema(objects)


def _empty_objects(count: int) -> Iterator[Object]:
    # Parsed once: five hundred times would take longer than all else at the start of the server.
    first = parse_objects(EMPTY_FIELDS.format(name="Empty__c", label="Empty", prefix=_custom_prefix(9)))[0]
    for number in range(1, count + 1):
        label = f"Empty {number:03}"
        fields = tuple(replace(each, label=label) if each.name_field else each for each in first.fields)
        yield replace(
            first, name=f"Empty{number:03}__c", label=label, plural=label, prefix=_custom_prefix(number + 9),
            fields=fields,
        )  # fmt: skip


def changed_schema(base: Schema, changes: Iterable[tuple[str, str, str]]) -> Schema:
    """The schema after an administrator's changes: (what, object, text).

    `what` is add_object (text: its declaration), drop_object, change_object (JSON of label and plural), add_field and
    retype_field (its line), drop_field (its name), rename_field (`Old__c New__c`) or change_field (JSON of field and
    what of label, length, values, restricted and help is new). Raises ValueError, KeyError.
    """
    objects = {item.name: item for item in base}
    for number, (what, name, text) in enumerate(changes):
        if what == "add_object":
            objects.update({item.name: item for item in parse_objects(text)})
        elif what == "drop_object":
            del objects[name]
        elif what == "change_object":
            objects[name] = replace(objects[name], **json.loads(text))
        elif what in _FIELD_CHANGES:
            fields = _FIELD_CHANGES[what](objects[name], text, number)
            objects[name] = replace(objects[name], fields=tuple(_independent(fields)))
        else:
            raise ValueError(what)
    return Schema(objects.values())


def _add_field(item: Object, text: str, number: int) -> tuple[Field, ...]:
    made = parse_field(text, item.name)
    kept = [f for f in item.fields if f.name not in {new.name for new in made}]
    # A second field of the same name is another field: its durable id is another one.
    return (*kept, *(replace(new, origin=f"{new.name} {number}") for new in made))


def _drop_field(item: Object, text: str, number: int) -> tuple[Field, ...]:
    return tuple(f for f in item.fields if f.name != text and f.compound != text)


def _retype_field(item: Object, text: str, number: int) -> tuple[Field, ...]:
    made = parse_field(text, item.name)[0]
    old = item.by_name[made.name.lower()]
    return _replaced(item, old, replace(made, origin=old.origin or old.name))


def _rename_field(item: Object, text: str, number: int) -> tuple[Field, ...]:
    old_name, _, new_name = text.partition(" ")
    old = item.by_name[old_name.lower()]
    fields = _replaced(item, old, replace(old, name=new_name, origin=old.origin or old.name))
    return tuple(replace(each, controller=new_name) if each.controller == old.name else each for each in fields)


def _change_field(item: Object, text: str, number: int) -> tuple[Field, ...]:
    wanted = json.loads(text)
    old = item.by_name[wanted.pop("field").lower()]
    if "values" in wanted:
        wanted["picks"] = parse_picks(wanted.pop("values"), old.default)
    return _replaced(item, old, replace(old, **wanted))


def _independent(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields, without dependencies on fields or values that are no longer there."""
    kept = list(fields)
    values = {each.name: {pick.value for pick in each.picks} for each in kept}
    for each in kept:
        if each.controller is None:
            yield each
            continue
        there = values.get(each.controller) or set()
        picks = tuple(replace(p, valid_for=tuple(v for v in p.valid_for if v in there)) for p in each.picks)
        yield replace(each, controller=each.controller if there else None, picks=picks)


def _replaced(item: Object, old: Field, new: Field) -> tuple[Field, ...]:
    return tuple(new if each is old else each for each in item.fields)


_FIELD_CHANGES: dict[str, Callable[[Object, str, int], tuple[Field, ...]]] = {
    "add_field": _add_field, "drop_field": _drop_field, "retype_field": _retype_field, "rename_field": _rename_field,
    "change_field": _change_field,
}  # fmt: skip


def _custom_prefix(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return f"a{digits[number // 62 % 62]}{digits[number % 62]}"

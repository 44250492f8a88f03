"""The three-way merge of a push: what I made of a field, what Salesforce has now, and what both came from. Pure.

A field changed on one side only merges by itself. Changed on both sides to different values it is a conflict, decided
by the policy of its object and field (sync-peers 2.6). Fields that make sense only together (parts of an address or a
name, an amount and its currency; rules 4) are one unit: a change of any of them there meets my change of any other.
Values are in the stored form of the mirror.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from core.model.describe import NUMBER_TYPES, ObjectInfo
from core.model.refs import long_id

CURRENCY_CODE = "CurrencyIsoCode"


class Policy(StrEnum):
    """Who wins where both sides changed a field. The values are kept in the file and spoken by the command line."""

    ASK = "ask"
    MINE = "mine"
    SALESFORCE = "salesforce"
    NEWEST = "newest"


class Verdict(StrEnum):
    """What becomes of one edit."""

    SEND = "send"
    CONVERGED = "converged"  # both sides say the same: nothing to send
    THEIRS = "theirs"  # Salesforce wins: my value is kept aside
    ASK = "ask"  # a person decides


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited field. `type` is describe's; `sent` are values of mine that may have arrived without an answer;

    `edited_at` is on server time (rules 4).
    """

    field: str
    type: str
    base: Any
    mine: Any
    theirs: Any
    edited_at: datetime
    policy: Policy = Policy.ASK
    sent: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Sibling:
    """A field of the same unit that I did not touch."""

    field: str
    type: str
    base: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` is the policy that decided, None where nothing had to be decided. `collided` names the unit's fields that

    were changed there.
    """

    edit: Edit
    verdict: Verdict
    by: Policy | None = None
    collided: tuple[str, ...] = ()


def same(kind: str, one: Any, other: Any) -> bool:
    """Whether two stored values are one value of a field of describe's type `kind`."""
    one, other = _bare(one), _bare(other)
    if one is None or other is None:
        return one is other
    if kind in NUMBER_TYPES:
        return bool(_number(one) == _number(other))
    if kind in ("id", "reference"):
        return long_id(str(one)) == long_id(str(other))
    if kind == "multipicklist":
        return set(str(one).split(";")) == set(str(other).split(";"))
    if kind == "boolean":
        return bool(one) == bool(other)
    return bool(one == other)


def alike(kind: str, one: Any, other: Any) -> bool:
    """As `same`, and texts that Salesforce would store alike: it trims them and writes line ends its own way."""
    if isinstance(one, str) and isinstance(other, str):
        return same(kind, _settled(one), _settled(other))
    if kind not in NUMBER_TYPES and kind != "boolean":
        one = _settled(one) if isinstance(one, str) else one
        other = _settled(other) if isinstance(other, str) else other
    return same(kind, one, other)


def changed_there(edit: Edit) -> bool:
    """Whether Salesforce's value is neither what I started from nor what I may have sent."""
    return not any(same(edit.type, edit.theirs, known) for known in (edit.base, *edit.sent))


def merge(edits: Sequence[Edit], siblings: Sequence[Sibling], modified_at: datetime | None) -> tuple[Decision, ...]:
    """The decisions over one unit, in the order of `edits`. `modified_at` is Salesforce's LastModifiedDate.

    A unit in conflict goes one way as a whole; what was the same on both sides stays converged.
    """
    different = [edit for edit in edits if not alike(edit.type, edit.mine, edit.theirs)]
    collided = tuple(
        [edit.field for edit in different if changed_there(edit)]
        + [each.field for each in siblings if not same(each.type, each.base, each.theirs)]
    )
    if not collided or not different:
        verdict, by = Verdict.SEND, None
    else:
        by = policy_of(different)
        verdict = _decided(by, max(edit.edited_at for edit in different), modified_at)
    return tuple(
        Decision(edit, verdict, by, collided) if edit in different else Decision(edit, Verdict.CONVERGED)
        for edit in edits
    )


def policy_of(edits: Iterable[Edit]) -> Policy:
    """The policy of a unit: that of its fields where they agree, otherwise a person is asked."""
    policies = {edit.policy for edit in edits}
    return policies.pop() if len(policies) == 1 else Policy.ASK


def units(fields: Iterable[str], partners: Mapping[str, frozenset[str]]) -> list[tuple[list[str], list[str]]]:
    """`fields` in units that are merged together: each with the edited fields and their untouched partners.

    `partners` maps a field to those it makes sense with (see `partners_of`); two edited fields are of one unit when a
    chain of partners among the edited ones joins them.
    """
    waiting = list(dict.fromkeys(fields))
    edited = set(waiting)
    found: list[tuple[list[str], list[str]]] = []
    while waiting:
        unit = [waiting.pop(0)]
        for field in unit:
            near = [other for other in waiting if other in partners.get(field, frozenset())]
            unit += near
            waiting = [other for other in waiting if other not in near]
        around = {other for field in unit for other in partners.get(field, frozenset())} - edited
        found.append((unit, sorted(around)))
    return found


def partners_of(info: ObjectInfo) -> dict[str, frozenset[str]]:
    """For each field of an object the fields that change together with it (rules 4); those without any are absent."""
    compounds: dict[str, set[str]] = {}
    for field in info.mirrored_fields:
        whole = field.compound_field_name
        if whole and whole != field.name and (field.updateable or field.createable):
            compounds.setdefault(whole, set()).add(field.name)
    partners: dict[str, set[str]] = {}
    for members in compounds.values():
        for name in members:
            partners.setdefault(name, set()).update(members - {name})
    if info.field(CURRENCY_CODE) is not None:
        for field in info.mirrored_fields:
            if field.type == "currency" and field.updateable:
                partners.setdefault(field.name, set()).add(CURRENCY_CODE)
                partners.setdefault(CURRENCY_CODE, set()).add(field.name)
    return {name: frozenset(others) for name, others in partners.items() if others}


def _decided(policy: Policy, edited_at: datetime, modified_at: datetime | None) -> Verdict:
    if policy is Policy.ASK:
        return Verdict.ASK
    if policy is Policy.NEWEST:
        return Verdict.SEND if modified_at is None or edited_at > modified_at else Verdict.THEIRS
    return Verdict.SEND if policy is Policy.MINE else Verdict.THEIRS


def _bare(value: Any) -> Any:
    return None if value == "" else value


def _settled(text: str) -> str | None:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() or None


def _number(value: Any) -> Any:
    """The number exactly; text that is none (a masked value) compares as text."""
    try:
        return Decimal(str(int(value) if isinstance(value, bool) else value))
    except InvalidOperation:
        return str(value)

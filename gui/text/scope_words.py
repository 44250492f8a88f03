"""Words for what is mirrored: policies, and what a plan would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.text import numbers

if TYPE_CHECKING:
    from core.api.scope import ScopePlan

_tr = QCoreApplication.translate


def delete_policy(value: str) -> str:
    """What happens here with a record that was deleted in Salesforce."""
    return {
        "flag": _tr("Scope", "Keep it under “deleted” for a while"),
        "remove": _tr("Scope", "Remove it here too"),
        "ask": _tr("Scope", "Ask me"),
    }.get(value, value)


def schema_policy(value: str) -> str:
    """What happens with a change of the object's fields."""
    return {
        "follow": _tr("Scope", "Follow"),
        "ask": _tr("Scope", "Ask me"),
        "freeze": _tr("Scope", "Keep the fields as they are"),
    }.get(value, value)


def direction(value: str) -> str:
    """Which way changes travel, as a choice."""
    return {
        "two-way": _tr("Scope", "Both ways"),
        "pull": _tr("Scope", "From Salesforce only"),
        "pull+edit": _tr("Scope", "From Salesforce, open for editing here"),
    }.get(value, value)


def plan_lines(plan: ScopePlan, label: str) -> list[str]:
    """What a change would do, a sentence each; the losses first."""
    lines = []
    if plan.change.on is False:
        text = _tr("Scope", "{object} leaves the mirror: {count} records are removed from this computer.")
        return [text.format(object=label, count=numbers.number(plan.rows_here))]
    if plan.rows_removed is None:
        lines.append(_tr("Scope", "Records that do not fit the condition leave the mirror; their number is not known."))
    elif plan.rows_removed:
        text = _tr("Scope", "{count} of {rows} records leave the mirror.")
        lines.append(text.format(count=numbers.number(plan.rows_removed), rows=numbers.number(max(plan.rows_here, 1))))
    if plan.fields_removed:
        text = _tr("Scope", "The values of {count} fields are removed here: {fields}.")
        lines.append(text.format(count=numbers.number(len(plan.fields_removed)), fields=_some(plan.fields_removed)))
    if plan.first_load:
        if plan.rows_fetched:
            text = _tr("Scope", "{count} records are loaded.")
            lines.append(text.format(count=numbers.number(plan.rows_fetched)))
        else:
            lines.append(_tr("Scope", "Its records are loaded."))
    elif plan.rows_fetched:
        text = _tr("Scope", "{count} records are fetched.")
        lines.append(text.format(count=numbers.number(plan.rows_fetched)))
    if plan.fields_fetched:
        text = _tr("Scope", "The values of {count} fields are fetched: {fields}.")
        lines.append(text.format(count=numbers.number(len(plan.fields_fetched)), fields=_some(plan.fields_fetched)))
    if plan.change.direction is not None:
        text = _tr("Scope", "Direction: {direction}.")
        lines.append(text.format(direction=direction(str(plan.change.direction))))
    if plan.change.delete_policy is not None:
        text = _tr("Scope", "When a record is deleted in Salesforce: {policy}.")
        lines.append(text.format(policy=delete_policy(str(plan.change.delete_policy))))
    if plan.change.schema_policy is not None:
        text = _tr("Scope", "When fields change in Salesforce: {policy}.")
        lines.append(text.format(policy=schema_policy(str(plan.change.schema_policy))))
    if plan.pending:
        text = _tr("Scope", "{count} pending edits stay and are sent.")
        lines.append(text.format(count=numbers.number(plan.pending)))
    if not lines:
        lines.append(_tr("Scope", "Nothing that is here changes."))
    return lines


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown}…" if len(names) > 4 else shown

"""`scope`: what is mirrored of an object, and changing it: rows by an own condition, fields, direction, on and off."""

from __future__ import annotations

import argparse
from typing import Any

from core.api.scope import (
    ALL_FIELDS,
    DeletePolicy,
    Direction,
    ObjectScope,
    SchemaPolicy,
    ScopeChange,
    ScopePlan,
    ScopeResult,
)
from core.api.sync import EngineControl
from core.app import App, Connection
from core.cli.output import OUTCOME_EXIT, Exit, UsageError, put_json, say, say_error
from core.cli.progress import TerminalProgress
from core.cli.sync import signals
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("scope", parents=[common], help="what is mirrored of an object, and changing it")
    parser.add_argument("name")
    parser.add_argument("object")
    ticked = parser.add_mutually_exclusive_group()
    ticked.add_argument("--on", action="store_true", help="mirror the object")
    ticked.add_argument("--off", action="store_true", help="leave the object out; its rows are removed here")
    parser.add_argument("--where", metavar="SOQL", help="mirror only rows of this condition; '' for all")
    parser.add_argument("--fields", metavar="A,B|all", help="mirror these fields, and those that are always needed")
    parser.add_argument("--direction", choices=[item.value for item in Direction])
    parser.add_argument("--schema", choices=[item.value for item in SchemaPolicy], help="what to do with new fields")
    parser.add_argument("--deleted", choices=[item.value for item in DeletePolicy], help="what to do with deletions")
    parser.add_argument("--start-over", action="store_true", help="load the object anew beside what is here, and swap")
    parser.add_argument("--drop-columns", action="store_true", help="remove the columns of fields that are gone")
    parser.add_argument("--yes", action="store_true", help="also when something that is here would be removed")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, home: Home) -> int:
    change = change_of(arguments)
    if arguments.start_over + arguments.drop_columns + (change is not None) > 1:
        raise UsageError("orgmirror scope: one change at a time")
    control = EngineControl()
    with signals(control), App(home) as app, app.open(arguments.name) as connection:
        done = _changed(connection, arguments, change, control)
    result = done.result
    if arguments.json:
        put_json({**done.scope.as_json(), "result": result.outcome.value if result is not None else None})
    else:
        _tell(done.scope)
    if result is None:
        return Exit.OK
    if result.error is not None:
        say_error(result.error)
    for item in result.objects:
        if item.error is not None:
            say_error(item.error)
    return OUTCOME_EXIT[result.outcome]


def change_of(arguments: argparse.Namespace) -> ScopeChange | None:
    """What was asked for; None where the scope is only to be shown. Raises UsageError."""
    fields: tuple[str, ...] | None = None
    if arguments.fields is not None:
        names = tuple(filter(None, (name.strip() for name in arguments.fields.split(","))))
        if not names:
            raise UsageError("orgmirror scope: --fields needs API names separated by commas, or all")
        fields = ALL_FIELDS if [name.lower() for name in names] == ["all"] else names
    change = ScopeChange(
        on=True if arguments.on else False if arguments.off else None,
        where=arguments.where,
        fields=fields,
        direction=Direction(arguments.direction) if arguments.direction else None,
        schema_policy=SchemaPolicy(arguments.schema) if arguments.schema else None,
        delete_policy=DeletePolicy(arguments.deleted) if arguments.deleted else None,
    )
    if change == ScopeChange():
        return None
    if change.on is False and change != ScopeChange(on=False):
        raise UsageError("orgmirror scope: --off stands alone")
    return change


def _changed(
    connection: Connection, arguments: argparse.Namespace, change: ScopeChange | None, control: EngineControl
) -> ScopeResult:
    scope = connection.scope
    with TerminalProgress() as progress:
        if arguments.start_over:
            return scope.start_over(arguments.object, control=control, emit=progress.show)
        if arguments.drop_columns:
            if scope.object(arguments.object).removable and not arguments.yes:
                raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)
            return scope.drop_columns(arguments.object, control=control, emit=progress.show)
        if change is None:
            return ScopeResult(scope.object(arguments.object))
        plan = scope.plan(arguments.object, change)
        if plan.needs_consent and not arguments.yes:
            for line in _warnings(plan):
                say(line)
            raise OrgMirrorError(ErrorCode.NEEDS_CONFIRMATION)
        return scope.apply(arguments.object, change, plan=plan, control=control, emit=progress.show)


def _warnings(plan: ScopePlan) -> list[str]:
    rows = "rows" if plan.rows_removed is None else f"{plan.rows_removed:,} rows"
    lines = [f"{rows} of {plan.object} would be removed here; in Salesforce nothing changes."]
    if plan.fields_removed:
        lines.append(f"The values of {', '.join(plan.fields_removed)} would be removed here.")
    return lines if plan.rows_removed != 0 else lines[1:]


def _tell(scope: ObjectScope) -> None:
    say(f"{scope.name}: {'mirrored' if scope.in_scope else 'left out'}, {scope.direction.value}, {scope.rows:,} rows")
    say(f"  rows    {scope.row_filter or 'all'}")
    out = [item.name for item in scope.fields if not item.in_scope]
    say(f"  fields  {'all' if not out else 'all but ' + ', '.join(out)}")
    if scope.outside:
        say(f"  {scope.outside} rows no longer fit and stay for their pending edits")

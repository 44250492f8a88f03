"""`push`, `conflicts`, `resolve`: send what was edited, and decide where both sides changed something."""

from __future__ import annotations

import argparse
from typing import Any

from core.api.push import Choice, ConflictKind
from core.app import App
from core.cli.output import OUTCOME_EXIT, Exit, put, put_json, say, say_error, table
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.pushing import PushResult
from core.paths import Home
from core.sync.control import EngineControl
from core.sync.faults import outcome_of

CONFLICT = ("conflict_id", "object", "id", "field", "base", "mine", "theirs", "changed_by", "changed_at")
# For records, mine and theirs are said of the whole record.
_OF_RECORDS = {Choice.MINE: Choice.RECREATE, Choice.THEIRS: Choice.DISCARD}


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    push = commands.add_parser("push", parents=[common], help="send edits to Salesforce")
    push.add_argument("name")
    push.add_argument("--yes", action="store_true", help="a mass change or delete too")
    push.add_argument("--json", action="store_true")
    push.set_defaults(run=run_push, on_error=_not_begun)

    conflicts = commands.add_parser("conflicts", parents=[common], help="edits that met a change in Salesforce")
    conflicts.add_argument("name")
    conflicts.add_argument("--json", action="store_true")
    conflicts.set_defaults(run=run_conflicts)

    resolve = commands.add_parser("resolve", parents=[common], help="decide a conflict")
    resolve.add_argument("name")
    resolve.add_argument("conflict_id", type=int)
    resolve.add_argument(
        "--keep",
        required=True,
        metavar="mine|theirs|VALUE",
        help="what stays; of a record that is gone there also recreate, move or discard; `=text` is always a value",
    )
    resolve.add_argument("--json", action="store_true")
    resolve.set_defaults(run=run_resolve)


def run_push(arguments: argparse.Namespace, home: Home) -> int:
    from core.cli.sync import signals

    control = EngineControl()
    with signals(control), App(home) as app, app.open(arguments.name) as connection:
        if arguments.yes:
            connection.push.confirm_mass()
        token, _ = control.begin_cycle()
        result = connection.push.push(token)
        paused = bool(result.pending) and connection.sync.holds().stops_push()
    if arguments.json:
        put_json(push_json(result))
    if result.error is not None:
        say_error(result.error)
    say(f"{result.sent} sent, {result.failed} not, {result.conflicts} conflicts, {result.pending} edits wait.")
    if paused:
        say(f"{arguments.name} is paused: `orgmirror resume {arguments.name}` lets them go.")
    if result.held:
        say_error(OrgMirrorError(ErrorCode.MASS_CHANGE, records=result.held))
        say("`push NAME --yes` sends it.")
    return int(OUTCOME_EXIT[result.outcome])


def push_json(result: PushResult) -> dict[str, Any]:
    """`push --json` (rules 9)."""
    return {
        "result": result.outcome.value,
        "sent": result.sent,
        "failed": result.failed,
        "conflicts": result.conflicts,
        "pending": result.pending,
    }


def _not_begun(error: OrgMirrorError) -> dict[str, Any]:
    """The JSON object of a push that could not begin."""
    return push_json(PushResult(outcome_of(error), error=error))


def run_conflicts(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        rows = connection.push.conflict_rows()
    if arguments.json:
        put_json([{name: row[name] for name in (*CONFLICT, "kind", "choices", "details")} for row in rows])
    elif rows:
        put(table([CONFLICT, *(tuple(_shown(row[name] or "") for name in CONFLICT) for row in rows)]))
        for row in rows:
            if row["kind"] != ConflictKind.FIELD.value:
                say(f"{row['conflict_id']}: {row['kind']}; --keep {'|'.join(row['choices'])}")
    else:
        say("There are no conflicts.")
    return Exit.OK


def run_resolve(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        kind = connection.push.kind_of(arguments.conflict_id)
        choice, value = chosen(kind, arguments.keep)
        ref, _ = connection.push.resolve(arguments.conflict_id, choice, value)
        connection.sync.tell_of_edit()
    if arguments.json:
        put_json({"conflict_id": arguments.conflict_id, "choice": choice.value, "object": ref.object, "id": ref.id})
    to_send = choice not in (Choice.THEIRS, Choice.DISCARD)
    say("Decided; the next push sends it." if to_send else "Decided.")
    return Exit.OK


def chosen(kind: ConflictKind, keep: str) -> tuple[Choice, str | None]:
    """What `--keep` means for a conflict of this kind."""
    if kind is ConflictKind.FIELD:
        if keep in (Choice.MINE, Choice.THEIRS):
            return Choice(keep), None
        return Choice.VALUE, keep.removeprefix("=")
    if kind is ConflictKind.DELETED_HERE:
        return _choice(keep), None
    if kind is ConflictKind.SEVERAL_CANDIDATES and keep not in list(Choice):
        return Choice.ADOPT, keep
    choice = _choice(keep)
    return _OF_RECORDS.get(choice, choice), None


def _choice(keep: str) -> Choice:
    try:
        return Choice(keep)
    except ValueError:
        raise OrgMirrorError(
            ErrorCode.NO_SUCH_CHOICE, choice=keep, choices=", ".join(each.value for each in Choice)
        ) from None


def _shown(value: Any) -> str:
    line = " ".join(str(value).split())
    return line if len(line) <= 40 else line[:39] + "…"

"""`edit`, `create`, `delete`, `pending`, `undo`, `campaign`: what a person does, into the outbox; `push` sends it.

Where another process runs the engine it hears of the edit and sends it about two seconds later (rules 7).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.api.records import EditRefused
from core.app import App, Connection
from core.cli.output import Exit, UsageError, put, put_json, say, table
from core.messages import fault_text
from core.model.refs import RecordRef
from core.paths import Home

PENDING = ("seq", "object", "id", "op", "field", "base", "mine", "since", "state")


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    edit = commands.add_parser("edit", parents=[common], help="change fields of a record")
    edit.add_argument("name")
    edit.add_argument("object")
    edit.add_argument("id")
    edit.add_argument("values", nargs="+", metavar="FIELD=VALUE", help="FIELD= clears the field")
    edit.add_argument("--json", action="store_true")
    edit.set_defaults(run=run_edit)

    create = commands.add_parser("create", parents=[common], help="make a record")
    create.add_argument("name")
    create.add_argument("object")
    create.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    create.add_argument("--use-assignment-rules", action="store_true", help="let Salesforce choose the owner of a lead")
    create.add_argument("--json", action="store_true")
    create.set_defaults(run=run_create)

    delete = commands.add_parser("delete", parents=[common], help="delete a record")
    delete.add_argument("name")
    delete.add_argument("object")
    delete.add_argument("id")
    delete.add_argument("--here-only", action="store_true", help="leave it in Salesforce and keep it away from here")
    delete.add_argument("--json", action="store_true")
    delete.set_defaults(run=run_delete)

    pending = commands.add_parser("pending", parents=[common], help="edits that have not reached Salesforce")
    pending.add_argument("name")
    pending.add_argument("--json", action="store_true")
    pending.set_defaults(run=run_pending)

    undo = commands.add_parser("undo", parents=[common], help="take pending edits of a record back")
    undo.add_argument("name")
    undo.add_argument("object")
    undo.add_argument("id")
    undo.add_argument("field", nargs="?", default=None)
    undo.add_argument("--json", action="store_true")
    undo.set_defaults(run=run_undo)

    campaign = commands.add_parser("campaign", parents=[common], help="members of a campaign")
    campaign.add_argument("name")
    campaign.add_argument("campaign_id")
    campaign.add_argument("act", choices=("add", "remove", "status"))
    campaign.add_argument("ids", nargs="+", metavar="ID", help="leads and contacts")
    campaign.add_argument("--status", default=None, metavar="S")
    campaign.add_argument("--json", action="store_true")
    campaign.set_defaults(run=run_campaign)


def run_edit(arguments: argparse.Namespace, home: Home) -> int:
    values = _values(arguments.values, "edit")
    with App(home) as app, app.open(arguments.name) as connection, _faults_told():
        ref = _ref(connection, arguments)
        act = connection.records.edit(ref, values)
        connection.sync.tell_of_edit()
        now = act.refs[0] if act.refs else ref
    _answer(arguments, max(act.seqs, default=None), now)
    say(f"{len(act.seqs)} edits wait to be sent." if act.seqs else "Nothing is left to change.")
    return Exit.OK


def run_create(arguments: argparse.Namespace, home: Home) -> int:
    values = _values(arguments.values, "create")
    with App(home) as app, app.open(arguments.name) as connection, _faults_told():
        options = connection.records.options(use_assignment_rules=arguments.use_assignment_rules)
        act = connection.records.create(_object(connection, arguments.object), values, options)
        connection.sync.tell_of_edit()
    _answer(arguments, act.seqs[0], act.refs[0])
    say(f"{act.refs[0].id} waits to be sent; this id keeps working.")
    return Exit.OK


def run_delete(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        act = connection.records.delete([_ref(connection, arguments)], here_only=arguments.here_only)
        connection.sync.tell_of_edit()
    _answer(arguments, max(act.seqs, default=None), act.refs[0])
    say("It is gone here and stays in Salesforce." if arguments.here_only else "A copy is kept.")
    return Exit.OK


def run_pending(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        rows = connection.records.pending_rows()
    if arguments.json:
        put_json(rows)
    elif rows:
        put(table([tuple(PENDING), *(tuple(_shown(row[name]) for name in PENDING) for row in rows)]))
    else:
        say("Nothing waits to be sent.")
    return Exit.OK


def run_undo(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        ref = _ref(connection, arguments)
        act = connection.records.undo(ref, arguments.field)
    count = int(act.params["count"])
    if arguments.json:
        put_json({"object": ref.object, "id": ref.id, "undone": count})
    say(f"{count} edits are taken back.")
    return Exit.OK


def run_campaign(arguments: argparse.Namespace, home: Home) -> int:
    if arguments.act == "status" and not arguments.status:
        raise UsageError("orgmirror campaign: `status` needs --status S")
    with App(home) as app, app.open(arguments.name) as connection, _faults_told():
        records = connection.records
        refs = records.people(arguments.ids)
        if arguments.act == "add":
            done = records.campaign_add(arguments.campaign_id, refs, arguments.status)
        elif arguments.act == "remove":
            done = records.campaign_remove(arguments.campaign_id, refs)
        else:
            done = records.campaign_status(arguments.campaign_id, refs, arguments.status)
        connection.sync.tell_of_edit()
        campaign_id = records.current(RecordRef("Campaign", arguments.campaign_id)).id
    members = [] if done.act is None else [ref.id for ref in done.act.refs]
    if arguments.json:
        put_json(
            {
                "campaign_id": campaign_id,
                "seq": None if done.act is None else max(done.act.seqs, default=None),
                "members": members,
                "existing": [
                    {"id": hit.ref.id, "member_id": hit.member.id, "status": hit.status} for hit in done.existing
                ],
                "missing": [ref.id for ref in done.missing],
            }
        )
    for hit in done.existing:
        say(f"{hit.title} is a member already ({hit.status or 'no status'}); `campaign … status` changes it.")
    for ref in done.missing:
        say(f"{ref.id} is no member.")
    say(f"{len(members)} members changed.")
    return Exit.OK


@contextmanager
def _faults_told() -> Iterator[None]:
    """Says each fault on stderr before the error ends the command."""
    try:
        yield
    except EditRefused as refused:
        for fault in refused.faults:
            say(f"{fault.label or fault.field}: {fault_text(fault)}")
        raise


def _values(texts: Sequence[str], command: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"orgmirror {command}: {text!r} is not FIELD=VALUE")
        values[name.strip()] = value
    return values


def _object(connection: Connection, name: str) -> str:
    with connection.browse.session() as session:
        return session.object_name(name)


def _ref(connection: Connection, arguments: argparse.Namespace) -> RecordRef:
    return connection.records.current(RecordRef(_object(connection, arguments.object), arguments.id))


def _answer(arguments: argparse.Namespace, seq: int | None, ref: RecordRef) -> None:
    if arguments.json:
        put_json({"seq": seq, "object": ref.object, "id": ref.id})


def _shown(value: Any) -> str:
    if value is None:
        return ""
    line = " ".join(str(value).split())
    return line if len(line) <= 40 else line[:39] + "…"

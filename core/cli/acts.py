"""`convert`, `merge`: acts that happen in Salesforce at once and here after it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core.api.acts import ConvertOptions, PendingEdits
from core.app import App, Connection
from core.cli.output import Exit, UsageError, put_json, say
from core.model.refs import long_id
from core.paths import Home


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    convert = commands.add_parser("convert", parents=[common], help="convert a lead, in Salesforce and here")
    convert.add_argument("name")
    convert.add_argument("lead_id")
    convert.add_argument("--account", metavar="ID", default=None, help="an account that is there")
    convert.add_argument("--contact", metavar="ID", default=None, help="a contact of that account")
    convert.add_argument("--no-opportunity", action="store_true", help="make no opportunity")
    convert.add_argument("--status", metavar="S", default=None, help="a lead status that means converted")
    convert.add_argument("--owner", metavar="ID", default=None, help="who will own what is made")
    convert.add_argument(
        "--allow-duplicates", action="store_true", help="also where a duplicate rule finds matches and allows it"
    )
    convert.add_argument("--json", action="store_true")
    convert.set_defaults(run=run_convert)

    merge = commands.add_parser("merge", parents=[common], help="merge a record into another, in Salesforce and here")
    merge.add_argument("name")
    merge.add_argument("object")
    merge.add_argument("master_id")
    merge.add_argument("loser_id")
    merge.add_argument("values", nargs="*", metavar="FIELD=VALUE", help="values that the master gets")
    merge.add_argument(
        "--pending",
        choices=[each.value for each in PendingEdits],
        default=PendingEdits.ASK.value,
        help="edits of the loser that were not sent: send them first, move them to the master, or discard them",
    )
    merge.add_argument("--json", action="store_true")
    merge.set_defaults(run=run_merge)


def run_convert(arguments: argparse.Namespace, home: Home) -> int:
    options = ConvertOptions(
        account_id=arguments.account,
        contact_id=arguments.contact,
        opportunity=not arguments.no_opportunity,
        status=arguments.status,
        owner_id=arguments.owner,
        allow_duplicates=arguments.allow_duplicates,
    )
    with App(home) as app, app.open(arguments.name) as connection:
        made = connection.acts.convert(arguments.lead_id, options)
    if arguments.json:
        put_json({"contact_id": made.contact_id, "account_id": made.account_id, "opportunity_id": made.opportunity_id})
    say(f"Converted: contact {made.contact_id}, account {made.account_id}, opportunity {made.opportunity_id or '-'}.")
    if not made.complete:
        say("Not everything could be read back; the next sync brings the rest.")
    return Exit.OK


def run_merge(arguments: argparse.Namespace, home: Home) -> int:
    given = _values(arguments.values)
    pending = PendingEdits(arguments.pending)
    if long_id(arguments.master_id) == long_id(arguments.loser_id):
        raise UsageError("orgmirror merge: a record cannot be merged into itself")
    with App(home) as app, app.open(arguments.name) as connection:
        name = _object(connection, arguments.object)
        preview = connection.acts.merge_preview(name, arguments.master_id, [arguments.loser_id])
        values = preview.values() | dict(given)
        merged = connection.acts.merge(name, arguments.master_id, [arguments.loser_id], values, pending=pending)
    if arguments.json:
        put_json({"master_id": merged.master.id})
    say(f"Merged into {merged.master.id}; {merged.lost} values of the other record are kept in its history.")
    if not merged.complete:
        say("Not everything could be read back; the next sync brings the rest.")
    return Exit.OK


def _values(texts: Sequence[str]) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"orgmirror merge: {text!r} is not FIELD=VALUE")
        values[name.strip()] = value or None
    return values


def _object(connection: Connection, name: str) -> str:
    with connection.browse.session() as session:
        return session.object_name(name)

"""`list`, `show`, `query`: reading the mirror. None of them talks to Salesforce."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import Any

from core.app import App
from core.cli.output import Exit, UsageError, put, put_json, say, table
from core.model.filters import ListQuery
from core.model.refs import RecordRef
from core.paths import Home

SHOWN_COLUMNS = 6
CELL_WIDTH = 32


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    lister = commands.add_parser("list", parents=[common], help="records of an object")
    lister.add_argument("name")
    lister.add_argument("object")
    lister.add_argument("--where", action="append", default=[], metavar="FIELD=VALUE")
    lister.add_argument("--search", default="", metavar="TEXT")
    lister.add_argument("--limit", type=int, default=None, metavar="N")
    lister.add_argument("--json", action="store_true")
    lister.set_defaults(run=run_list)

    show = commands.add_parser("show", parents=[common], help="one record")
    show.add_argument("name")
    show.add_argument("object")
    show.add_argument("id")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)

    query = commands.add_parser("query", parents=[common], help="read-only SQL over the mirror")
    query.add_argument("name")
    query.add_argument("sql")
    form = query.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true")
    query.set_defaults(run=run_query)


def run_list(arguments: argparse.Namespace, home: Home) -> int:
    if arguments.limit is not None and arguments.limit < 0:
        raise UsageError("orgmirror list: --limit takes a number from 0 on")
    for text in arguments.where:
        if not text.partition("=")[0].strip() or "=" not in text:
            raise UsageError(f"orgmirror list: {text!r} is not FIELD=VALUE")
    with App(home) as app, app.open(arguments.name) as connection, connection.browse.session() as session:
        name = session.object_name(arguments.object)
        query = ListQuery(
            object=name,
            conditions=session.where(name, arguments.where),
            search=arguments.search,
            limit=arguments.limit,
        )
        if arguments.json:
            put_json(list(session.list_values(query)))
            return Exit.OK
        columns = [c for c in session.columns(name) if c.default][:SHOWN_COLUMNS]
        ids = session.open_list(query).ids
        rows = session.page(name, ids, [c.name for c in columns]) if ids else []
    if not rows:
        say("No record matches.")
        return Exit.OK
    put(table([tuple(c.label for c in columns), *(tuple(map(_short, row)) for row in rows)]))
    return Exit.OK


def run_show(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection, connection.browse.session() as session:
        ref = RecordRef(session.object_name(arguments.object), arguments.id)
        if arguments.json:
            put_json(session.show_values(ref))
            return Exit.OK
        view = session.record(ref)
    put(view.title)
    for group in view.groups:
        for field in group.fields:
            if field.display:
                put(f"  {field.label}: {field.link_label or field.display}")
    return Exit.OK


def run_query(arguments: argparse.Namespace, home: Home) -> int:
    with App(home) as app, app.open(arguments.name) as connection:
        answer = connection.browse.query(arguments.sql)
    if arguments.json:
        put_json({"columns": list(answer.columns), "rows": [list(row) for row in answer.rows]})
    elif arguments.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
    else:
        rows: list[tuple[str, ...]] = [tuple(answer.columns)]
        rows += [tuple(_short(_text(value)) for value in row) for row in answer.rows]
        put(table(rows))
    return Exit.OK


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CELL_WIDTH else line[: CELL_WIDTH - 1] + "…"

"""`list`, `show`, `query`: reading the mirror. None of them talks to Salesforce."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import Any

from core.app import App
from core.cli.output import Exit, put, put_json, say, table
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.filters import ListQuery
from core.model.refs import RecordRef, long_id
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

"""`orgmirror demo-org`: the demo org as a server of its own. The only importer of core.demo."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.output import UsageError
from core.paths import Home, private_folder


def register(commands: Any, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("demo-org", parents=[common], help="run the demo org on this computer")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes a free one")
    parser.add_argument("--rows", default="", metavar="Lead=1000000,…", help="how many rows of which objects")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same org")
    parser.add_argument("--objects", type=int, default=0, metavar="N", help="N more, empty custom objects")
    parser.add_argument("--no-tls", action="store_true", help="plain http, for clients that insist")
    parser.add_argument("--colleagues", action="store_true", help="other users work in the org, at a human pace")
    parser.add_argument("--stop-with-stdin", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, home: Home) -> int:
    rows = parse_rows(arguments.rows)
    if rows is None or not 0 <= arguments.port <= 65535 or arguments.objects < 0:
        raise UsageError(
            "orgmirror demo-org: --rows takes OBJECT=NUMBER pairs such as Lead=1000,Contact=500; --port 0 to 65535"
        )
    from core.demo import server

    folder = private_folder(home.demo_org) / _folder_name(arguments.seed, rows, arguments.objects)
    return server.run(
        folder,
        port=arguments.port,
        rows=rows or None,
        seed=arguments.seed,
        objects=arguments.objects,
        tls=not arguments.no_tls,
        stop_with_stdin=arguments.stop_with_stdin,
        colleagues=arguments.colleagues,
    )


def parse_rows(text: str) -> dict[str, int] | None:
    """`Lead=1000,Contact=5` as a mapping; None where it is not of that form."""
    rows: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, separator, number = part.partition("=")
        if not separator or not name.strip() or not number.strip().isdecimal():
            return None
        rows[name.strip()] = int(number)
    return rows


def _folder_name(seed: int, rows: dict[str, int], objects: int) -> str:
    """Every choice of data has a folder of its own, so that each is quick from its second start."""
    parts = [f"seed-{seed}"]
    parts += [f"{name}-{count}" for name, count in sorted(rows.items())]
    if objects:
        parts.append(f"objects-{objects}")
    return "-".join(parts)[:120]

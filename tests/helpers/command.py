"""Runs the program's command line as a person's shell would: a process of its own, with its streams kept apart.

`in_process` runs the same words within this process, which saves the start of an interpreter.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers.demo_org import ROOT, DemoOrgProcess

SECONDS = 120


@dataclass(frozen=True)
class Completed:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as exactly one JSON value."""
        return json.loads(self.out)


def arguments(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "core.cli", "--home", str(home), *words]


def orgmirror(home: Path, *words: str, stdin: str | None = None, seconds: float = SECONDS) -> Completed:
    """Run `orgmirror WORDS` over `home`; stdin is empty unless given."""
    done = subprocess.run(
        arguments(home, *words),
        cwd=ROOT,
        input=stdin or "",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def in_process(home: Path, *words: str, stdin: str = "") -> Completed:
    """The same, within this process."""
    from core.cli import main

    out, err = io.StringIO(), io.StringIO()
    before, sys.stdin = sys.stdin, io.StringIO(stdin)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["--home", str(home), *words])
    finally:
        sys.stdin = before
    return Completed(int(code), out.getvalue(), err.getvalue())


def connect(
    home: Path,
    org: DemoOrgProcess,
    name: str = "acme",
    *words: str,
    token: str | None = None,
    info: Mapping[str, Any] | None = None,
    run: Callable[..., Completed] = orgmirror,
) -> Completed:
    """Connect to a demo org with an access token."""
    found = info or org.info
    extra = ["--ca-file", found["ca"]] if found["ca"] else []
    return run(
        home,
        "connect",
        name,
        "--method",
        "token",
        "--login-url",
        found["url"],
        "--instance-url",
        found["url"],
        *extra,
        "--secrets-stdin",
        "--yes",
        *words,
        stdin=json.dumps({"access_token": token or found["access_token"]}),
    )

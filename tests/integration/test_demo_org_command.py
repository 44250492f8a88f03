"""`orgmirror demo-org`: its one ready line, its second start, its choices, how it stops (issue 2, section 2)."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.helpers.command import arguments, in_process
from tests.helpers.demo_org import ROOT
from tests.integration.conftest import SMALL

FEW = ",".join(f"{name}=5" for name in SMALL)
PATIENCE_SECONDS = 60
KEYS = {
    "url", "ca", "username", "password", "security_token", "client_id", "client_secret", "access_token", "org_id",
    "control_url",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-org") / "home"


@contextmanager
def serving(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command and its ready line; stopped by SIGTERM, which has to end it with 0 and nothing more on stdout."""
    process = subprocess.Popen(
        arguments(home, "demo-org", *words),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, out, err) == (0, "", "")
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def leads(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Every lead, by REST and the token of the ready line."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = info["ca"] or True
        answer = session.get(
            f"{info['url']}/services/data/v60.0/query",
            params={"q": "SELECT Id, Name FROM Lead ORDER BY Id"},
            headers={"Authorization": f"Bearer {info['access_token']}"},
            timeout=60,
        )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["records"])


def test_the_ready_line_and_the_second_start(tmp_path: Path) -> None:
    home = tmp_path / "home"  # of its own: the other tests make orgs of other seeds beside this one
    with serving(home, "--rows", FEW, "--seed", "3") as (_, first):
        assert set(first) == KEYS
        assert first["url"].startswith("https://127.0.0.1:")
        assert Path(first["ca"]).is_file()
        rows = leads(first)
        assert rows
    [made] = home.glob("demo-org/*/*.sqlite")
    before = made.stat().st_ino
    with serving(home, "--rows", FEW, "--seed", "3") as (_, second):
        assert leads(second) == rows
        kept = ("ca", "access_token", "org_id", "client_secret")
        assert [second[key] for key in kept] == [first[key] for key in kept]
    assert made.stat().st_ino == before, "the rows are made once; how quick the second start is, `make bench` says"


def test_port_and_plain_http(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = in_process(home, "demo-org", "--rows", FEW, "--seed", "3", "--port", str(port))
        assert (done.code, done.out) == (1, "")
        assert str(port) in done.err
    with serving(home, "--rows", FEW, "--seed", "3", "--port", str(port), "--no-tls") as (_, info):
        assert info["ca"] is None
        assert info["url"] == f"http://127.0.0.1:{port}"
        assert leads(info)
        # Plain http on this computer's own address is the one exception to TLS.
        words = ["connect", "plain", "--method", "token", "--login-url", info["url"], "--secrets-stdin", "--yes"]
        done = in_process(home.parent / "other", *words, stdin=json.dumps({"access_token": info["access_token"]}))
        assert done.code == 0, done.err


def test_another_seed_is_another_org(home: Path) -> None:
    with (
        serving(home, "--rows", FEW, "--seed", "3") as (_, one),
        serving(home, "--rows", FEW, "--seed", "4") as (_, two),
    ):
        assert [row["Name"] for row in leads(one)] != [row["Name"] for row in leads(two)]


@pytest.mark.parametrize(
    "words",
    [
        ("--rows", "Lead"),
        ("--rows", "Lead=many"),
        ("--rows", "Lead=-1"),
        ("--port", "70000"),
        ("--port", "x"),
        ("--seed", "x"),
    ],
)
def test_usage_errors(home: Path, words: tuple[str, ...]) -> None:
    done = in_process(home, "demo-org", *words)
    assert (done.code, done.out) == (2, "")
    assert "demo-org" in done.err


def test_an_object_that_the_org_does_not_have(home: Path) -> None:
    with subprocess.Popen(
        arguments(home, "demo-org", "--rows", "Nothing=5"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out) == (2, b"")
    assert b"Nothing" in err

"""The demo org as a process: ready line, certificates, stopping, restarting, two servers of one folder."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.helpers.demo_org import ROOT, DemoOrgProcess

TINY = {"Lead": 60, "Contact": 40, "Account": 20, "Task": 20, "Event": 10, "Opportunity": 10}
QUERY = "/services/data/v65.0/query"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny org that the tests of this module start and stop."""
    return tmp_path_factory.mktemp("tiny") / "org"


def org_in(folder: Path, **options: bool) -> DemoOrgProcess:
    return DemoOrgProcess(rows=TINY, folder=folder, **options)  # type: ignore[arg-type]


def ids(org: DemoOrgProcess) -> list[str]:
    with org.session(org.info["access_token"]) as session:
        answer = session.get(org.info["url"] + QUERY, params={"q": "SELECT Id FROM Lead ORDER BY Id"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return [row["Id"] for row in answer.json()["records"]]


def test_the_ready_line_and_what_stays_over_a_restart(folder: Path) -> None:
    with org_in(folder) as org:
        first, rows = org.info, ids(org)
        assert set(first) == {
            "url", "ca", "username", "password", "security_token", "client_id", "client_secret", "access_token",
            "org_id", "control_url",
        }  # fmt: skip
        assert first["url"].startswith("https://127.0.0.1:")
        assert len(rows) >= 50
        assert org.stop() == 0
        assert org.errors == ""
        org.start()
        kept = ("ca", "username", "access_token", "org_id")
        assert [org.info[name] for name in kept] == [first[name] for name in kept]
        assert org.info["control_url"] != first["control_url"]
        assert ids(org) == rows


def test_tls_is_verified_against_the_ca_alone(folder: Path) -> None:
    with org_in(folder) as org:
        port = urlsplit(org.info["url"]).port
        with requests.Session() as session:
            session.trust_env = False
            session.verify = org.info["ca"]
            assert session.get(f"https://localhost:{port}/services/data", timeout=30).status_code == 200
            session.verify = True
            with pytest.raises(requests.exceptions.SSLError):
                session.get(f"https://127.0.0.1:{port}/services/data", timeout=30)


def test_without_tls_there_is_no_ca(folder: Path) -> None:
    with org_in(folder, no_tls=True) as org:
        assert org.info["ca"] is None
        assert org.info["url"].startswith("http://127.0.0.1:")
        assert ids(org)


def test_a_second_server_of_a_folder_takes_a_sibling(folder: Path) -> None:
    with org_in(folder) as one, org_in(folder) as two:
        assert Path(one.info["ca"]).parent == folder
        assert Path(two.info["ca"]).parent == folder.with_name("org-2")
        assert ids(one)
        assert ids(two)


def test_it_stops_while_a_request_is_stalled(folder: Path) -> None:
    with org_in(folder) as org:
        org.faults({"match": {"path": "/limits"}, "action": {"stall": 600}})
        raw = socket.create_connection(("127.0.0.1", int(urlsplit(org.info["url"]).port or 0)))
        context = ssl.create_default_context(cafile=org.info["ca"])
        with context.wrap_socket(raw, server_hostname="127.0.0.1") as stalled:
            stalled.sendall(b"GET /services/data/v65.0/limits HTTP/1.1\r\nHost: x\r\n\r\n")
            while not org.control("faults")["rules"][0]["fired"]:
                pass
            assert org.stop() == 0


def test_it_ends_with_its_parent(folder: Path) -> None:
    with org_in(folder) as org:
        process = org._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_said_and_not_a_traceback(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = ["--folder", str(folder), "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            [sys.executable, "-m", "core.demo.server", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_many_clients_at_once(folder: Path) -> None:
    with org_in(folder) as org:
        expected = ids(org)
        found: list[list[str]] = []
        threads = [threading.Thread(target=lambda: found.append(ids(org))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [expected] * 12
        assert org.control("counters")["by_status"] == {"200": 13}


def test_stdout_holds_the_ready_line_only(folder: Path) -> None:
    arguments = ["--folder", str(folder), "--stop-with-stdin"]
    with subprocess.Popen(
        [sys.executable, "-m", "core.demo.server", *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        assert json.loads(process.stdout.readline())["url"]
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(timeout=10) == 0


def test_an_org_with_colleagues_stops_in_good_order(folder: Path) -> None:
    with org_in(folder, colleagues=True) as org:
        assert org.behaviour()["colleagues"] is True
        assert org.stop() == 0
        assert org.errors == ""

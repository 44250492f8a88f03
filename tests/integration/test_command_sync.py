"""`sync` on the command line: its one JSON object, its exit codes, what a cycle meets, and how it is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail

from core.salesforce.transport import NO_RETRY
from tests.helpers.command import arguments, connect, in_process
from tests.helpers.demo_org import ROOT, DemoOrgProcess
from tests.helpers.homes import KeptHome
from tests.integration.conftest import SMALL
from tests.integration.test_command_line import refused

# Long enough that a test which had to wait for it would fail by its own limit.
STALL_SECONDS = 150
# Far above what anything here takes, far below the stall.
PATIENCE_SECONDS = 60
LEADS = r"/query(All)?/?\?.*FROM(\+|%20)Lead\b"
FEW = ("--objects", "RecordType,Campaign,Lead")
RESULT_KEYS = {"result", "seconds", "api_calls", "objects"}
OBJECT_KEYS = {"name", "rows", "new", "updated", "deleted", "skipped", "failed"}


@pytest.fixture
def home(demo_org: DemoOrgProcess, tmp_path: Path) -> Path:
    """A new connection `acme` with three objects, signed in by a token of its own."""
    return connected(demo_org, tmp_path / "home")


@pytest.fixture
def own_org(tmp_path: Path) -> Iterator[DemoOrgProcess]:
    """An org of the test's own, whose rows it changes."""
    with DemoOrgProcess(rows=dict.fromkeys(SMALL, 5), folder=tmp_path / "org") as found:
        yield found


def connected(org: DemoOrgProcess, home: Path) -> Path:
    done = connect(home, org, "acme", *FEW, token=org.token("ada.admin@orgmirror.demo"), run=in_process)
    assert done.code == 0, done.err
    return home


def cycle(home: Path, result: str, code: int, *words: str) -> dict[str, dict[str, Any]]:
    """One `sync --once --json` that ends as expected; its objects by name."""
    done = in_process(home, "sync", "acme", "--once", "--json", *words)
    answer = done.json
    assert (done.code, answer["result"]) == (code, result), done.err
    assert set(answer) == RESULT_KEYS
    assert answer["seconds"] >= 0
    assert isinstance(answer["api_calls"], int)
    for item in answer["objects"]:
        assert set(item) == OBJECT_KEYS
    assert "Traceback" not in done.err
    return {item["name"]: item for item in answer["objects"]}


def state(home: Path) -> dict[str, Any]:
    status: dict[str, Any] = in_process(home, "status", "acme", "--json").json
    return {**status, "objects": {item["name"]: item for item in status["objects"]}}


def wait_for(what: Callable[[], object]) -> None:
    """Until `what()` is true; fails after PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def fired(org: DemoOrgProcess) -> bool:
    return any(rule["fired"] for rule in org.control("faults")["rules"])


@contextmanager
def started(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own, ended by force when the test forgets."""
    process = subprocess.Popen(
        arguments(home, *words),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


# -- results ----------------------------------------------------------------------------------------------------------


def test_the_first_cycle_the_second_and_one_object(demo_org: DemoOrgProcess, home: Path) -> None:
    leads = sum(1 for _ in demo_org.truth("Lead"))
    live = sum(1 for _ in demo_org.truth("Lead", deleted=False))
    first = cycle(home, "ok", 0)
    assert list(first) == ["RecordType", "Campaign", "Lead"]
    assert first["Lead"] == {
        "name": "Lead", "rows": live, "new": leads, "updated": 0, "deleted": 0, "skipped": 0, "failed": 0,
    }  # fmt: skip
    second = cycle(home, "ok", 0)
    assert second["Lead"]["rows"] == live
    assert all(item["new"] == item["updated"] == item["deleted"] == 0 for item in second.values())
    assert list(cycle(home, "ok", 0, "--object", "lead")) == ["Lead"]
    alone = in_process(home, "sync", "acme", "--object", "lead", "--json")
    assert (alone.code, [item["name"] for item in alone.json["objects"]]) == (0, ["Lead"]), "it is one cycle anyway"
    cycle(home, "error", 1, "--object", "Nothing__c")
    assert state(home)["state"] == "in-step"


def test_words_go_to_stderr(home: Path) -> None:
    done = in_process(home, "sync", "acme", "--once", "--object", "RecordType")
    assert (done.code, done.out) == (0, "")
    assert "In step" in done.err


def test_an_unknown_connection_still_gets_its_object(tmp_path: Path) -> None:
    done = in_process(tmp_path / "none", "sync", "nobody", "--once", "--json")
    assert done.code == 1
    assert done.json == {"result": "error", "seconds": 0.0, "api_calls": 0, "objects": []}
    assert "nobody" in done.err


def test_one_object_fails_and_the_others_are_loaded(demo_org: DemoOrgProcess, home: Path) -> None:
    body = [{"errorCode": "MALFORMED_QUERY", "message": "a made-up refusal"}]
    demo_org.faults({"match": {"path": LEADS}, "times": None, "action": {"status": 400, "body": body}})
    found = cycle(home, "problems", 3)
    assert found["Lead"]["failed"] == 1
    assert found["Campaign"]["failed"] == 0
    assert found["Campaign"]["rows"] > 0
    status = state(home)
    assert (status["state"], status["problems"]) == ("needs-you", 1)
    assert (status["objects"]["Lead"]["loaded"], status["objects"]["Campaign"]["loaded"]) == (False, True)
    demo_org.control("reset")
    assert cycle(home, "ok", 0)["Lead"]["rows"] > 0
    assert (state(home)["state"], state(home)["problems"]) == ("in-step", 0)


def test_a_token_ends_in_mid_load_and_another_one_goes_on(demo_org: DemoOrgProcess, home: Path) -> None:
    ended = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    demo_org.faults({"match": {"path": r"/query/\w+-\d+"}, "times": None, "action": {"status": 401, "body": ended}})
    cycle(home, "sign-in-needed", 4)
    status = state(home)
    assert status["state"] == "sign-in-needed"
    assert (status["objects"]["Lead"]["loaded"], status["objects"]["Lead"]["rows"]) == (False, 2000)
    demo_org.control("reset")
    done = connect(home, demo_org, "acme", "--renew", "--json", run=in_process)
    assert done.code == 0, done.err
    done = in_process(home, "sync", "acme", "--once", "--json")
    assert done.code == 0, done.err
    assert "Resuming Leads, 2,000 of " in done.err
    assert len(demo_org.calls(r"/query/\w+-\d+")) == 1, "the page that was committed is not asked for again"
    assert state(home)["state"] == "in-step"


def test_client_credentials_sign_in_again_by_themselves(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home, info = tmp_path / "home", demo_org.info
    demo_org.behaviour(client_credentials_user="sam.sales@orgmirror.demo")
    words = ["connect", "acme", "--method", "client-credentials", "--login-url", info["url"], "--ca-file", info["ca"]]
    words += ["--client-id", info["client_id"], "--secrets-stdin", "--yes", *FEW]
    done = in_process(home, *words, stdin=json.dumps({"client_secret": info["client_secret"]}))
    assert done.code == 0, done.err
    ended = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    demo_org.faults({"match": {"path": r"/query/\w+-\d+"}, "action": {"status": 401, "body": ended}})
    leads = sum(1 for _ in demo_org.truth("Lead", "sam.sales@orgmirror.demo", deleted=False))
    assert cycle(home, "ok", 0)["Lead"]["rows"] == leads
    demo_org.control("expire", user="sam.sales@orgmirror.demo")
    cycle(home, "ok", 0)
    assert len(demo_org.calls("/oauth2/token")) == (3 if fired(demo_org) else 2)


def test_the_orgs_api_calls_are_used_up(demo_org: DemoOrgProcess, home: Path) -> None:
    demo_org.control("limits", max=1000, used=1000)
    cycle(home, "budget", 5)
    assert state(home)["state"] == "budget"
    demo_org.control("limits", max=100_000, used=0)
    cycle(home, "ok", 0)
    assert state(home)["state"] == "in-step"


def test_the_api_is_switched_off(demo_org: DemoOrgProcess, home: Path) -> None:
    demo_org.behaviour(api_disabled_org=True)
    cycle(home, "error", 1)
    demo_org.behaviour(api_disabled_org=False)
    cycle(home, "ok", 0)


def test_an_org_that_cannot_be_reached(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody listens; the next process still knows that the last cycle found nobody."""
    monkeypatch.setattr("core.salesforce.transport.RetryPolicy", lambda: NO_RETRY)
    cycle(home, "ok", 0)
    [file] = home.glob("connections/*/profile.json")
    kept, away = file.read_text(), "https://127.0.0.1:9"
    vault, uuid = keyring.get_keyring(), file.parent.name
    session = vault.get_password("OrgMirror", f"{uuid}/session") or ""
    file.write_text(json.dumps({**json.loads(kept), "instance_url": away, "login_url": away}))
    vault.set_password("OrgMirror", f"{uuid}/session", json.dumps({**json.loads(session), "instance_url": away}))
    cycle(home, "error", 1)
    assert state(home)["state"] == "offline"
    file.write_text(kept)
    vault.set_password("OrgMirror", f"{uuid}/session", session)
    cycle(home, "ok", 0)
    assert state(home)["state"] == "in-step"


def test_no_keyring_is_locked(loaded: KeptHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home = loaded.use(monkeypatch)
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    cycle(home, "locked", 4)
    assert state(home)["state"] == "locked"
    refused(in_process(home, "list", "acme", "Lead", "--json"), "keyring-unavailable", 4)


def test_a_new_token_of_another_org_or_user_is_refused(demo_org: DemoOrgProcess, home: Path, tmp_path: Path) -> None:
    other_user = demo_org.token("sam.sales@orgmirror.demo")
    refused(connect(home, demo_org, "acme", "--renew", "--json", token=other_user, run=in_process), "other-user", 4)
    with DemoOrgProcess(rows=dict.fromkeys(SMALL, 5), seed=7, folder=tmp_path / "org") as other:
        refused(connect(home, other, "acme", "--renew", "--json", run=in_process), "other-org", 4)
        # The same address, another org behind it: noticed before anything is asked.
        [file] = home.glob("connections/*/profile.json")
        moved = {"instance_url": other.info["url"], "login_url": other.info["url"]}
        file.write_text(json.dumps({**json.loads(file.read_text()), **moved, "ca_file": other.info["ca"]}))
        session = {"access_token": other.info["access_token"], "instance_url": other.info["url"]}
        keyring.set_password("OrgMirror", f"{file.parent.name}/session", json.dumps(session))
        cycle(home, "sign-in-needed", 4)
        assert not other.calls("queryAll")
    assert state(home)["objects"] == {}


# -- stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_cycle_and_keeps_what_is_committed(
    demo_org: DemoOrgProcess, home: Path, kind: signal.Signals
) -> None:
    """The server is silent for far longer than the test may take, so only abandoning the request ends it in time."""
    demo_org.faults({"match": {"path": r"/query/\w+-\d+"}, "times": None, "action": {"stall": STALL_SECONDS}})
    with started(home, "sync", "acme", "--once", "--json") as process:
        wait_for(lambda: fired(demo_org))
        process.send_signal(kind)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1, err
    assert json.loads(out)["result"] == "cancelled"
    assert "Traceback" not in err
    demo_org.control("reset")
    lead = state(home)["objects"]["Lead"]
    assert (lead["loaded"], lead["rows"]) == (False, 2000)
    done = in_process(home, "sync", "acme", "--once", "--json")
    assert done.code == 0, done.err
    assert "Resuming Leads, 2,000 of " in done.err
    live = sum(1 for _ in demo_org.truth("Lead", deleted=False))
    assert state(home)["objects"]["Lead"]["rows"] == live


# -- two processes ----------------------------------------------------------------------------------------------------


def test_wishes_and_edits_go_by_the_process_that_has_the_engine(own_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = connected(own_org, tmp_path / "home")
    cycle(home, "ok", 0)
    rows = in_process(home, "list", "acme", "Lead", "--json", "--limit", "60").json
    lead = next(row["Id"] for row in rows if not row["IsConverted"])
    with started(home, "sync", "acme") as day:
        [folder] = (home / "connections").iterdir()
        wait_for((folder / "engine.json").exists)
        assert day.stderr is not None
        while "In step" not in day.stderr.readline():
            assert day.poll() is None
        mark = len(own_org.calls())
        with started(home, "sync", "acme", "--once", "--json", "--object", "Campaign") as asker:
            out, err = asker.communicate(timeout=PATIENCE_SECONDS)
        assert asker.returncode == 0, err
        assert json.loads(out)["result"] == "ok"
        assert [item["name"] for item in json.loads(out)["objects"]] == ["Campaign"]
        assert len(own_org.calls()) > mark
        line = ""
        while "In step" not in line:
            line = day.stderr.readline()
            assert day.poll() is None
        # The next cycle is five minutes away, and nobody pushes by hand.
        assert in_process(home, "edit", "acme", "Lead", lead, "City=Tromsø").code == 0
        wait_for(lambda: in_process(home, "pending", "acme", "--json").json == [])
        assert next(row["City"] for row in own_org.truth("Lead") if row["Id"] == lead) == "Tromsø"
        day.send_signal(signal.SIGTERM)
        assert day.wait(PATIENCE_SECONDS) == 0
    assert not (folder / "engine.json").exists()
    cycle(home, "ok", 0)


def test_two_single_cycles_come_one_after_the_other(demo_org: DemoOrgProcess, home: Path) -> None:
    demo_org.faults({"match": {"path": r"/query/\w+-\d+"}, "times": 1, "action": {"delay": 3}})
    with started(home, "sync", "acme", "--once", "--json") as first:
        wait_for(lambda: fired(demo_org))
        with started(home, "sync", "acme", "--once", "--json") as second:
            out_of_first, _ = first.communicate(timeout=PATIENCE_SECONDS)
            out_of_second, err = second.communicate(timeout=PATIENCE_SECONDS)
    assert (first.returncode, second.returncode) == (0, 0), err
    leads = [
        next(o for o in json.loads(out)["objects"] if o["name"] == "Lead") for out in (out_of_first, out_of_second)
    ]
    assert leads[0]["new"] == sum(1 for _ in demo_org.truth("Lead"))
    assert leads[1]["new"] == 0

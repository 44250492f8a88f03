"""`connect`, `disconnect` and the recovery code on the command line (issue 2, sections 3 and 6; rules 2, 7 and 9)."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.connection.recovery import ALPHABET
from core.paths import Home
from tests.helpers.command import Completed, connect, in_process, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.homes import KeptHome
from tests.helpers.keyrings import FILE_VARIABLE
from tests.helpers.tls import make_tls
from tests.integration.test_command_line import refused


def keyring_entries() -> dict[str, str]:
    """What is in the keyring in force, by entry name."""
    file = Path(os.environ[FILE_VARIABLE])
    return dict(json.loads(file.read_text()).get("OrgMirror", {})) if file.exists() else {}


def words_for(org: DemoOrgProcess, method: str, *more: str, url: str | None = None) -> list[str]:
    words = ["connect", "acme", "--method", method, "--login-url", url or org.info["url"]]
    return [*words, "--ca-file", org.info["ca"], "--secrets-stdin", "--json", *more]


def connected(home: Path, words: Sequence[str], **secrets: Any) -> Completed:
    return in_process(home, *words, stdin=json.dumps(secrets))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def nothing_is_kept(home: Path) -> None:
    assert not list(home.glob("connections/*"))
    assert keyring_entries() == {}


# -- the methods ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["token", "client-credentials", "password"])
def test_each_method_connects(demo_org: DemoOrgProcess, home: Path, method: str) -> None:
    """Keys that the method has no use for are left aside, whatever they hold."""
    info = demo_org.info
    more = {
        "token": ["--instance-url", info["url"]],
        "client-credentials": ["--client-id", info["client_id"]],
        "password": ["--username", info["username"]],
    }[method]
    secrets = {key: info[key] for key in ("password", "security_token", "client_secret", "access_token")}
    if method != "token":
        secrets["access_token"] = "not-this-one"
    secrets["private_key"] = "none"
    done = connected(home, words_for(demo_org, method, "--yes", *more), **secrets, unknown=[1, 2], other=None)
    assert done.code == 0, done.err
    assert done.json["org_id"] == info["org_id"]
    assert done.json["user"] == info["username"]
    assert done.json["encrypted"] is True
    assert "production" in done.err
    entries = keyring_entries()
    [folder] = (home / "connections").iterdir()
    kinds = {name.removeprefix(f"{folder.name}/") for name in entries}
    kept = {"token": set(), "client-credentials": {"client-secret"}, "password": {"password", "security-token"}}[method]
    assert kinds == {"mirror-key", "session", "stamp"} | kept
    for name, value in entries.items():
        assert value not in done.out + done.err, name
    status = in_process(home, "status", "acme", "--json").json
    assert (status["state"], status["objects"]) == ("never-synced", [])


@pytest.mark.parametrize("method", ["browser", "jwt"])
def test_methods_of_later_say_so(home: Path, method: str) -> None:
    words = ["connect", "acme", "--method", method, "--login-url", "https://acme.my.salesforce.com", "--json"]
    done = connected(home, [*words, "--secrets-stdin", "--yes"])
    refused(done, "method-not-yet", 2)
    assert method in done.json["error"]["text"]
    assert "token, password or client-credentials" in done.err
    nothing_is_kept(home)


# -- confirmation, names, secrets -------------------------------------------------------------------------------------


def test_without_yes_org_and_user_are_shown_and_nothing_is_kept(demo_org: DemoOrgProcess, home: Path) -> None:
    words = words_for(demo_org, "token")
    done = connected(home, words, access_token=demo_org.info["access_token"])
    refused(done, "needs-confirmation", 2)
    assert demo_org.info["org_id"] in done.err
    assert demo_org.info["username"] in done.err
    assert "--yes" in done.err
    nothing_is_kept(home)


@pytest.mark.parametrize("stdin", ["", "   ", "[]", '"text"', "{", '{"access_token": 5}', "{}", '{"password": "x"}'])
def test_secrets_on_stdin_that_cannot_be_used(demo_org: DemoOrgProcess, home: Path, stdin: str) -> None:
    done = in_process(home, *words_for(demo_org, "token", "--yes"), stdin=stdin)
    refused(done, "usage", 2)
    nothing_is_kept(home)


def test_nothing_is_prompted_where_nobody_is(demo_org: DemoOrgProcess, home: Path) -> None:
    """In a process of its own, without a terminal: neither with --secrets-stdin nor, for want of a person, without."""
    words = words_for(demo_org, "password", "--yes", "--username", "a@b.example")
    done = orgmirror(home, *words, stdin="", seconds=60)
    refused(done, "usage", 2)
    words.remove("--secrets-stdin")
    asked = orgmirror(home, *words, stdin="", seconds=60)
    assert asked.code == 2, asked.err
    assert json.loads(asked.out)["error"]["code"] == "usage"


def test_a_name_is_taken_in_any_case_and_bad_names_are_refused(demo_org: DemoOrgProcess, home: Path) -> None:
    assert connect(home, demo_org, "Acme", run=in_process).code == 0
    before = keyring_entries()
    refused(connect(home, demo_org, "aCME", "--json", run=in_process), "name-taken")
    refused(connect(home, demo_org, "x" * 61, "--json", run=in_process), "bad-name", 2)
    refused(connect(home, demo_org, " ", "--json", run=in_process), "bad-name", 2)
    assert keyring_entries() == before
    assert len(list((home / "connections").iterdir())) == 1


def test_objects_as_a_list_and_all(demo_org: DemoOrgProcess, home: Path) -> None:
    assert connect(home, demo_org, "few", "--objects", "RecordType, Campaign,", run=in_process).code == 0
    assert connect(home, demo_org, "whole", "--objects", "all", run=in_process).code == 0
    with App(Home(home)) as app:
        assert app.connections.profile("few").objects == ("RecordType", "Campaign")
        assert app.connections.profile("whole").objects is None
    done = in_process(home, "sync", "few", "--once", "--json")
    assert done.code == 0, done.err
    assert [item["name"] for item in done.json["objects"]] == ["RecordType", "Campaign"]


def test_an_object_of_the_list_that_is_not_there_is_a_problem_of_its_own(demo_org: DemoOrgProcess, home: Path) -> None:
    assert connect(home, demo_org, "acme", "--objects", "RecordType,Nothing__c", run=in_process).code == 0
    done = in_process(home, "sync", "acme", "--once", "--json")
    assert done.code == 3, done.err
    assert done.json["result"] == "problems"
    by_name = {item["name"]: item for item in done.json["objects"]}
    assert by_name["RecordType"]["rows"] > 0
    assert by_name["Nothing__c"]["failed"] == 1
    assert "Nothing__c" in done.err


# -- addresses, certificates, refusals --------------------------------------------------------------------------------


def test_a_ca_file_that_is_missing_wrong_or_forgotten(demo_org: DemoOrgProcess, home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    _, other = make_tls(tmp_path)
    token = demo_org.info["access_token"]
    cases = [(str(tmp_path / "absent.pem"), "bad-ca-file"), (str(tmp_path / "empty.pem"), "bad-ca-file")]
    cases += [(str(other), "bad-certificate"), (None, "bad-certificate")]
    for file, code in cases:
        words = words_for(demo_org, "token", "--yes")
        at = words.index("--ca-file")
        words[at : at + 2] = [] if file is None else ["--ca-file", file]
        refused(connected(home, words, access_token=token), code)
    nothing_is_kept(home)


def test_the_ca_file_is_kept_and_moves_with_the_home(demo_org: DemoOrgProcess, home: Path, tmp_path: Path) -> None:
    given = tmp_path / "stick" / "company.pem"
    given.parent.mkdir()
    shutil.copy(demo_org.info["ca"], given)
    info = {**demo_org.info, "ca": str(given)}
    assert connect(home, demo_org, "acme", "--objects", "RecordType", info=info, run=in_process).code == 0
    shutil.rmtree(given.parent)
    [copy] = home.glob("connections/*/ca.pem")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    moved = tmp_path / "moved"
    home.rename(moved)
    done = in_process(moved, "sync", "acme", "--once", "--json")
    assert done.code == 0, done.err


def test_addresses_that_are_refused(demo_org: DemoOrgProcess, home: Path) -> None:
    token = demo_org.info["access_token"]
    cases = [
        ("http://acme.example.com", "not-https", 2),
        ("ftp://x.example", "bad-url", 2),
        ("no address", "bad-url", 2),
    ]
    for url, code, exit_code in cases:
        done = connected(home, words_for(demo_org, "token", "--yes", url=url), access_token=token)
        refused(done, code, exit_code)
    nothing_is_kept(home)


def test_a_host_that_is_unknown_or_does_not_listen(
    demo_org: DemoOrgProcess, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = demo_org.info["access_token"]
    done = connected(home, words_for(demo_org, "token", "--yes", url="https://127.0.0.1:9"), access_token=token)
    refused(done, "cannot-connect")

    def no_such_name(*given: Any, **named: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    url = "https://nosuchcompany.my.salesforce.com"
    done = connected(home, words_for(demo_org, "token", "--yes", url=url), access_token=token)
    refused(done, "unknown-host")
    assert "nosuchcompany.my.salesforce.com" in done.json["error"]["text"]
    nothing_is_kept(home)


def test_credentials_that_are_refused(demo_org: DemoOrgProcess, home: Path) -> None:
    info = demo_org.info
    done = connected(home, words_for(demo_org, "token", "--yes"), access_token="00D000000000001!wrong")
    refused(done, "token-refused", 4)
    words = words_for(demo_org, "client-credentials", "--yes", "--client-id", info["client_id"])
    refused(connected(home, words, client_secret="wrong"), "client-refused", 4)
    words = words_for(demo_org, "password", "--yes", "--username", info["username"])
    done = connected(home, words, password="wrong-password-here", security_token=info["security_token"])
    refused(done, "wrong-credentials", 4)
    assert "wrong-password-here" not in done.out + done.err
    nothing_is_kept(home)


def test_the_api_is_not_enabled(demo_org: DemoOrgProcess, home: Path) -> None:
    demo_org.behaviour(api_disabled_org=True)
    done = connected(home, words_for(demo_org, "token", "--yes"), access_token=demo_org.info["access_token"])
    refused(done, "api-not-enabled")
    assert "API Enabled" in done.err
    nothing_is_kept(home)


# -- disconnect -------------------------------------------------------------------------------------------------------


def test_disconnect_keeps_the_mirror_and_its_key(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    [folder] = (home / "connections").iterdir()
    key = keyring_entries()[f"{folder.name}/mirror-key"]
    done = in_process(home, "disconnect", "acme", "--json")
    assert done.code == 0, done.err
    assert done.json == {"name": "acme", "data_deleted": False}
    assert keyring_entries() == {f"{folder.name}/mirror-key": key}
    assert (folder / "mirror.db").exists()
    assert in_process(home, "status", "--json").json == []
    refused(in_process(home, "disconnect", "acme", "--json"), "no-such-connection")


def test_disconnect_with_its_data_leaves_nothing(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    before = keyring_entries()
    refused(in_process(home, "disconnect", "acme", "--delete-data", "--json"), "needs-confirmation", 2)
    assert keyring_entries() == before
    done = in_process(home, "disconnect", "acme", "--delete-data", "--yes", "--json")
    assert done.code == 0, done.err
    assert keyring_entries() == {}
    assert list((home / "connections").iterdir()) == []


@pytest.mark.parametrize("more", [(), ("--delete-data",)])
def test_disconnect_with_pending_edits_lists_them_first(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    with App(Home(home)) as app, app.connections.open_mirror(app.connections.profile("acme")) as mirror:
        values = {"object": "Lead", "record_id": "00QIO00000000bT2AQ", "op": "update", "field": "Title"}
        mirror.write(lambda s: s.models.Outbox.insert(created_at="2026-01-01T00:00:00.000Z", **values).execute())
    assert in_process(home, "status", "acme", "--json").json["pending"] == 1
    before = keyring_entries()
    done = in_process(home, "disconnect", "acme", "--json", *more)
    refused(done, "needs-confirmation", 2)
    assert "update Lead 00QIO00000000bT2AQ Title" in done.err
    assert keyring_entries() == before
    assert in_process(home, "disconnect", "acme", "--yes", *more).code == 0


def test_a_mirror_whose_key_is_gone_can_still_be_erased(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    Path(os.environ[FILE_VARIABLE]).write_text("{}")
    done = in_process(home, "disconnect", "acme", "--delete-data", "--json")
    refused(done, "key-missing", 4)
    assert in_process(home, "disconnect", "acme", "--delete-data", "--yes").code == 0
    assert list((home / "connections").iterdir()) == []


# -- the key and its recovery code ------------------------------------------------------------------------------------


def test_a_missing_key_is_a_state_of_its_own(loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    [file] = home.glob("connections/*/mirror.db")
    before = file.read_bytes()
    Path(os.environ[FILE_VARIABLE]).write_text("{}")
    for words in (("list", "acme", "Lead"), ("query", "acme", "SELECT 1"), ("doctor", "acme")):
        refused(in_process(home, *words, "--json"), "key-missing", 4)
    done = in_process(home, "sync", "acme", "--once", "--json")
    assert done.code == 4
    assert done.json == {"result": "locked", "seconds": 0.0, "api_calls": 0, "objects": []}
    status = in_process(home, "status", "acme", "--json").json
    assert status["state"] == "locked"
    assert file.read_bytes() == before
    assert not [name for name in keyring_entries() if name.endswith("mirror-key")]


def test_a_recovery_code_brings_the_key_back(demo_org: DemoOrgProcess, home: Path, tmp_path: Path) -> None:
    done = connect(home, demo_org, "acme", "--objects", "RecordType", "--recovery-code", "--json", run=in_process)
    assert done.code == 0, done.err
    [code] = re.findall(rf"\b(?:[{ALPHABET}]{{4}}-){{7}}[{ALPHABET}]{{4}}\b", done.err)
    assert code not in done.out
    [file] = home.glob("connections/*/recovery.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = next(value for name, value in keyring_entries().items() if name.endswith("mirror-key"))
    for path in home.rglob("*"):
        if path.is_file():
            assert code.encode() not in path.read_bytes()
            assert key.encode() not in path.read_bytes()
    before = keyring_entries()
    assert in_process(home, "sync", "acme", "--once").code == 0
    kept = Path(os.environ[FILE_VARIABLE])
    lost = {name: value for name, value in keyring_entries().items() if not name.endswith("mirror-key")}
    kept.write_text(json.dumps({"OrgMirror": lost}))

    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    os.environ["ORGMIRROR_PASSPHRASE"] = wrong
    refused(in_process(home, "status", "acme", "--home", str(tmp_path / "none"), "--json"), "no-such-connection")
    assert "ORGMIRROR_PASSPHRASE" not in os.environ
    os.environ["ORGMIRROR_PASSPHRASE"] = wrong
    refused(in_process(home, "query", "acme", "SELECT count(*) FROM RecordType", "--json"), "recovery-code-wrong", 4)
    assert keyring_entries() == lost
    os.environ["ORGMIRROR_PASSPHRASE"] = wrong
    assert in_process(home, "sync", "acme", "--once", "--json").json["result"] == "locked"

    # As people type it: in small letters, with blanks for dashes, o for 0 and l for 1.
    os.environ["ORGMIRROR_PASSPHRASE"] = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    done = in_process(home, "query", "acme", "SELECT count(*) FROM RecordType", "--json")
    assert done.code == 0, done.err
    assert done.json["rows"][0][0] > 0
    assert keyring_entries()[file.parent.name + "/mirror-key"] == before[file.parent.name + "/mirror-key"]
    assert in_process(home, "query", "acme", "SELECT 1", "--json").code == 0


def test_a_recovery_code_without_its_file(loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    Path(os.environ[FILE_VARIABLE]).write_text("{}")
    monkeypatch.setenv("ORGMIRROR_PASSPHRASE", "ABCD-EFGH-JKMN-PQRS-TVWX-YZ23-4567-89AB")
    refused(in_process(home, "query", "acme", "SELECT 1", "--json"), "no-recovery-code", 4)


def test_no_recovery_code_for_a_plain_file(demo_org: DemoOrgProcess, home: Path) -> None:
    done = connect(home, demo_org, "acme", "--plain-file", "--recovery-code", "--json", run=in_process)
    refused(done, "usage", 2)
    nothing_is_kept(home)

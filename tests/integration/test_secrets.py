"""No secret and no record text in any file of the home folder; no secret in arguments, in logs or on stderr."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from core.app import App
from core.mirror.database import connect as open_file
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home
from tests.helpers.command import arguments, in_process
from tests.helpers.demo_org import ROOT, DemoOrgProcess
from tests.helpers.homes import KeptHome, making

FEW = "RecordType,Campaign,Lead,Project__c"


@pytest.fixture(scope="module")
def kept(demo_org_process: DemoOrgProcess, tmp_path_factory: pytest.TempPathFactory) -> KeptHome:
    """A home signed in with every kind of secret that is kept, with a recovery code, loaded by both wires."""
    info = demo_org_process.info
    given = {name: info[name] for name in ("password", "security_token", "client_secret", "access_token")}
    base = ["--login-url", info["url"], "--ca-file", info["ca"], "--secrets-stdin", "--yes", "--objects", FEW]
    with making(tmp_path_factory.mktemp("secrets")) as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORGMIRROR_REST_MAX_ROWS", "1000")
        for name, method, more in (
            ("acme", "password", ["--username", info["username"], "--recovery-code"]),
            ("other", "client-credentials", ["--client-id", info["client_id"]]),
        ):
            words = ["connect", name, "--method", method, *base, *more]
            done = in_process(home.path, *words, stdin=json.dumps(given))
            assert done.code == 0, done.err
        done = in_process(home.path, "sync", "acme", "--once", "--json")
        assert done.code == 0, done.err
        done = in_process(home.path, "sync", "other", "--once", "--object", "Campaign", "--json")
        assert done.code == 0, done.err
    return home


def secrets_of(org: DemoOrgProcess, home: KeptHome) -> set[str]:
    """Everything secret: what was given, and what stands in the keyring."""
    found = {str(org.info[name]) for name in ("password", "security_token", "client_secret", "access_token")}
    entries = json.loads(home.keyring.read_text())["OrgMirror"]
    for name, value in entries.items():
        if name.endswith("/session"):
            found.add(json.loads(value)["access_token"])
        elif not name.endswith("/stamp"):
            found.add(value)
    return found


def texts_of_records(org: DemoOrgProcess) -> set[str]:
    """Long and unmistakable texts of records, in every script that the org has: a sample of hundreds."""
    found: set[str] = set()
    for row in org.truth("Lead"):
        found |= {str(row[name]) for name in ("Name", "Company", "Email", "Street") if row.get(name)}
    for row in org.truth("Campaign"):
        found.add(str(row["Name"]))
    fit = sorted(text for text in found if len(text.encode()) >= 9 and "\n" not in text and "\r" not in text)
    return set(fit[:: max(1, len(fit) // 200)])


def files_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def forms(text: str) -> set[bytes]:
    """The text's bytes as a file might hold them; a key in hexadecimal digits as raw bytes, too."""
    found = {text.encode(), text.encode("utf-16-le"), json.dumps(text)[1:-1].encode()}
    if len(text) == 64 and all(char in "0123456789abcdef" for char in text):
        found.add(bytes.fromhex(text))
    return found


def assert_in_no_file(folder: Path, needles: set[str]) -> None:
    assert needles
    wanted = [(text, form) for text in needles for form in forms(text)]
    for path, data in files_below(folder):
        found = [text for text, form in wanted if form in data]
        assert not found, f"{found[0]!r} is in {path.name}"


def test_no_secret_and_no_record_text_in_any_file(demo_org: DemoOrgProcess, kept: KeptHome) -> None:
    names = {path.name for path, _ in files_below(kept.path)}
    assert {"mirror.db", "profile.json", "recovery.json", "ca.pem"} <= names
    assert_in_no_file(kept.path, secrets_of(demo_org, kept))
    texts = texts_of_records(demo_org)
    assert len(texts) > 100
    assert_in_no_file(kept.path, texts)


def test_while_it_is_open_the_log_of_writes_holds_no_text_either(
    demo_org: DemoOrgProcess, kept: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = kept.copy(tmp_path, monkeypatch)
    with App(Home(home)) as app:
        mirror = app.open("acme")._mirror
        mirror.write(lambda s: s.conn.execute("UPDATE Lead SET Company = Company || ' '").fetchall())
        [wal] = home.glob("connections/*/mirror.db-wal")
        assert wal.stat().st_size > 100_000
        assert stat.S_IMODE(wal.stat().st_mode) == 0o600
        assert_in_no_file(home, texts_of_records(demo_org) | secrets_of(demo_org, kept))


def test_a_plain_file_would_be_found_out(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    """The search above can fail: in a mirror that was asked to be plain the texts are there to be found."""
    info, home = demo_org.info, tmp_path / "home"
    words = ["connect", "acme", "--method", "token", "--login-url", info["url"], "--ca-file", info["ca"], "--yes"]
    words += ["--secrets-stdin", "--plain-file", "--objects", "Campaign"]
    assert in_process(home, *words, stdin=json.dumps({"access_token": info["access_token"]})).code == 0
    assert in_process(home, "sync", "acme", "--once").code == 0
    with pytest.raises(AssertionError, match=r"is in mirror\.db"):
        assert_in_no_file(home, texts_of_records(demo_org))


def test_files_are_for_this_user_alone(kept: KeptHome) -> None:
    for path in (kept.path, *kept.path.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path.name}: {mode:o}"


def test_the_keyring_holds_what_it_should_and_nothing_else(kept: KeptHome) -> None:
    services = json.loads(kept.keyring.read_text())
    assert set(services) == {"OrgMirror"}
    by_uuid: dict[str, set[str]] = {}
    for name in services["OrgMirror"]:
        uuid, _, kind = name.partition("/")
        by_uuid.setdefault(uuid, set()).add(kind)
    profiles = {path.parent.name: json.loads(path.read_text()) for path in kept.path.glob("connections/*/profile.json")}
    assert set(by_uuid) == set(profiles)
    for uuid, kinds in by_uuid.items():
        own = {"password", "security-token"} if profiles[uuid]["method"] == "password" else {"client-secret"}
        assert kinds == {"mirror-key", "session", "stamp"} | own


def test_the_file_cannot_be_read_without_its_key(kept: KeptHome, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.use(monkeypatch)
    for file in kept.path.glob("connections/*/mirror.db"):
        conn = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
        with pytest.raises(apsw.NotADBError):
            conn.execute("SELECT * FROM sqlite_schema").fetchall()
        conn.close()
        for key in (None, bytes(32)):
            with pytest.raises(OrgMirrorError) as caught:
                open_file(file, key, readonly=True)
            assert caught.value.code is ErrorCode.WRONG_KEY


def test_one_connections_key_does_not_open_the_others(
    kept: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = kept.copy(tmp_path, monkeypatch)
    one, two = sorted(path.name for path in (home / "connections").iterdir())
    with App(Home(home)) as app:
        app.vault.write(one, "mirror-key", app.vault.read(two, "mirror-key") or "")
        name = next(info.name for info in app.connections.list() if info.uuid == one)
    before = (home / "connections" / one / "mirror.db").read_bytes()
    done = in_process(home, "query", name, "SELECT 1", "--json")
    assert (done.code, done.json["error"]["code"]) == (4, "wrong-key")
    assert (home / "connections" / one / "mirror.db").read_bytes() == before


def test_logs_and_stderr_hold_nothing_secret(
    demo_org: DemoOrgProcess,
    kept: KeptHome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At DEBUG, over a sign-in, an ended session and a refusal."""
    home, info = kept.copy(tmp_path, monkeypatch), demo_org.info
    caplog.set_level(logging.DEBUG)
    said = ""
    ended = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    demo_org.faults({"match": {"path": "/query"}, "times": 1, "action": {"status": 401, "body": ended}})
    for name in ("acme", "other"):
        done = in_process(home, "sync", name, "--once", "--json")
        assert done.code == 0, done.err
        said += done.err + done.out
    words = ["connect", "third", "--method", "password", "--login-url", info["url"], "--ca-file", info["ca"], "--yes"]
    words += ["--username", info["username"], "--secrets-stdin"]
    wrong = {"password": "Wrong-Pass-Word-1", "security_token": "Wrong-Token-1"}
    done = in_process(home, *words, stdin=json.dumps(wrong))
    assert done.code == 4
    said += done.err + done.out + caplog.text
    assert len(caplog.records) > 5
    kept_now = KeptHome(home, Path(os.environ["ORGMIRROR_TEST_KEYRING"]))
    for text in secrets_of(demo_org, kept) | secrets_of(demo_org, kept_now) | set(wrong.values()):
        assert text not in said


def test_processes_show_no_secret_in_their_arguments(
    demo_org: DemoOrgProcess, kept: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = kept.copy(tmp_path, monkeypatch)
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("no /proc here")
    demo_org.faults({"match": {"path": "."}, "times": None, "action": {"delay": 3}})
    monkeypatch.setenv("ORGMIRROR_PASSPHRASE", "not-for-children")
    process = subprocess.Popen(
        arguments(home, "sync", "acme", "--once", "--object", "RecordType"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        # For a moment after its start a process shows no arguments.
        while not (shown := Path(f"/proc/{process.pid}/cmdline").read_bytes()) and process.poll() is None:
            time.sleep(0.01)
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    finally:
        process.kill()
        process.communicate()
    assert b"sync" in shown
    for text in secrets_of(demo_org, kept):
        assert text.encode() not in shown + environment

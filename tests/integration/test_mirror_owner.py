"""Whose mirror it is: taken up again after `disconnect`, handed to another user, locked with its user."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.connection.locking import LockingAccess
from core.connection.profile import ProfileStore
from core.mirror import holds, outbox
from core.model.errors import ErrorCode, OrgMirrorError
from core.paths import Home
from tests.helpers.command import Completed, connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.equality import assert_equal_to_the_org, mirrored_rows

ROWS = {"Lead": 60, "Account": 20, "Contact": 10, "Opportunity": 5, "Campaign": 3, "Task": 4, "Event": 2}
SALES = "sam.sales@orgmirror.demo"
OBJECTS = ("--objects", "Lead,Account")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrgProcess]:
    folder: Path = tmp_path_factory.mktemp("owner") / "org"
    with DemoOrgProcess(rows=ROWS, folder=folder) as found:
        yield found


def run(home: Path, *words: str) -> Completed:
    done = in_process(home, *words)
    assert done.code == 0, done.err
    return done


def leads(home: Path) -> set[str]:
    return {str(row["Id"]) for row in mirrored_rows(home, "acme", "Lead")}


def test_a_kept_mirror_is_taken_up_again(shared: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, shared, "acme", *OBJECTS, run=in_process).code == 0
    run(home, "sync", "acme", "--once", "--json")
    before = leads(home)
    run(home, "disconnect", "acme", "--json")
    done = connect(home, shared, "again", "--attach", "--json", run=in_process)
    assert done.code == 0, done.err
    assert done.json["attached"] is True
    assert {str(row["Id"]) for row in mirrored_rows(home, "again", "Lead")} == before
    answer = run(home, "sync", "again", "--once", "--json").json
    assert [item["new"] for item in answer["objects"]] == [0, 0]
    # The other user's mirror is not offered, and nothing is when there is none.
    run(home, "disconnect", "again", "--json")
    done = connect(home, shared, "sam", "--attach", "--json", token=shared.token(SALES), run=in_process)
    assert done.code != 0
    assert done.json["error"]["code"] == ErrorCode.NO_KEPT_MIRROR.value


def test_another_user_is_asked_compared_and_reported(shared: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, shared, "acme", *OBJECTS, run=in_process).code == 0
    run(home, "sync", "acme", "--once", "--json")
    before = leads(home)
    token = shared.token(SALES)
    refused = connect(home, shared, "acme", "--renew", "--json", token=token, run=in_process)
    assert refused.json["error"]["code"] == ErrorCode.OTHER_USER.value
    with App(Home(home)) as app:
        connection = app.open("acme")
        table = connection._mirror.tables()["Lead"]
        now = datetime.now(UTC)
        connection._mirror.write(
            lambda s: outbox.put(s, table, sorted(before)[0], {"Title": "of another"}, at=now, group_id="g")
        )
    done = connect(home, shared, "acme", "--renew", "--switch-user", "--json", token=token, run=in_process)
    assert done.code == 0, done.err
    assert done.json["user"] == SALES
    with App(Home(home)) as app:
        connection = app.open("acme")
        assert connection._mirror.read(holds.read).push
        assert ErrorCode.EDITS_OF_ANOTHER in {problem.code for problem in connection.sync.problems()}
        connection._mirror.write(lambda s: outbox.discard(s, [entry.seq for entry in outbox.pending(s)]))
    in_process(home, "sync", "acme", "--once", "--json")
    assert_equal_to_the_org(shared, home, SALES, objects=("Lead", "Account"))
    with App(Home(home)) as app:
        report = app.open("acme").scope.visibility_report()
    assert report is not None
    assert report.waiting == ()
    assert report.objects["Lead"][1] == len(before - leads(home)) > 0


def lock(home: Path, since: datetime) -> None:
    [profile] = ProfileStore(Home(home).connections).list()
    text = since.isoformat().replace("+00:00", "Z")
    ProfileStore(Home(home).connections).replace(profile.with_changes(locked_since=text))


def test_a_mirror_locks_with_its_user_and_is_erased(shared: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, shared, "acme", *OBJECTS, run=in_process).code == 0
    run(home, "sync", "acme", "--once", "--json")
    lock(home, datetime.now(UTC) - timedelta(days=2))
    answer = in_process(home, "list", "acme", "Lead", "--json")
    assert answer.json["error"]["code"] == ErrorCode.MIRROR_LOCKED.value
    assert answer.code == 4
    assert run(home, "status", "acme", "--json").json["state"] == "locked"
    assert connect(home, shared, "acme", "--renew", run=in_process).code == 0
    assert leads(home)
    lock(home, datetime.now(UTC) - timedelta(days=31))
    with App(Home(home)) as app, pytest.raises(OrgMirrorError) as raised:
        app.open("acme")
    assert raised.value.code is ErrorCode.NO_SUCH_CONNECTION
    assert not list(Home(home).connections.glob("*/mirror.db*"))


def test_only_a_deactivated_user_locks(tmp_path: Path) -> None:
    class Refused:
        def __init__(self, error: OrgMirrorError) -> None:
            self.error = error

        def session(self, cancel: Any = None) -> Any:
            raise self.error

        def renew(self, stale_token: str, cancel: Any = None) -> Any:
            raise self.error

    locked: list[str] = []
    for code, salesforce, more in (
        (ErrorCode.USER_INACTIVE, "PASSWORD_LOCKOUT", {}),
        (ErrorCode.USER_INACTIVE, None, {"remembered": True}),
        (ErrorCode.WRONG_CREDENTIALS, "INVALID_LOGIN", {}),
    ):
        error = OrgMirrorError(code, salesforce_code=salesforce, **more)
        with pytest.raises(OrgMirrorError):
            LockingAccess(Refused(error), lambda: locked.append("now")).session()
    assert locked == []
    error = OrgMirrorError(ErrorCode.USER_INACTIVE, salesforce_code="INACTIVE_USER")
    with pytest.raises(OrgMirrorError):
        LockingAccess(Refused(error), lambda: locked.append("now")).renew("token")
    assert locked == ["now"]

"""The first sync end to end through the command line: the mirror equals the org's truth, value by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.paths import Home
from tests.helpers.command import connect, orgmirror
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.truth import differences


def describe_types(org: DemoOrgProcess, token: str, name: str) -> dict[str, str]:
    with org.session(token) as session:
        answer = session.get(f"{org.info['url']}/services/data/v65.0/sobjects/{name}/describe", timeout=30)
    answer.raise_for_status()
    return {field["name"]: field["type"] for field in answer.json()["fields"]}


def mirrored_rows(home: Path, connection: str, name: str) -> list[dict[str, Any]]:
    with App(Home(home)) as app:
        answer = app.open(connection).browse.query(f'SELECT * FROM "{name}"')
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def assert_equal_to_the_org(org: DemoOrgProcess, home: Path, user: str | None = None, connection: str = "acme") -> None:
    token = org.token(user or org.info["username"])
    status = orgmirror(home, "status", connection, "--json").json
    names = [item["name"] for item in status["objects"]]
    assert {"Lead", "Contact", "Account", "User", "Opportunity", "Task", "Event", "RecordType"} <= set(names)
    with App(Home(home)) as app:
        browse = app.open(connection).browse
        for name in names:
            answer = browse.query(f'SELECT * FROM "{name}"')
            rows = (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
            found = differences(name, describe_types(org, token, name), org.truth(name, user), rows)
            assert not found, "\n".join(found)
    for item in status["objects"]:
        live = sum(1 for _ in org.truth(item["name"], user, deleted=False))
        if item["name"] not in ("Task", "Event"):  # archived activities are live rows that only queryAll shows
            assert item["rows"] == live, item


def sync(home: Path, *words: str) -> Any:
    done = orgmirror(home, "sync", "acme", "--once", "--json", *words)
    assert done.code == 0, done.err
    answer = done.json
    assert answer["result"] == "ok"
    return answer


def test_a_first_load_by_rest_equals_the_truth(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = connect(home, demo_org)
    assert done.code == 0, done.err
    answer = sync(home)
    leads = next(item for item in answer["objects"] if item["name"] == "Lead")
    assert leads["new"] >= leads["rows"] > 0
    assert not demo_org.calls("/jobs/query")
    assert_equal_to_the_org(demo_org, home)


def test_a_first_load_by_bulk_equals_the_truth(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "0")
    home = tmp_path / "home"
    assert connect(home, demo_org).code == 0
    sync(home)
    assert len(demo_org.calls("/jobs/query$")) >= 12
    assert_equal_to_the_org(demo_org, home)


@pytest.mark.parametrize("rest_rows", ["50000", "0"])
def test_a_restricted_user_gets_what_that_user_may_see(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest_rows: str
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", rest_rows)
    user = "sam.sales@orgmirror.demo"
    home = tmp_path / "home"
    assert connect(home, demo_org, token=demo_org.token(user)).code == 0
    sync(home)
    assert_equal_to_the_org(demo_org, home, user)
    everything = sum(1 for _ in demo_org.truth("Lead"))
    assert len(mirrored_rows(home, "acme", "Lead")) < everything


def test_a_second_cycle_finds_nothing_and_writes_nothing(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, demo_org).code == 0
    sync(home)
    again = sync(home)
    assert all(item["new"] == item["updated"] == item["deleted"] == 0 for item in again["objects"]), again


def test_a_plain_file_is_the_same_mirror(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, demo_org, "acme", "--plain-file", "--objects", "Lead,Account").code == 0
    answer = sync(home)
    assert [item["name"] for item in answer["objects"]] == ["Account", "Lead"]
    [file] = home.glob("connections/*/mirror.db")
    assert file.read_bytes()[:15] == b"SQLite format 3"

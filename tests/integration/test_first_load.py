"""The first sync end to end through the command line: the mirror equals the org's truth, value by value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import connect, in_process
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.equality import assert_equal_to_the_org, mirrored_rows
from tests.helpers.homes import KeptHome

__all__ = ["assert_equal_to_the_org", "mirrored_rows", "sync"]


def sync(home: Path, *words: str) -> Any:
    done = in_process(home, "sync", "acme", "--once", "--json", *words)
    assert done.code == 0, done.err
    answer = done.json
    assert answer["result"] == "ok"
    return answer


def test_a_first_load_by_rest_equals_the_truth(
    demo_org: DemoOrgProcess, loaded: KeptHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept home was loaded by REST; see its fixture."""
    assert_equal_to_the_org(demo_org, loaded.use(monkeypatch))


def test_a_first_load_by_bulk_equals_the_truth(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "0")
    home = tmp_path / "home"
    assert connect(home, demo_org, run=in_process).code == 0
    answer = sync(home)
    leads = next(item for item in answer["objects"] if item["name"] == "Lead")
    assert leads["new"] >= leads["rows"] > 0
    assert len(demo_org.calls("/jobs/query$")) >= 12
    assert_equal_to_the_org(demo_org, home)


@pytest.mark.parametrize("rest_rows", ["50000", "0"])
def test_a_restricted_user_gets_what_that_user_may_see(
    demo_org: DemoOrgProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest_rows: str
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", rest_rows)
    user = "sam.sales@orgmirror.demo"
    home = tmp_path / "home"
    assert connect(home, demo_org, token=demo_org.token(user), run=in_process).code == 0
    sync(home)
    assert bool(demo_org.calls("/jobs/query")) == (rest_rows == "0")
    assert_equal_to_the_org(demo_org, home, user)
    everything = sum(1 for _ in demo_org.truth("Lead"))
    assert len(mirrored_rows(home, "acme", "Lead")) < everything


def test_a_second_cycle_finds_nothing_and_writes_nothing(
    demo_org: DemoOrgProcess, loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = sync(loaded.copy(tmp_path, monkeypatch))
    assert all(item["new"] == item["updated"] == item["deleted"] == 0 for item in again["objects"]), again


def test_a_plain_file_is_the_same_mirror(demo_org: DemoOrgProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert connect(home, demo_org, "acme", "--plain-file", "--objects", "Lead,Account", run=in_process).code == 0
    answer = sync(home)
    assert [item["name"] for item in answer["objects"]] == ["Account", "Lead"]
    [file] = home.glob("connections/*/mirror.db")
    assert file.read_bytes()[:15] == b"SQLite format 3"
    assert_equal_to_the_org(demo_org, home, objects=["Account", "Lead"])

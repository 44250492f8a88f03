"""The users who work in the demo org by themselves."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.demo.colleagues import LONGEST, SHORTEST, Colleagues
from core.demo.org import Org
from core.demo.store import quoted
from tests.unit.demo.conftest import add, admin

WORKS = 260


@pytest.fixture
def worked(copied: Org) -> tuple[Org, list[str]]:
    colleagues = Colleagues(copied, 3)
    return copied, [colleagues.act() for _ in range(WORKS)]


def test_they_do_every_kind_of_work_to_rows_of_several_objects(worked: tuple[Org, list[str]]) -> None:
    _, done = worked
    kinds = Counter(each.split()[0] for each in done if each)
    assert set(kinds) == {"insert", "update", "delete", "undelete", "convert", "merge"}
    assert kinds["update"] > kinds["insert"] > kinds["delete"]
    assert kinds["merge"] <= WORKS * 0.05
    assert len({each.split()[1] for each in done if each.startswith("update")}) >= 5
    assert done.count("") == 0


def test_each_work_is_recorded_as_somebody_who_works_there(worked: tuple[Org, list[str]]) -> None:
    org, done = worked
    people = {user.id for user in org.users() if user.is_active and "automated" not in user.username}
    authors = set()
    for each in done:
        what, name, record_id = each.split()
        if what not in ("insert", "update"):
            continue
        row = org.store.connection.execute(
            f'SELECT "LastModifiedById" FROM {quoted(name)} WHERE "Id" = ?', (record_id,)
        ).fetchone()
        authors.add(row[0])
    assert authors <= people
    assert len(authors) > 8


def test_the_rows_stay_sound(worked: tuple[Org, list[str]]) -> None:
    org, _ = worked
    view = admin(org)
    assert view.query("SELECT Id FROM Lead WHERE LastName = null OR Company = null").total_size == 0
    assert view.query("SELECT Id FROM Opportunity WHERE CloseDate = null OR StageName = null").total_size == 0
    assert view.query("SELECT Id FROM Event WHERE EndDateTime = null").total_size == 0


def test_the_same_seed_does_the_same_work(filled_folder: Path, tmp_path: Path) -> None:
    def works(folder: str) -> list[str]:
        shutil.copytree(filled_folder, tmp_path / folder)
        org = Org.open(tmp_path / folder)
        colleagues = Colleagues(org, 5)
        done = [colleagues.act() for _ in range(40)]
        org.close()
        return done

    assert works("first") == works("second")


def test_they_pause_like_people_and_stop_when_told(copied: Org) -> None:
    pauses: list[float] = []
    changes: list[Any] = []

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) > 10

    Colleagues(copied, 1, wait=wait, changed=lambda: changes.append(1)).run()
    assert len(changes) == 10
    assert all(SHORTEST <= pause <= LONGEST for pause in pauses)
    assert max(pauses) - min(pauses) > 5


def test_the_thread_ends_when_it_is_stopped(copied: Org) -> None:
    colleagues = Colleagues(copied, 1)
    colleagues.start()
    colleagues.stop()
    colleagues.start()
    colleagues.stop()


def test_they_like_to_work_on_what_was_opened_of_late(copied: Org) -> None:
    lead = add(copied, "Lead", LastName="L", Company="C", OwnerId=copied.admin_id)
    opened = [("Lead", lead), ("Task", "00T000000000001AAA")]
    colleagues = Colleagues(copied, 3, lately=lambda: opened)
    done = [colleagues.act() for _ in range(10)]
    assert f"update Lead {lead}" in done
    assert any(each != f"update Lead {lead}" for each in done)
    written = [each for each in copied.writes(0, "Lead", lead) if each["via"] == "colleague"]
    assert written
    assert {"Title", "Description"} <= set(written[0]["fields"])
    # The person who tries the program is the administrator: somebody else has to have done it.
    assert written[0]["user"] != copied.admin_id

"""The org as a whole: opening, the same for the same seed, keys, threads."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.demo.org import ADMIN_USERNAME, Org
from tests.unit.demo.conftest import ANCHOR, add, admin

ROWS = {"*": 40, "Campaign": 5}


def digest(org: Org) -> str:
    """Every value of every row as the admin sees them."""
    made = hashlib.sha256()
    for item in org.schema:
        if not item.virtual:
            for row in admin(org).truth(item.name):
                made.update(json.dumps(row, default=str, sort_keys=True).encode())
    return made.hexdigest()


def test_the_same_seed_makes_the_same_org(tmp_path: Path) -> None:
    digests = []
    for place, seed in enumerate((3, 3, 4)):
        org = Org.open(tmp_path / str(place), seed=seed, rows=ROWS, anchor=ANCHOR)
        digests.append((org.org_id, org.admin_id, digest(org)))
        org.close()
    assert digests[0] == digests[1]
    assert digests[0][2] != digests[2][2]
    assert digests[0][0] != digests[2][0]


def test_the_number_of_rows_of_one_object_leaves_others_alone(tmp_path: Path) -> None:
    small = Org.open(tmp_path / "a", rows=ROWS, anchor=ANCHOR)
    large = Org.open(tmp_path / "b", rows={**ROWS, "Lead": 90}, anchor=ANCHOR)
    try:
        for name in ("Account", "Contact", "Opportunity", "User", "Campaign"):
            a, b = ([*admin(org).truth(name)] for org in (small, large))
            if name == "Campaign":
                # Roll-ups of members differ, since members are picked among the leads.
                a, b = ([{k: v for k, v in row.items() if "Number" not in k} for row in rows] for rows in (a, b))
            assert a == b, name
        assert admin(large).query("SELECT COUNT() FROM Lead", all_rows=True).total_size == 90
    finally:
        small.close()
        large.close()


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    org = Org.open(tmp_path, rows=ROWS, anchor=ANCHOR)
    lead = add(org, "Lead", LastName="Kept", Company="c")
    org.kv.set("http.things", {"a": [1, None, "é"]})
    org.advance_clock(5000)
    before = (org.org_id, org.admin_id, digest(org), org.now())
    org.close()
    again = Org.open(tmp_path, seed=99, rows={"*": 1})
    try:
        assert (again.org_id, again.admin_id, digest(again)) == before[:3]
        assert timedelta(0) <= again.now() - before[3] < timedelta(minutes=5)
        assert again.kv.get("http.things") == {"a": [1, None, "é"]}
        assert admin(again).record("Lead", lead, ["LastName"])["LastName"] == "Kept"
    finally:
        again.close()


def test_an_unfinished_org_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "org.sqlite.new").write_bytes(b"half a file")
    (tmp_path / "org.sqlite.new-journal").write_bytes(b"")
    org = Org.open(tmp_path, rows={"*": 0}, anchor=ANCHOR)
    assert org.find_user(ADMIN_USERNAME) is not None
    org.close()
    assert [path.name for path in tmp_path.iterdir()] == ["org.sqlite"]


@pytest.mark.parametrize("rows", [{"Led": 5}, {"Lead": -1}, {"User": 5}])
def test_wrong_row_numbers_are_refused(tmp_path: Path, rows: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="rows"):
        Org.open(tmp_path, rows=rows)
    assert not (tmp_path / "org.sqlite").exists()


def test_users(filled: Org) -> None:
    users = {user.username: user for user in filled.users()}
    ada = users[ADMIN_USERNAME]
    assert ada.id == filled.admin_id
    assert (ada.profile, ada.is_active, ada.name) == ("System Administrator", True, "Ada Admin")
    assert filled.find_user(ADMIN_USERNAME.upper()) == ada
    assert filled.find_user("nobody@orgmirror.demo") is None
    assert len([user for user in users.values() if not user.is_active]) >= 3
    assert all(name.isascii() for name in users)


def test_keys(bare: Org) -> None:
    assert bare.kv.get("http.none") is None
    assert bare.kv.get("http.none", 5) == 5
    bare.kv.set("http.n", 1)
    assert bare.kv.update("http.n", lambda n: n + 1) == bare.kv.get("http.n") == 2
    bare.kv.delete("http.n")
    assert bare.kv.get("http.n") is None


def test_many_threads_read_while_one_writes(bare: Org) -> None:
    for number in range(20):
        add(bare, "Lead", LastName=str(number), Company="c")
    errors: list[BaseException] = []
    counts: list[int] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                result = admin(bare).query("SELECT Id, Name, Owner.Name FROM Lead")
                assert len(result.records("65.0")) == result.total_size
                counts.append(result.total_size)
        except BaseException as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()

    def write(name: str) -> None:
        try:
            for number in range(15):
                add(bare, "Lead", LastName=f"{name}{number}", Company="c")
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert counts
    assert admin(bare).query("SELECT COUNT() FROM Lead").total_size == 50
    ids = [row["Id"] for row in admin(bare).truth("Lead")]
    assert len(set(ids)) == 50

"""What the signed-in user lacks is told before anything is copied, and only what Salesforce says is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.messages import covered_rights, right
from core.model.rights import MissingRight, RightKind
from core.sync.preflight import missing_rights
from tests.helpers.demo_here import DemoServer, StillOrg, copy_org, make_org
from tests.helpers.demo_rig import DemoRig

SALES = "sam.sales@orgmirror.demo"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("rights-org")
    make_org(folder, {"*": 2, "Lead": 4})
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as found:
        yield found


@pytest.fixture
def org(server: DemoServer, made: Path, tmp_path: Path) -> StillOrg:
    return server.open(copy_org(made, tmp_path / "org"))


def rights_of(org: StillOrg, folder: Path, user_id: str) -> list[MissingRight]:
    rig = DemoRig(org, folder, user_id)
    client = rig.client()
    try:
        return missing_rights(client, user_id)
    finally:
        client.close()
        rig.close()


def user_id(org: StillOrg, username: str) -> str:
    sql = 'SELECT "Id" FROM "User" WHERE "Username" = ?'
    return str(org.store.connection.execute(sql, (username,)).fetchone()[0])


def test_an_administrator_lacks_nothing(org: StillOrg, tmp_path: Path) -> None:
    assert rights_of(org, tmp_path / "m", org.admin_id) == []


def test_what_is_missing_is_named(org: StillOrg, tmp_path: Path) -> None:
    sam = user_id(org, SALES)
    org.hide_object(sam, "Opportunity")
    org.hide_field(sam, "Lead", "Phone")
    found = rights_of(org, tmp_path / "m", sam)
    assert MissingRight(RightKind.READ_OBJECT, "Opportunity") in found
    assert MissingRight(RightKind.READ_FIELDS, "Lead", ("Phone",)) in found
    assert MissingRight(RightKind.MARKETING_USER) in found


def test_every_right_has_its_words() -> None:
    assert covered_rights() == set(RightKind)
    words = right(MissingRight(RightKind.READ_FIELDS, "Lead", ("Phone", "Email")))
    assert "Phone, Email" in words.title

"""The demo's own exception: where the keyring fails, memory and a plain file, and never a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import DEMO_NAME, DEMO_NAME_PLAIN, App
from core.connection.vault import MemoryVault
from core.demo_process import DemoOrg
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import VaultState
from core.paths import Home
from tests.helpers.demo_org import DemoOrgProcess


class Broken(MemoryVault):
    """Says that it is ready, and is not."""

    def read(self, uuid: str, kind: str) -> str | None:
        raise OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE)

    def write(self, uuid: str, kind: str, value: str) -> None:
        raise OrgMirrorError(ErrorCode.KEYRING_UNAVAILABLE)


class Locked(MemoryVault):
    def state(self) -> VaultState:
        return VaultState.LOCKED


@pytest.fixture
def running(demo_org: DemoOrgProcess, monkeypatch: pytest.MonkeyPatch) -> DemoOrgProcess:
    """The demo org that the app would start is the one of the tests."""
    info = demo_org.info
    org = DemoOrg(
        url=info["url"],
        ca_file=info["ca"],
        username=info["username"],
        org_id=info["org_id"],
        client_id=info["client_id"],
        client_secret=info["client_secret"],
        control_url=info["control_url"],
    )
    monkeypatch.setattr("core.demo_process.DemoProcess.start", lambda _self, _cancel=None: org)
    return demo_org


def test_with_a_keyring_the_demo_is_encrypted_and_found_again(running: DemoOrgProcess, tmp_path: Path) -> None:
    vault = MemoryVault()
    with App(Home(tmp_path), vault=vault) as app:
        first = app.start_demo()
    with App(Home(tmp_path), vault=vault) as app:
        again = app.start_demo()
        assert [info.name for info in app.connections.list()] == [DEMO_NAME]
    assert (first.uuid, first.encrypted) == (again.uuid, True)


@pytest.mark.parametrize("vault", [Broken(), Locked()], ids=["broken", "locked"])
def test_a_keyring_that_cannot_be_used_gives_a_plain_demo(
    running: DemoOrgProcess, tmp_path: Path, vault: MemoryVault
) -> None:
    with App(Home(tmp_path), vault=MemoryVault()) as app:
        app.start_demo()
    with App(Home(tmp_path), vault=vault) as app:
        info = app.start_demo()
        assert (info.name, info.encrypted) == (DEMO_NAME_PLAIN, False)
        assert [shown.name for shown in app.connections.list()] == [DEMO_NAME_PLAIN]
        assert app.open(info.uuid).sync.status().problems == 0


def test_no_other_connection_gets_the_exception(running: DemoOrgProcess, tmp_path: Path) -> None:
    with App(Home(tmp_path), vault=Locked()) as app:
        app.start_demo()
        with pytest.raises(OrgMirrorError) as raised:
            app.connections._usable_vault(is_demo=False)
        assert raised.value.code is ErrorCode.KEYRING_LOCKED

"""Renewal: one at a time, through the vault, and never a refused password twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.connection import tokens as module
from core.connection.draft import Grant, SignInDraft
from core.connection.profile import ConnectionProfile
from core.connection.secrets import CLIENT_SECRET, PASSWORD, SESSION, STAMP, Secrets, session_text
from core.connection.tokens import LOCK_FILE, TokenProvider
from core.connection.vault import MemoryVault
from core.locks import FileLock
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.states import SignInMethod
from core.salesforce.access import Access
from core.salesforce.identity import Identity
from core.salesforce.network import Network

URL = "https://acme.my.salesforce.com"


class Server:
    """Stands for the sign-in itself: counts, answers a new token each time, or refuses."""

    def __init__(self) -> None:
        self.calls: list[tuple[SignInDraft, Secrets]] = []
        self.error: OrgMirrorError | None = None
        self.busy = 0
        self.most_busy = 0
        self.slow = threading.Event()
        self.slow.set()

    def obtain(
        self, draft: SignInDraft, secrets: Secrets, network: Network, *, meter: object = None, cancel: object = None
    ) -> Grant:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        self.calls.append((draft, secrets))
        number = len(self.calls)
        self.slow.wait(20)
        self.busy -= 1
        if self.error is not None:
            raise self.error
        return Grant(Access(f"token-{number}", URL))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    monkeypatch.setattr(module, "obtain", made.obtain)
    yield made
    made.slow.set()


def profile(method: SignInMethod) -> ConnectionProfile:
    return ConnectionProfile("u1", "Acme", method, "production", URL, "00D", "005", username="ada@x", client_id="id")


@pytest.fixture
def vault() -> MemoryVault:
    made = MemoryVault()
    made.write("u1", PASSWORD, "pw")
    made.write("u1", CLIENT_SECRET, "cs")
    made.write("u1", STAMP, "first")
    return made


def provider(vault: MemoryVault, folder: Path, method: SignInMethod = SignInMethod.CLIENT_CREDENTIALS) -> TokenProvider:
    return TokenProvider(profile(method), vault, folder)


def code_of(call: object, *arguments: object) -> ErrorCode:
    with pytest.raises(OrgMirrorError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_the_kept_session_is_used_and_saves_a_sign_in(vault: MemoryVault, server: Server, tmp_path: Path) -> None:
    vault.write("u1", SESSION, session_text(Access("kept", URL)))
    assert provider(vault, tmp_path).session() == Access("kept", URL)
    assert server.calls == []


def test_a_new_session_is_kept_for_the_next_process(vault: MemoryVault, server: Server, tmp_path: Path) -> None:
    assert provider(vault, tmp_path).session().access_token == "token-1"
    assert provider(vault, tmp_path).session().access_token == "token-1"
    [(draft, secrets)] = server.calls
    assert (draft.client_id, secrets.client_secret, secrets.password) == ("id", "cs", None)


def test_many_threads_renew_once(vault: MemoryVault, server: Server, tmp_path: Path) -> None:
    vault.write("u1", SESSION, session_text(Access("stale", URL)))
    shared, other = provider(vault, tmp_path), provider(vault, tmp_path)
    shared.session()
    other.session()
    server.slow.clear()
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(each.renew, "stale") for each in (shared, other) * 4]
        server.slow.set()
        found = {future.result(20).access_token for future in futures}
    assert found == {"token-1"}
    assert len(server.calls) == 1
    assert server.most_busy == 1


def test_a_session_that_another_process_renewed_is_taken_over(
    vault: MemoryVault, server: Server, tmp_path: Path
) -> None:
    vault.write("u1", SESSION, session_text(Access("stale", URL)))
    mine = provider(vault, tmp_path, SignInMethod.TOKEN)
    mine.session()
    assert code_of(mine.renew, "stale") is ErrorCode.SIGN_IN_NEEDED
    vault.write("u1", SESSION, session_text(Access("pasted", URL)))
    assert mine.renew("stale").access_token == "pasted"
    assert server.calls == []


def test_a_refused_password_is_not_tried_again_until_the_person_signs_in(
    vault: MemoryVault, server: Server, tmp_path: Path
) -> None:
    server.error = OrgMirrorError(ErrorCode.WRONG_CREDENTIALS)
    mine = provider(vault, tmp_path, SignInMethod.PASSWORD)
    assert code_of(mine.session) is ErrorCode.WRONG_CREDENTIALS
    assert code_of(mine.session) is ErrorCode.WRONG_CREDENTIALS
    assert code_of(provider(vault, tmp_path, SignInMethod.PASSWORD).renew, "stale") is ErrorCode.WRONG_CREDENTIALS
    assert len(server.calls) == 1
    server.error = None
    identity = Identity(Access("new", URL), "00D", "Org", "005", "Ada", "ada@x", False)
    for kind, value in Secrets(password="better").to_keep(SignInMethod.PASSWORD, identity).items():
        vault.write("u1", kind, value)
    assert mine.session().access_token == "new"
    assert mine.renew("new").access_token == "token-2"
    assert server.calls[1][1].password == "better"


@pytest.mark.parametrize("code", [ErrorCode.TIMED_OUT, ErrorCode.SERVER_ERROR, ErrorCode.UNKNOWN_HOST])
def test_network_trouble_is_not_a_refusal(vault: MemoryVault, server: Server, tmp_path: Path, code: ErrorCode) -> None:
    server.error = OrgMirrorError(code)
    mine = provider(vault, tmp_path, SignInMethod.PASSWORD)
    assert code_of(mine.session) is code
    server.error = None
    assert mine.session().access_token == "token-2"


def test_waiting_for_another_process_ends_when_it_is_done_or_cancelled(
    vault: MemoryVault, server: Server, tmp_path: Path
) -> None:
    vault.write("u1", SESSION, session_text(Access("stale", URL)))
    mine = provider(vault, tmp_path)
    mine.session()
    other = FileLock(tmp_path / LOCK_FILE)
    assert other.acquire()
    cancel = CancelToken()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(mine.renew, "stale", cancel)
        second = pool.submit(mine.renew, "stale", cancel)
        cancel.set()
        for future in (first, second):
            with pytest.raises(Cancelled):
                future.result(20)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(mine.renew, "stale")
        vault.write("u1", SESSION, session_text(Access("from the other", URL)))
        other.release()
        assert waiting.result(20).access_token == "from the other"
    assert server.calls == []


def test_an_unreadable_kept_session_is_none(vault: MemoryVault, server: Server, tmp_path: Path) -> None:
    vault.write("u1", SESSION, "{nonsense")
    assert provider(vault, tmp_path).session().access_token == "token-1"


def test_secrets_that_are_gone(vault: MemoryVault, tmp_path: Path) -> None:
    vault.delete_secrets("u1")
    assert code_of(provider(vault, tmp_path).session) is ErrorCode.SECRET_MISSING
    assert code_of(provider(vault, tmp_path, SignInMethod.PASSWORD).session) is ErrorCode.SECRET_MISSING
    assert code_of(provider(vault, tmp_path, SignInMethod.TOKEN).session) is ErrorCode.SIGN_IN_NEEDED

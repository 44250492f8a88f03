"""Too much at once: afterwards all threads of a connection ask in turn, for a while."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.model.cancel import CancelToken
from core.model.errors import Cancelled
from core.salesforce.access import Access, FixedAccess
from core.salesforce.crowding import ALONE_SECONDS, Crowding
from core.salesforce.transport import Transport
from tests.helpers.loopback import Loopback, Request, answer, each, refusal

TEXT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."


class Counted:
    """Answers when all that are expected have come, or alone when told that no others will; counts how many at most."""

    def __init__(self, together: int) -> None:
        self.most = 0
        self._here = 0
        self._lock = threading.Lock()
        self._all = threading.Barrier(together) if together > 1 else None

    def __call__(self, request: Request) -> bytes:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
        if self._all is not None:
            self._all.wait(10)
        with self._lock:
            self._here -= 1
        return answer({})


def ask_in_threads(transport: Transport, path: str) -> None:
    clones = [transport.clone() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(clone.get_json, path) for clone in clones]:
            done.result(20)
    for clone in clones:
        clone.close()


def test_side_by_side_until_the_org_is_busy_and_then_in_turn() -> None:
    with Loopback() as server:
        now = [0.0]
        crowding = Crowding(lambda: now[0])
        transport = Transport(FixedAccess(Access("t", server.url)), crowding=crowding, sleep=lambda _seconds: None)
        before, busy, after = Counted(3), Counted(1), Counted(3)
        server.on("/before", before)
        server.on("/busy", busy)
        server.on("/after", after)
        server.on("/refused", each(refusal(403, "REQUEST_LIMIT_EXCEEDED", TEXT), answer({})))
        ask_in_threads(transport, "/before")
        assert before.most == 3
        transport.get_json("/refused")
        ask_in_threads(transport, "/busy")
        assert busy.most == 1
        now[0] += ALONE_SECONDS + 1
        ask_in_threads(transport, "/after")
        assert after.most == 3
        transport.close()


def test_waiting_for_the_turn_can_be_cancelled() -> None:
    crowding = Crowding()
    crowding.told()
    cancel = CancelToken()
    cancel.set()
    with crowding.turn(CancelToken()), pytest.raises(Cancelled), crowding.turn(cancel):
        pass

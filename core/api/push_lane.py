"""The interactive lane of the push: about two seconds after an edit it is on its way, whatever the engine does.

One thread per connection, started by the first edit. Several edits in a row go together; what Salesforce was too busy
for is tried again when it is due. While offline it is left to the cycle, which notices when the network is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from core.mirror import outbox
from core.mirror.mirror import Mirror
from core.mirror.outbox import AMBIGUOUS, RETRY
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.pushing import PushResult
from core.model.states import CycleOutcome

log = logging.getLogger(__name__)

AFTER_EDIT_SECONDS = 2.0
# Whoever types on and on sees it go all the same.
LONGEST_WAIT_SECONDS = 6.0
LONGEST_DUE_SECONDS = 300.0


class PushLane:
    """`push(cancel)` runs on the lane's thread; `told` hears each result there; `held`: nothing is to be sent now."""

    def __init__(
        self,
        mirror: Mirror,
        push: Callable[[CancelToken], PushResult],
        told: Callable[[PushResult], None],
        held: Callable[[], bool],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        after_edit: float = AFTER_EDIT_SECONDS,
    ) -> None:
        self._mirror = mirror
        self._push = push
        self._told = told
        self._held = held
        self._monotonic = monotonic
        self._after_edit = after_edit
        self._wake = threading.Condition()
        self._due: float | None = None
        self._first: float | None = None
        self._closing = False
        self._cancel = CancelToken()
        self._thread: threading.Thread | None = None

    def soon(self) -> None:
        """An edit was made: send it when the person pauses. Any thread."""
        with self._wake:
            if self._closing:
                return
            now = self._monotonic()
            self._first = now if self._first is None else self._first
            self._due = min(now + self._after_edit, self._first + LONGEST_WAIT_SECONDS)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="push lane", daemon=True)
                self._thread.start()
            self._wake.notify()

    def close(self) -> None:
        """End the thread; a request under way is abandoned."""
        with self._wake:
            self._closing = True
            self._wake.notify()
            thread = self._thread
        self._cancel.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work(self) -> None:
        while self._wait():
            if self._held():
                continue
            result = self._one()
            if result is None:
                return
            with self._wake:
                offline = result.error is not None
                if not offline and self._due is None and not self._closing:
                    self._due = self._next_due()
            self._told(result)

    def _wait(self) -> bool:
        """Until something is due; False when the lane ends."""
        with self._wake:
            while not self._closing:
                if self._due is None:
                    self._wake.wait()
                    continue
                left = self._due - self._monotonic()
                if left <= 0:
                    self._due = self._first = None
                    return True
                self._wake.wait(left)
            return False

    def _one(self) -> PushResult | None:
        try:
            return self._push(self._cancel)
        except Cancelled:
            return None
        except OrgMirrorError as error:
            log.info("the push of an edit stopped: %s", error.code.value)
            return PushResult(CycleOutcome.ERROR, error=error)
        except Exception as unexpected:
            # The edit is safe in the outbox, and the next cycle pushes again.
            log.exception("the push of an edit stopped")
            reason = type(unexpected).__name__
            return PushResult(CycleOutcome.ERROR, error=OrgMirrorError(ErrorCode.UNEXPECTED, reason=reason))

    def _next_due(self) -> float | None:
        """When the earliest failed try is due again, on this lane's clock."""
        waiting = self._mirror.read(lambda s: outbox.entries(s, states=(RETRY, AMBIGUOUS)))
        moments = [entry.next_try_at for entry in waiting if entry.next_try_at is not None]
        if not moments:
            return None
        seconds = (min(moments) - datetime.now(UTC)).total_seconds()
        return self._monotonic() + min(max(seconds, 1.0), LONGEST_DUE_SECONDS)

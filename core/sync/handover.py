"""A wish handed to the process that has the engine: a cycle or a reconcile, and its result back (rules 7).

The engine's owner listens on loopback; port and a secret of this run stand in the lock file's neighbour, mode 0600, so
that only this user's processes can ask. One JSON line each way. The window and the command line share one engine so.
An edit that another process made is told in the same way; nobody waits for its push.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.mirror.merge import MergeCounts
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.progress import CycleResult, ObjectResult
from core.model.states import CycleOutcome
from core.paths import read_json, write_private
from core.sync.control import EngineControl, ReconcileWish
from core.sync.reconcile import Reconciled

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a cycle, or a reconcile, over `objects` (None: all)."""

    objects: tuple[str, ...] | None = None
    reconcile: bool = False
    consent: bool = False

    @classmethod
    def of(cls, objects: Collection[str] | None, *, reconcile: bool = False, consent: bool = False) -> Wish:
        return cls(None if objects is None else tuple(sorted(objects)), reconcile, consent)


class WishServer:
    """Owned by whoever runs the engine's day; `answered` is told every cycle's result, `reconciled` every sweep's."""

    def __init__(self, file: Path, control: EngineControl, on_edit: Callable[[], None] = lambda: None) -> None:
        """`on_edit` is called on the listening thread when another process has put an edit into the outbox."""
        self._file = file
        self._control = control
        self._on_edit = on_edit
        self._secret = secrets.token_urlsafe(24)
        self._waiting: list[socket.socket] = []
        self._running: list[socket.socket] = []
        self._sweeping: deque[socket.socket] = deque()
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        write_private(file, json.dumps({"port": self._socket.getsockname()[1], "secret": self._secret}))
        self._thread = threading.Thread(target=self._listen, name="wishes", daemon=True)
        self._thread.start()

    def begun(self) -> None:
        """A cycle begins: whoever waits hears how this one ends."""
        with self._lock:
            self._running, self._waiting = self._waiting, []

    def answered(self, result: CycleResult) -> None:
        """A cycle ended: tell those who asked for it."""
        with self._lock:
            asked, self._running = self._running, []
        _tell(asked, to_json(result))

    def reconciled(self, results: list[Reconciled] | OrgMirrorError) -> None:
        """A reconcile ended: tell the one who asked for it, the first first."""
        with self._lock:
            asked = [self._sweeping.popleft()] if self._sweeping else []
        if isinstance(results, OrgMirrorError):
            _tell(asked, {"error": _error_json(results)})
        else:
            _tell(asked, {"reconciled": [_swept_json(item) for item in results]})

    def close(self) -> None:
        """Stop listening; whoever still waits sees the connection end."""
        self._file.unlink(missing_ok=True)
        # A blocked accept is woken by shutting the socket down.
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the listening socket was shut down already")
        self._socket.close()
        self._thread.join(CONNECT_SECONDS)
        with self._lock:
            for peer in (*self._waiting, *self._running, *self._sweeping):
                peer.close()

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            try:
                wish = self._read(peer)
            except (OSError, ValueError):
                wish = None
            if wish is None:
                peer.close()
                continue
            if wish.get("edited"):
                self._on_edit()
                _tell([peer], {"taken": True})
                continue
            if "paused" in wish:
                (self._control.pause if wish["paused"] else self._control.resume)()
                _tell([peer], {"taken": True})
                continue
            raw = wish.get("objects")
            objects = None if raw is None else tuple(str(name) for name in raw)
            with self._lock:
                if wish.get("reconcile"):
                    self._sweeping.append(peer)
                    self._control.reconcile_now(ReconcileWish(objects, bool(wish.get("consent"))))
                    continue
                self._waiting.append(peer)
            self._control.sync_now(objects)

    def _read(self, peer: socket.socket) -> dict[str, Any] | None:
        peer.settimeout(CONNECT_SECONDS)
        wish = json.loads(_line(peer))
        peer.settimeout(None)
        if not isinstance(wish, dict) or not hmac.compare_digest(str(wish.get("secret")), self._secret):
            return None
        return wish


def _tell(peers: Iterable[socket.socket], answer: dict[str, Any]) -> None:
    line = (json.dumps(answer) + "\n").encode()
    for peer in peers:
        try:
            peer.sendall(line)
        except OSError:
            log.debug("whoever asked did not wait for the end")
        finally:
            peer.close()


def hand_over(file: Path, wish: Wish) -> CycleResult | list[Reconciled] | None:
    """Ask the engine's owner and wait for the result; None where nobody listens or nobody answers.

    Raises what the owner's reconcile raised.
    """
    asked = {
        "objects": None if wish.objects is None else list(wish.objects),
        "reconcile": wish.reconcile,
        "consent": wish.consent,
    }
    try:
        answer = _asked(file, asked, None)
        if not wish.reconcile:
            return from_json(answer)
        error = None if "reconciled" in answer else _error_of(answer["error"])
        swept = [_swept_of(item) for item in answer.get("reconciled", ())]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if error is not None:
        raise error
    return swept


def tell_of_edit(file: Path) -> bool:
    """Let the engine's owner know that the outbox has something new to send; False where there is no owner.

    Waits until it is heard, not until it is sent.
    """
    try:
        return bool(_asked(file, {"edited": True}, CONNECT_SECONDS).get("taken"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def tell_of_pause(file: Path, *, paused: bool) -> bool:
    """Let the engine's owner know that a person paused the connection or took it up; False where there is no owner.

    What is held stands in the file; this stops the cycle under way, or ends the wait, at once.
    """
    try:
        return bool(_asked(file, {"paused": paused}, CONNECT_SECONDS).get("taken"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _asked(file: Path, wish: dict[str, Any], seconds: float | None) -> Any:
    """What the owner answers within `seconds` (None: however long it takes)."""
    found = read_json(file)
    with socket.create_connection(("127.0.0.1", int(found["port"])), CONNECT_SECONDS) as peer:
        peer.settimeout(seconds)
        peer.sendall((json.dumps({"secret": str(found["secret"]), **wish}) + "\n").encode())
        return json.loads(_line(peer))


def _swept_json(item: Reconciled) -> dict[str, Any]:
    return {
        "object": item.object,
        "rows": item.rows,
        "checked": item.checked,
        "gone": item.gone,
        "new": item.fetched.new,
        "updated": item.fetched.updated,
        "deleted": item.fetched.deleted,
        "sampled": item.sampled,
        "sample_differed": item.sample_differed,
        "error": _error_json(item.error),
    }


def _swept_of(raw: dict[str, Any]) -> Reconciled:
    return Reconciled(
        str(raw["object"]),
        rows=int(raw["rows"]),
        checked=int(raw["checked"]),
        gone=int(raw["gone"]),
        fetched=MergeCounts(int(raw["new"]), int(raw["updated"]), int(raw["deleted"])),
        sampled=int(raw["sampled"]),
        sample_differed=int(raw["sample_differed"]),
        error=_error_of(raw["error"]),
    )


def _line(peer: socket.socket) -> bytes:
    """One line; ValueError where the peer ended before it."""
    data = b""
    while not data.endswith(b"\n"):
        piece = peer.recv(65536)
        if not piece or len(data) > LONGEST_LINE:
            raise ValueError("the line did not end")
        data += piece
    return data


def to_json(result: CycleResult) -> dict[str, Any]:
    """A result as plain JSON; `from_json` makes an equal one of it."""
    return {
        "outcome": result.outcome.value,
        "seconds": result.seconds,
        "api_calls": result.api_calls,
        "error": _error_json(result.error),
        "objects": [
            {
                "name": o.name,
                "rows": o.rows,
                "new": o.new,
                "updated": o.updated,
                "deleted": o.deleted,
                "skipped": o.skipped,
                "failed": o.failed,
                "error": _error_json(o.error),
            }
            for o in result.objects
        ],
    }


def from_json(raw: dict[str, Any]) -> CycleResult:
    """Raises ValueError or KeyError for what is no result."""
    return CycleResult(
        outcome=CycleOutcome(raw["outcome"]),
        seconds=float(raw["seconds"]),
        api_calls=int(raw["api_calls"]),
        error=_error_of(raw["error"]),
        objects=tuple(ObjectResult(**{**item, "error": _error_of(item["error"])}) for item in raw["objects"]),
    )


def _error_json(error: OrgMirrorError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": error.code.value,
        "salesforce_code": error.salesforce_code,
        "salesforce_text": error.salesforce_text,
        "params": {key: value for key, value in error.params.items() if isinstance(value, (str, int, float, bool))},
    }


def _error_of(raw: dict[str, Any] | None) -> OrgMirrorError | None:
    if raw is None:
        return None
    return OrgMirrorError(
        ErrorCode(raw["code"]),
        salesforce_code=raw["salesforce_code"],
        salesforce_text=raw["salesforce_text"],
        **raw["params"],
    )


def wish_file(folder: Path) -> Path:
    """Where a connection's engine says how to reach it."""
    return folder / "engine.json"

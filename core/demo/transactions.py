"""Transactions held open: what is written in one is seen by nobody until it is committed, with the stamps of when it
was written. That is how a row comes to appear late with an old stamp, which a client must not miss.

Nothing stays open in SQLite, where it would block every other writer: each call is tried and taken back, its numbers
are kept aside, and the commit plays all calls again at their own times. Rows that a held call has changed are locked
meanwhile. Held transactions are lost when the process ends, as on a real org.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.demo.customers import Customers
from core.demo.errors import OrgError
from core.demo.metadata.fields import Object
from core.demo.values import Stored, moment

HELD_CALLS = ("insert", "update", "delete", "undelete", "purge", "merge", "convert")


class _Undone(Exception):
    """Ends a try without effect."""


@dataclass
class _Call:
    name: str
    arguments: dict[str, Any]
    at: str
    numbers: list[tuple[str, int]] = field(default_factory=list)
    """Row numbers it was given, in order."""
    waiting: list[int] = field(default_factory=list)
    """Of these, the ones that the present replay has not used yet."""


@dataclass
class _Held:
    started: str
    calls: list[_Call] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)


class _Current(threading.local):
    held: _Held | None = None
    call: _Call | None = None


class Transactions(Customers):
    """The part of Org that holds transactions open. All of it works under the store's write lock."""

    _held: dict[str, _Held]
    _current: _Current
    _open_since: list[datetime]

    def _prepare_transactions(self) -> None:
        self._held = {}
        self._current = _Current()
        self._transactions = 0
        self._open_since: list[datetime] = []

    def hold(self) -> str:
        """Begin a transaction; returns its name for `held_call`, `commit` and `roll_back`."""
        with self.store.write_lock:
            self._transactions += 1
            name = f"transaction-{self._transactions}"
            self._held[name] = _Held(self.stamp())
            return name

    def held_call(self, transaction: str, name: str, arguments: dict[str, Any]) -> Any:
        """One of HELD_CALLS inside a transaction; answers and refuses as outside. Raises ValueError."""
        if name not in HELD_CALLS:
            raise ValueError(f"cannot be held open: {name}")
        with self.store.write_lock:
            held = self._found(transaction)
            call = _Call(name, arguments, self.stamp())
            result: Any = None
            try:
                with self.store.writing():
                    result = self._replay(held, [*held.calls, call])
                    raise _Undone
            except _Undone:
                pass
            for item_name, number in call.numbers:
                key = f"serial.{item_name}"
                self.kv.set(key, max(number, self.kv.get(key, 0)))
            held.calls.append(call)
            return result

    def commit(self, transaction: str) -> None:
        """Let everybody see what was written. A refusal (a value taken meanwhile) takes all of it back."""
        with self.store.write_lock:
            held = self._found(transaction)
            del self._held[transaction]
            with self.store.writing():
                self._replay(held, held.calls)

    def roll_back(self, transaction: str) -> None:
        """Forget what was written."""
        with self.store.write_lock:
            self._found(transaction)
            del self._held[transaction]

    def complete_until(self) -> datetime | None:
        """The start of the oldest transaction that is still open; None where there is none."""
        started = [moment(held.started) for held in list(self._held.values())]
        return min((*started, *self._open_since), default=None)

    def transaction_open(self, began: datetime) -> None:
        """A transaction of somebody else has begun, whose rows will be seen later."""
        self._open_since.append(began)

    def transaction_closed(self, began: datetime) -> None:
        """The opposite of transaction_open."""
        self._open_since.remove(began)

    def held_stamp(self) -> str | None:
        """The time of the held call that this thread is playing."""
        call = self._current.call
        return None if call is None else call.at

    def _found(self, transaction: str) -> _Held:
        held = self._held.get(transaction)
        if held is None:
            raise ValueError(f"no such transaction: {transaction}")
        return held

    def _replay(self, held: _Held, calls: list[_Call]) -> Any:
        result: Any = None
        self._current.held = held
        try:
            for call in calls:
                self._current.call = call
                call.waiting = [number for _, number in call.numbers]
                result = getattr(self, call.name)(**call.arguments)
        finally:
            self._current.held = self._current.call = None
        return result

    def _next_number(self, item: Object) -> int:
        call = self._current.call
        if call is None:
            return super()._next_number(item)
        if call.waiting:
            return call.waiting.pop(0)
        number = super()._next_number(item)
        call.numbers.append((item.name, number))
        return number

    def _row(self, user: str, item: Object, record_id: str) -> dict[str, Stored]:
        row = super()._row(user, item, record_id)
        found, own = str(row["Id"]), self._current.held
        if any(held is not own and found in held.locked for held in list(self._held.values())):
            raise OrgError(
                "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {found}"
            )
        if own is not None:
            own.locked.add(found)
        return row

"""`EditDesk`: what every place of the window does alike when a person changes something. GUI thread, one per session.

An act runs in the background; when it is done every view hears of its `Changes`, a note with Undo appears, and the
push is told that there is something to send. The desk knows the last acts, for Ctrl+Z by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from gui.operations import Operations, QueryOp, in_background
from gui.text import edit_words, errors

if TYPE_CHECKING:
    from core.api.records import Act, LookupHit


# An act, its push and the next cycle that reads it again are over by then.
_OWN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A note for the foot of the window; `call` is what its button does."""

    text: str
    icon: str = "check-circle"
    role: str = "good"
    action: str = ""
    call: Callable[[], None] | None = None


class EditDesk(QObject):
    """`noted` carries a `Notice`; `acted` the `Act` that was done; `failed` the error of one that was not."""

    noted = Signal(object)
    acted = Signal(object)
    decide_wanted = Signal(object)  # RecordRef whose conflicts are to be decided, or None for all
    list_wanted = Signal(str, object, str)  # object, Condition, the value as shown: a list narrowed to that

    def __init__(
        self,
        connection: Any,
        operations: Operations,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._own: dict[str, float] = {}
        self.connection = connection
        self.operations = operations
        self.records = getattr(connection, "records", None)
        self.push = getattr(connection, "push", None)
        # The zone in which datetimes are typed and shown; whoever reads a record learns it.
        self.zone: tzinfo = UTC
        watch = getattr(self.push, "on_pushed", None)
        if watch is not None:
            # Heard on the push's own thread; what it changed is told on this one.
            watch(lambda result: operations.deliver(lambda: self._pushed(result)))

    def own_of(self, ids: frozenset[str]) -> frozenset[str]:
        """Which of these records this person changed a moment ago."""
        now = self._clock()
        self._own = {record_id: at for record_id, at in self._own.items() if now - at < _OWN_SECONDS}
        return frozenset(record_id for record_id in ids if record_id in self._own)

    def _remember(self, changes: Changes) -> None:
        now = self._clock()
        for ids in changes.objects.values():
            self._own.update(dict.fromkeys(ids or (), now))

    @property
    def can_edit(self) -> bool:
        """Whether this connection can be edited at all."""
        return self.records is not None

    # Acts

    def act(
        self,
        work: Callable[[], Act],
        *,
        owner: QObject | None = None,
        done: Callable[[Act], None] | None = None,
        failed: Callable[[OrgMirrorError], None] | None = None,
        quiet: bool = False,
    ) -> None:
        """Run `work`; `quiet` leaves the note to the caller. A failure that nobody takes becomes a note."""

        def finished(act: Act) -> None:
            self.announce(act, initiator=owner, quiet=quiet)
            if done is not None:
                done(act)

        in_background(owner or self, self.operations, work, finished, failed or self.tell_error)

    def announce(self, act: Act, *, initiator: QObject | None = None, quiet: bool = False) -> None:
        """Tell everyone of an act that was done."""
        self._remember(act.changes)
        self.operations.changed.emit((act.changes, initiator))
        self.acted.emit(act)
        self.push_soon()
        if not quiet:
            words = edit_words.act(act.name, act.params)
            undo = self.tr("Undo") if act.act_id is not None else ""
            call = (lambda: self.undo_act(act.act_id)) if act.act_id is not None else None
            self.noted.emit(Notice(words, action=undo, call=call))

    def tell(self, text: str, **more: Any) -> None:
        """A note without an act."""
        self.noted.emit(Notice(text, **{"icon": "info", "role": "accent", **more}))

    def tell_error(self, error: OrgMirrorError) -> None:
        """What could not be done."""
        said = errors.words(error)
        self.noted.emit(Notice(f"{said.title} {said.remedy}".strip(), icon="alert", role="bad"))

    def push_soon(self) -> None:
        """There is something to send."""
        if self.push is not None:
            self.push.push_soon()

    def edit(self, ref: RecordRef, values: Mapping[str, Any], **more: Any) -> None:
        """Write values of one record, as one group that is sent together."""
        records = self.records
        kept = dict(values)
        self.act(lambda: records.edit(ref, kept), **more)

    # Undo

    def undo_last(self) -> None:
        """Ctrl+Z: take the last act back, by name."""
        records = self.records
        if records is None:
            return

        def work() -> Act | None:
            last = records.last_act()
            return records.undo_act(last.act_id) if last is not None and last.act_id is not None else None

        in_background(self, self.operations, work, self._undone, self.tell_error)

    def undo_act(self, act_id: Any) -> None:
        """Take one act back."""
        records = self.records
        in_background(self, self.operations, lambda: records.undo_act(act_id), self._undone, self.tell_error)

    def undo(self, wanted: Collection[int] | RecordRef | None) -> None:
        """Take pending edits back: these entries, those of a record, or all."""
        records = self.records
        in_background(self, self.operations, lambda: records.undo(wanted), self._undone, self.tell_error)

    def _undone(self, act: Act | None) -> None:
        if act is None:
            self.tell(self.tr("There is nothing to undo"))
            return
        self._remember(act.changes)
        self.operations.changed.emit((act.changes, None))
        self.acted.emit(act)
        self.push_soon()
        self.noted.emit(Notice(edit_words.act(act.name, act.params), icon="history"))

    # Reading for editors

    def lookup(
        self, owner: QObject, object_name: str, field: str, text: str, here: Callable[[Sequence[LookupHit]], None]
    ) -> None:
        """Records that a look-up may point to; owners by their own rule."""
        records = self.records

        def work() -> Sequence[LookupHit]:
            if field == "OwnerId":
                return tuple(records.owners(object_name, text))
            return tuple(records.lookup(object_name, field, text))

        in_background(owner, self.operations, work, here, lambda _error: here(()))

    def ask(
        self,
        owner: QObject,
        work: Callable[[], Any],
        here: Callable[[Any], None],
        failed: Callable[[OrgMirrorError], None] | None = None,
    ) -> QueryOp[Any]:
        """Read something in the background."""
        return in_background(owner, self.operations, work, here, failed or self.tell_error)

    def _pushed(self, result: Any) -> None:
        if isValid(self):
            # A record made here comes back under its own id, and what was sent with its new stamp: no news, either.
            self._remember(result.changes)
            self.spread(result.changes)

    def spread(self, changes: Changes, initiator: QObject | None = None) -> None:
        """Tell every view of `changes` that a person made without an act of the outbox (a push, a conversion)."""
        self._remember(changes)
        self.operations.changed.emit((changes, initiator))

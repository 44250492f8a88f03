"""`RecordWatch`: what follows when a record is shown: it is read anew from Salesforce, and its kin is looked up.

GUI thread, owned by the record's pane. The fresh reading waits until the eye rests on the record, since arrow keys pass
many, and is not repeated within a minute; offline it fails quietly, and what is here stays as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.model.changes import Changes
from core.model.refs import RecordRef, is_temporary_id
from gui.operations import Operations, QueryOp, in_background

if TYPE_CHECKING:
    from core.api.sync import KinLink, LostValue

_REST_MS = 700
_AGAIN_SECONDS = 60.0
_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class RecordSide:
    """What stands beside a record's own fields: kin by merge and conversion, values a merge lost, whether followed."""

    ref: RecordRef
    kin: tuple[KinLink, ...] = ()
    lost: tuple[LostValue, ...] = ()
    follow_id: int | None = None


@dataclass(slots=True)
class _Seen:
    """When each record was last read anew, over all panes of one watch."""

    at: dict[RecordRef, float] = field(default_factory=dict)


class RecordWatch(QObject):
    """`side_read` carries the RecordSide of the record shown; `refreshing` the record that is being read anew, or None.

    `clock` counts seconds, for the tests to own.
    """

    side_read = Signal(object)
    refreshing = Signal(object)

    def __init__(
        self,
        connection: Any,
        operations: Operations,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self._operations = operations
        self._clock = clock
        self._ref: RecordRef | None = None
        self._title = ""
        self._seen = _Seen()
        self._reading: QueryOp[RecordSide] | None = None
        self._fresh: QueryOp[Changes] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._refresh)

    def show(self, ref: RecordRef, title: str) -> None:
        """This record is shown."""
        self._ref, self._title = ref, title
        self.read_side()
        if not is_temporary_id(ref.id):
            self._rest.start()

    def leave(self) -> None:
        """No record is shown."""
        self._ref = None
        self._rest.stop()
        for op in (self._reading, self._fresh):
            if op is not None:
                op.cancel()

    def read_side(self) -> None:
        """Look up what stands beside the record."""
        ref = self._ref
        if ref is None:
            return
        if self._reading is not None:
            self._reading.cancel()
        sync = self._connection.sync

        def work(_token: object) -> RecordSide:
            followed = next((each.follow_id for each in sync.followed() if each.record_id == ref.id), None)
            return RecordSide(ref, tuple(sync.kin(ref)), tuple(sync.lost_in_merge(ref)), followed)

        self._reading = QueryOp(self, self._operations, work).success(self._side).failure(lambda _error: None)
        self._reading.run()

    def _side(self, side: RecordSide) -> None:
        if side.ref == self._ref:
            self.side_read.emit(side)

    def follow(self, on: bool, follow_id: int | None) -> None:
        """Follow the record shown, or no longer."""
        ref, title, sync = self._ref, self._title, self._connection.sync
        if ref is None:
            return

        def work() -> None:
            if on:
                sync.follow(ref, title)
            else:
                sync.unfollow(follow_id if follow_id is not None else ref)

        in_background(self, self._operations, work, lambda _none: self.read_side())

    def _refresh(self) -> None:
        ref = self._ref
        if ref is None or self._was_read_lately(ref):
            return
        if self._fresh is not None:
            self._fresh.cancel()
        self._seen.at[ref] = self._clock()
        while len(self._seen.at) > _REMEMBERED:
            self._seen.at.pop(next(iter(self._seen.at)))
        sync, forms = self._connection.sync, getattr(self._connection, "forms", None)

        def work(_token: object) -> Changes:
            changes: Changes = sync.refresh_record(ref.object, ref.id)
            # Layout and picklists of its record type, where they are missing or a day old.
            return changes if forms is None else changes.merged(forms.refresh_for(ref))

        self._fresh = QueryOp(self, self._operations, work)
        self._fresh.success(self._refreshed).failure(self._not_refreshed).run()
        self.refreshing.emit(ref)

    def _was_read_lately(self, ref: RecordRef) -> bool:
        at = self._seen.at.get(ref)
        return at is not None and self._clock() - at < _AGAIN_SECONDS

    def _refreshed(self, changes: Changes) -> None:
        self.refreshing.emit(None)
        if changes.objects:
            self._operations.changed.emit((changes, self))
        self.read_side()

    def _not_refreshed(self, _error: object) -> None:
        # Offline, signed out, no right: the status sentence and "needs you" tell; a record that was looked at does not.
        self.refreshing.emit(None)

"""How an act of a person becomes one or several transactions, and is noted so that it can be undone.

Safe from any thread but the GUI's: every method waits for the writer or reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, TypeVar

from core.mirror import acts, meta, times
from core.mirror.display import computer_zone, zone_of
from core.mirror.mirror import Mirror
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import ActName
from core.records.editor import Editor
from core.records.views import Act
from core.records.wording import Wording

T = TypeVar("T")
Item = TypeVar("Item")
# Records that one act touches in one transaction; more are done in slices, so that nobody waits long for the writer.
ONE_TRANSACTION = 200
SLICE = 50
# Another process may be in the middle of a first load: each try waits for the file as long as SQLite does (5 s).
TRIES = 12


class RecordActs:
    """The way into the mirror that every act takes."""

    def __init__(self, mirror: Mirror, *, now: Callable[[], datetime] = times.now) -> None:
        """`now`: the time of an edit, on Salesforce's clock where it is known (rules 4)."""
        self._mirror = mirror
        self._now = now
        self._zone: tzinfo | None = None

    def use_computer_zone(self, on: bool) -> None:
        """Take and show datetimes in this computer's zone instead of the Salesforce user's."""
        self._zone = computer_zone() if on else None

    def _editor(self, session: Session) -> Editor:
        assert isinstance(session, WriteSession)
        return Editor(session, self._mirror.tables(), self._now(), self._zone_of(session))

    def _wording(self, session: Session) -> Wording:
        return Wording(session, self._mirror.tables(), self._zone_of(session))

    def _zone_of(self, session: Session) -> tzinfo:
        return self._zone or zone_of(meta.get(session, "timezone"))

    def _read(self, look: Callable[[WriteSession], T]) -> T:
        """A question that shares its checks with an act: asked over the reading connection, which cannot write."""
        return self._mirror.read(lambda session: look(WriteSession(session.conn)))

    def _act(self, name: ActName, do: Callable[[Editor], dict[str, Any]], *, keep: bool = True) -> Act:
        """One act in one transaction. `do` answers what the sentence about it says besides object, title and count."""

        def job(session: WriteSession) -> Act:
            editor = self._editor(session)
            return _ended(editor, name, do(editor), keep=keep)

        return self._write(job)

    def _act_over(
        self,
        name: ActName,
        items: Sequence[Item],
        one: Callable[[Editor, Item], None],
        end: Callable[[Editor], dict[str, Any]],
        *,
        keep: bool = True,
    ) -> Act:
        """One act over many items: in one transaction as long as they are few, otherwise in slices of them.

        Between two slices the writer is free for others (rules 1). Where a slice fails, what was done before stays
        and can be undone as an act of its own.
        """
        size = ONE_TRANSACTION if len(items) <= ONE_TRANSACTION else SLICE
        editor: Editor | None = None

        def piece(session: WriteSession, part: Sequence[Item], last: bool) -> Act | None:
            nonlocal editor
            editor = self._editor(session) if editor is None else editor.going_on(session)
            for item in part:
                one(editor, item)
            return _ended(editor, name, end(editor), keep=keep) if last else None

        start = 0
        while True:
            part, last = items[start : start + size], start + size >= len(items)
            before = None if editor is None else editor.copied()
            try:
                act = self._write(partial(piece, part=part, last=last))
            except BaseException:
                if before is not None and keep:
                    self._write(partial(_note_done, editor=before, name=name))
                raise
            if act is not None:
                return act
            start += size

    def _write(self, job: Callable[[WriteSession], T]) -> T:
        """One transaction of the writer. A file that another process writes to all the time is asked for again."""
        for _ in range(TRIES - 1):
            try:
                return self._mirror.write(job)
            except OrgMirrorError as error:
                if error.code is not ErrorCode.FILE_LOCKED:
                    raise
        return self._mirror.write(job)


def _note_done(session: WriteSession, editor: Editor, name: ActName) -> Act:
    return _ended(editor.going_on(session), name, {}, keep=True)


def _ended(editor: Editor, name: ActName, said: dict[str, Any], *, keep: bool) -> Act:
    """Note the act, in the transaction of its last step."""
    params = _common(editor, said)
    act_id = None
    if keep and editor.steps:
        act_id = acts.record(editor.session, editor.at, name.value, params, editor.steps)
    seqs, refs = tuple(dict.fromkeys(editor.seqs)), tuple(dict.fromkeys(editor.refs))
    return Act(act_id, name, params, seqs, refs, editor.changes, editor.at)


def _common(editor: Editor, said: dict[str, Any]) -> dict[str, Any]:
    refs = list(dict.fromkeys(editor.refs))
    if not refs:
        return said
    table = editor.table(refs[0].object)
    title = said.get("title") or (editor.title(refs[0]) if len(refs) == 1 else "")
    words = {"object": table.name, "label": table.label, "label_plural": table.label_plural, "count": len(refs)}
    return {**words, **said, "title": title}

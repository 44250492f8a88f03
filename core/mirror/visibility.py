"""Another user of the same org took the mirror over: what is to be compared, what appeared and vanished (rules 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.mirror import holds, meta, objects, outbox, problems, times
from core.mirror.meta import Owner
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError

_TO_COMPARE = "visibility:"
_REPORT = "visibility_report"


@dataclass(frozen=True, slots=True)
class VisibilityReport:
    """What a change of the user brought. `objects`: {name: (rows that appeared, rows that vanished)} so far.

    `waiting`: objects that are still to be compared. `at` is ISO text.
    """

    before: str
    now: str
    at: str
    objects: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()


def user_changed(session: WriteSession, who: Owner) -> None:
    """The mirror is another user's from now on. Edits of the earlier one wait until somebody agrees to send them."""
    before = meta.owner(session)
    meta.claim(session, who)
    for name, item in objects.all_objects(session).items():
        if item.loaded:
            meta.set_(session, _TO_COMPARE + name, "1")
        objects.describe_anew(session, name)
    told = {"before": before.user_name if before else "", "now": who.user_name, "at": times.now_text(), "objects": {}}
    meta.set_(session, _REPORT, json.dumps(told, ensure_ascii=False))
    pending = outbox.count_pending(session)
    if pending:
        holds.hold(session, on=True, direction=holds.PUSH)
        error = OrgMirrorError(ErrorCode.EDITS_OF_ANOTHER, count=pending, user=told["before"])
        problems.open_problem(session, None, error)


def to_compare(session: Session) -> frozenset[str]:
    """Objects of which every id is to be compared with what the new user sees."""
    rows = session.conn.execute(
        "SELECT substr(key, ?) FROM om_meta WHERE key GLOB ?", (len(_TO_COMPARE) + 1, _TO_COMPARE + "*")
    )
    return frozenset(str(name) for (name,) in rows)


def compared(session: WriteSession, name: str, appeared: int, vanished: int) -> None:
    """One object was compared."""
    told = _told(session)
    if told is not None:
        told["objects"][name] = [appeared, vanished]
        meta.set_(session, _REPORT, json.dumps(told, ensure_ascii=False))
    meta.set_(session, _TO_COMPARE + name, None)


def report(session: Session) -> VisibilityReport | None:
    """What the last change of the user brought, None where there was none."""
    told = _told(session)
    if told is None:
        return None
    found = {str(name): (int(came), int(went)) for name, (came, went) in told["objects"].items()}
    return VisibilityReport(told["before"], told["now"], told["at"], found, tuple(sorted(to_compare(session))))


def _told(session: Session) -> dict[str, Any] | None:
    text = meta.get(session, _REPORT)
    if text is None:
        return None
    told: dict[str, Any] = json.loads(text)
    return told

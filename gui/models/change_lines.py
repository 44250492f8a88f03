"""The change log with names instead of ids, ready to be shown. Read in the background; holds no Qt object."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from core.model.refs import RecordRef

if TYPE_CHECKING:
    from core.api.browse import BrowseSession
    from core.app import Connection

_MAX_SHOWN = 200
_SALESFORCE = "salesforce"


class ChangeKind(StrEnum):
    CREATED = "created"
    DELETED = "deleted"
    CHANGED = "changed"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line. `count` is the number of records of a mass change."""

    change_id: int
    at: datetime
    object: str
    record_id: str | None
    kind: ChangeKind
    title: str
    field: str = ""
    old: str = ""
    new: str = ""
    by: str = ""
    count: int = 0
    followed: bool = False
    came_in: bool = True


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are wanted; None and False are no filter. `side` is "salesforce" or "local"."""

    object: str | None = None
    side: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    followed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it lets everything through."""
        return self == ChangeFilter()


def read_change_lines(connection: Connection, limit: int, wanted: ChangeFilter | None = None) -> list[ChangeLine]:
    """The newest `limit` changes. Blocks: for a background operation."""
    wanted = wanted or ChangeFilter()
    changes = connection.sync.recent_changes(
        limit,
        objects=(wanted.object,) if wanted.object else None,
        side=wanted.side,
        since=wanted.since,
        until=wanted.until,
        followed=wanted.followed,
    )
    if not changes:
        return []
    reading: AbstractContextManager[BrowseSession] = connection.browse.session()
    with reading as session:
        names = ChangeNames(session)
        return [_line(change, names) for change in changes]


class ChangeNames:
    """Looks names up, each once."""

    def __init__(self, session: BrowseSession) -> None:
        self._session = session
        self._titles: dict[tuple[str, str], str] = {}
        self._columns: dict[str, dict[str, tuple[str, str]]] = {}
        self._objects = {item.name: item.label_plural for item in session.objects()}

    def title(self, object_name: str, record_id: str) -> str:
        key = (object_name, record_id)
        if key not in self._titles:
            self._titles[key] = self._session.lookup_name(record_id) or record_id
        return self._titles[key]

    def user(self, user_id: str | None) -> str:
        return self.title("User", user_id) if user_id else ""

    def _column(self, object_name: str, field: str) -> tuple[str, str]:
        """Label and type of a field; one that is not here any more is named by itself."""
        if object_name not in self._columns:
            known = object_name in self._objects
            columns = self._session.columns(object_name) if known else []
            self._columns[object_name] = {column.name: (column.label, column.type) for column in columns}
        return self._columns[object_name].get(field, (field, ""))

    def field(self, object_name: str, field: str) -> str:
        return self._column(object_name, field)[0]

    def value(self, object_name: str, field: str | None, raw: Any) -> str:
        """A stored value as a list shows it: look-ups by name, yes or no, times in the zone of the lists."""
        kind = self._column(object_name, field)[1] if field else ""
        if raw is None or raw == "":
            return ""
        if kind == "boolean":
            on = str(raw).casefold() in ("1", "true")
            return QCoreApplication.translate("Changes", "yes") if on else QCoreApplication.translate("Changes", "no")
        if kind == "reference":
            return _text(self.title("", str(raw)))
        if kind == "datetime":
            try:
                at = _moment(str(raw))
            except ValueError:
                return _text(raw)
            return f"{at.astimezone(getattr(self._session, 'zone', UTC)):%Y-%m-%d %H:%M}"
        return _text(raw)

    def plural(self, object_name: str) -> str:
        return self._objects.get(object_name, object_name)


def _line(change: Any, names: ChangeNames) -> ChangeLine:
    at = _moment(change.at)
    by = names.user(change.by)
    if change.record_id is None:
        many = ChangeKind.MANY
        count = int(change.new or 0)
        title = names.plural(change.object)
        came_in = change.side == _SALESFORCE
        return ChangeLine(change.change_id, at, change.object, None, many, title, count=count, came_in=came_in)
    title = names.title(change.object, change.record_id)
    kind = ChangeKind.CHANGED
    if change.field == "Id" and change.old is None:
        kind = ChangeKind.CREATED
    elif change.field == "IsDeleted":
        kind = ChangeKind.DELETED
    return ChangeLine(
        change_id=change.change_id,
        at=at,
        object=change.object,
        record_id=change.record_id,
        kind=kind,
        title=title,
        field=names.field(change.object, change.field) if change.field else "",
        old=names.value(change.object, change.field, change.old),
        new=names.value(change.object, change.field, change.new),
        by=by,
        followed=bool(getattr(change, "followed", False)),
        came_in=change.side == _SALESFORCE,
    )


def followed_first(lines: list[ChangeLine]) -> list[ChangeLine]:
    """What concerns followed records and views, then the rest; each in its own order."""
    return [line for line in lines if line.followed] + [line for line in lines if not line.followed]


def ref_of(line: ChangeLine) -> RecordRef | None:
    """The record that a line tells of, if it tells of one."""
    return RecordRef(line.object, line.record_id) if line.record_id else None


def _moment(text: str | datetime) -> datetime:
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: object) -> str:
    shown = "" if value is None else " ".join(str(value).split())
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "…"

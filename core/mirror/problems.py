"""Problems that a person can act on: one row per object, record, field and code; a repetition counts attempts.

A problem knows the step of the cycle that met it, so that the same step can close it; whether a person heard of it by a
notification, which happens once; and from when on the step is tried again. What a person ignored stays ignored until
it is well again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import Operation, ProblemKind

OPEN, CLOSED, IGNORED = "open", "closed", "ignored"

_KINDS: dict[ErrorCode, ProblemKind] = {
    **dict.fromkeys(
        (ErrorCode.FIELD_REFUSED, ErrorCode.OBJECT_NOT_VISIBLE, ErrorCode.NO_SUCH_FIELD), ProblemKind.SCHEMA
    ),
    ErrorCode.TOO_MANY_GONE: ProblemKind.GUARD,
    ErrorCode.DELETED_ASKS: ProblemKind.DELETED,
    **dict.fromkeys(
        (
            ErrorCode.SIGN_IN_NEEDED,
            ErrorCode.SIGN_IN_FAILED,
            ErrorCode.TOKEN_REFUSED,
            ErrorCode.WRONG_CREDENTIALS,
            ErrorCode.SECURITY_TOKEN_NEEDED,
            ErrorCode.CLIENT_REFUSED,
            ErrorCode.FLOW_BLOCKED,
            ErrorCode.SOAP_LOGIN_OFF,
            ErrorCode.USER_INACTIVE,
            ErrorCode.PASSWORD_EXPIRED,
            ErrorCode.SECRET_MISSING,
            ErrorCode.OTHER_ORG,
            ErrorCode.OTHER_USER,
            ErrorCode.KEYRING_LOCKED,
            ErrorCode.KEYRING_UNAVAILABLE,
        ),
        ProblemKind.SIGN_IN,
    ),
    **dict.fromkeys(
        (ErrorCode.DISK_FULL, ErrorCode.FILE_UNREADABLE, ErrorCode.FILE_LOCKED, ErrorCode.FILE_CORRUPT),
        ProblemKind.STORAGE,
    ),
    **dict.fromkeys((ErrorCode.API_NOT_ENABLED, ErrorCode.NOT_SALESFORCE), ProblemKind.ORG),
    ErrorCode.NO_SUCH_RECORD: ProblemKind.GONE,
}


def kind_of(code: ErrorCode, *, of_record: bool = False) -> ProblemKind:
    """The kind of a problem where whoever opens it does not say. Pure."""
    return _KINDS.get(code, ProblemKind.REFUSED if of_record else ProblemKind.OBJECT)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; words are made elsewhere from `code` and `params`, Salesforce's own are kept as it spoke them."""

    problem_id: int
    object: str | None
    record_id: str | None
    field: str | None
    code: ErrorCode
    first_at: datetime
    last_at: datetime
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    salesforce_code: str | None = None
    salesforce_text: str | None = None
    attempts: int = 1
    next_try_at: datetime | None = None
    kind: ProblemKind = ProblemKind.OBJECT
    operation: str | None = None
    announced: bool = False

    @property
    def error(self) -> OrgMirrorError:
        """The problem as an error, for its sentence."""
        return OrgMirrorError(
            self.code,
            salesforce_code=self.salesforce_code,
            salesforce_text=self.salesforce_text,
            **dict(self.params),
        )


def open_problem(
    session: WriteSession,
    object_name: str | None,
    error: OrgMirrorError,
    *,
    record_id: str | None = None,
    field: str | None = None,
    next_try_at: datetime | None = None,
    kind: ProblemKind | None = None,
    operation: Operation | None = None,
) -> int:
    """Note a problem, or that the same one happened again; returns its id. `kind` None: as the code has it.

    An ignored one stays ignored. `next_try_at`: from when on the step is tried again.
    """
    model = session.models.Problem
    now = times.now_text()
    said = {
        "params": json.dumps(error.params, default=str, ensure_ascii=False, sort_keys=True),
        "salesforce_code": error.salesforce_code,
        "salesforce_text": error.salesforce_text,
        "next_try_at": times.optional_text(next_try_at),
        "last_at": now,
        "operation": operation.value if operation else None,
    }
    known = session.conn.execute(
        "SELECT problem_id FROM om_problem WHERE state <> 'closed' AND object IS ? AND record_id IS ? AND field IS ? "
        "AND code = ? ORDER BY problem_id DESC",
        (object_name, record_id, field, error.code.value),
    ).get
    if known is not None:
        model.update(attempts=model.attempts + 1, **said).where(model.problem_id == known).execute()
        return int(known)
    return int(
        model.insert(
            object=object_name,
            record_id=record_id,
            field=field,
            code=error.code.value,
            first_at=now,
            kind=(kind or kind_of(error.code, of_record=record_id is not None)).value,
            **said,
        ).execute()
    )


def close_problems(
    session: WriteSession,
    object_name: str | None,
    *,
    record_id: str | None = None,
    code: ErrorCode | None = None,
    operation: Operation | None = None,
) -> int:
    """What went wrong is well again: close the object's own problems (or the record's); of one code, or of one step.

    Returns how many were closed.
    """
    session.conn.execute(
        "UPDATE om_problem SET state = 'closed', last_at = ?1 WHERE state <> 'closed' AND object IS ?2 "
        "AND record_id IS ?3 AND (?4 IS NULL OR code = ?4) AND (?5 IS NULL OR operation = ?5)",
        (
            times.now_text(),
            object_name,
            record_id,
            None if code is None else code.value,
            None if operation is None else operation.value,
        ),
    )
    return session.conn.changes()


def close_problem(session: WriteSession, problem_id: int) -> None:
    """Close one problem."""
    model = session.models.Problem
    model.update(state=CLOSED, last_at=times.now_text()).where(model.problem_id == problem_id).execute()


def ignore(session: WriteSession, ids: Collection[int]) -> int:
    """A person wants to hear no more of these until they are well again; returns how many were open."""
    model = session.models.Problem
    return int(model.update(state=IGNORED).where(model.problem_id.in_(list(ids)), model.state == OPEN).execute())


def retry(session: WriteSession, ids: Collection[int]) -> list[Problem]:
    """These are to be tried again at once; answers those that are not closed."""
    model = session.models.Problem
    chosen = (model.problem_id.in_(list(ids)), model.state != CLOSED)
    model.update(next_try_at=None, state=OPEN).where(*chosen).execute()
    return [_as_problem(row) for row in model.select().where(*chosen)]


def announced(session: WriteSession, ids: Collection[int]) -> None:
    """A person was told of these."""
    model = session.models.Problem
    now = times.now_text()
    model.update(announced_at=now).where(model.problem_id.in_(list(ids)), model.announced_at.is_null()).execute()


def waits(session: Session, object_name: str, operation: Operation, now: datetime) -> bool:
    """Whether a step of the object failed lately and is not to be tried yet."""
    sql = (
        "SELECT 1 FROM om_problem WHERE state <> 'closed' AND object = ? AND record_id IS NULL AND operation = ? "
        "AND next_try_at > ? LIMIT 1"
    )
    return session.conn.execute(sql, (object_name, operation.value, times.to_text(now))).get is not None


def attempts(session: Session, object_name: str | None, operation: Operation) -> int:
    """How often in a row a step of the object failed."""
    sql = "SELECT max(attempts) FROM om_problem WHERE state <> 'closed' AND object IS ? AND operation = ?"
    return int(session.conn.execute(sql, (object_name, operation.value)).get or 0)


def open_problems(session: Session, object_name: str | None = None) -> list[Problem]:
    """Open problems, the newest first; of one object or of all."""
    model = session.models.Problem
    query = model.select().where(model.state == OPEN).order_by(model.last_at.desc(), model.problem_id.desc())
    if object_name is not None:
        query = query.where(model.object == object_name)
    return [_as_problem(row) for row in query]


def count_open(session: Session) -> int:
    """How many problems are open."""
    return int(session.conn.execute("SELECT count(*) FROM om_problem WHERE state = 'open'").get)


def _as_problem(row: Any) -> Problem:
    return Problem(
        problem_id=row.problem_id,
        object=row.object,
        record_id=row.record_id,
        field=row.field,
        code=ErrorCode(row.code),
        first_at=times.from_text(row.first_at),
        last_at=times.from_text(row.last_at),
        params=json.loads(row.params),
        salesforce_code=row.salesforce_code,
        salesforce_text=row.salesforce_text,
        attempts=row.attempts,
        next_try_at=times.optional_moment(row.next_try_at),
        kind=ProblemKind(row.kind),
        operation=row.operation,
        announced=row.announced_at is not None,
    )

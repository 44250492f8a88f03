"""Which failure concerns one object, and which stops everything. Pure."""

from __future__ import annotations

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome
from core.salesforce.errors import ErrorClass, SalesforceError

SIGN_IN = frozenset(
    {
        ErrorCode.SIGN_IN_NEEDED,
        ErrorCode.TOKEN_REFUSED,
        ErrorCode.WRONG_CREDENTIALS,
        ErrorCode.SECURITY_TOKEN_NEEDED,
        ErrorCode.CLIENT_REFUSED,
        ErrorCode.FLOW_BLOCKED,
        ErrorCode.SOAP_LOGIN_OFF,
        ErrorCode.USER_INACTIVE,
        ErrorCode.PASSWORD_EXPIRED,
        ErrorCode.SIGN_IN_FAILED,
        ErrorCode.SECRET_MISSING,
        ErrorCode.OTHER_ORG,
        ErrorCode.OTHER_USER,
    }
)
LOCKED = frozenset(
    {
        ErrorCode.KEYRING_LOCKED,
        ErrorCode.MIRROR_LOCKED,
        ErrorCode.KEYRING_UNAVAILABLE,
        ErrorCode.KEY_MISSING,
        ErrorCode.WRONG_KEY,
        ErrorCode.NO_RECOVERY_CODE,
        ErrorCode.RECOVERY_CODE_WRONG,
    }
)
BUDGET = frozenset({ErrorCode.API_LIMIT, ErrorCode.BUDGET_SPENT})
OFFLINE = frozenset({ErrorCode.UNKNOWN_HOST, ErrorCode.CANNOT_CONNECT, ErrorCode.TIMED_OUT, ErrorCode.BAD_CERTIFICATE})
_FILE = frozenset(
    {
        ErrorCode.DISK_FULL,
        ErrorCode.FILE_UNREADABLE,
        ErrorCode.FILE_LOCKED,
        ErrorCode.FILE_CORRUPT,
        ErrorCode.READ_ONLY,
    }
)
_ORG = frozenset({ErrorCode.API_NOT_ENABLED, ErrorCode.NOT_SALESFORCE, ErrorCode.CANCELLED})
_FATAL = SIGN_IN | LOCKED | BUDGET | OFFLINE | _FILE | _ORG


def is_fatal(error: OrgMirrorError) -> bool:
    """Whether nothing else can go on either."""
    return error.code in _FATAL


def outcome_of(error: OrgMirrorError) -> CycleOutcome:
    """How a cycle ends that was stopped by `error`."""
    if error.code is ErrorCode.CANCELLED:
        return CycleOutcome.CANCELLED
    if error.code in SIGN_IN:
        return CycleOutcome.SIGN_IN_NEEDED
    if error.code in LOCKED:
        return CycleOutcome.LOCKED
    if error.code in BUDGET:
        return CycleOutcome.BUDGET
    return CycleOutcome.ERROR


def as_error(error: OrgMirrorError, object_name: str) -> OrgMirrorError:
    """The same failure as a person should hear it of this object."""
    error.params.setdefault("object", object_name)
    if isinstance(error, SalesforceError) and error.kind is ErrorClass.NOT_OFFERED:
        error.code = ErrorCode.OBJECT_NOT_VISIBLE
    return error

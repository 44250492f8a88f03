"""Errors as data: a code plus arguments. `core/messages.py` has the words; no code compares texts.

`OrgMirrorError` is the only exception that leaves core's facades. `params` may be shown to people and written to
logs, so secrets and record values never go into it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Every condition that a person can be told of. One entry in core/messages.py each."""

    # signing in
    WRONG_CREDENTIALS = "wrong-credentials"
    SECURITY_TOKEN_NEEDED = "security-token-needed"  # noqa: S105
    FLOW_BLOCKED = "flow-blocked"
    CLIENT_REFUSED = "client-refused"
    SOAP_LOGIN_OFF = "soap-login-off"
    USER_INACTIVE = "user-inactive"
    PASSWORD_EXPIRED = "password-expired"  # noqa: S105
    TOKEN_REFUSED = "token-refused"  # noqa: S105
    SIGN_IN_NEEDED = "sign-in-needed"
    SIGN_IN_FAILED = "sign-in-failed"
    METHOD_NOT_YET = "method-not-yet"
    MY_DOMAIN_NEEDED = "my-domain-needed"
    API_NOT_ENABLED = "api-not-enabled"
    OTHER_ORG = "other-org"
    OTHER_USER = "other-user"
    # network
    UNKNOWN_HOST = "unknown-host"
    CANNOT_CONNECT = "cannot-connect"
    BAD_CERTIFICATE = "bad-certificate"
    BAD_CA_FILE = "bad-ca-file"
    TIMED_OUT = "timed-out"
    NOT_SALESFORCE = "not-salesforce"
    NOT_HTTPS = "not-https"
    SERVER_ERROR = "server-error"
    # limits and rights
    API_LIMIT = "api-limit"
    BUDGET_SPENT = "budget-spent"
    OBJECT_NOT_VISIBLE = "object-not-visible"
    FIELD_REFUSED = "field-refused"
    QUERY_REFUSED = "query-refused"
    BULK_FAILED = "bulk-failed"
    COUNT_MISMATCH = "count-mismatch"
    SALESFORCE_ERROR = "salesforce-error"
    TOO_MANY_GONE = "too-many-gone"
    DELETED_ASKS = "deleted-asks"
    # edits on their way to Salesforce
    PUSH_REFUSED = "push-refused"
    PUSH_NOT_ALLOWED = "push-not-allowed"
    PUSH_LOCKED = "push-locked"
    PUSH_AUTOMATION = "push-automation"
    PUSH_FIELD_REFUSED = "push-field-refused"
    PUSH_REFERENCE = "push-reference"
    PUSH_CONVERTED = "push-converted"
    PUSH_DUPLICATE_VALUE = "push-duplicate-value"
    PUSH_DUPLICATES = "push-duplicates"
    PUSH_ORG_STATE = "push-org-state"
    PUSH_CONFLICT = "push-conflict"
    PUSH_GONE = "push-gone"
    MASS_CHANGE = "mass-change"
    SOAP_TOKEN = "soap-token"  # noqa: S105
    ACT_UNKNOWN = "act-unknown"
    NO_SUCH_CONFLICT = "no-such-conflict"
    NO_SUCH_CHOICE = "no-such-choice"
    # vault
    KEYRING_LOCKED = "keyring-locked"
    KEYRING_UNAVAILABLE = "keyring-unavailable"
    KEY_MISSING = "key-missing"
    SECRET_MISSING = "secret-missing"  # noqa: S105
    NO_RECOVERY_CODE = "no-recovery-code"
    RECOVERY_CODE_WRONG = "recovery-code-wrong"
    # the mirror's file
    DISK_FULL = "disk-full"
    FILE_UNREADABLE = "file-unreadable"
    FILE_LOCKED = "file-locked"
    FILE_CORRUPT = "file-corrupt"
    FILE_NEWER = "file-newer"
    WRONG_KEY = "wrong-key"
    READ_ONLY = "read-only"
    # what was asked
    NO_SUCH_CONNECTION = "no-such-connection"
    NAME_TAKEN = "name-taken"
    BAD_NAME = "bad-name"
    BAD_URL = "bad-url"
    NO_SUCH_OBJECT = "no-such-object"
    NO_SUCH_FIELD = "no-such-field"
    NO_SUCH_RECORD = "no-such-record"
    BAD_QUERY = "bad-query"
    QUERY_TIMED_OUT = "query-timed-out"
    BAD_FILTER = "bad-filter"
    ROW_FILTER_REFUSED = "row-filter-refused"
    FIELD_REQUIRED = "field-required"
    DIRECTION_NOT_POSSIBLE = "direction-not-possible"
    OBJECT_NOT_OFFERED = "object-not-offered"
    HAS_PENDING_EDITS = "has-pending-edits"
    NO_SUCH_QUESTION = "no-such-question"
    MIRROR_LOCKED = "mirror-locked"
    EDITS_OF_ANOTHER = "edits-of-another"
    NO_KEPT_MIRROR = "no-kept-mirror"
    SCHEMA_QUESTION = "schema-question"
    VALUES_KEPT_ASIDE = "values-kept-aside"
    TARGET_EXISTS = "target-exists"
    CANNOT_WRITE = "cannot-write"
    VALUES_REFUSED = "values-refused"
    NOT_EDITABLE = "not-editable"
    NOTHING_TO_UNDO = "nothing-to-undo"
    NO_SUCH_STATUS = "no-such-status"
    ENGINE_BUSY = "engine-busy"
    PAUSED = "paused"
    NEEDS_CONFIRMATION = "needs-confirmation"
    DEMO_FAILED = "demo-failed"
    CANCELLED = "cancelled"
    UNEXPECTED = "unexpected"


class OrgMirrorError(Exception):
    """A condition with a code and arguments for its sentence.

    `salesforce_code` and `salesforce_text` carry Salesforce's own words where it spoke them.
    """

    def __init__(
        self,
        code: ErrorCode,
        *,
        salesforce_code: str | None = None,
        salesforce_text: str | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code.value, params)
        self.code = code
        self.params = params
        self.salesforce_code = salesforce_code
        self.salesforce_text = salesforce_text

    def __str__(self) -> str:
        return f"{self.code.value} {self.params}" if self.params else self.code.value


class Cancelled(OrgMirrorError):
    """The person or the quit sequence asked to stop; not a failure."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.CANCELLED)

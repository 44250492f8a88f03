"""What the demo org does where real orgs differ or can be set up differently, as one set of named switches.

Tests turn them through the control interface; each process starts with the defaults. Salesforce's documents and
observations disagree in the points marked "either": a client has to live with both positions.
One object per site, read by every worker thread; single attribute reads and writes need no lock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass
class Behaviour:
    """Switches of a running demo org. `update()` is the only way in from outside."""

    colleagues: bool = False
    """Other users work in the org, at a human pace (core/demo/colleagues.py)."""

    # Signing in
    session_minutes: float = 120.0
    """Minutes of inactivity, on the org's clock, after which an access token stops working."""
    soap_login: str = "on"
    """"on", "off" (switched off in the org, as in newly created orgs) or "retired" (every version answers as gone)."""
    jwt_tokens: bool = False
    """True: new access tokens are JSON Web Tokens, as External Client Apps can be set up to issue."""
    soap_jwt_from: float = 68.0
    """First version whose SOAP API takes JWT-based tokens; below, they are no session."""
    password_flow: bool = True
    """False: the OAuth password grant is blocked, which looks like a wrong password."""
    security_token_required: bool = True
    refresh_rotation: bool = False
    client_credentials_user: str | None = None
    """User name that the client-credentials flow runs as; None: the admin."""
    api_disabled_org: bool = False
    api_disabled_users: list[str] = field(default_factory=list)
    """User names whose profile has no API access."""

    # Requests
    uri_limit: int | None = 16_384
    """Bytes of request line and headers; None: any length."""
    uri_limit_status: int = 414
    """Either 414 or 431."""
    composite_query_limit: int | None = 5
    """Query and collection subrequests allowed in one composite call; None: no limit."""
    composite_conditions: bool = True
    """Whether If-Unmodified-Since of a composite subrequest is honoured (either)."""
    rest_page_rows: int | None = None
    """Largest REST query page, below the caller's own batch size, as orgs do for wide rows; None: the caller's."""
    precondition_body: str = "array"
    """Body of a 412 after If-Unmodified-Since: "array", "object" or "empty" (either)."""
    duplicates_in_collections: bool = True
    """Whether a DUPLICATES_DETECTED of a collection tells the matches as that of a single record does (either)."""
    idempotency: bool = True
    """Whether the UI API heeds an Idempotency-Key (either)."""
    access_denied_status: int = 400
    """Status of INSUFFICIENT_ACCESS_OR_READONLY: 400 or 403 (either)."""
    dead_locator: str = "INVALID_QUERY_LOCATOR"
    """Error code for an unknown or expired query locator."""
    gzip: bool = True

    # Bulk API 2.0 query
    bulk_seconds: float = 0.3
    bulk_seconds_per_row: float = 1 / 200_000
    bulk_hold: bool = False
    """True: jobs stay InProgress until this is False again."""
    bulk_fail: str | None = None
    """Error message with which every new job fails instead of completing."""
    bulk_page_rows: int = 10_000
    """Rows of a result page where the caller names no maxRecords, and of each of the resultPages."""
    bulk_max_page_rows: int = 250_000
    bulk_not_ready: int = 204
    """Answer to a request for results of an unfinished job: 204 or 412 (either)."""
    bulk_empty: str = "header"
    """Body of a result without rows: "header" or "nothing" (either)."""
    bulk_next_name: str = "nextRecordsUrl"
    """Name of the link to more resultPages: "nextRecordsUrl" or "nextRecordUrl" (the documents print both)."""
    bulk_refusal: str = "create"
    """Where a query that Bulk cannot run is refused: "create" (400 on creation) or "job" (the job fails)."""
    bulk_bad_soql: str = "job"
    """Where wrong SOQL is reported: "job" (the job fails) or "create" (400 on creation)."""
    prerender: bool = False
    """True: a job completes when its results are rendered and compressed on disk, and the same query by the same
    user is not rendered again while the data stays as it is. For benchmarks that measure the client."""

    # Bulk API 2.0 ingest
    ingest_seconds: float = 0.1
    """Seconds from UploadComplete until a job's rows are written."""
    ingest_hold: bool = False
    """True: jobs stay UploadComplete until this is False again."""

    def update(self, changes: dict[str, Any]) -> None:
        """Set switches by name. Raises ValueError for an unknown name or a value of another kind."""
        known = {item.name for item in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise ValueError(f"unknown switch: {', '.join(unknown)}")
        defaults = Behaviour()
        for name, value in changes.items():
            if not _same_kind(getattr(defaults, name), value, name):
                raise ValueError(f"{name}: {value!r} is not a value of this switch")
        for name, value in changes.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Back to the defaults."""
        for name, value in asdict(Behaviour()).items():
            setattr(self, name, value)


_NULLABLE = {"client_credentials_user", "uri_limit", "composite_query_limit", "rest_page_rows", "bulk_fail"}


def _same_kind(default: Any, value: Any, name: str) -> bool:
    if value is None:
        return name in _NULLABLE
    if name in {"client_credentials_user", "bulk_fail"}:
        return isinstance(value, str)
    if name in {"composite_query_limit", "rest_page_rows"}:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, type(default))

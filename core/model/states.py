"""States as enums; the words for them are made by `gui/text` and the command line. Values are the CLI's contract."""

from __future__ import annotations

from enum import StrEnum


class ConnectionState(StrEnum):
    """The one state of a connection that a status sentence tells (rules 9)."""

    NEVER_SYNCED = "never-synced"
    LOADING = "loading"
    SYNCING = "syncing"
    IN_STEP = "in-step"
    PAUSED = "paused"
    OFFLINE = "offline"
    SIGN_IN_NEEDED = "sign-in-needed"
    LOCKED = "locked"
    NEEDS_YOU = "needs-you"
    BUDGET = "budget"


class LoadPhase(StrEnum):
    """Where the first load of an object stands."""

    WAITING = "waiting"
    COUNTING = "counting"
    QUEUED = "queued"  # its Bulk job is made and waits or runs at Salesforce
    LOADING = "loading"
    INDEXING = "indexing"
    DONE = "done"
    FAILED = "failed"


class LoadMethod(StrEnum):
    """The wire by which an object is loaded."""

    REST = "rest"
    BULK = "bulk"


class Operation(StrEnum):
    """A step of a cycle as the history names it, in the order in which a cycle takes them; `CYCLE` is the whole."""

    CYCLE = "cycle"
    PUSH = "push"
    SCHEMA = "schema"
    FIRST_LOAD = "first-load"
    BACKFILL = "backfill"
    PULL_UPDATES = "pull-updates"
    PULL_DELETES = "pull-deletes"
    CONVERSIONS = "conversions-and-merges"
    COUNT = "count"
    RECONCILE = "reconcile"
    FORMULAS = "formulas"
    SCOPE = "scope"  # rows fitted to another filter, or to a new day; rows that ceased to fit
    START_OVER = "start-over"


class ProblemKind(StrEnum):
    """What a row of "needs you" is about; the kinds that a person filters by."""

    CONFLICT = "conflict"
    REFUSED = "refused"  # Salesforce refused what was sent
    CANNOT_SEND = "cannot-send"
    GONE = "gone"  # the record is not there any more
    DELETED = "deleted"  # records were deleted in Salesforce, and the object asks what to do with them here
    GUARD = "guard"  # too much would vanish or change at once
    SIGN_IN = "sign-in"
    SCHEMA = "schema"
    OBJECT = "object"  # a step of one object failed
    STORAGE = "storage"  # the mirror's file, the disk
    ORG = "org"  # the org as a whole refuses


class CycleOutcome(StrEnum):
    """`result` of `sync --json`."""

    OK = "ok"
    PROBLEMS = "problems"
    SIGN_IN_NEEDED = "sign-in-needed"
    LOCKED = "locked"
    BUDGET = "budget"
    CANCELLED = "cancelled"
    ERROR = "error"


class VaultState(StrEnum):
    """What the OS keyring says. Only MISSING asks a person to sign in again."""

    READY = "ready"
    MISSING = "missing"
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"


class SignInMethod(StrEnum):
    """How a connection signs in; browser and jwt have their place and come later."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    CLIENT_CREDENTIALS = "client-credentials"
    TOKEN = "token"  # noqa: S105
    BROWSER = "browser"
    JWT = "jwt"

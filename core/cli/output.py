"""How the command line speaks: data to stdout, words and progress to stderr, exit codes as a contract (rules 9)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from core.messages import message
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import CycleOutcome


class UsageError(Exception):
    """The arguments cannot be understood, or do not go together. The text is a line for the person."""


class Exit(IntEnum):
    """The exit codes of every subcommand."""

    OK = 0
    ERROR = 1
    USAGE = 2
    PROBLEMS = 3
    SIGN_IN = 4
    BUDGET = 5


_SIGN_IN_CODES = frozenset(
    {
        ErrorCode.WRONG_CREDENTIALS,
        ErrorCode.SECURITY_TOKEN_NEEDED,
        ErrorCode.FLOW_BLOCKED,
        ErrorCode.CLIENT_REFUSED,
        ErrorCode.SOAP_LOGIN_OFF,
        ErrorCode.USER_INACTIVE,
        ErrorCode.PASSWORD_EXPIRED,
        ErrorCode.TOKEN_REFUSED,
        ErrorCode.SIGN_IN_NEEDED,
        ErrorCode.SIGN_IN_FAILED,
        ErrorCode.SECRET_MISSING,
        ErrorCode.KEYRING_LOCKED,
        ErrorCode.KEYRING_UNAVAILABLE,
        ErrorCode.KEY_MISSING,
        ErrorCode.WRONG_KEY,
        ErrorCode.NO_RECOVERY_CODE,
        ErrorCode.RECOVERY_CODE_WRONG,
        ErrorCode.OTHER_ORG,
        ErrorCode.OTHER_USER,
        ErrorCode.MIRROR_LOCKED,
    }
)
_USAGE_CODES = frozenset(
    {
        ErrorCode.METHOD_NOT_YET,
        ErrorCode.BAD_NAME,
        ErrorCode.BAD_URL,
        ErrorCode.NOT_HTTPS,
        ErrorCode.MY_DOMAIN_NEEDED,
        ErrorCode.NEEDS_CONFIRMATION,
    }
)
_BUDGET_CODES = frozenset({ErrorCode.API_LIMIT, ErrorCode.BUDGET_SPENT})

OUTCOME_EXIT = {
    CycleOutcome.OK: Exit.OK,
    CycleOutcome.PROBLEMS: Exit.PROBLEMS,
    CycleOutcome.SIGN_IN_NEEDED: Exit.SIGN_IN,
    CycleOutcome.LOCKED: Exit.SIGN_IN,
    CycleOutcome.BUDGET: Exit.BUDGET,
    CycleOutcome.CANCELLED: Exit.ERROR,
    CycleOutcome.ERROR: Exit.ERROR,
}


def exit_for(error: OrgMirrorError) -> Exit:
    """The exit code that an error ends a command with."""
    if error.code in _SIGN_IN_CODES:
        return Exit.SIGN_IN
    if error.code in _USAGE_CODES:
        return Exit.USAGE
    if error.code in _BUDGET_CODES:
        return Exit.BUDGET
    return Exit.ERROR


def say(text: str) -> None:
    """A line of words for the person, on stderr."""
    print(text, file=sys.stderr, flush=True)


def say_error(error: OrgMirrorError) -> None:
    """What happened and what to do next, on stderr."""
    words = message(error)
    say(f"{words.title}\n{words.remedy}")


def error_json(error: OrgMirrorError) -> dict[str, Any]:
    """What `--json` prints on stdout where a command failed: an object with `error`, in place of its value.

    `code` is stable and `text` and `remedy` are for people; the exit code tells the kind. `sync --once --json` prints
    its own object instead, whose `result` tells it.
    """
    words = message(error)
    return {"error": {"code": error.code.value, "text": words.title, "remedy": words.remedy}}


def put_json(value: Any) -> None:
    """Exactly one JSON value on stdout."""
    # In one piece: a value that cannot be told must not leave half of itself on stdout.
    text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def put(text: str) -> None:
    """A line of data on stdout; control characters of a record would reach the terminal as commands, so they go."""
    sys.stdout.write(text.translate(_CONTROLS) + "\n")


_CONTROLS = {code: " " for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def _plain(value: Any) -> Any:
    """The value in JSON's terms: bytes as hexadecimal digits, infinite numbers as texts, as SQLite prints them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Inf", -math.inf: "-Inf"}.get(value)
    return value


def table(rows: Sequence[tuple[str, ...]], *, right: frozenset[int] = frozenset()) -> str:
    """Rows as aligned columns; `right` are the numbers of right-aligned columns."""
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[i]) if i in right else cell.ljust(widths[i]) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)

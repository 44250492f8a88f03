"""Keeps secrets out of logs, should any code ever hand one to a logger: the last net, not the rule.

The rule is that no exception, argument or repr of ours holds a secret. Libraries log what they like, so the
application's handlers get `RedactingFilter`, and urllib3, whose records quote addresses with their queries, is kept
quiet.
"""

from __future__ import annotations

import logging
import re

HIDDEN = "[hidden]"
_PATTERNS = (
    # An opaque token, wherever it stands: the org's id, an exclamation mark, and the rest.
    (re.compile(r"\b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![\w.+/=-]+"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+"), HIDDEN),
    (re.compile(r"(?i)\b((?:bearer|basic|oauth)\s+)[\w.!+/=~-]{8,}"), rf"\1{HIDDEN}"),
    (
        re.compile(
            r"(?i)(['\"]?\b(?:password|passphrase|security_?token|client_?secret|private_?key|access_?token"
            r"|refresh_?token|assertion|session_?id)['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&<>)}\]]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)(<(?:\w+:)?(?:sessionId|password)>)[^<]+"), rf"\1{HIDDEN}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    # User name and password of a proxy.
    (re.compile(r"(\w+://)[^/\s:@]+:[^/\s@]+@"), rf"\1{HIDDEN}@"),
    # Queries may quote record values.
    (re.compile(r"([?&]q=)[^\s&\"]+"), rf"\1{HIDDEN}"),
)


def redacted(text: str) -> str:
    """`text` without anything that looks like a secret."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """For handlers. Rewrites the record's message, and its traceback when there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redacted(record.getMessage())
        record.args = None
        if record.exc_info:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def quiet_libraries() -> None:
    """Let urllib3 log errors only: what it warns of reaches people as an error of ours."""
    logging.getLogger("urllib3").setLevel(logging.ERROR)

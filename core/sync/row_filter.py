"""A person's own SOQL condition on an object's rows: what of it can be seen without asking Salesforce. Pure.

Salesforce decides whether it is right (`ScopeApi.count` asks); here it is only made sure that it is one condition, so
that others can stand beside it, and found out whether rows begin or cease to fit it without being changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.mirror.tables import Table
from core.model.errors import ErrorCode, OrgMirrorError

_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
# TODAY, LAST_WEEK, THIS_FISCAL_QUARTER, NEXT_N_DAYS:7, N_MONTHS_AGO:3, … (salesforce-api 3.3).
_RELATIVE = re.compile(
    r"\b(?:TODAY|TOMORROW|YESTERDAY|(?:LAST|THIS|NEXT)_(?:\d+|N|90|FISCAL)?_?(?:[A-Z]+_)*[A-Z]+(?::\d+)?|"
    r"N_[A-Z_]+_AGO:\d+)\b",
    re.IGNORECASE,
)
_PATH = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*\.[A-Za-z]")
_WORD = re.compile(r"\b[A-Za-z][A-Za-z0-9_]*\b")
_SUBQUERY = re.compile(r"\(\s*SELECT\b", re.IGNORECASE)


def tidy(text: str | None, object_name: str) -> str | None:
    """The condition alone, on one line; None where there is none. Raises ROW_FILTER_REFUSED for what is not one."""
    words = " ".join((text or "").split())
    if words.upper().startswith("WHERE "):
        words = words[6:].strip()
    if not words:
        return None
    if not _is_one_condition(words):
        raise OrgMirrorError(ErrorCode.ROW_FILTER_REFUSED, object=object_name)
    return words


def moves_by_itself(table: Table, row_filter: str | None) -> bool:
    """Whether rows may begin or cease to fit without a new stamp: by relative dates, parents, formulas, subqueries.

    Such a filter is evaluated anew each day.
    """
    if not row_filter:
        return False
    bare = _LITERAL.sub("''", row_filter)
    if _RELATIVE.search(bare) or _PATH.search(bare) or _SUBQUERY.search(bare):
        return True
    return any(column.field.calculated for word in _words(bare) if (column := table.column(word)))


def _words(text: str) -> Iterator[str]:
    return (match[0] for match in _WORD.finditer(text))


def _is_one_condition(text: str) -> bool:
    """Whether the parentheses outside of texts are in pairs and every text ends."""
    bare = _LITERAL.sub("", text)
    if "'" in bare:
        return False
    depth = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0

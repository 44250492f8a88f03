"""SOQL text to tree, with the error texts of the real API."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from core.demo.errors import OrgError
from core.demo.soql import tree

MAX_LENGTH = 100_000
_KEYWORDS = """
SELECT FROM WHERE USING SCOPE WITH GROUP BY HAVING ORDER LIMIT OFFSET ALL ROWS FOR AND OR NOT IN LIKE INCLUDES
EXCLUDES ASC DESC NULLS FIRST LAST TYPEOF WHEN THEN ELSE END UPDATE AS
"""

# Each optional clause is a rule of its own: nine of them in one rule would be 512 rules to lark, two seconds of start.
_GRAMMAR = r"""
start: query
query: SELECT selection ("," selection)* FROM source m_using m_where m_with m_grouping m_having m_ordering \
    m_limit m_offset m_rows purposes
?m_using: [using]
?m_where: [where]
?m_with: [with]
?m_grouping: [grouping]
?m_having: [having]
?m_ordering: [ordering]
?m_limit: [limit]
?m_offset: [offset]
?m_rows: [rows]
selection: expr [name]            -> selected
    | "(" query ")"               -> child
    | TYPEOF path when+ [otherwise] END -> typeof
when: WHEN name THEN paths
otherwise: ELSE paths
paths: path ("," path)*
source: path [AS] [name]
using: USING SCOPE name
where: WHERE condition
with: WITH name
grouping: GROUP BY expr ("," expr)*
having: HAVING condition
ordering: ORDER BY order ("," order)*
order: expr [ASC | DESC] [nulls]
nulls: NULLS FIRST -> nulls_first
    | NULLS LAST   -> nulls_last
limit: LIMIT NUMBER
offset: OFFSET NUMBER
rows: ALL ROWS
purposes: purpose*
purpose: FOR (name | UPDATE) ("," (name | UPDATE))*
    | UPDATE name ("," name)*
?condition: conjunction (OR conjunction)* -> any_of
?conjunction: single (AND single)*        -> all_of
?single: NOT single               -> negation
    | "(" condition ")"           -> bracket
    | comparison
comparison: expr OPERATOR value   -> compare
    | expr LIKE value             -> like
    | expr IN members             -> is_in
    | expr NOT IN members         -> not_in
    | expr INCLUDES values        -> includes
    | expr EXCLUDES values        -> excludes
members: values | "(" query ")"
values: "(" value ("," value)* ")"
expr: path | function
function: NAME "(" [argument ("," argument)*] ")"
argument: expr | literal
literal: STRING | NUMBER
path: NAME ("." NAME)*
name: NAME
value: STRING -> string
    | DATETIME -> moment
    | DATE -> date
    | TIME -> time
    | NUMBER -> number
    | NAME [":" NUMBER] -> word

OPERATOR: "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
STRING: /'(?:[^'\\]|\\.)*'/s
DATETIME.4: /\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)/i
DATE.3: /\d{4}-\d\d-\d\d/
TIME.3: /\d\d:\d\d:\d\d(\.\d+)?Z/i
NUMBER.2: /[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/
NAME: /[A-Za-z_]\w*/
%ignore /\s+/
"""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


def unescape(text: str, *, like: bool = False) -> str:
    """The text between the quotes of a literal. For LIKE the escapes of % and _ stay, with a backslash."""

    def one(match: re.Match[str]) -> str:
        char = match[1]
        if char[0] == "u" and len(char) == 5:
            return chr(int(char[1:], 16))
        if char in "%_":
            return f"\\{char}" if like else char
        return ("\\\\" if like else "\\") if char == "\\" else _ESCAPES.get(char, char)

    return _ESCAPE.sub(one, text)


def error_at(soql: str, pos: int, code: str, message: str) -> OrgError:
    """An error in the captured form: the line, a caret below the place, row and column, the message."""
    before = soql[:pos]
    row = before.count("\n") + 1
    start = before.rfind("\n") + 1
    end = soql.find("\n", pos)
    line = soql[start : end if end >= 0 else len(soql)]
    column = pos - start + 1
    first = max(0, column - 60)
    shown = line[first : first + 100]
    return OrgError(code, f"\n{shown}\n{' ' * (column - 1 - first)}^\nERROR at Row:{row}:Column:{column}\n{message}")


class _Builder(Transformer[Token, Any]):
    """Called by the parser while it reads; makes tree nodes."""

    def path(self, parts: list[Token]) -> tree.Path:
        return tree.Path(tuple(str(part) for part in parts), parts[0].start_pos or 0)

    def name(self, parts: list[Token]) -> str:
        return str(parts[0])

    def function(self, parts: list[Any]) -> tree.Func:
        args = tuple(part for part in parts[1:] if part is not None)
        return tree.Func(str(parts[0]), args, parts[0].start_pos)

    def expr(self, parts: list[Any]) -> Any:
        return parts[0]

    argument = expr

    def literal(self, parts: list[Token]) -> tree.Value:
        return self.string(parts) if parts[0].type == "STRING" else self.number(parts)

    def string(self, parts: list[Token]) -> tree.Value:
        return tree.Value("string", str(parts[0])[1:-1], parts[0].start_pos or 0)

    def number(self, parts: list[Token]) -> tree.Value:
        return tree.Value("number", str(parts[0]), parts[0].start_pos or 0)

    def moment(self, parts: list[Token]) -> tree.Value:
        return tree.Value("datetime", str(parts[0]), parts[0].start_pos or 0)

    def date(self, parts: list[Token]) -> tree.Value:
        return tree.Value("date", str(parts[0]), parts[0].start_pos or 0)

    def time(self, parts: list[Token]) -> tree.Value:
        return tree.Value("time", str(parts[0]), parts[0].start_pos or 0)

    def word(self, parts: list[Any]) -> tree.Value:
        number = int(parts[1]) if parts[1] is not None else None
        return tree.Value("word", str(parts[0]), parts[0].start_pos, number)

    def values(self, parts: list[Any]) -> tuple[tree.Value, ...]:
        return tuple(parts)

    def members(self, parts: list[Any]) -> Any:
        return parts[0]

    def paths(self, parts: list[Any]) -> tuple[tree.Path, ...]:
        return tuple(parts)

    def selected(self, parts: list[Any]) -> tree.Selected:
        return tree.Selected(parts[0], parts[1])

    def child(self, parts: list[Any]) -> tree.Child:
        return tree.Child(parts[0], parts[0].source.pos)

    def typeof(self, parts: list[Any]) -> tree.TypeOf:
        whens = tuple(part for part in parts[2:] if isinstance(part, tuple) and part and isinstance(part[0], str))
        rest = parts[-2]
        otherwise = rest if isinstance(rest, tuple) and rest and isinstance(rest[0], tree.Path) else ()
        return tree.TypeOf(parts[1], whens, otherwise)

    def when(self, parts: list[Any]) -> tuple[str, tuple[tree.Path, ...]]:
        return parts[1], parts[3]

    def otherwise(self, parts: list[Any]) -> Any:
        return parts[1]

    def source(self, parts: list[Any]) -> tuple[tree.Path, str | None]:
        return parts[0], parts[2]

    def using(self, parts: list[Any]) -> Any:
        return parts[2]

    def where(self, parts: list[Any]) -> Any:
        return parts[1]

    having = where
    with_ = where

    def grouping(self, parts: list[Any]) -> tuple[tree.Expr, ...]:
        return tuple(parts[2:])

    ordering = grouping

    def order(self, parts: list[Any]) -> tree.Order:
        down = any(isinstance(part, Token) and part.type == "DESC" for part in parts[1:])
        return tree.Order(parts[0], down, parts[-1] == "last")

    def nulls_first(self, _: list[Any]) -> str:
        return "first"

    def nulls_last(self, _: list[Any]) -> str:
        return "last"

    def limit(self, parts: list[Token]) -> Token:
        return parts[1]

    offset = limit

    def rows(self, _: list[Any]) -> bool:
        return True

    def purpose(self, parts: list[Any]) -> list[str]:
        return [str(part).upper() for part in parts]

    def purposes(self, parts: list[Any]) -> tuple[str, ...]:
        return tuple(word for part in parts for word in part)

    def compare(self, parts: list[Any]) -> tree.Compare:
        op = str(parts[1])
        return tree.Compare(parts[0], "!=" if op == "<>" else op, parts[2])

    def like(self, parts: list[Any]) -> tree.Compare:
        return tree.Compare(parts[0], "like", parts[2])

    def is_in(self, parts: list[Any]) -> tree.In:
        found = parts[-1]
        query = found if isinstance(found, tree.Query) else None
        return tree.In(parts[0], () if query else found, query, len(parts) == 4)

    not_in = is_in

    def includes(self, parts: list[Any]) -> tree.Includes:
        return tree.Includes(parts[0], parts[2], parts[1].type == "EXCLUDES")

    excludes = includes

    def negation(self, parts: list[Any]) -> tree.Not:
        return tree.Not(parts[1])

    def bracket(self, parts: list[Any]) -> Any:
        inner = parts[0]
        if isinstance(inner, tree.Group):
            return tree.Group(inner.word, inner.items, inner.pos, True)
        return inner

    def all_of(self, parts: list[Any]) -> Any:
        return self._group("AND", parts)

    def any_of(self, parts: list[Any]) -> Any:
        return self._group("OR", parts)

    def _group(self, word: Any, parts: list[Any]) -> Any:
        joints = [part for part in parts if isinstance(part, Token)]
        if not joints:
            return parts[0]
        items = tuple(part for part in parts if not isinstance(part, Token))
        for item in items:
            # SOQL wants brackets where AND and OR meet.
            if isinstance(item, tree.Group) and not item.bracketed:
                raise _Mixed(joints[0])
        return tree.Group(word, items, joints[0].start_pos or 0)

    def query(self, parts: list[Any]) -> tree.Query:
        at = next(i for i, part in enumerate(parts) if isinstance(part, Token) and part.type == "FROM")
        source, alias = parts[at + 1]
        scope, where, _, group, having, order, limit, offset, rows, purposes = parts[at + 2 :]
        return tree.Query(
            select=tuple(parts[1:at]),
            source=source,
            alias=alias,
            scope=scope,
            where=where,
            group=group or (),
            having=having,
            order=order or (),
            limit=_whole(limit),
            offset=_whole(offset),
            all_rows=bool(rows),
            purposes=purposes,
        )

    def start(self, parts: list[Any]) -> Any:
        return parts[0]


class _Mixed(Exception):
    def __init__(self, token: Token) -> None:
        super().__init__(str(token))
        self.token = token


def _whole(token: Token | None) -> int | None:
    if token is None:
        return None
    if not token.isdigit():
        raise _Mixed(token)
    return int(token)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    words = "\n".join(f"{word}.9: /{word}\\b/i" for word in _KEYWORDS.split())
    builder = _Builder()
    setattr(builder, "with", builder.where)
    return Lark(
        _GRAMMAR + words, parser="lalr", lexer="contextual", transformer=builder, maybe_placeholders=True,
        keep_all_tokens=False,
    )  # fmt: skip


def warm_up() -> None:
    """Make the parser, which takes a tenth of a second, before the first query needs it."""
    _parser()


@lru_cache(maxsize=512)
def _parsed(soql: str) -> tree.Query:
    try:
        found = _parser().parse(soql)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise error_at(soql, len(soql.rstrip()), "MALFORMED_QUERY", "unexpected token: '<EOF>'") from None
        raise _unexpected(soql, error.token.start_pos or 0, str(error.token)) from None
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        word = re.match(r"\w+|.", soql[at:], re.DOTALL)
        raise _unexpected(soql, at, word[0] if word else "") from None
    except VisitError as error:
        if isinstance(error.orig_exc, _Mixed):
            raise _unexpected(soql, error.orig_exc.token.start_pos or 0, str(error.orig_exc.token)) from None
        raise
    except _Mixed as error:
        raise _unexpected(soql, error.token.start_pos or 0, str(error.token)) from None
    except UnexpectedInput as error:
        raise _unexpected(soql, error.pos_in_stream or 0, "") from None
    assert isinstance(found, tree.Query)
    return found


def _unexpected(soql: str, pos: int, word: str) -> OrgError:
    return error_at(soql, pos, "MALFORMED_QUERY", f"unexpected token: '{word}'")


def parse(soql: str) -> tree.Query:
    """The tree of a query. Raises OrgError MALFORMED_QUERY."""
    if len(soql) > MAX_LENGTH:
        raise OrgError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    return _parsed(soql)

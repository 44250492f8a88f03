"""A SOQL condition as SQL text without parameters, for sharing rules that are kept with the org."""

from __future__ import annotations

from core.demo.metadata.fields import Object
from core.demo.soql.compile import find_rows
from core.demo.soql.parse import parse
from core.demo.soql.scope import Context


def condition_sql(condition: str, item: Object, context: Context) -> str:
    """SQL with `{t}` for the row's alias, true where the condition holds. Raises OrgError for a wrong condition.

    Relative dates are taken as of now.
    """
    soql = f"SELECT Id FROM {item.name} WHERE {condition}"
    context.soql = soql
    context.all_rows = True
    sql, params = find_rows(parse(soql), context, item)
    for value in params:
        literal = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        sql = sql.replace("?", literal.replace("?", "\ue000"), 1)
    return f'{{t}}."Id" IN ({sql})'.replace("\ue000", "?")

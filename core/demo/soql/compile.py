"""Tree to plan: the SQL that finds the rows, the shape of the answer, or the finished rows of an aggregate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.demo.errors import BulkRefused, OrgError
from core.demo.metadata.fields import Field, Object
from core.demo.soql import tree
from core.demo.soql.scope import Context, Scope
from core.demo.soql.shape import ChildPlan, OutColumn, Shape
from core.demo.soql.where import DATE_FUNCTIONS, Conditions, Operand, label_sql, order_sql

MAX_OFFSET = 2000
_AGGREGATES = frozenset({"count", "count_distinct", "sum", "avg", "min", "max"})


@dataclass
class Plan:
    """A compiled query. Exactly one of `count_sql`, `aggregate_sql` and `ids_sql` is set."""

    item: Object
    ids_sql: str = ""
    count_sql: str = ""
    aggregate_sql: str = ""
    params: list[Any] = field(default_factory=list)
    shape: Shape | None = None
    columns: list[OutColumn] = field(default_factory=list)
    viewed: bool = False


def compile_query(query: tree.Query, context: Context) -> Plan:
    """The plan of a query. Raises OrgError for what is not there or not allowed."""
    item = _source(query.source, context)
    if query.offset is not None and query.offset > MAX_OFFSET:
        raise OrgError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    if context.bulk:
        _refuse_in_bulk(query)
    first = query.select[0]
    if _is_count(first) and len(query.select) == 1 and not query.group:
        return _count(query, context, item)
    if query.group or any(isinstance(s, tree.Selected) and _aggregates(s.expr) for s in query.select):
        return _aggregate(query, context, item)
    return _rows(query, context, item)


def _source(path: tree.Path, context: Context) -> Object:
    item = context.rights.find(path.text) if len(path.parts) == 1 else None
    if item is None or not item.queryable:
        raise context.fail(
            path.pos,
            "INVALID_TYPE",
            f"sObject type '{path.text}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )
    return item


def _refuse_in_bulk(query: tree.Query) -> None:
    if any(isinstance(item, tree.Child) for item in query.select):
        raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "Aggregate Relationships not supported in Bulk Query")
    if any(isinstance(item, tree.TypeOf) for item in query.select):
        raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "TYPEOF not supported in Bulk Query")
    if query.group or query.having:
        raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "GROUP BY not supported in Bulk Query")
    if query.offset is not None:
        raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "OFFSET clause not supported in Bulk Query")
    for item in query.select:
        if isinstance(item, tree.Selected) and isinstance(item.expr, tree.Func):
            if item.expr.name.lower() == "fields":
                raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "FIELDS function not supported in Bulk Query")
            if _aggregates(item.expr):
                raise BulkRefused("FUNCTIONALITY_NOT_ENABLED", "Aggregate functions not supported in Bulk Query")


def _is_count(item: object) -> bool:
    return (
        isinstance(item, tree.Selected)
        and isinstance(item.expr, tree.Func)
        and item.expr.name.lower() == "count"
        and not item.expr.args
    )


def _aggregates(expr: object) -> bool:
    return isinstance(expr, tree.Func) and expr.name.lower() in _AGGREGATES


def _where(query: tree.Query, scope: Scope, *, all_rows: bool) -> tuple[list[str], Conditions]:
    conditions = Conditions(scope, _subquery)
    parts = []
    if query.where is not None:
        parts.append(conditions.sql(query.where))
    if query.scope is not None:
        parts.append(_scope(query.scope, scope))
    return parts + scope.base_condition(all_rows=all_rows, filtered=bool(parts)), conditions


def _scope(name: str, scope: Scope) -> str:
    rights = scope.context.rights
    kind = name.lower()
    if kind in ("everything", "team", "scopingrule"):
        return "1"
    if not scope.item.has("OwnerId"):
        raise OrgError("INVALID_QUERY_SCOPE", f"Unsupported scope '{name}' for entity {scope.item.name}")
    if kind in ("mine", "mine_and_my_groups"):
        owners = rights.owner_ids if kind == "mine_and_my_groups" else (rights.user_id,)
        return f'{scope.sql_alias}."OwnerId" IN ({", ".join(repr(owner) for owner in owners)})'
    if kind in ("queue_owned", "user_owned"):
        return f"substr({scope.sql_alias}.\"OwnerId\", 1, 3) = '{'00G' if kind == 'queue_owned' else '005'}'"
    raise OrgError("INVALID_QUERY_SCOPE", f"Unsupported scope '{name}' for entity {scope.item.name}")


def _ordered(query: tree.Query, conditions: Conditions, limit: int | None = None) -> str:
    terms = []
    for order in query.order:
        operand = conditions.operand(order.expr, filtering=False)
        if not operand.field.sortable:
            raise conditions.context.fail(
                order.expr.pos, "MALFORMED_QUERY", f"field '{operand.field.name}' can not be sorted in a query call"
            )
        terms.append(order_sql(operand, descending=order.descending, nulls_last=order.nulls_last))
    text = f" ORDER BY {', '.join([*terms, conditions.scope.sql_alias + '.n'])}" if terms else ""
    limit = query.limit if limit is None else limit
    if limit is not None or query.offset:
        text += f" LIMIT {-1 if limit is None else limit} OFFSET {query.offset or 0}"
    return text


def _subquery(query: tree.Query, context: Context) -> tuple[str, list[Any], Field]:
    """The inner SELECT of a semi-join: its SQL, parameters and field."""
    item = _source(query.source, context)
    chosen = query.select[0]
    if len(query.select) != 1 or not isinstance(chosen, tree.Selected) or not isinstance(chosen.expr, tree.Path):
        raise context.fail(query.source.pos, "MALFORMED_QUERY", "semi join sub-selects must select one field")
    scope = Scope(context, item, query.alias)
    column = scope.column(chosen.expr)
    parts, conditions = _where(query, scope, all_rows=context.all_rows)
    parts.append(f"{column.sql} IS NOT NULL")
    limited = _ordered(query, conditions)
    sql = f"SELECT {column.sql} FROM {scope.from_sql()} WHERE {' AND '.join(parts)}{limited}"
    return sql, conditions.params, column.field


def _count(query: tree.Query, context: Context, item: Object) -> Plan:
    scope = Scope(context, item, query.alias)
    parts, conditions = _where(query, scope, all_rows=context.all_rows or query.all_rows)
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    if query.limit is None and not query.offset:
        sql = f"SELECT COUNT(*) FROM {scope.from_sql()}{where}"
    else:
        sql = (
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {scope.from_sql()}{where} "
            f"LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0})"
        )
    return Plan(item, count_sql=sql, params=conditions.params)


def _aggregate(query: tree.Query, context: Context, item: Object) -> Plan:
    scope = Scope(context, item, query.alias)
    parts, conditions = _where(query, scope, all_rows=context.all_rows or query.all_rows)
    conditions_having = Conditions(scope, _subquery, having=True)
    grouped = [_group_term(expr, conditions_having) for expr in query.group]
    columns: list[OutColumn] = []
    selected: list[str] = []
    aliases: dict[str, Operand] = {}
    unnamed = 0
    for chosen in query.select:
        if not isinstance(chosen, tree.Selected):
            raise context.fail(query.source.pos, "MALFORMED_QUERY", "unexpected token: '('")
        expr = chosen.expr
        aggregated = _aggregates(expr)
        operand = conditions_having.operand(expr, filtering=False)
        if not aggregated and operand.sql not in {term.sql for term in grouped}:
            raise context.fail(expr.pos, "MALFORMED_QUERY", f"Field must be grouped or aggregated: {_text_of(expr)}")
        name = chosen.alias
        if name is None:
            name = operand.field.name if isinstance(expr, tree.Path) else f"expr{unnamed}"
            unnamed += isinstance(expr, tree.Func)
        if name in aliases:
            raise context.fail(expr.pos, "MALFORMED_QUERY", f"duplicate alias: {name}")
        aliases[name] = operand
        columns.append(OutColumn(name, operand.field.type, name, operand.field, aggregated))
        selected.append(operand.sql)
    having = f" HAVING {conditions_having.sql(query.having)}" if query.having is not None else ""
    orders = []
    for order in query.order:
        plain = order.expr.text if isinstance(order.expr, tree.Path) else ""
        operand = aliases.get(plain) or conditions_having.operand(order.expr, filtering=False)
        orders.append(order_sql(operand, descending=order.descending, nulls_last=order.nulls_last))
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    group = ""
    if grouped:
        folded = [_folded(term) for term in grouped]
        group = f" GROUP BY {', '.join(folded)}"
    sql = f"SELECT {', '.join(selected)} FROM {scope.from_sql()}{where}{group}{having}"
    if orders:
        sql += f" ORDER BY {', '.join(orders)}"
    if query.limit is not None or query.offset:
        sql += f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset or 0}"
    return Plan(item, aggregate_sql=sql, params=[*conditions.params, *conditions_having.params], columns=columns)


def _group_term(expr: tree.Expr, conditions: Conditions) -> Operand:
    if isinstance(expr, tree.Func) and expr.name.lower() in ("rollup", "cube"):
        raise conditions.context.fail(expr.pos, "MALFORMED_QUERY", f"GROUP BY {expr.name.upper()} is not supported")
    operand = conditions.operand(expr, filtering=False)
    if isinstance(expr, tree.Path) and not operand.field.groupable:
        raise conditions.context.fail(
            expr.pos, "MALFORMED_QUERY", f"field '{operand.field.name}' can not be grouped in a query call"
        )
    return operand


def _folded(term: Operand) -> str:
    text = term.field.type not in ("id", "reference", "boolean", "int", "date", "datetime", "time")
    return f"{term.sql} COLLATE NOCASE" if text and term.field.name.lower() not in DATE_FUNCTIONS else term.sql


def _text_of(expr: tree.Expr) -> str:
    return expr.text if isinstance(expr, tree.Path) else expr.name


def _rows(query: tree.Query, context: Context, item: Object) -> Plan:
    all_rows = context.all_rows or query.all_rows
    finder = Scope(context, item, query.alias)
    parts, conditions = _where(query, finder, all_rows=all_rows)
    tail = _ordered(query, conditions)
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    ids_sql = f"SELECT {finder.sql_alias}.n FROM {finder.from_sql()}{where}{tail}"
    shape = _shape(query, context, item)
    return Plan(
        item, ids_sql=ids_sql, params=conditions.params, shape=shape, columns=shape.columns,
        viewed="VIEW" in query.purposes,
    )  # fmt: skip


def _shape(query: tree.Query, context: Context, item: Object) -> Shape:
    shape = Shape(Scope(context, item, query.alias))
    for chosen in query.select:
        if isinstance(chosen, tree.Child):
            shape.add_child(_child(chosen, context, item))
        elif isinstance(chosen, tree.TypeOf):
            shape.add_typeof(chosen)
        elif isinstance(chosen.expr, tree.Path):
            if chosen.alias is not None:
                raise context.fail(
                    chosen.expr.pos, "MALFORMED_QUERY",
                    "only aggregate expressions use field aliasing",
                )  # fmt: skip
            shape.add(chosen.expr)
        else:
            _function(chosen.expr, chosen.alias, shape, query)
    return shape


def _function(expr: tree.Func, alias: str | None, shape: Shape, query: tree.Query) -> None:
    context = shape.context
    name = expr.name.lower()
    arg = expr.args[0] if len(expr.args) == 1 else None
    if name == "fields" and isinstance(arg, tree.Path):
        _fields(arg, shape, query)
        return
    if name in ("tolabel", "format") and isinstance(arg, tree.Path):
        column = shape.scope.column(arg)
        sql = label_sql(column.sql, column.field) if name == "tolabel" else _formatted(column.sql, column.field)
        kind = Field(alias or column.field.name, "string", column.field.label, 255)
        shape.add_value(alias or column.field.name, sql, kind)
        return
    raise context.fail(expr.pos, "MALFORMED_QUERY", f"unexpected token: '{expr.name}'")


def _formatted(sql: str, single: Field) -> str:
    if single.type == "currency":
        return f"'USD ' || printf('%,d', CAST({sql} AS INTEGER)) || substr(printf('%.2f', {sql}), -3)"
    if single.type == "percent":
        return f"CAST({sql} AS TEXT) || '%'"
    if single.type in ("date", "datetime"):
        parts = [f"CAST(substr({sql}, {start}, {size}) AS INTEGER)" for start, size in ((6, 2), (9, 2), (1, 4))]
        return " || '/' || ".join(parts)
    return f"CAST({sql} AS TEXT)"


def _fields(arg: tree.Path, shape: Shape, query: tree.Query) -> None:
    context = shape.context
    kind = arg.text.upper()
    if kind not in ("ALL", "STANDARD", "CUSTOM"):
        raise context.fail(arg.pos, "MALFORMED_QUERY", f"unexpected token: '{arg.text}'")
    if kind != "STANDARD" and (query.limit is None or query.limit > 200):
        raise OrgError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
    known = {column.name for column in shape.columns}
    for single in context.rights.fields(shape.scope.item).values():
        wanted = kind == "ALL" or (kind == "CUSTOM") == single.custom
        if wanted and single.name not in known:
            shape.add(tree.Path((single.name,), arg.pos))


def _child(chosen: tree.Child, context: Context, parent: Object) -> ChildPlan:
    query = chosen.query
    name = query.source.parts[-1]
    link = parent.by_child.get(name.lower())
    item = context.rights.find(link.object) if link is not None else None
    if link is None or item is None or link.field.lower() not in context.rights.fields(item):
        raise context.fail(
            chosen.pos,
            "INVALID_TYPE",
            f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a "
            "custom relationship, be sure to append the '__r' after the custom relationship name. Please reference "
            "your WSDL or the describe call for the appropriate names.",
        )
    if any(isinstance(part, tree.Selected) and _aggregates(part.expr) for part in query.select) or query.group:
        raise context.fail(chosen.pos, "MALFORMED_QUERY", "Grouping not allowed in a subquery")
    scope = Scope(context, item, query.alias)
    parts, conditions = _where(query, scope, all_rows=context.all_rows)
    shape = Shape(scope)
    for part in query.select:
        if isinstance(part, tree.Selected) and isinstance(part.expr, tree.Path):
            shape.add(part.expr)
        elif isinstance(part, tree.Child):
            raise context.fail(part.pos, "MALFORMED_QUERY", "Nested subqueries are not supported")
        elif isinstance(part, tree.Selected) and isinstance(part.expr, tree.Func):
            _function(part.expr, part.alias, shape, query)
    pointer = f'{scope.sql_alias}."{link.field}"'
    owner = shape.index(pointer)
    assert owner >= 0
    orders = _ordered(tree_without_limit(query), conditions)
    where = " AND ".join([*parts, f"{pointer} IN (SELECT value FROM json_each(?))"])
    inner = f"SELECT {', '.join(shape.sql)}, {pointer} AS om_parent"
    if query.limit is not None or query.offset:
        inner += f", row_number() OVER (PARTITION BY {pointer}{orders}) AS om_rank"
    sql = f"{inner} FROM {scope.from_sql()} WHERE {where}{orders}"
    if query.limit is not None or query.offset:
        first = query.offset or 0
        last = f" AND om_rank <= {first + query.limit}" if query.limit is not None else ""
        sql = f"SELECT * FROM ({sql}) WHERE om_rank > {first}{last}"
    return ChildPlan(link.name or name, shape, scope, sql, conditions.params)


def find_rows(query: tree.Query, context: Context, item: Object) -> tuple[str, list[Any]]:
    """SQL and parameters that give the ids of the rows of a query."""
    scope = Scope(context, item, query.alias)
    parts, conditions = _where(query, scope, all_rows=context.all_rows)
    sql = f'SELECT {scope.sql_alias}."Id" FROM {scope.from_sql()} WHERE {" AND ".join(parts) or "1"}'
    return sql, conditions.params


def tree_without_limit(query: tree.Query) -> tree.Query:
    """The same query without LIMIT and OFFSET."""
    return tree.Query(
        query.select, query.source, query.alias, query.scope, query.where, query.group, query.having, query.order,
        None, None, query.all_rows, query.purposes,
    )  # fmt: skip

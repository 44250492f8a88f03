"""Fields that describe lists and a query refuses all the same: found, left out, and told of (sync-peers 2.7).

One such field must not keep a whole object from being mirrored. It is tried again when the object's describe changes,
or when a person asks.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from core.mirror import objects, problems
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.writer import Priority
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.states import Operation, ProblemKind
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError
from core.sync import soql
from core.sync.by_id import OVERCOME

log = logging.getLogger(__name__)

_QUOTED = re.compile(r"'([A-Za-z]\w*)'")

Refuses = Callable[[Sequence[str]], SalesforceError | None]


def leave_out(mirror: Mirror, client: Client, table: Table) -> bool:
    """After a refusal and a fresh describe: find what a query still refuses.

    True where something was found and noted: the object is to be described once more, without it.
    Raises OrgMirrorError for what is no refusal of a field.
    """
    found = find(soql.load_fields(table), soql.key_fields(table), lambda names: _refusal(client, table, names))
    if not found:
        return False
    log.info("%s: %d fields are refused for good", table.name, len(found))

    def note(session: WriteSession) -> None:
        objects.refuse_fields(session, table.name, found)
        for name, error in found.items():
            said = OrgMirrorError(
                ErrorCode.FIELD_REFUSED,
                salesforce_code=error.salesforce_code,
                salesforce_text=error.salesforce_text,
                object=table.name,
                field=name,
            )
            problems.open_problem(
                session, table.name, said, field=name, kind=ProblemKind.SCHEMA, operation=Operation.SCHEMA
            )

    mirror.writer.call(note, Priority.BATCH)
    return True


def find(fields: Sequence[str], keys: Sequence[str], refuses: Refuses) -> dict[str, SalesforceError]:
    """The fields that are refused by themselves, with the refusal; `refuses(names)` asks. Pure but for that.

    What the refusal quotes is tried first; otherwise the fields are halved until each refused one stands alone.
    """
    rest = [name for name in fields if name not in keys]
    found: dict[str, SalesforceError] = {}
    while rest:
        error = refuses([*keys, *rest])
        if error is None:
            return found
        by_lower = {name.lower(): name for name in rest}
        said = [*error.fields, *_QUOTED.findall(error.salesforce_text or "")]
        named = list(dict.fromkeys(by_lower[word.lower()] for word in said if word.lower() in by_lower))
        fresh = {name: alone for name in named if (alone := refuses([*keys, name])) is not None}
        if not fresh:
            if refuses(list(keys)) is not None:
                return found  # whatever is asked for is refused: no field is to blame
            fresh = _halved(rest, keys, refuses)
        if not fresh:
            return found  # refused together only: nothing that leaving one out would mend
        found |= fresh
        rest = [name for name in rest if name not in fresh]
    return found


def _halved(names: Sequence[str], keys: Sequence[str], refuses: Refuses) -> dict[str, SalesforceError]:
    error = refuses([*keys, *names])
    if error is None:
        return {}
    if len(names) == 1:
        return {names[0]: error}
    middle = len(names) // 2
    return _halved(names[:middle], keys, refuses) | _halved(names[middle:], keys, refuses)


def _refusal(client: Client, table: Table, names: Sequence[str]) -> SalesforceError | None:
    try:
        client.query(soql.select(table, names, tail="LIMIT 1"), all_rows=True)
    except SalesforceError as error:
        if error.kind is ErrorClass.SCHEMA and error.code is ErrorCode.FIELD_REFUSED:
            return error
        if error.kind not in OVERCOME:
            raise
        # Too much at once is no refusal of a field; reading by Id overcomes it.
    return None

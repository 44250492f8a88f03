"""The mirror of a home compared with the org's truth, value by value, within this process."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from core.app import App
from core.paths import Home
from tests.helpers.demo_org import DemoOrgProcess
from tests.helpers.truth import differences

ALWAYS = {"Lead", "Contact", "Account", "User", "Opportunity", "Task", "Event", "RecordType"}


def describe_types(org: DemoOrgProcess, token: str, name: str) -> dict[str, str]:
    """Field types by field name, as describe tells this user."""
    with org.session(token) as session:
        answer = session.get(f"{org.info['url']}/services/data/v65.0/sobjects/{name}/describe", timeout=30)
    answer.raise_for_status()
    return {field["name"]: field["type"] for field in answer.json()["fields"]}


def mirrored_rows(home: Path, connection: str, name: str) -> list[dict[str, Any]]:
    """Every row of an object's table, the recycle bin included."""
    with App(Home(home)) as app:
        answer = app.open(connection).browse.query(f'SELECT * FROM "{name}"')
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def assert_equal_to_the_org(
    org: DemoOrgProcess,
    home: Path,
    user: str | None = None,
    connection: str = "acme",
    *,
    objects: Collection[str] | None = None,
) -> None:
    """Every mirrored object, all rows and fields; `objects` says which have to be there (default: the usual ones).

    The rows that `status` counts are those that are not deleted.
    """
    token = org.token(user or org.info["username"])
    with App(Home(home)) as app:
        status = app.status_json(connection)
        names = {item["name"]: item for item in status["objects"]}
        assert set(ALWAYS if objects is None else objects) <= set(names)
        browse = app.open(connection).browse
        for name, item in names.items():
            assert item["loaded"], item
            answer = browse.query(f'SELECT * FROM "{name}"')
            rows = (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
            truth = list(org.truth(name, user))
            found = differences(name, describe_types(org, token, name), truth, rows)
            assert not found, "\n".join(found)
            assert item["rows"] == sum(1 for row in truth if not row.get("IsDeleted")), item

"""A site over a real demo org without rows, called as its wire would call it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.demo.http.call import Answer, Call
from core.demo.http.routes import make_router
from core.demo.org import Org
from core.demo.site import Site

BASE = "/services/data/v65.0"
SAM = "sam.sales@orgmirror.demo"
Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty-org")
    Org.open(folder, rows={"*": 0}, anchor=datetime(2026, 6, 1, tzinfo=UTC)).close()
    return folder


@pytest.fixture
def org(empty_folder: Path, tmp_path: Path) -> Iterator[Org]:
    shutil.copytree(empty_folder, tmp_path / "org")
    made = Org.open(tmp_path / "org")
    yield made
    made.close()


@pytest.fixture
def site(org: Org, tmp_path: Path) -> Iterator[Site]:
    made = Site(org, tmp_path, make_router(), "https://127.0.0.1:1")
    made.behaviour.ingest_seconds = 0.0
    yield made
    made.close()


@pytest.fixture
def ask(site: Site, org: Org) -> Ask:
    """ask("PATCH", "/sobjects/Lead/ID", body, if_unmodified_since="…", user=user_id)."""

    def run(method: str, path: str, body: Any = None, *, user: str | None = None, **headers: str) -> Answer:
        parts = urlsplit(path if path.startswith("/services") else BASE + path)
        call = Call(
            site=site,
            method=method,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            body=body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode(),
            session=site.sessions.open(user or org.admin_id),
        )
        return site.router.run(call)

    return run


def user_id(org: Org, username: str) -> str:
    found = org.find_user(username)
    assert found is not None
    return found.id


def queue_id(org: Org, name: str) -> str:
    sql = 'SELECT "Id" FROM "Group" WHERE "DeveloperName" = ?'
    return str(org.store.connection.execute(sql, (name,)).fetchone()[0])


def row(org: Org, name: str, record_id: str) -> dict[str, Any]:
    """A record as the admin reads it, deleted or not."""
    soql = f"SELECT FIELDS(ALL) FROM {name} WHERE Id = '{record_id}' LIMIT 1"
    (found,) = org.view(org.admin_id).query(soql, all_rows=True).records("65.0")
    return found


def lead(org: Org, **values: Any) -> str:
    """A lead made by the admin past all rules of convenience."""
    return org.insert(org.admin_id, "Lead", {"LastName": "L", "Company": "C", **values})

"""Demo orgs for the tests: one filled and only read by all, copies to write to, and one with a few known rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.demo.org import Org, View

ANCHOR = datetime(2026, 6, 1, tzinfo=UTC)
SAM = "sam.sales@orgmirror.demo"
MIA = "mia.marketing@orgmirror.demo"


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled-org")
    Org.open(folder, rows={"*": 150, "Campaign": 12, "Account": 80}, anchor=ANCHOR).close()
    return folder


@pytest.fixture(scope="session")
def bare_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare-org")
    Org.open(folder, rows={"*": 0}, anchor=ANCHOR, objects=2).close()
    return folder


@pytest.fixture(scope="session")
def filled(filled_folder: Path) -> Iterator[Org]:
    """An org with rows of every kind. Only read it."""
    org = Org.open(filled_folder)
    yield org
    org.close()


@pytest.fixture
def copied(filled_folder: Path, tmp_path: Path) -> Iterator[Org]:
    """The filled org, to write to."""
    shutil.copytree(filled_folder, tmp_path / "copied")
    org = Org.open(tmp_path / "copied")
    yield org
    org.close()


@pytest.fixture
def bare(bare_folder: Path, tmp_path: Path) -> Iterator[Org]:
    """An org with users but no other rows, to write to."""
    shutil.copytree(bare_folder, tmp_path / "bare")
    org = Org.open(tmp_path / "bare")
    yield org
    org.close()


def user_id(org: Org, username: str) -> str:
    found = org.find_user(username)
    assert found is not None
    return found.id


def admin(org: Org) -> View:
    return org.view(org.admin_id)


def add(org: Org, name: str, **values: Any) -> str:
    """A row made by the admin; system fields may be given."""
    return org.insert(org.admin_id, name, values, raw=True)


def names(org: Org, condition: str, name: str = "Lead", field: str = "LastName", **options: bool) -> list[str]:
    """What a condition finds, by one field, sorted."""
    result = admin(org).query(f"SELECT {field} FROM {name} WHERE {condition}", **options)
    return sorted(str(record[field]) for record in result.records("65.0"))

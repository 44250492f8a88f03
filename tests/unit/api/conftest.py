"""A sample org, encrypted as in life, and a reading session over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from core.api.browse import BrowseApi, BrowseSession
from tests.helpers.sample_org import SampleOrg


@pytest.fixture
def org(tmp_path: Path) -> Iterator[SampleOrg]:
    """An empty sample org."""
    sample = SampleOrg(tmp_path / "org" / "mirror.db")
    yield sample
    sample.close()


@pytest.fixture
def browse(org: SampleOrg) -> Iterator[BrowseApi]:
    """The readers of `org`."""
    api = BrowseApi(org.mirror)
    yield api
    api.close()


@pytest.fixture
def reading(browse: BrowseApi) -> Callable[[], AbstractContextManager[BrowseSession]]:
    """Opens a session that sees what is committed at that moment."""
    return browse.session

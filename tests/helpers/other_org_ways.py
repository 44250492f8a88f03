"""How one `OtherOrg` does what others do differently: every doubt of the reference as a field, and what goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from tests.helpers.other_org_data import Forms


@dataclass(frozen=True)
class Ways:
    """How this Salesforce does what others do differently."""

    # the server
    versions: tuple[str, ...] = ("59.0", "65.0")
    date: bool = True
    clock: timedelta = timedelta(0)
    limit_info: str | None = "api-usage=18/100000"
    gzip: str = "asked"  # asked, never, always
    chunked: bool = False
    delay: float = 0.0  # seconds before each answer
    token: str = "opaque-token.of-no-known-shape"
    userinfo: bool = True
    root_identity: bool = True
    chatter: bool = True
    # describe
    last_modified: str = "all"  # all, objects, none
    gated: bool = True  # the global describe's stamp moves with every object's
    describe_fails: dict[str, int] = field(default_factory=dict)
    replication: bool = False  # getUpdated and getDeleted
    # composite
    composite: int = 25  # how many parts; a status from 400 refuses it
    composite_queries: int = 5
    # query
    page_rows: tuple[int, ...] = (2000,)
    next_url: str = "relative"  # relative, absolute, other-host, bare
    total_size: bool = True
    attributes: bool = True
    address_bytes: int = 16_000
    address_html: bool = False
    most_fields: int = 10_000
    count: str = "ok"  # ok, timeout, refused, slow-composite
    cursor_lives: int | None = None  # how many pages a cursor serves before it is forgotten
    too_large: dict[str, int] = field(default_factory=dict)  # object -> rows that one query may have
    lower_names: bool = False
    # bulk
    bulk: int = 200  # a status from 400 refuses it
    bulk_code: str = "NOT_FOUND"
    bulk_refuses: frozenset[str] = frozenset()
    bulk_fails: dict[str, str] = field(default_factory=dict)
    bulk_pages: tuple[int, ...] = (0,)  # rows of a page; 0 = what was asked for
    bulk_polls: int = 1
    result_pages: str | None = "resultUrl"  # None, resultUrl, resultLink, text, absolute, odd
    listing: int = 2
    not_ready: int = 204
    ready_late: int = 0  # results answer `not_ready` so often after the job is complete
    empty: str = "header"  # header, nothing, 204
    processed: str = "right"  # right, missing, off, text
    number_of_records: bool = True
    end_locator: str | None = "null"
    forms: Forms = field(default_factory=Forms)


@dataclass
class Fault:
    pattern: re.Pattern[str]
    kind: str
    times: int
    after: int
    body: bytes = b""

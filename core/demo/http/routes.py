"""All resource families in one router."""

from __future__ import annotations

from core.demo.http import (
    collections,
    composite,
    describe,
    ingest,
    jobs,
    layouts,
    limits,
    oauth,
    query,
    records,
    replication,
    soap,
    trees,
    ui_api,
    ui_records,
    versions,
)
from core.demo.http.router import Router


def make_router() -> Router:
    """The router of the whole demo org."""
    return Router(
        outside=[*versions.OUTSIDE, *soap.OUTSIDE, *oauth.OUTSIDE],
        inside=[
            *versions.INSIDE,
            *describe.INSIDE,
            *query.INSIDE,
            *replication.INSIDE,
            *limits.INSIDE,
            *records.INSIDE,
            *collections.INSIDE,
            *composite.INSIDE,
            *trees.INSIDE,
            *layouts.INSIDE,
            *ui_api.INSIDE,
            *ui_records.INSIDE,
            *jobs.INSIDE,
            *ingest.INSIDE,
        ],
    )

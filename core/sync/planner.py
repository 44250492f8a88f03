"""Decides how each object is loaded. Pure: values in, values out; the loader does what it says.

The cost that counts is the user's waiting time: a REST page comes at once while a Bulk job queues at low priority,
so REST is taken where it costs few calls, and Bulk above (architecture 6).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.scope import load_order
from core.model.states import LoadMethod

REST_PAGE_ROWS = 2000


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """Bounds of REST loading: rows of one object, and the share of the org's remaining calls for one object.

    `window_max_rows`: of more changed rows than this a Bulk job is made (sync-peers 2.3).
    """

    rest_max_rows: int = 50_000
    rest_max_call_percent: float = 2.0
    calls_remaining: int | None = None
    window_max_rows: int = 30_000


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """`bulk` first, in the order their jobs are to be made; `rest` in the order they are to be fetched."""

    rest: tuple[str, ...]
    bulk: tuple[str, ...]


def choose_method(rows: int | None, limits: LoadLimits, *, bulk_possible: bool = True) -> LoadMethod:
    """The wire for an object of `rows` rows (None = could not be counted, so it may be large)."""
    if not bulk_possible:
        return LoadMethod.REST
    if rows is None:
        return LoadMethod.BULK
    if rows > limits.rest_max_rows:
        return LoadMethod.BULK
    calls = math.ceil(rows / REST_PAGE_ROWS)
    if limits.calls_remaining is not None and calls > 1:
        allowed = limits.calls_remaining * limits.rest_max_call_percent / 100
        if calls > allowed:
            return LoadMethod.BULK
    return LoadMethod.REST


def plan_loads(
    counts: Mapping[str, int | None], limits: LoadLimits, *, no_bulk: frozenset[str] = frozenset()
) -> LoadPlan:
    """Which objects go by which wire; parents before children in both."""
    rest: list[str] = []
    bulk: list[str] = []
    for name in sorted(counts, key=load_order):
        method = choose_method(counts[name], limits, bulk_possible=name not in no_bulk)
        (rest if method is LoadMethod.REST else bulk).append(name)
    return LoadPlan(tuple(rest), tuple(bulk))


def estimate_seconds(rows: int | None, *, rows_per_second: float = 3000.0, bulk_latency: float = 20.0) -> float | None:
    """A rough waiting time for the wizard, before anything was measured: None where the count is unknown."""
    if rows is None:
        return None
    base = 1.0 if rows <= REST_PAGE_ROWS else rows / rows_per_second
    return base + (bulk_latency if rows > LoadLimits().rest_max_rows else 0.0)

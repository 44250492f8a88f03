"""Describe global, describe of one object, and basic information, with If-Modified-Since.

A change of permissions counts as a change of every describe, as it does in a real org.
"""

from __future__ import annotations

import re
from typing import Any

from core.demo.errors import not_found
from core.demo.http.call import Answer, Call, http_date, unchanged
from core.demo.http.router import Route

_VERSION = re.compile(r"/services/data/v[\d.]+")


def describe_global(call: Call) -> Answer:
    """Every object the user can see."""
    return _conditional(call, lambda: _versioned(call.view.describe_global(), call.base))


def describe(call: Call) -> Answer:
    """Everything about one object, of its fields those the user can read."""
    return _conditional(call, lambda: _versioned(call.view.describe(call.params["name"]), call.base))


def basic(call: Call) -> Answer:
    """The entry of describe global for one object, and its recent rows."""
    wanted = call.params["name"].lower()
    for entry in call.view.describe_global()["sobjects"]:
        if entry["name"].lower() == wanted:
            return Answer(payload={"objectDescribe": _versioned(entry, call.base), "recentItems": []})
    raise not_found()


def _conditional(call: Call, make: Any) -> Answer:
    modified = call.view.metadata_modified()
    headers = {"Last-Modified": http_date(modified)}
    if unchanged(call, modified):
        return Answer(304, headers=headers)
    return Answer(payload=make(), headers=headers)


def _versioned(value: dict[str, Any], base: str) -> dict[str, Any]:
    """The same description with the links of the version that was asked."""
    copy = dict(value)
    if isinstance(copy.get("urls"), dict):
        first = next(iter(copy["urls"].values()), "")
        made = _VERSION.match(first)
        if made is not None and made[0] != base:
            copy["urls"] = {name: url.replace(made[0], base, 1) for name, url in copy["urls"].items()}
    if isinstance(copy.get("sobjects"), list):
        copy["sobjects"] = [_versioned(entry, base) for entry in copy["sobjects"]]
    if isinstance(copy.get("recordTypeInfos"), list):
        copy["recordTypeInfos"] = [_versioned(entry, base) for entry in copy["recordTypeInfos"]]
    return copy


INSIDE = [
    Route("GET", "/sobjects", describe_global),
    Route("GET", "/sobjects/{name}", basic),
    Route("GET", "/sobjects/{name}/describe", describe),
]

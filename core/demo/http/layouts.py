"""Page layouts, compact layouts, list views and recently viewed records."""

from __future__ import annotations

import re
from typing import Any

from core.demo.http.call import Answer, Call
from core.demo.http.router import Route

_VERSION = re.compile(r"^/services/data/v[\d.]+")


def layouts(call: Call) -> Answer:
    """Every layout of an object, with its record type mappings."""
    return _linked(call, call.view.layouts(call.params["name"]))


def layout_of_record_type(call: Call) -> Answer:
    """The layout that one record type uses."""
    description = call.view.layouts(call.params["name"])
    wanted = call.params["record_type"][:15]
    for mapping in description.get("recordTypeMappings", []):
        if str(mapping.get("recordTypeId", ""))[:15] == wanted:
            for layout in description["layouts"]:
                if layout.get("id") == mapping.get("layoutId"):
                    return _linked(call, layout)
    return _linked(call, description["layouts"][0])


def compact_layouts(call: Call) -> Answer:
    """Compact layouts of an object."""
    return _linked(call, call.view.compact_layouts(call.params["name"]))


def list_views(call: Call) -> Answer:
    """The list views of an object that the user can open."""
    return _linked(call, call.view.list_views(call.params["name"]))


def list_view(call: Call) -> Answer:
    """One list view."""
    wanted = call.params["id"][:15]
    for entry in call.view.list_views(call.params["name"])["listviews"]:
        if entry["id"][:15] == wanted:
            return _linked(call, entry)
    return _linked(call, call.view.list_view_describe(call.params["name"], call.params["id"]))


def list_view_describe(call: Call) -> Answer:
    """Columns, order and SOQL of one list view."""
    return _linked(call, call.view.list_view_describe(call.params["name"], call.params["id"]))


def list_view_results(call: Call) -> Answer:
    """Rows of one list view."""
    limit = min(2000, call.integer("limit", 25))
    offset = call.integer("offset", 0)
    return _linked(call, call.view.list_view_results(call.params["name"], call.params["id"], limit, offset))


def recent(call: Call) -> Answer:
    """Records that the user looked at lately."""
    return _linked(call, call.view.recently_viewed(min(2000, call.integer("limit", 200))))


def _linked(call: Call, value: Any) -> Answer:
    """The same with links of the version that was asked."""
    return Answer(payload=_rebased(value, call.base, ""))


def _rebased(value: Any, base: str, key: str) -> Any:
    if isinstance(value, dict):
        inside = "url" if key == "urls" else None
        return {name: _rebased(each, base, inside or name) for name, each in value.items()}
    if isinstance(value, list):
        return [_rebased(each, base, key) for each in value]
    if isinstance(value, str) and key.lower().endswith("url"):
        return _VERSION.sub(base, value)
    return value


INSIDE = [
    Route("GET", "/sobjects/{name}/describe/layouts", layouts),
    Route("GET", "/sobjects/{name}/describe/layouts/{record_type}", layout_of_record_type),
    Route("GET", "/sobjects/{name}/describe/namedLayouts/{layout}", layouts),
    Route("GET", "/sobjects/{name}/describe/compactLayouts", compact_layouts),
    Route("GET", "/sobjects/{name}/listviews", list_views),
    Route("GET", "/sobjects/{name}/listviews/{id}", list_view),
    Route("GET", "/sobjects/{name}/listviews/{id}/describe", list_view_describe),
    Route("GET", "/sobjects/{name}/listviews/{id}/results", list_view_results),
    Route("GET", "/recent", recent),
]

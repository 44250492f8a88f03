"""Records as the browsing side answers them, built in a line."""

from __future__ import annotations

from typing import Any

from core.api.browse import FieldGroup, FieldView, RecordView, SearchHit, Section
from core.model.refs import RecordRef
from tests.helpers.fake_browse import record_id


def field(name: str, display: str = "", **more: Any) -> FieldView:
    """A field with what a test does not care about filled in."""
    values: dict[str, Any] = {
        "name": name,
        "label": f"{name} label",
        "type": "string",
        "display": display,
        "raw": display or None,
        "link": None,
        "link_label": None,
        "link_state": None,
        "help": None,
        "long": False,
        "html": False,
    }
    return FieldView(**(values | more))


def record(number: int = 1, *fields: FieldView, **more: Any) -> RecordView:
    """A contact with these fields in one group."""
    values: dict[str, Any] = {
        "ref": RecordRef("Contact", record_id(number)),
        "om_row": number,
        "object_label": "Contact",
        "title": f"Contact {number}",
        "subtitle": "",
        "groups": (FieldGroup(Section.DETAILS, "Details", fields or (field("Name", f"Contact {number}"),)),),
        "is_deleted": False,
        "web_url": f"https://acme.my.salesforce.com/{record_id(number)}",
    }
    return RecordView(**(values | more))


def hit(title: str, object_name: str = "Contact", number: int = 1, **more: Any) -> SearchHit:
    """A search hit."""
    values: dict[str, Any] = {
        "ref": RecordRef(object_name, record_id(number)),
        "om_row": number,
        "object_label": f"{object_name}s",
        "title": title,
        "subtitle": "",
        "matched": True,
    }
    return SearchHit(**(values | more))

"""What reading the mirror answers: frozen values that cross threads, for the window and the command line.

No words in them but the org's own (labels, names): states are enums, and group titles are marked English sources.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.model.filters import ListQuery
from core.model.refs import RecordRef
from core.model.states import LoadPhase


@dataclass(frozen=True, slots=True)
class ObjectSummary:
    """One mirrored object. `rows` leaves the recycle bin out; while the first load runs, `rows_done` of `total` are
    here and `phase` says what goes on (None once it is loaded)."""

    name: str
    label: str
    label_plural: str
    custom: bool
    rows: int
    loaded: bool
    phase: LoadPhase | None
    total: int | None
    rows_done: int
    direction: str
    key_prefix: str | None


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column that a list may show. `default`: shown unless a person chose otherwise; `width_chars` is a guess of
    the usual width in characters; `numeric` columns align at the end."""

    name: str
    label: str
    type: str
    default: bool
    width_chars: int
    sortable: bool
    numeric: bool


@dataclass(frozen=True, slots=True)
class RecordIds:
    """A list in its order: `ids` are row numbers of the mirror (om_row), which stay while rows come and go.

    Not to be changed by whoever receives it: it is shared.
    """

    ids: array[int]
    query: ListQuery

    def __len__(self) -> int:
        return len(self.ids)


class LinkState(StrEnum):
    """Why a look-up shows an id instead of a name."""

    NOT_VISIBLE = "not-visible"  # the object is here, the record is not: deleted for good, or not shared
    NOT_LOADED = "not-loaded"  # the object is not mirrored, or its first load goes on


class Section(StrEnum):
    """The groups of a record's fields, in the order they are shown."""

    IDENTITY = "identity"
    CONTACT = "contact"
    ADDRESS = "address"
    DETAILS = "details"
    CUSTOM = "custom"
    DESCRIPTION = "description"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a record. `display` is text as a person reads it, line breaks kept; `raw` the stored value.

    A look-up has `link` where its target can be opened, named by `link_label`; where it cannot, `link_state` says why
    and `display` is the id.
    """

    name: str
    label: str
    type: str
    display: str
    raw: Any = None
    link: RecordRef | None = None
    link_label: str | None = None
    link_state: LinkState | None = None
    help: str | None = None
    long: bool = False
    html: bool = False
    calculated: bool = False
    as_of: datetime | None = None  # of a calculated value: when it was last read


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields that belong together. `title` is English, marked for translation in the context `RecordSections`."""

    section: Section
    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record as it is shown. `web_url` is its page at Salesforce, without any token."""

    ref: RecordRef
    om_row: int
    object_label: str
    title: str
    subtitle: str
    groups: tuple[FieldGroup, ...]
    is_deleted: bool = False
    web_url: str | None = None

    def field(self, name: str) -> FieldView | None:
        """The field of that API name, or None."""
        return next((f for group in self.groups for f in group.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that a search found. `matched`: found by a word of its name."""

    ref: RecordRef
    om_row: int
    object_label: str
    title: str
    subtitle: str
    matched: bool = False


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What a person's SQL answered, with the values SQLite returns."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

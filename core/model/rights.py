"""What a user lacks for the mirror, as data; `core/messages.py` has the words and what to ask an admin for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RightKind(StrEnum):
    """A right that a part of the program needs."""

    API = "api"
    MARKETING_USER = "marketing-user"
    CONVERT_LEADS = "convert-leads"
    READ_OBJECT = "read-object"
    CREATE_OBJECT = "create-object"
    EDIT_OBJECT = "edit-object"
    READ_FIELDS = "read-fields"
    EDIT_FIELDS = "edit-fields"


@dataclass(frozen=True, slots=True)
class MissingRight:
    """One right that is missing; `object` and `fields` where it is about them."""

    kind: RightKind
    object: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """What the sentence is filled with."""
        return {"object": self.object or "", "fields": ", ".join(self.fields)}

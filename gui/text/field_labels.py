"""How a field is called where its value is shown as a name.

Describe calls a look-up "Account ID", because to the API it holds one; on the screen it holds the account's name.
"""

from __future__ import annotations

_ID_ENDS = (" ID", "-ID", " Id")


def shown_label(label: str, field_type: str) -> str:
    """The label of a field for a list or a record."""
    if field_type == "reference":
        for end in _ID_ENDS:
            if label.endswith(end) and len(label) > len(end):
                return label.removesuffix(end)
    return label

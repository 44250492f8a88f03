"""Text folded for finding by typing: no case, no accents."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """`text` as it is compared: "Übergabe" and "ubergabe" are equal."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()

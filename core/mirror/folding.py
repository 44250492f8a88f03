"""Folding: the one rule by which texts are equal, sort together and are found, whatever their case and accents.

Pure, plus `register`, which makes the rule known to SQLite as `om_fold`. Indexes on `om_fold(column)` hold folded texts
in the file, and the rule rests on Python's Unicode tables: `VERSION` tells when stored keys were made by another rule,
so that they are dropped before anything is written (`sorting.check`).
"""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import apsw

VERSION = f"1/{unicodedata.unidata_version}"
# Letters that Unicode does not take apart, as people type them without the stroke.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng",
    "ƀ": "b", "ɖ": "d", "ə": "a", "ƒ": "f", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ŀ": "l", "ȷ": "j", "ς": "σ",
    # Arabic: forms that are typed one for the other.
    "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
}  # fmt: skip
_INVISIBLE = "\u00ad\u034f\u061c\u0640\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff"
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e"
# Where marks and digits of living scripts are; looking at every character would cost a start 0.1 s.
_RANGES = ((0x300, 0x3100), (0xA600, 0xAC00), (0xFB1D, 0xFB1F), (0xFE20, 0xFE30))
_SPACES = "\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"


def _dropped(class_number: int) -> bool:
    # 10 to 36: Hebrew, Arabic and Syriac points; 200 and more: accents. The rest (vowel signs of Indic scripts, Thai
    # tones, the voicing of kana) make another letter, not an accented one.
    return 10 <= class_number <= 36 or class_number >= 200


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(a): b for a, b in _LETTERS.items()}
    table |= dict.fromkeys(map(ord, _INVISIBLE + _DIRECTIONS))
    table |= {ord(space): " " for space in _SPACES}
    # Variation selectors choose a picture, not a letter.
    table |= dict.fromkeys(range(0xFE00, 0xFE10))
    for start, end in _RANGES:
        for code in range(start, end):
            char = chr(code)
            if _dropped(unicodedata.combining(char)):
                table[code] = None
            elif (digit := unicodedata.decimal(char, None)) is not None:
                table[code] = str(digit)
    return table


_TABLE = _table()


def fold(text: str) -> str:
    """`text` without case, accents, widths and invisible characters, digits of every script as 0 to 9.

    `Ștefan`, `STEFAN` and `ｓｔｅｆａｎ` fold to `stefan`, `Straße` to `strasse`. Letters of other scripts stay.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_TABLE))


def sort_key(value: Any) -> str | None:
    """What `om_fold` answers in SQL: the folded text without outer blanks; None (sorts last) when nothing is left."""
    if value is None:
        return None
    return fold(value if type(value) is str else str(value)).strip() or None


def after_prefix(prefix: str) -> str:
    """The smallest text above every text that begins with `prefix`: `key >= prefix AND key < after_prefix(prefix)`."""
    for at in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[at])
        if code < sys.maxunicode:
            # Surrogates are no text that SQLite could hold.
            return prefix[:at] + chr(0xE000 if code == 0xD7FF else code + 1)
    return chr(sys.maxunicode)


def register(conn: apsw.Connection) -> None:
    """Make `om_fold(text)` known to a connection."""
    function: Any = sort_key
    conn.create_scalar_function("om_fold", function, 1, deterministic=True)

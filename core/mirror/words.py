"""What search knows of text: the words a record is found by, and what a person means by what they type. Pure.

FTS5 gets text that is already folded and split, so its `ascii` tokenizer has only blanks and ASCII punctuation to look
at. Its own tokenizers each miss something (rules 2): accents of other scripts, one or two CJK characters, O'Brien.
- A word is found by its beginning. Inside an e-mail address, a web address or a hyphenated name every part is a word.
- Scripts without blanks between words (CJK, Thai, …) and emoji are indexed as single characters and pairs.
- Words of a record's name are indexed once more behind `NAME_MARK`, so that names can be looked at first.
- Phone numbers are indexed as bare digits by FTS5's trigram tokenizer, apart from the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import apsw

from core.mirror.folding import fold

# Raises the version when what is indexed changes: indexes of another version are built anew.
VERSION = 1
# Folding turns it into "n", so no folded text holds it; no ASCII, so the tokenizer takes it for a letter.
NAME_MARK = "\u207f"
MIN_DIGITS = 4
_MAX_WORDS = 12
_SINGLE = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1100-\u11ff\u1780-\u17d3\u2600-\u27bf\u2e80-\u2fdf\u3005-\u3007"
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_SINGLE}]+")
_RUNS = re.compile(f"[{_SINGLE}]+(?: [{_SINGLE}]+)*")
_OVER_BLANK = re.compile(f"[{_SINGLE}][ \\u3000]+[{_SINGLE}]")
_APOSTROPHES = "'\u2018\u2019\u02bc\u02bb\u055a\uff07`\u00b4"
_TO_APOSTROPHE = {ord(char): "'" for char in _APOSTROPHES}
_JOINED = re.compile(r"\S*'\S*")
_PARTS = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")
_NO_DIGITS = re.compile(r"[^0-9]+")
# A number as people write one, standing by itself: at least four digits among blanks and the usual signs.
_NUMBER = re.compile(r"(?<!\S)[+(]*\d(?:[\s().\-/+]*\d){3,}\)?(?!\S)", re.ASCII)


def _separators() -> dict[int, str]:
    found = {}
    for start, end in ((0x80, 0x2600), (0x27C0, 0x2E80), (0x2E00, 0x2E80), (0x3000, 0x3040), (0xFE30, 0xFF00)):
        for code in range(start, end):
            if unicodedata.category(chr(code))[0] in "PSZC" and not _RUN.match(chr(code)):
                found[code] = " "
    return found | {0x30FB: " ", 0x30A0: " "}


_SEPARATORS = _separators()


def _spread(match: re.Match[str]) -> str:
    # Pairs go over a blank: a name written 山田 太郎 is looked for as 山田太郎 too.
    run = match[0].replace(" ", "")
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return f" {' '.join((*run, *pairs))} "


def indexed(text: str) -> str:
    """The text that FTS5 is given for `text`: folded, with its parts as words of their own."""
    if not text.isascii():
        if _OVER_BLANK.search(text):
            text = _foreign(text)
        else:
            text = " ".join([word if word.isascii() else _foreign_word(word) for word in text.split()])
    if "'" in text:
        text += " " + " ".join(_JOINED.findall(text)).replace("'", "")
    return text


def _foreign(text: str) -> str:
    text = fold(text.translate(_TO_APOSTROPHE)).translate(_SEPARATORS)
    return _RUNS.sub(_spread, text)


# The same names and towns come again and again.
_foreign_word = lru_cache(maxsize=20_000)(_foreign)


def index_text(name: Any, rest: Any) -> str:
    """What a record is found by (`om_index` in SQL): the words of its name, marked and plain, and all others."""
    if not name:
        return indexed(str(rest)) if rest else ""
    words = indexed(str(name))
    marked = " ".join([NAME_MARK + word for word in _PARTS.findall(words)])
    return f"{marked} {words} {indexed(str(rest))}" if rest else f"{marked} {words}"


def digits(text: Any) -> str | None:
    """The digits of a phone number (`om_digits`); with a trunk zero in brackets, `+49 (0)30 12`, in both readings."""
    if not text:
        return None
    text = fold(str(text))
    bare = _NO_DIGITS.sub("", text)
    if "(0)" in text:
        return f"{bare} {_NO_DIGITS.sub('', text.replace('(0)', ''))}"
    return bare or None


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found, folded. `prefix`: as the beginning of a word."""

    text: str
    prefix: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must be found: all of `words`, or, for a number, a phone number with these `digits` in it."""

    words: tuple[Word, ...]
    digits: str | None = None


def parse(text: str) -> tuple[Term, ...]:
    """What a person means: every term must be found. Empty when there is nothing to look for."""
    folded = fold(text.translate(_TO_APOSTROPHE)).translate(_SEPARATORS).replace("\0", " ")
    terms: list[Term] = []
    at = 0
    for match in _NUMBER.finditer(folded):
        terms += _word_terms(folded[at : match.start()])
        number = tuple(word for chunk in match[0].split() for word in _words(chunk))
        terms.append(Term(number, _phone(match[0])))
        at = match.end()
    terms += _word_terms(folded[at:])
    return tuple(terms[:_MAX_WORDS])


def _phone(text: str) -> str:
    bare = _NO_DIGITS.sub("", text.replace("(0)", ""))
    # 030… and 0030… are how a number is dialled; behind +49 the zeros are not there.
    dialled = bare.lstrip("0")
    return dialled if len(dialled) >= MIN_DIGITS else _NO_DIGITS.sub("", text)


def _word_terms(text: str) -> list[Term]:
    return [Term(words) for chunk in text.split() if (words := _words(chunk))]


def _words(chunk: str) -> tuple[Word, ...]:
    chunk = chunk.replace("'", "")
    found: list[Word] = []
    at = 0
    for match in _RUN.finditer(chunk):
        found += _parts(chunk[at : match.start()], open_end=False)
        found += [Word(pair, prefix=False) for pair in _pairs(match[0])]
        at = match.end()
    found += _parts(chunk[at:], open_end=True)
    return tuple(dict.fromkeys(found))[:_MAX_WORDS]


def _pairs(run: str) -> list[str]:
    """Pairs side by side that cover the run; overlapping ones would not find a name that is written with a blank."""
    if len(run) < 2:
        return [run]
    pairs = [run[at : at + 2] for at in range(0, len(run) - 1, 2)]
    return [*pairs, run[-2:]] if len(run) % 2 else pairs


def _parts(chunk: str, *, open_end: bool) -> list[Word]:
    """Words between punctuation: what is followed by a sign is typed to its end, the last one may go on."""
    parts = _PARTS.findall(chunk)
    unfinished = open_end and bool(parts) and chunk.endswith(parts[-1])
    return [Word(part, prefix=unfinished and at == len(parts) - 1) for at, part in enumerate(parts)]


def together(terms: Sequence[Term]) -> tuple[Word, ...]:
    """The words of all terms that are no number."""
    return tuple(dict.fromkeys(word for term in terms if not term.digits for word in term.words))


def match_words(words: tuple[Word, ...], *, names_only: bool = False, whole: bool = False) -> str:
    """The FTS5 expression that all of `words` must meet; `whole`: as whole words."""
    mark = NAME_MARK if names_only else ""
    return " AND ".join(f'"{mark}{w.text}"{"*" if w.prefix and not whole else ""}' for w in words)


def match_digits(number: str) -> str:
    """The FTS5 expression for digits over the trigrams of phone numbers; its answers want to be verified."""
    return " AND ".join(f'"{number[at : at + 3]}"' for at in range(len(number) - 2))


def register(conn: apsw.Connection) -> None:
    """Make `om_index(name, rest)` and `om_digits(text)` known to a connection."""
    functions: dict[str, tuple[Any, int]] = {"om_index": (index_text, 2), "om_digits": (digits, 1)}
    for name, (function, arguments) in functions.items():
        conn.create_scalar_function(name, function, arguments, deterministic=True)

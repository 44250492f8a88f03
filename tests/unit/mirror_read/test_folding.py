"""Folding: what counts as the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mirror.folding import after_prefix, fold, sort_key


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ștefan", "stefan"),
        ("ｓｔｅｆａｎ", "stefan"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("İstanbul", "istanbul"),
        ("ırmak", "irmak"),
        ("ﬁnance", "finance"),
        ("Ørsted Łódź", "orsted lodz"),
        ("Cafe\u0301", "cafe"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("σίσυφος", "σισυφοσ"),
        ("Ёлка", "елка"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("שָׁלוֹם", "שלום"),
        ("ｶﾞ", "ガ"),
        ("한국", "한국"),
        ("٠١٢٣", "0123"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
    ],
)
def test_case_accents_and_widths_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("कि", "का"), ("ไก่", "ไก"), ("山", "川")])
def test_letters_of_other_scripts_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper().lower()) == fold(text.upper())


@given(st.text(), st.text(min_size=1))
def test_a_text_lies_between_its_prefix_and_what_comes_after(rest: str, prefix: str) -> None:
    if "\ud800" <= max(prefix) <= "\udfff":
        return
    assert prefix <= prefix + rest < after_prefix(prefix) or prefix[-1] == "\U0010ffff"


def test_nothing_left_sorts_as_empty() -> None:
    assert sort_key("  ") is None
    assert sort_key(None) is None
    assert sort_key(" Ä ") == "a"
    assert sort_key(12) == "12"

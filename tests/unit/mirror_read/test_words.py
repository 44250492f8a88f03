"""What a person means by what they type, and what a record is found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mirror.words import NAME_MARK, Term, Word, digits, index_text, match_digits, match_words, parse


def _words(text: str) -> list[tuple[str, bool]]:
    return [(word.text, word.prefix) for term in parse(text) for word in term.words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("John Smi", [("john", True), ("smi", True)]),
        ("O’Brien", [("obrien", True)]),
        ("j.doe@acme.co", [("j", False), ("doe", False), ("acme", False), ("co", True)]),
        ("acme.", [("acme", False)]),
        ("山", [("山", False)]),
        ("山田", [("山田", False)]),
        ("林太郎", [("林太", False), ("太郎", False)]),
        ("東京Tower", [("東京", False), ("tower", True)]),
        ("🚀rocket", [("🚀", False), ("rocket", True)]),
        ('"quoted" AND (x)', [("quoted", False), ("and", True), ("x", False)]),
        ("*** ---", []),
        ("", []),
    ],
)
def test_words_of_a_search(text: str, words: list[tuple[str, bool]]) -> None:
    assert _words(text) == words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5551234", "5551234"),
        ("555-1234", "5551234"),
        ("(415) 555 1234", "4155551234"),
        ("+49 (0)30 12 34", "49301234"),
        ("030 1234", "301234"),
        ("0049 30 1234", "49301234"),
        ("0123", "0123"),
        ("1234", "1234"),
        ("smith 55 51", "5551"),
    ],
)
def test_digits_of_a_number_however_it_is_written(text: str, number: str) -> None:
    assert [term.digits for term in parse(text) if term.digits] == [number]


@pytest.mark.parametrize("text", ["123", "abc1234", "1234abc", "a 12 b 34"])
def test_no_number(text: str) -> None:
    assert [term.digits for term in parse(text) if term.digits] == []


def test_a_record_is_indexed_by_the_words_of_its_name_twice() -> None:
    text = index_text("Jürgen O'Brien", "acme@example.com").lower()  # as the tokenizer reads it
    assert {f"{NAME_MARK}jurgen", f"{NAME_MARK}brien", f"{NAME_MARK}obrien", "jurgen", "obrien"} <= set(text.split())
    assert f"{NAME_MARK}acme" not in text


def test_names_written_with_a_blank_are_found_without() -> None:
    indexed = set(index_text("山田 太郎", None).split())
    assert all(word.text in indexed for term in parse("山田太郎") for word in term.words)


@pytest.mark.parametrize(
    ("phone", "bare"),
    [
        ("+1 (415) 555-1234", "14155551234"),
        ("415.555.1234 x77", "415555123477"),
        ("+49 (0)30 12", "4903012 493012"),
        ("٠١٢٣", "0123"),
        ("none", None),
        (None, None),
    ],
)
def test_digits_of_a_phone(phone: str | None, bare: str | None) -> None:
    assert digits(phone) == bare


def test_expressions() -> None:
    words = (Word("acme", prefix=False), Word("co"))
    assert match_words(words) == '"acme" AND "co"*'
    assert match_words(words, names_only=True, whole=True) == f'"{NAME_MARK}acme" AND "{NAME_MARK}co"'
    assert match_digits("12345") == '"123" AND "234" AND "345"'
    assert parse("12345") == (Term((Word("12345"),), "12345"),)


@given(st.text(max_size=60))
def test_any_text_becomes_an_expression_without_syntax_of_its_own(text: str) -> None:
    for term in parse(text):
        assert term.words
        for word in term.words:
            assert word.text
            assert '"' not in word.text
            assert "\0" not in word.text

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.bulk import CsvPage, PageSizer


class Wire:
    """Stands for a transport whose answer comes in chunks of any size."""

    def __init__(self, body: bytes, size: int) -> None:
        self.body = body
        self.size = size

    def chunks(self, _answer: object) -> Iterator[bytes]:
        for start in range(0, len(self.body), self.size):
            yield self.body[start : start + self.size]


class Answer:
    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def close(self) -> None:
        pass


def page(body: bytes, size: int = 7, **headers: str) -> CsvPage:
    wire: Any = Wire(body, size)
    answer: Any = Answer({name.replace("_", "-"): value for name, value in headers.items()})
    return CsvPage(wire, answer)


def read(opened: CsvPage, size: int = 2) -> tuple[tuple[str, ...], list[list[str]]]:
    with opened as inside:
        rows = [row for part in inside.slices(size) for row in part]
    return inside.header, rows


def rendered(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
            | st.sampled_from(["", "a\nb", "a\r\nb", "a\rb", 'say "x"', "a,b", "\u2028", "漢字", "😀", "NA", "#N/A"]),
            min_size=2,
            max_size=2,
        ),
        max_size=9,
    ),
    size=st.integers(1, 40),
)
def test_every_value_comes_as_it_was_whatever_the_chunks(rows: list[list[str]], size: int) -> None:
    header, found = read(page(rendered([["Id", "Name"], *rows]), size))
    assert header == ("Id", "Name")
    assert found == rows


def test_a_page_without_rows_has_a_header_or_nothing() -> None:
    assert read(page(b'"Id","Name"\n', Sforce_NumberOfRecords="0")) == (("Id", "Name"), [])
    assert read(page(b"", Sforce_NumberOfRecords="0")) == ((), [])
    assert read(page(b"\n")) == ((), [])


def test_a_byte_order_mark_and_nul_bytes_are_dropped() -> None:
    assert read(page(b'\xef\xbb\xbf"Id"\n"a\0b"\n')) == (("Id",), [["ab"]])


def test_fewer_rows_than_announced_are_a_mismatch() -> None:
    with pytest.raises(OrgMirrorError) as raised:
        read(page(b'"Id"\n"1"\n', Sforce_NumberOfRecords="2"))
    assert raised.value.code is ErrorCode.COUNT_MISMATCH


def test_a_row_cut_in_the_middle_is_a_mismatch() -> None:
    with pytest.raises(OrgMirrorError) as raised:
        read(page(b'"Id","Name"\n"1","a"\n"2"'))
    assert raised.value.code is ErrorCode.COUNT_MISMATCH


@pytest.mark.parametrize(("text", "expected"), [("null", None), ("", None), ("MTAwMDA", "MTAwMDA")])
def test_the_end_of_the_locators(text: str, expected: str | None) -> None:
    assert page(b"", Sforce_Locator=text).next_locator == expected


def test_slices_are_no_larger_than_asked() -> None:
    with page(rendered([["Id"], *[[str(n)] for n in range(5)]])) as opened:
        assert [len(part) for part in opened.slices(2)] == [2, 2, 1]


def test_the_page_size_follows_the_weight_of_the_rows() -> None:
    sizer = PageSizer()
    with page(rendered([["Id"], *[["x" * 4000]] * 100]), 65536) as opened:
        assert sum(len(part) for part in opened.slices(500)) == 100
    sizer.took(opened)
    assert 900 < sizer.rows < 1100
    sizer.failed()
    assert sizer.rows < 560

"""Rich text keeps its formatting and loses everything that could act, load or style."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.safe_html import MAX_CHARS, MAX_DEPTH, sanitised


def test_formatting_lists_and_tables_stay() -> None:
    html = "<p>Hello <b>bold</b> <i>it</i></p><ul><li>one</li></ul><table><tr><td colspan='2'>x</td></tr></table>"
    assert sanitised(html) == html.replace("'2'", '"2"')


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<script>alert(1)</script>after", "after"),
        ("<SCRIPT SRC=//evil.example/x.js></SCRIPT>after", "after"),
        ("<style>p { background: url(http://evil.example/x) }</style>after", "after"),
        ("<iframe src='http://evil.example'>inside</iframe>after", "after"),
        ("<object data='x'><embed src='y'>in</object>after", "after"),
        ("<svg><script>alert(1)</script><a xlink:href='javascript:x'>t</a></svg>after", "after"),
        ("<p style='background:url(http://evil.example/x)' onclick='x()' class='c' id='i'>text</p>", "<p>text</p>"),
        ("<a href='javascript:alert(1)'>text</a>", "<a>text</a>"),
        ("<a href=' java&#10;script:alert(1)'>text</a>", "<a>text</a>"),
        ("<a href='data:text/html,x'>text</a>", "<a>text</a>"),
        ("<a href='file:///etc/passwd'>text</a>", "<a>text</a>"),
        ("<a href='https://user:secret@evil.example/'>text</a>", "<a>text</a>"),
        ("<a href='https://example.org/?a=1&amp;b=2'>t</a>", '<a href="https://example.org/?a=1&amp;b=2">t</a>'),
        ("<a href='mailto:a@b.example?bcc=evil@x.example'>t</a>", '<a href="mailto:a@b.example">t</a>'),
        ("<base href='http://evil.example/'><meta http-equiv=refresh content='0'>after", "after"),
        ("<img src='http://evil.example/pixel.gif'>", "[🖼]"),
        ("<img src=x onerror=alert(1) alt='A <b>chart</b>'>", "[A &lt;b&gt;chart&lt;/b&gt;]"),
        ("<form action='http://evil.example'>Name: <input name=q></form>", "Name: "),
        ("<font color=red>red</font>", "red"),
        ("<unknown>text</unknown>", "text"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- a comment --><!DOCTYPE html><?xml x?>text", "text"),
        ("<td colspan='99999999'>x</td>", "<td>x</td>"),
        ("<script>never closed", ""),
    ],
)
def test_what_is_left(html: str, clean: str) -> None:
    assert sanitised(html) == clean


def test_open_elements_are_closed_and_stray_ends_dropped() -> None:
    assert sanitised("<b>one<i>two") == "<b>one<i>two</i></b>"
    assert sanitised("</b>text</div>") == "text"
    assert sanitised("<b><i>x</b>y</i>") == "<b><i>x</i></b>y"


def test_depth_and_length_are_bounded() -> None:
    assert sanitised("<div>" * 10_000 + "x").count("<div>") == MAX_DEPTH
    assert len(sanitised("x" * (MAX_CHARS + 10))) == MAX_CHARS


_ALLOWED = re.compile(r"</?[a-z][a-z0-9]*(?: (?:href|colspan|rowspan)=\"[^\"<>]*\")*>")
_parts = st.sampled_from(
    ["<script", "<img src=", "<a href=", "javascript:", '"', "'", ">", "<", "/", "&#x6a;", "</", "style=", "url(",
     "<p>", "<!--", "-->", "<![CDATA[", "onload=", " ", "x", "\x00", "<svg>", "<iframe>", "https://x.example"]
)  # fmt: skip


@given(st.lists(_parts, max_size=30).map("".join))
def test_no_markup_can_be_built_that_survives(html: str) -> None:
    clean = sanitised(html)
    rest = _ALLOWED.sub("", clean)
    assert "<" not in rest
    for tag in _ALLOWED.findall(clean):
        assert "javascript" not in tag
        assert "src=" not in tag

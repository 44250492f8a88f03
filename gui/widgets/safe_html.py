"""Rich-text fields made harmless: only plain formatting survives, nothing is loaded and no style reaches the window.

Pure text to text, no Qt. Whatever is not on the list below is dropped, the text inside it is kept; elements that carry
code or foreign content go with all they hold. Every text and attribute of the answer is escaped anew, so it does not
matter how broken the markup was.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from gui.widgets.safe_links import web_link

MAX_CHARS = 300_000
MAX_DEPTH = 60

_KEPT = frozenset(
    [
        "p",
        "br",
        "hr",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "strike",
        "del",
        "ins",
        "sub",
        "sup",
        "small",
        "big",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "a",
        "span",
        "div",
        "blockquote",
        "pre",
        "code",
        "tt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "center",
    ]
)
_VOID = frozenset(("br", "hr"))
_DROPPED_WHOLE = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "template",
        "noscript",
        "noembed",
        "noframes",
        "textarea",
        "select",
        "option",
        "audio",
        "video",
        "canvas",
        "map",
        "input",
        "meta",
        "link",
        "base",
        "xml",
        "plaintext",
        "xmp",
    ]
)
_VOID_DROPPED = frozenset(("embed", "frame", "input", "meta", "link", "base"))
_SPANS = ("colspan", "rowspan")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WHOLE:
            if tag not in _VOID_DROPPED:
                self._dropping.append(tag)
            return
        if self._dropping:
            return
        if tag == "img":
            words = next((value for name, value in attrs if name == "alt" and value), "")
            self.parts.append(f"[{escape(words.strip() or '🖼')}]")
            return
        if tag not in _KEPT or len(self._open) >= MAX_DEPTH:
            return
        self.parts.append(f"<{tag}{self._attributes(tag, attrs)}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID or tag == "img":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag in self._dropping:
                while self._dropping.pop() != tag:
                    pass
            return
        if tag in self._open:
            while True:
                last = self._open.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.parts.append(escape(data, quote=False))

    def finished(self) -> str:
        self.close()
        while self._open:
            self.parts.append(f"</{self._open.pop()}>")
        return "".join(self.parts)

    @staticmethod
    def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
        kept = []
        for name, value in attrs:
            if tag == "a" and name == "href" and value:
                link = web_link(value, any_safe_scheme=True)
                if link is not None:
                    kept.append(f' href="{escape(link)}"')
            elif tag in ("td", "th") and name in _SPANS and value and value.isdecimal() and 0 < int(value[:4]) < 100:
                kept.append(f' {name}="{int(value[:4])}"')
        return "".join(kept[:3])


def sanitised(html: str) -> str:
    """`html` with formatting, lists, tables and safe links only; never raises on malformed input."""
    cleaner = _Cleaner()
    cleaner.feed(html[:MAX_CHARS])
    return cleaner.finished()

"""`Answer`: a response whose JSON is parsed once, exactly, while the transport can still repeat the request."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests

from core.model.errors import ErrorCode, OrgMirrorError

# Numbers with a fraction stay exact; integers are exact anyway. Control characters do occur in real texts.
_DECODER = json.JSONDecoder(parse_float=Decimal, strict=False)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def parse_json(content: bytes) -> Any:
    """The value of a JSON body: decimals as `Decimal`, NUL characters dropped (rules 2). Raises ValueError."""
    text = content.decode("utf-8-sig")
    if "\\u0000" in text:
        text = _ESCAPED_NUL.sub(r"\1", text)
    if "\x00" in text:
        text = text.replace("\x00", "")
    value, end = _DECODER.raw_decode(text, _skip_space(text, 0))
    if _skip_space(text, end) != len(text):
        raise ValueError("more after the end of the JSON value")
    return _whole(value) if _ESCAPED_SURROGATE.search(text) else value


def _whole(value: Any) -> Any:
    """The value with half characters replaced: a text cut in the middle of an emoji is no text for anybody else."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def is_json(headers: Any) -> bool:
    return "json" in (headers.get("Content-Type") or "").lower()


def is_html(headers: Any) -> bool:
    return "html" in (headers.get("Content-Type") or "").lower()


class Answer(requests.Response):
    """A response with its JSON at hand. `json()` ignores parser options: every caller gets the exact numbers."""

    _UNPARSED: Any = object()

    @classmethod
    def of(cls, response: requests.Response) -> Answer:
        answer = cls()
        answer.__dict__.update(response.__dict__)
        return answer

    def __init__(self) -> None:
        super().__init__()
        self._parsed: Any = self._UNPARSED

    def parse(self) -> Any:
        """The parsed body. Raises ValueError when it is not JSON."""
        if self._parsed is self._UNPARSED:
            self._parsed = parse_json(self.content or b"")
        return self._parsed

    def json(self, **_options: Any) -> Any:
        """The parsed body. Raises OrgMirrorError NOT_SALESFORCE when it is not JSON."""
        try:
            return self.parse()
        except ValueError:
            host = urlsplit(self.url or "").hostname or ""
            raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host, status=self.status_code) from None

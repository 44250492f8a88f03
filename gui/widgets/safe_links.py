"""Which texts of a record may become links, and the only place that opens one: http, https, mailto and tel, no more."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_SAFE_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_MAX_CHARS = 2048
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:")
_HOST = re.compile(r"^[\w\-]+(\.[\w\-]+)+(:\d{1,5})?([/?#].*)?$")
_EMAIL = re.compile(r"^[^\s@<>\",;:?&%#\\]+@[^\s@<>\"',;:?&%#\\/]+$")
_PHONE = re.compile(r"^[+\d][\d\s().\-/]{2,40}$")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def web_link(text: str, *, any_safe_scheme: bool = False) -> str | None:
    """An address of the web for what a url field holds, or None. A bare host gets https."""
    text = text.strip()
    if not text or len(text) > _MAX_CHARS or _CONTROL.search(text):
        return None
    if any_safe_scheme and text.lower().startswith("mailto:"):
        return mail_link(text[7:].partition("?")[0])
    if any_safe_scheme and text.lower().startswith("tel:"):
        return phone_link(text[4:])
    if not _SCHEME.match(text) or _HOST.match(text):
        if any_safe_scheme or not _HOST.match(text):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return None
    # A name before the host hides where a link leads.
    return text if "@" not in parts.netloc and "\\" not in text else None


def mail_link(text: str) -> str | None:
    """A mailto address with nothing but the address in it, or None."""
    text = text.strip()
    if len(text) > 320 or not _EMAIL.match(text):
        return None
    return f"mailto:{quote(text, safe='@.+-_')}"


def phone_link(text: str) -> str | None:
    """A tel address for a number as people write it, or None."""
    text = text.strip()
    if not _PHONE.match(text):
        return None
    digits = re.sub(r"[^\d+]", "", text)
    return f"tel:{digits}" if len(digits) >= 3 else None


def link_for(field_type: str, text: str) -> str | None:
    """The address behind a field's text by its type, or None where it is just text."""
    if field_type == "url":
        return web_link(text)
    if field_type == "email":
        return mail_link(text)
    if field_type == "phone":
        return phone_link(text)
    return None


def open_link(address: str) -> bool:
    """Hand `address` to the desktop; False, and nothing done, for any other kind of address."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme().lower() not in _SAFE_SCHEMES:
        return False
    return QDesktopServices.openUrl(url)


def open_in_salesforce(address: str) -> bool:
    """Open a record's page; only https, and http on loopback for the demo org."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    local = url.scheme() == "http" and url.host() in ("127.0.0.1", "localhost", "::1")
    if not url.isValid() or not (url.scheme() == "https" or local):
        return False
    return QDesktopServices.openUrl(url)

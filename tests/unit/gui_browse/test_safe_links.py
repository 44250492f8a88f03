"""Only addresses of the web, of mail and of telephones become links, and only those are ever opened."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QDesktopServices

from gui.widgets import safe_links
from gui.widgets.safe_links import link_for, open_in_salesforce, open_link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://EXAMPLE.ORG", "HTTP://EXAMPLE.ORG"),
        ("www.example.org", "https://www.example.org"),
        ("example.co.uk/path", "https://example.co.uk/path"),
        ("example.org:8443/x", "https://example.org:8443/x"),
        ("bücher.example", "https://bücher.example"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://example.org", None),
        ("https://", None),
        ("https://good.example@evil.example/", None),
        ("https://example.org\u202etxt.exe", None),
        ("not an address", None),
        ("localhost", None),
        ("", None),
        ("https://x.example/" + "a" * 3000, None),
    ],
)
def test_urls(text: str, link: str | None) -> None:
    assert link_for("url", text) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("a.b+c@example.org", "mailto:a.b+c@example.org"),
        ("o'hara@example.org", "mailto:o%27hara@example.org"),
        ("a@b.example?bcc=x@y.example", None),
        ("a@b.example,c@d.example", None),
        ("a@b.example%0Abcc:x", None),
        ("nobody", None),
    ],
)
def test_mail(text: str, link: str | None) -> None:
    assert link_for("email", text) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("+49 (30) 1234-567", "tel:+49301234567"),
        ("030/12 34", "tel:0301234"),
        ("ask Bob", None),
        ("12", None),
        ("*#06#", None),
    ],
)
def test_telephones(text: str, link: str | None) -> None:
    assert link_for("phone", text) == link


def test_text_of_other_types_is_text() -> None:
    assert link_for("string", "https://example.org") is None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []

    class Desktop(QDesktopServices):
        @staticmethod
        def openUrl(url: object) -> bool:
            seen.append(url.toString())  # type: ignore[attr-defined]
            return True

    monkeypatch.setattr(safe_links, "QDesktopServices", Desktop)
    return seen


def test_only_safe_schemes_reach_the_desktop(opened: list[str]) -> None:
    assert open_link("https://example.org/x")
    for address in ("file:///etc/passwd", "javascript:alert(1)", "ssh://x", "", "not a url", "vscode://x"):
        assert not open_link(address)
    assert opened == ["https://example.org/x"]


def test_a_records_page_is_https_or_the_demo_org(opened: list[str]) -> None:
    assert open_in_salesforce("https://acme.my.salesforce.com/003")
    assert open_in_salesforce("http://127.0.0.1:4711/003")
    assert not open_in_salesforce("http://acme.example/003")
    assert not open_in_salesforce("mailto:a@b.example")
    assert len(opened) == 2

"""Addresses as people type them."""

from __future__ import annotations

import pytest

from core.connection.addresses import is_shared_login, org_address
from core.model.errors import ErrorCode, OrgMirrorError


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("production", "https://login.salesforce.com"),
        (" Sandbox ", "https://test.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/home/home.jsp?x=1#y", "https://acme.my.salesforce.com"),
        ("HTTPS://Acme.My.Salesforce.COM/", "https://acme.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com"),
        ("acme--uat.sandbox.lightning.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com"),
        ("https://127.0.0.1:8443/x", "https://127.0.0.1:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://acme.my.salesforce.com.", "https://acme.my.salesforce.com"),
    ],
)
def test_normalised(typed: str, address: str) -> None:
    assert org_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", ErrorCode.BAD_URL),
        ("acme", ErrorCode.BAD_URL),
        ("two words.com", ErrorCode.BAD_URL),
        ("ftp://acme.my.salesforce.com", ErrorCode.BAD_URL),
        ("https://acme.my.salesforce.com:port", ErrorCode.BAD_URL),
        ("https://user:geheim@acme.my.salesforce.com", ErrorCode.BAD_URL),
        ("http://acme.my.salesforce.com", ErrorCode.NOT_HTTPS),
        ("https://[::1", ErrorCode.BAD_URL),
    ],
)
def test_refused(typed: str, code: ErrorCode) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        org_address(typed)
    assert caught.value.code is code
    assert "geheim" not in str(caught.value.params)


def test_shared_hosts() -> None:
    assert is_shared_login("https://login.salesforce.com")
    assert not is_shared_login("https://acme.my.salesforce.com")

"""Addresses as people type them, made into the scheme and host that requests go to."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.model.errors import ErrorCode, OrgMirrorError
from core.salesforce.network import is_loopback

PRODUCTION = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"
_WORDS = {"production": PRODUCTION, "sandbox": SANDBOX, "login": PRODUCTION, "test": SANDBOX}
# Pages of the user interface live on hosts of their own; the API answers on My Domain's.
_PAGES = (".lightning.force.com", ".my.salesforce-setup.com")
_SHARED = frozenset({"login.salesforce.com", "test.salesforce.com"})


def org_address(text: str) -> str:
    """`https://host[:port]` for whatever a person copied: a bare host, a page of the org, "production", "sandbox".

    Raises OrgMirrorError: BAD_URL, NOT_HTTPS (plain http is for this computer's own servers only).
    """
    given = text.strip()
    known = _WORDS.get(given.lower())
    if known:
        return known
    try:
        parts = urlsplit(given if "://" in given else f"https://{given}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise OrgMirrorError(ErrorCode.BAD_URL, url=_shown(given)) from None
    bad = not host or any(char.isspace() or ord(char) < 33 for char in given) or "@" in parts.netloc
    if bad or ("." not in host and ":" not in host and not is_loopback(host)):
        raise OrgMirrorError(ErrorCode.BAD_URL, url=_shown(given))
    if parts.scheme not in ("https", "http"):
        raise OrgMirrorError(ErrorCode.BAD_URL, url=_shown(given))
    if parts.scheme == "http" and not is_loopback(host):
        raise OrgMirrorError(ErrorCode.NOT_HTTPS, url=_shown(given))
    for ending in _PAGES:
        if host.endswith(ending):
            host = host.removesuffix(ending) + ".my.salesforce.com"
    if ":" in host:
        host = f"[{host}]"
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def is_shared_login(address: str) -> bool:
    """Whether the host serves all orgs, so that it cannot tell which one is meant."""
    return urlsplit(address).hostname in _SHARED


def _shown(text: str) -> str:
    """The address for an error message, without what may be secret in it."""
    return text.partition("?")[0].rpartition("@")[2][:200]

"""No secret in logs, errors or reprs."""

from __future__ import annotations

import logging

import pytest

from core.connection.secrets import Secrets
from core.redaction import HIDDEN, RedactingFilter, redacted
from core.salesforce.access import Access
from core.salesforce.identity import Identity

SECRET = "S3cret-Value.9"
TOKEN = "00DIO00000000012AA!AQcAQH0dMHZfz9.72Szmpkb58urFRk_geBTCH"


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN}",
        f"Authorization: Bearer {SECRET}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"password={SECRET}&grant_type=password",
        f'{{"access_token": "{SECRET}", "x": 1}}',
        f"client_secret: '{SECRET}'",
        f"<urn:password>{SECRET}</urn:password>",
        f"<sessionId>{SECRET}</sessionId>",
        f"proxy http://someone:{SECRET}@proxy:8080",
        f"GET /services/data/v65.0/query?q=SELECT+Id+WHERE+Name='{SECRET}'",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.{SECRET}",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    shown = redacted(text)
    assert SECRET not in shown
    assert TOKEN.partition("!")[2] not in shown
    assert HIDDEN in shown


def test_plain_words_stay() -> None:
    text = "a page of Lead is fetched again: count-mismatch, 412 of 2000 rows; password sign-in was refused"
    assert redacted(text) == text


def test_the_filter_reaches_messages_and_tracebacks() -> None:
    shown: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(self.format(record))

    handler = Keep()
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.info("signed in with %s", TOKEN)
    try:
        raise ValueError(f"password={SECRET}")
    except ValueError:
        logger.exception("failed")
    text = "\n".join(shown)
    assert "ValueError" in text
    assert SECRET not in text
    assert TOKEN not in text


def test_nothing_of_ours_shows_a_secret() -> None:
    access = Access(SECRET, "https://x.my.salesforce.com")
    things = [
        access,
        Secrets(SECRET, SECRET, SECRET, SECRET, SECRET),
        Identity(access, "00D", "Org", "005", "User", "user@x", False),
    ]
    for thing in things:
        assert SECRET not in repr(thing)
        assert SECRET not in str(thing)

"""The one text form of a moment in the mirror: ISO-8601 UTC with milliseconds and `Z` (rules 2). Sorts as text."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """`2013-05-07T22:07:19.000Z`. A moment without a zone is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The moment, in UTC. Raises ValueError where `text` is no ISO-8601 datetime."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def optional_text(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def optional_moment(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)


def now() -> datetime:
    """This computer's clock, in UTC. Never for watermarks."""
    return datetime.now(UTC)


def now_text() -> str:
    """This computer's clock. Only for what a person did or saw here; never for watermarks (server time)."""
    return to_text(datetime.now(UTC))

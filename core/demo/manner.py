"""How the write that a thread is doing came in: by which door, with which headers, in whose time.

The HTTP side sets it around each handler; what an org does by itself or a colleague does has the plain one. It travels
in a context variable, because everything between the header and the rule that heeds it would otherwise have to pass
it on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Manner:
    """One way to write. The defaults are those of the control interface: no rule of convenience stands in the way."""

    via: str = "control"
    """"REST", "composite", "SOAP", "Bulk", "UI API", "colleague" or "control"."""
    assigns: bool = False
    """Whether active assignment rules run (REST: unless `Sforce-Auto-Assign: FALSE`)."""
    allows_duplicates: bool = True
    """Whether a duplicate rule that only alerts lets the record pass (`Sforce-Duplicate-Rule-Header: allowSave=true`).
    """
    checks_duplicates: bool = False
    """Whether duplicate rules run at all."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers that decide about the write, for the log of writes."""
    at: str | None = None
    """Stamp of what is written, where a transaction began long before it ended."""


_PLAIN = Manner()
_current: ContextVar[Manner] = ContextVar("manner", default=_PLAIN)


def manner() -> Manner:
    """The manner of the write that this thread is doing."""
    return _current.get()


@contextmanager
def in_manner(wanted: Manner) -> Iterator[None]:
    """Everything written inside the block is written in this manner."""
    token = _current.set(wanted)
    try:
        yield
    finally:
        _current.reset(token)

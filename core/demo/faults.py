"""Faults that tests inject: which calls they hit, how often, and what happens to them.

A rule is a JSON object:
    {"match": {"method": "GET", "path": "regex", "body": "regex", "nested": false},   every key optional
     "nth": 3,          from the third matching call on; null or absent: from the first
     "times": 1,        how many calls it hits; null: all that follow. Default 1
     "action": ...}     one of
        {"status": 503, "body": "text" or JSON, "headers": {...}}   answered instead of the org
        {"cut": "before" | "after" | "mid-body"}                    connection dropped: call not processed / processed
                                                                    but unanswered / half the body sent
        {"stall": 30, "where": "before" | "after" | "mid-body"}     seconds of silence, then the call goes on
        {"truncate": 1000, "clean": false}                          that many bytes of body, then the connection is cut;
                                                                    clean: a well-formed answer that is too short
        {"late": 300, "stamp": "start" | "commit"}          connection dropped at once; the call is processed that many
                                                            seconds of the org's clock later, and what it writes has
                                                            the stamp of when it came in (default) or of its end
        {"delay": 0.2}                                              the answer comes that much later
`path` is searched in the path with its query string, percent-encoded as sent; `nested: true` matches subrequests of a
composite call instead (status actions only). The first rule that fires wins; every rule counts its own matches.

One Faults per site, called by worker threads and the event loop, under its own lock.
"""

from __future__ import annotations

import itertools
import re
import threading
from dataclasses import dataclass, field
from typing import Any

_WHERES = {"before", "after", "mid-body"}
_ACTIONS = {"status", "cut", "stall", "truncate", "delay", "late"}


@dataclass
class Rule:
    """One fault and its counters."""

    id: int
    method: str | None
    path: re.Pattern[str] | None
    body: re.Pattern[bytes] | None
    nested: bool
    nth: int
    times: int | None
    action: dict[str, Any]
    seen: int = 0
    fired: int = 0
    source: dict[str, Any] = field(default_factory=dict)

    def matches(self, method: str, target: str, body: bytes, nested: bool) -> bool:
        """Whether this call is one that the rule counts."""
        return (
            nested == self.nested
            and (self.method is None or self.method == method)
            and (self.path is None or self.path.search(target) is not None)
            and (self.body is None or self.body.search(body) is not None)
        )


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._ids = itertools.count(1)

    def add(self, source: dict[str, Any]) -> int:
        """Put a rule in force and return its id. Raises ValueError for one that is not understood."""
        rule = _parse(source, next(self._ids))
        with self._lock:
            self._rules.append(rule)
        return rule.id

    def clear(self) -> None:
        """Remove every rule."""
        with self._lock:
            self._rules.clear()

    def all(self) -> list[dict[str, Any]]:
        """Every rule with `id`, `seen` and `fired`."""
        with self._lock:
            return [{**rule.source, "id": rule.id, "seen": rule.seen, "fired": rule.fired} for rule in self._rules]

    def check(self, method: str, target: str, body: bytes, *, nested: bool = False) -> dict[str, Any] | None:
        """Count this call in every rule that matches it; the action of the first rule that fires, or None."""
        if not self._rules:
            return None
        hit: dict[str, Any] | None = None
        with self._lock:
            for rule in self._rules:
                if not rule.matches(method, target, body, nested):
                    continue
                rule.seen += 1
                due = rule.seen >= rule.nth and (rule.times is None or rule.fired < rule.times)
                if due and hit is None:
                    rule.fired += 1
                    hit = rule.action
        return hit


def _parse(source: dict[str, Any], rule_id: int) -> Rule:
    unknown = set(source) - {"match", "nth", "times", "action"}
    if unknown:
        raise ValueError(f"unknown keys in a fault: {sorted(unknown)}")
    match = source.get("match") or {}
    unknown = set(match) - {"method", "path", "body", "nested"}
    if unknown:
        raise ValueError(f"unknown keys in match: {sorted(unknown)}")
    action = source.get("action")
    if not isinstance(action, dict) or len(_ACTIONS & set(action)) != 1:
        raise ValueError(f"action has to be an object with exactly one of {sorted(_ACTIONS)}")
    if "cut" in action and action["cut"] not in _WHERES:
        raise ValueError(f"cut has to be one of {sorted(_WHERES)}")
    if action.get("where", "before") not in _WHERES:
        raise ValueError(f"where has to be one of {sorted(_WHERES)}")
    if action.get("stamp", "start") not in ("start", "commit"):
        raise ValueError("stamp has to be start or commit")
    nested = bool(match.get("nested", False))
    if nested and "status" not in action:
        raise ValueError("a nested fault can only answer with a status")
    try:
        path = re.compile(match["path"]) if match.get("path") else None
        body = re.compile(match["body"].encode()) if match.get("body") else None
    except re.error as error:
        raise ValueError(f"bad pattern: {error}") from error
    return Rule(
        id=rule_id,
        method=match.get("method"),
        path=path,
        body=body,
        nested=nested,
        nth=int(source.get("nth") or 1),
        times=source.get("times", 1),
        action=action,
        source=source,
    )

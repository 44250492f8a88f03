"""`doctor`: is the file sound, is the mirror what it promises, and does it agree with the org?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.messages import finding as finding_words
from core.messages import message
from core.mirror import copies
from core.mirror.doctor import Finding
from core.mirror.doctor import examine as examine_file
from core.mirror.mirror import Mirror
from core.mirror.objects import all_objects
from core.model.errors import OrgMirrorError
from core.salesforce.client import Client
from core.sync import soql


@dataclass(frozen=True, slots=True)
class CountCheck:
    """Live rows here and in the org; `there` None where it could not be asked.

    `apart`: how many more the org must have, for what was removed only here, less what it does not know yet.
    """

    object: str
    here: int
    there: int | None
    apart: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of the file, counts against the org, and why the org could not be asked, if so."""

    findings: tuple[Finding, ...]
    counts: tuple[CountCheck, ...]
    unreachable: OrgMirrorError | None = None

    @property
    def healthy(self) -> bool:
        """Whether the file is sound; counts may differ for a while, since the org goes on."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "findings": [_as_json(item) for item in self.findings],
            "counts": [{"object": c.object, "here": c.here, "there": c.there} for c in self.counts],
            "org": self.unreachable.code.value if self.unreachable else "reached",
        }

    def lines(self) -> list[str]:
        """The report in words."""
        lines = [_words(item) for item in self.findings] or ["The mirror's file is sound."]
        if self.unreachable is not None:
            lines.append(message(self.unreachable).title)
        for item in self.counts:
            there = "unknown" if item.there is None else f"{item.there:,}"
            mark = "" if item.there in (None, item.here + item.apart) else "  differs"
            lines.append(f"{item.object}: {item.here:,} here, {there} in the org{mark}")
        return lines


def examine(mirror: Mirror, make_client: Callable[[], Client]) -> Report:
    """Examine the file, then count in the org. Being offline or signed out is part of the report."""
    findings = tuple(examine_file(mirror))
    loaded = {name: item for name, item in mirror.read(all_objects).items() if item.loaded and item.in_scope}
    answers: dict[str, Any] = {}
    unreachable: OrgMirrorError | None = None
    try:
        client = make_client()
        try:
            # Archived activities are live rows that only queryAll counts.
            tables = mirror.tables()
            live = {
                name: soql.both(
                    soql.own_filter(tables[name]), "IsDeleted = false" if tables[name].has_is_deleted else None
                )
                for name in loaded
            }
            answers = dict(client.count_many(live, all_rows=True))
        finally:
            client.close()
    except OrgMirrorError as error:
        unreachable = error
    counts = []
    apart = mirror.read(copies.not_in_step)
    for name, item in loaded.items():
        answer = answers.get(name)
        counts.append(CountCheck(name, item.rows, answer if isinstance(answer, int) else None, apart.get(name, 0)))
    return Report(findings, tuple(counts), unreachable)


def _as_json(item: Finding) -> dict[str, Any]:
    return {
        "code": item.code.value,
        "object": item.object,
        "id": item.record_id,
        "field": item.field,
        "text": _words(item),
        **item.params,
    }


def _words(item: Finding) -> str:
    known = {"object": item.object, "record_id": item.record_id, "field": item.field, **item.params}
    return finding_words(item.code.value, **{key: value for key, value in known.items() if value is not None})

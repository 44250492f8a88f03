"""The kinds of rows of *Needs you*, in the order in which they are listed. How to add one: `decision.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.decisions.aside_decision import ASIDE
from gui.decisions.barrier_decision import BARRIER
from gui.decisions.conflict_decision import CONFLICT
from gui.decisions.decision import NeedKind, NeedList
from gui.decisions.deleted_decision import DELETED
from gui.decisions.guard_decision import GUARD
from gui.decisions.mass_decision import MASS
from gui.decisions.problem_decision import PROBLEM
from gui.decisions.refused_decision import REFUSED
from gui.decisions.schema_decision import SCHEMA

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

# The first kind that takes a stored problem has it; the last takes all.
KINDS: tuple[NeedKind, ...] = (BARRIER, GUARD, MASS, CONFLICT, REFUSED, DELETED, SCHEMA, ASIDE, PROBLEM)


def read_needs(connection: Connection) -> NeedList:
    """All that waits for a person, by kind. Blocks: for a background operation."""
    taken: dict[str, list[Problem]] = {kind.key: [] for kind in KINDS}
    for problem in connection.sync.problems():
        kind = next(kind for kind in KINDS if kind.takes(problem))
        taken[kind.key].append(problem)
    return [need for kind in KINDS for need in kind.read(connection, taken[kind.key])]

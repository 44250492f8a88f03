"""What must hold of every simulated life, judged from outside: the org's own log of writes, the wire, and the file.

- No write of the program replaces a value of another that it had not seen, except one made between the last look and
  the write (rules 5): such windows are counted.
- What the person entered is in the org (now, or in its log), the outbox, a conflict, the change log, a draft or a copy.
- No record that the person made exists twice.
- In the end the mirror equals the org, and the file finds nothing wrong with itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.mirror import copies, outbox
from tests.simulation.people import People
from tests.simulation.wire import Exchange
from tests.simulation.world import Life

# Requests between the look at a record and the write that it was for: a batch looks, then sends.
WINDOW_REQUESTS = 3


@dataclass
class Judge:
    """Hears every exchange of a life. `windows` counts overwritten values that nobody could have seen in time."""

    life: Life
    people: People
    windows: int = 0
    wrongs: list[str] = field(default_factory=list)
    _last_write: int = 0
    _seen: dict[str, int] = field(default_factory=dict)
    """Each value of another that came over the wire: the number of the exchange that brought it last."""
    _replaced: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.life.wire.heard
        self._written_at: dict[str, int] = {}

        def heard(exchange: Exchange) -> None:
            known(exchange)
            self.look(exchange)

        self.life.wire.heard = heard

    def look(self, exchange: Exchange) -> None:
        """After each request: what did the org write, and what did it tell?"""
        org = self.life.org
        for write in org.writes(self._last_write):
            self._last_write = write["n"]
            for name, (old, new) in write["fields"].items():
                if isinstance(new, str) and new.startswith("they-"):
                    self._written_at.setdefault(new, exchange.number)
                if write["via"] in ("control", "colleague") or write["op"] not in ("update", "insert"):
                    continue
                self._judge(exchange, write, name, old, new)
        if exchange.answer:
            text = exchange.answer.decode("utf-8", "replace")
            for entered in self.people.theirs:
                if entered.text in text:
                    self._seen[entered.text] = exchange.number

    def _judge(self, exchange: Exchange, write: dict[str, Any], name: str, old: Any, new: Any) -> None:
        if not (isinstance(old, str) and old.startswith("they-")) or old == new:
            return
        seen = self._seen.get(old)
        if seen is None:
            # Written by another after the last look: it has to be very fresh.
            age = exchange.number - self._written_at.get(old, 0)
            if age <= WINDOW_REQUESTS:
                self.windows += 1
            else:
                self.wrongs.append(f"{new} replaced {old} of {write['object']} {write['id']}.{name}, never seen")
            return
        if isinstance(new, str) and new.startswith("me-"):
            entered = next(each for each in self.people.mine if each.text == new)
            if not self._is_base(old, entered.text):
                self._replaced.append((new, old, f"{write['object']} {write['id']}.{name}"))

    def _is_base(self, old: str, new: str) -> bool:
        """Whether the person entered their value over that one."""
        sql = "SELECT 1 FROM om_outbox WHERE mine = ? AND base = ?"
        return self.life.rig.mirror.read(lambda s: s.conn.execute(sql, (new, old)).get) is not None

    # in the end

    def undecided(self) -> list[str]:
        """Values of others that were seen and replaced, and no decided conflict keeps them."""
        sql = "SELECT 1 FROM om_conflict WHERE mine = ? AND theirs = ? AND state = 'decided'"
        read = self.life.rig.mirror.read
        return [
            f"{new} replaced {old} of {place}, undecided"
            for new, old, place in self._replaced
            if read(lambda s, pair=(new, old): s.conn.execute(sql, pair).get) is None
        ]

    def lost(self) -> list[str]:
        """Values that were entered and are nowhere any more."""
        places = self._places()
        return [f"{e.text} ({e.object} {e.record_id}.{e.field})" for e in self.people.mine if e.text not in places]

    def _places(self) -> str:
        """Everything that is written anywhere, as one text."""
        org = self.life.org
        told = [str(write["fields"]) for write in org.writes()]

        def read(session: Any) -> list[str]:
            found = []
            for name in ("om_outbox", "om_conflict", "om_change", "om_draft"):
                found += [str(row) for row in session.conn.execute(f"SELECT * FROM {name}")]
            return found

        return "\n".join(told + self.life.rig.mirror.read(read) + self._copies())

    def _copies(self) -> list[str]:
        def read(session: Any) -> list[str]:
            rows = session.conn.execute("SELECT object, record_id FROM om_copy").fetchall()
            return [str(copies.get(session, *row)) for row in rows]

        return self.life.rig.mirror.read(read)

    def twice(self) -> list[str]:
        """Records of the person that the org has more than once."""
        found = []
        for name, last in self.people.made:
            sql = f'SELECT "Id" FROM "{name}" WHERE "LastName" = ? AND "IsDeleted" = 0'
            ids = {row[0] for row in self.life.org.store.connection.execute(sql, (last,))}
            if len(ids) > 1 and not ids & self.people.remade:
                found.append(f"{name} {last}: {sorted(ids)}")
        return found

    def unequal(self) -> list[str]:
        """Where the mirror is not the org, with nothing left to send."""
        left = [str(each) for each in self.life.rig.mirror.read(outbox.entries)]
        return [*left, *self.life.rig.differences(), *self.life.rig.findings()]

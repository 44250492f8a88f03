"""Random histories of a person, a push and a colleague over one mirror, against a server of a few lines.

After every step: a row is the server's image as far as it was seen, overlaid by the open entries; and every value that
was entered is in the outbox, in the change log, or was at the server.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from core.mirror import doctor, meta, outbox, search
from core.mirror.meta import Owner
from core.mirror.mirror import Mirror
from core.mirror.rows import RowWriter
from core.mirror.schema import ensure_table
from core.model.refs import is_temporary_id
from tests.unit.mirror.samples import describe, lead_id, stamp

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
FIELDS = ("FirstName", "LastName", "Company", "Count__c")
INFO = describe(
    "Lead",
    {"name": "Id", "type": "id"},
    {"name": "IsDeleted", "type": "boolean"},
    {"name": "FirstName", "type": "string"},
    {"name": "LastName", "type": "string"},
    {"name": "Name", "type": "string", "nameField": True},
    {"name": "Company", "type": "string"},
    {"name": "Count__c", "type": "double", "precision": 10, "scale": 2},
    {"name": "SystemModstamp", "type": "datetime"},
)
VALUES = st.sampled_from([None, "a", "b", "c", "7", "7.5"])
NUMBERS = {None: None, "a": "1", "b": "2", "c": "3.0", "7": "7", "7.5": "7.50"}


class Histories(RuleBasedStateMachine):
    sent = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.mirror = Mirror.create(Path(self.folder.name) / "mirror.db", None)
        self.mirror.write(lambda s: ensure_table(s, INFO))
        self.mirror.write(lambda s: meta.claim(s, Owner("00D000000000001EAA", user_name="Ada")))
        self.mirror.write(lambda s: s.conn.execute("UPDATE om_object SET loaded = 1"))
        self.mirror.write(lambda s: s.conn.execute("INSERT INTO om_watermark (object, safe_from) VALUES ('Lead', 'x')"))
        self.table = self.mirror.tables()["Lead"]
        search.build(self.mirror.writer, self.table)
        self.clock = 0
        self.server: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, dict[str, Any]] = {}
        self.had: set[tuple[str, Any]] = set()
        self.entered: set[tuple[str, Any]] = set()
        self.steps = 0
        for number in (1, 2):
            self._server_change(lead_id(number), {"LastName": f"L{number}", "Company": "c"})
            self._pull(lead_id(number))

    # the world

    def _server_change(self, record_id: str, values: dict[str, Any]) -> None:
        self.clock += 1
        row = self.server.setdefault(record_id, dict.fromkeys(FIELDS) | {"Id": record_id, "IsDeleted": False})
        row |= values
        row["Name"] = " ".join(str(row[n]) for n in ("FirstName", "LastName") if row[n]) or None
        row["SystemModstamp"] = stamp(self.clock)
        self.had |= {(name, self._stored(name, row[name])) for name in FIELDS}

    def _pull(self, record_id: str) -> None:
        row = dict(self.server[record_id])
        self.mirror.write(lambda s: RowWriter.for_json(self.table).merge(s, [row]))
        self._saw(row)

    def _saw(self, row: dict[str, Any]) -> None:
        known = self.seen.get(row["Id"])
        if known is None or known["SystemModstamp"] <= row["SystemModstamp"]:
            self.seen[row["Id"]] = dict(row)

    def _stored(self, name: str, value: Any) -> Any:
        return None if value is None else (float(value) if name == "Count__c" else value)

    def _ids(self) -> list[str]:
        # By row number: temporary ids are random, and a history has to come again as it was.
        sql = 'SELECT "Id" FROM "Lead" ORDER BY om_row'
        return [i for (i,) in self.mirror.read(lambda s: s.conn.execute(sql).fetchall())]

    # what a person does

    @rule(place=st.integers(0, 9), name=st.sampled_from(FIELDS), value=VALUES, group=st.sampled_from("gh"))
    def put(self, place: int, name: str, value: Any, group: str) -> None:
        ids = self._ids()
        record_id = ids[place % len(ids)]
        given = NUMBERS[value] if name == "Count__c" else value
        before = self._shown(record_id)[name]
        at = AT + timedelta(seconds=self.steps)
        self.mirror.write(lambda s: outbox.put(s, self.table, record_id, {name: given}, at=at, group_id=group))
        if self._stored(name, before) != self._stored(name, given):
            self.entered.add((name, self._stored(name, given)))

    @rule(value=st.sampled_from("ab"))
    @precondition(lambda self: len(self._ids()) < 5)
    def create(self, value: str) -> None:
        values = {"LastName": value, "Company": f"new {value}"}
        self.mirror.write(lambda s: outbox.put_create(s, self.table, values, {}, at=AT, group_id="c"))
        self.entered |= set(values.items())

    @rule(place=st.integers(0, 9))
    def delete(self, place: int) -> None:
        ids = self._ids()
        if len(ids) > 1:
            record_id = ids[place % len(ids)]
            if self._shown(record_id)["IsDeleted"] != 1:
                self.mirror.write(lambda s: outbox.put_delete(s, self.table, record_id, at=AT, group_id="d"))

    @rule(place=st.integers(0, 30))
    def discard(self, place: int) -> None:
        waiting = self.mirror.read(outbox.entries)
        if waiting:
            seq = waiting[place % len(waiting)].seq
            self.mirror.write(lambda s: outbox.discard(s, [seq]))

    # what others do

    @rule(number=st.integers(1, 2), name=st.sampled_from(FIELDS), value=VALUES)
    def colleague(self, number: int, name: str, value: Any) -> None:
        self._server_change(lead_id(number), {name: float(NUMBERS[value]) if name == "Count__c" and value else value})

    @rule(place=st.integers(0, 9))
    def pull(self, place: int) -> None:
        ids = sorted(self.server)
        self._pull(ids[place % len(ids)])

    # what the push does

    @rule(target=sent, place=st.integers(0, 9), part=st.booleans(), arrives=st.booleans())
    def send(self, place: int, part: bool, arrives: bool) -> Any:
        found = self.mirror.read(lambda s: outbox.collect(s, now=AT + timedelta(days=1)))
        records = list(dict.fromkeys(e.record_id for e in found))
        if not records:
            return None
        record_id = records[place % len(records)]
        own = [e for e in found if e.record_id == record_id]
        if part and own[0].op == outbox.UPDATE:
            own = own[:1]
        self.mirror.write(lambda s: outbox.mark_sending(s, [e.seq for e in own], "t"))
        real = record_id
        if arrives:
            if own[0].op == outbox.CREATE:
                real = lead_id(10 + self.clock)
            if own[0].op == outbox.DELETE:
                self._server_change(real, {"IsDeleted": True})
            else:
                self._server_change(real, {e.field: e.mine for e in own if e.field})
        return own, real, arrives, dict(self.server[real]) if arrives else None

    @rule(
        job=consumes(sent),
        read_back=st.sampled_from(["then", "now", "none"]),
        state=st.sampled_from(["needs-user", "retry", "conflict", "ambiguous", "pending"]),
        pulled_first=st.booleans(),
    )
    def answer(self, job: Any, read_back: str, state: str, pulled_first: bool) -> None:
        if job is None:
            return
        own, real, arrived, then = job
        seqs, record_id = [e.seq for e in own], own[0].record_id
        if not arrived:
            if state == "pending":
                self.mirror.write(lambda s: outbox.back_to_pending(s, seqs))
            else:
                at = AT if state == "retry" else None
                self.mirror.write(lambda s: outbox.fail(s, seqs, state, code="X", text="no", next_try_at=at))
            if state == "ambiguous":
                self.mirror.write(lambda s: outbox.back_to_pending(s, seqs))
            return
        if pulled_first:
            self._pull(real)
        row = None if read_back == "none" else dict(self.server[real]) if read_back == "now" else then
        if is_temporary_id(record_id):
            self.mirror.write(lambda s: outbox.adopt_id(s, "Lead", record_id, real))
            if row is None and not pulled_first:
                row = then
        self.mirror.write(lambda s: outbox.acknowledge(s, self.table, seqs, row))
        if row is not None:
            self._saw(row)
        else:
            sent = {e.field: e.mine for e in own if e.field} or {"IsDeleted": True}
            self.seen[real] |= sent

    # what has to hold

    def _shown(self, record_id: str) -> dict[str, Any]:
        names = [c.name for c in self.table.columns]
        listed = ", ".join(f'"{n}"' for n in names)
        row = self.mirror.read(
            lambda s: s.conn.execute(f'SELECT {listed} FROM "Lead" WHERE "Id" = ?', (record_id,)).get
        )
        return dict(zip(names, row, strict=True))

    @invariant()
    def row_is_image_and_overlay(self) -> None:
        self.steps += 1
        for record_id in self._ids():
            image = self.mirror.read(lambda s, i=record_id: outbox.server_image(s, self.table, i))
            shown = dict(image)
            for entry in self.mirror.read(lambda s, i=record_id: outbox.of_record(s, "Lead", i)):
                if entry.shown_field:
                    shown[entry.shown_field] = entry.shown_value
            assert shown == self._shown(record_id)
            if not is_temporary_id(record_id):
                known = self.seen[record_id]
                for name in (*FIELDS, "IsDeleted"):
                    wanted = int(known[name]) if name == "IsDeleted" else self._stored(name, known[name])
                    assert self._stored(name, image[name]) == wanted, (record_id, name)

    @invariant()
    def nothing_that_was_entered_is_lost(self) -> None:
        waiting = {(e.field, self._stored(e.field, e.mine)) for e in self.mirror.read(outbox.entries) if e.field}
        lines = self.mirror.read(lambda s: s.conn.execute("SELECT field, old, new FROM om_change").fetchall())
        logged = {(f, self._stored(f, v)) for f, *both in lines if f in FIELDS for v in both}
        assert self.entered <= waiting | logged | self.had

    def teardown(self) -> None:
        try:
            assert doctor.examine(self.mirror) == []
        finally:
            self.mirror.close(drain=False)
            self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

"""Who acts in a simulated life: the person at the window, and two others in the org. Every value is entered once.

The person works on the mirror alone, through the outbox, as the window does. The others work in the org. What anybody
enters is a text that nobody else ever enters, so that later everything can say where it went.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.demo.errors import OrgError
from core.mirror import conflicts, outbox
from core.mirror.conflicts import Conflict
from core.model.conflicts import CHOICES, Choice
from core.model.errors import OrgMirrorError
from core.sync import conflict_acts
from tests.simulation.world import Life

TEXTS = {
    "Lead": ("Title", "Company", "Description", "City", "Street", "Website"),
    "Contact": ("Title", "Department", "Description", "MailingCity", "MailingStreet"),
    "Campaign": ("Description",),
}


@dataclass
class Entered:
    """A value and where it was put."""

    text: str
    object: str
    record_id: str
    field: str


@dataclass
class People:
    """Makes the actors of a life. `mine` and `theirs` are all values that were entered so far, in order."""

    life: Life
    mine: list[Entered] = field(default_factory=list)
    theirs: list[Entered] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    """Object and last name of every record that the person made."""
    remade: set[str] = field(default_factory=set)
    """Ids of the records that the person had made anew; another may restore the first one after that."""
    _count: int = 0

    def __post_init__(self) -> None:
        person = [self.edit, self.edit, self.edit, self.create, self.delete, self.undo, self.decide]
        others = [self.other_edits, self.other_edits, self.other_edits, self.other_deletes, self.other_restores,
                  self.other_merges, self.other_converts]  # fmt: skip
        self.life.actors = [*person, *others]

    def text(self, who: str) -> str:
        self._count += 1
        return f"{who}-{self._count:04d}"

    # the person at the window

    def ids(self, name: str, *, made: bool = False) -> list[str]:
        """Ids of the records that the person sees; `made`: only those that have no real id yet."""
        sql = f'SELECT "Id" FROM "{name}" WHERE "IsDeleted" IS NOT 1 ORDER BY "Id"'

        def read(session: Any) -> list[str]:
            return [str(row[0]) for row in session.conn.execute(sql)]

        found = self.life.rig.mirror.read(read)
        return [each for each in found if each.startswith("new-")] if made else found

    def _do(self, what: str, job: Any) -> Any:
        """A transaction of the person, which the program may refuse with a reason."""
        try:
            answer = self.life.write(job)
        except OrgMirrorError as error:
            self.life.say(f"person {what}: refused, {error.code.value}")
            return None
        self.life.say(f"person {what}")
        return answer

    def edit(self) -> None:
        """One to three fields of a record, as a group."""
        life = self.life
        name = life.random.choice(list(TEXTS))
        found = self.ids(name)
        if not found:
            return
        record_id = life.random.choice(found)
        fields = life.random.sample(TEXTS[name], life.random.randint(1, min(3, len(TEXTS[name]))))
        values = {each: self.text("me") for each in fields}
        table = life.rig.mirror.tables()[name]
        at, group = life.now(), str(life._uuid())
        done = self._do(
            f"edits {name} {record_id} {values}",
            lambda s: outbox.put(s, table, record_id, values, at=at, group_id=group),
        )
        if done is not None:
            self.mine += [Entered(text, name, record_id, each) for each, text in values.items()]

    def create(self) -> None:
        """A lead or a contact, or a campaign's member that refers to a lead made just before."""
        life = self.life
        name = life.random.choice(("Lead", "Contact", "CampaignMember"))
        values: dict[str, Any] = {}
        last = self.text("made")
        if name == "Lead":
            values = {"LastName": last, "Company": self.text("me")}
        elif name == "Contact":
            values = {"LastName": last, "Title": self.text("me")}
        else:
            leads, campaigns = self.ids("Lead", made=True), self.ids("Campaign")
            if not leads or not campaigns:
                return
            values = {"CampaignId": life.random.choice(campaigns), "LeadId": leads[0], "Status": "Sent"}
        table = life.rig.mirror.tables()[name]
        at, group = life.now(), str(life._uuid())
        made = self._do(
            f"makes {name} {values}", lambda s: outbox.put_create(s, table, values, {}, at=at, group_id=group)
        )
        if made is not None and "LastName" in values:
            self.made.append((name, last))
            self.mine += [
                Entered(text, name, made[1], each) for each, text in values.items() if str(text).startswith("me-")
            ]

    def delete(self) -> None:
        """A lead or a contact, now and then."""
        life = self.life
        name = life.random.choice(("Lead", "Contact"))
        found = self.ids(name)
        if not found or not life.chance(0.3):
            return
        record_id = life.random.choice(found)
        table = life.rig.mirror.tables()[name]
        at, group = life.now(), str(life._uuid())
        self._do(f"deletes {name} {record_id}", lambda s: outbox.put_delete(s, table, record_id, at=at, group_id=group))

    def decide(self) -> None:
        """One question that waits, answered one way or another."""
        waiting = self.life.rig.mirror.read(conflicts.waiting)
        if waiting:
            self.answer(self.life.random.choice(waiting))

    def answer(self, conflict: Conflict) -> None:
        """Choose any of what can be chosen."""
        life = self.life
        choice = life.random.choice(CHOICES[conflict.kind])
        value: Any = self.text("me") if choice is Choice.VALUE else None
        if choice is Choice.ADOPT:
            value = life.random.choice(list(conflict.details["candidates"]))
        tables, at, group = life.rig.mirror.tables(), life.now(), str(life._uuid())
        what = f"{conflict.kind.value} {conflict.object} {conflict.record_id} {conflict.field}"
        done = self._do(
            f"decides {what}: {choice.value} {value}",
            lambda s: conflict_acts.resolve(s, tables, conflict, choice, value, at=at, group_id=group),
        )
        if choice is Choice.RECREATE:
            self.remade.add(conflict.record_id)
        if done is not None and choice is Choice.VALUE and conflict.field is not None:
            self.mine.append(Entered(value, done.object, done.id, conflict.field))

    def undo(self) -> None:
        """All that waits of a record."""
        life = self.life
        waiting = life.rig.mirror.read(lambda s: outbox.entries(s))
        if not waiting or not life.chance(0.3):
            return
        one = life.random.choice(waiting)
        seqs = [each.seq for each in waiting if each.record_id == one.record_id]
        self._do(f"undoes {one.object} {one.record_id} {seqs}", lambda s: outbox.discard(s, seqs))

    # the others

    def _alive(self, name: str) -> list[str]:
        also = ' AND "IsConverted" = 0' if name == "Lead" else ""
        rows = self.life.org.store.connection.execute(
            f'SELECT "Id" FROM "{name}" WHERE "IsDeleted" = 0{also} ORDER BY n'
        )
        return [row[0] for row in rows]

    def _other(self, what: str, act: Any) -> bool:
        try:
            act()
        except OrgError as error:
            self.life.say(f"another {what}: refused, {error.code}")
            return False
        self.life.say(f"another {what}")
        return True

    def other_edits(self) -> None:
        """Mostly a record that the person has an edit of: that is where it gets interesting."""
        life, org = self.life, self.life.org
        waiting = [(e.object, e.record_id) for e in life.rig.mirror.read(lambda s: outbox.entries(s)) if e.field]
        waiting = [(name, each) for name, each in waiting if name in TEXTS and not each.startswith("new-")]
        if waiting and life.chance(0.6):
            name, record_id = life.random.choice(waiting)
        else:
            name = life.random.choice(list(TEXTS))
            found = self._alive(name)
            if not found:
                return
            record_id = life.random.choice(found)
        single = life.random.choice(TEXTS[name])
        text = self.text("they")
        if self._other(
            f"edits {name} {record_id} {single}={text}",
            lambda: org.update(org.admin_id, name, record_id, {single: text}),
        ):
            self.theirs.append(Entered(text, name, record_id, single))

    def other_deletes(self) -> None:
        life, org = self.life, self.life.org
        name = life.random.choice(("Lead", "Contact"))
        found = self._alive(name)
        if len(found) > 3 and life.chance(0.3):
            record_id = life.random.choice(found)
            self._other(f"deletes {name} {record_id}", lambda: org.delete(org.admin_id, name, record_id))

    def other_restores(self) -> None:
        life, org = self.life, self.life.org
        name = life.random.choice(("Lead", "Contact"))
        rows = org.store.connection.execute(f'SELECT "Id" FROM "{name}" WHERE "IsDeleted" = 1 ORDER BY n')
        found = [row[0] for row in rows]
        if found and life.chance(0.3):
            record_id = life.random.choice(found)
            self._other(f"restores {name} {record_id}", lambda: org.undelete(org.admin_id, name, record_id))

    def other_merges(self) -> None:
        life, org = self.life, self.life.org
        name = life.random.choice(("Lead", "Contact"))
        found = self._alive(name)
        if len(found) > 4 and life.chance(0.2):
            master, loser = life.random.sample(found, 2)
            self._other(f"merges {name} {loser} into {master}", lambda: org.merge(org.admin_id, name, master, [loser]))

    def other_converts(self) -> None:
        life, org = self.life, self.life.org
        found = self._alive("Lead")
        if len(found) > 4 and life.chance(0.2):
            record_id = life.random.choice(found)
            self._other(f"converts {record_id}", lambda: org.convert(org.admin_id, record_id))

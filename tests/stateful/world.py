"""What people do in a demo org, by number: each act takes the same record for the same numbers, so histories repeat.

`World` belongs to one history. An act that the org refuses, as orgs do, is an act all the same. Acts may come from a
handler's thread too, in the middle of a cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.demo.errors import OrgError
from core.demo.metadata.fields import Field
from tests.helpers.demo_here import StillOrg

PEOPLE = ("Lead", "Contact", "Account")
EDITED = (*PEOPLE, "Opportunity", "Campaign", "Task", "Event", "Project__c", "Milestone__c", "CampaignMember")
TEXTS = (
    "plain", "NA", "NULL", "#N/A", 'with "quotes", commas', "line\nbreak", "日本語", "עברית", "emoji 😀", "0012",
    "true", "1.0E7", "'", "back\\slash", "<b>html</b>", "a;b", "x",
)  # fmt: skip
NUMBERS = ("0", "7", "12.5", "-3.75", "10000000", "99999.25", "0.1")
LINES = (
    "Extra1__c; string(40); Extra 1; cu",
    "Extra2__c; currency(16,2); Extra 2; cu",
    "Extra3__c; boolean; Extra 3; cu; default=true",
    "Extra4__c; date; Extra 4; cu",
    "Extra5__c; picklist; Extra 5; cu; values=red|green|blue",
    "Extra6__c; textarea(32768); Extra 6; cu",
    "Extra7__c; double(18,0); Extra 7; cu",
)
RETYPED = {
    "Extra1__c": ("Extra1__c; double(6,2); Extra 1; cu", "Extra1__c; string(5); Extra 1; cu"),
    "Extra2__c": ("Extra2__c; string(30); Extra 2; cu", "Extra2__c; double(18,0); Extra 2; cu"),
    "Extra4__c": ("Extra4__c; datetime; Extra 4; cu",),
    "Extra7__c": ("Extra7__c; string(18); Extra 7; cu", "Extra7__c; currency(16,2); Extra 7; cu"),
}
HIDEABLE = {
    "Lead": ("Phone", "Rating", "Industry", "Extra1__c", "Region__c"),
    "Account": ("Phone", "AnnualRevenue", "Extra2__c", "Industry", "BillingCity"),
    "Contact": ("Email", "MobilePhone", "Title"),
    "Project__c": ("Budget__c", "Summary__c", "Account_Name__c"),
}
SCHEMA_OBJECTS = ("Lead", "Account", "Project__c", "Contact")
OBJECT = """
object {name}; {name}; {name}s; {prefix}; all
Id; id; Record ID
@deleted
OwnerId; reference(Group,User); Owner ID; curd; rel=Owner
Name; string(80); Name; cun
@stamps
Amount__c; currency(16,2); Amount; cu
Lead__c; reference(Lead); Lead; cu; rel=Lead__r
"""


@dataclass
class World:
    """One org and what is going on in it. `user_id` is who mirrors it; everybody else's acts are the admin's."""

    org: StillOrg
    user_id: str
    held: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What was done, for the report of a failure."""

    @property
    def admin(self) -> str:
        return self.org.admin_id

    def ids(self, name: str, *, deleted: bool = False) -> list[str]:
        """Ids of an object in the order in which they were made."""
        item = self.org.schema.find(name)
        if item is None or item.virtual:
            return []
        where = f' WHERE "IsDeleted" = {int(deleted)}' if item.has("IsDeleted") else ""
        rows = self.org.store.connection.execute(f'SELECT "Id" FROM "{item.name}"{where} ORDER BY n')
        return [row[0] for row in rows]

    def one(self, name: str, number: int, *, deleted: bool = False) -> str | None:
        found = self.ids(name, deleted=deleted)
        return found[number % len(found)] if found else None

    def do(self, act: str, *, transaction: int | None = None, **arguments: Any) -> Any:
        """An act of the admin, in a held transaction where one is open and asked for. None where it was refused."""
        held = self.held[transaction % len(self.held)] if transaction is not None and self.held else None
        self.said.append(f"{act} {arguments}{' in ' + held if held else ''}")
        try:
            if held is not None:
                return self.org.held_call(held, act, {"user": self.admin, **arguments})
            answer = getattr(self.org, act)(self.admin, **arguments)
            self.org.site.changed()
            return answer
        except OrgError as error:
            self.said[-1] += f" -> {error.code}"
            return None

    def administrate(self, act: str, *arguments: Any, **more: Any) -> None:
        """A change of schema, rights or sharing; one that the org does not take is none."""
        self.said.append(f"{act} {arguments} {more}")
        try:
            getattr(self.org, act)(*arguments, **more)
            self.org.site.changed()
        except (ValueError, OrgError) as error:
            self.said[-1] += f" -> {error}"

    def advance(self, seconds: float) -> None:
        self.said.append(f"advance {seconds}")
        self.org.advance_clock(seconds)

    # acts

    def edit(self, name: str, number: int, which: int, what: int, transaction: int | None = None) -> None:
        """One field of one record."""
        record = self.one(name, number)
        item = self.org.schema.find(name)
        if record is None or item is None:
            return
        fields = [f for f in item.fields if f.updateable and f.stored and f.type not in ("encryptedstring",)]
        single = fields[which % len(fields)]
        self.do("update", name=name, record_id=record, values={single.name: self.value(single, what)},
                transaction=transaction)  # fmt: skip

    def touch(self, name: str, number: int, text: str = "touched") -> None:
        """A change of a record's description; converted leads take none."""
        if record := self.one(name, number):
            self.do("update", name=name, record_id=record, values={"Description": text})

    def value(self, single: Field, what: int) -> Any:
        """A value for a field; None now and then."""
        if what % 7 == 0 and single.type != "boolean":
            return None
        text = TEXTS[what % len(TEXTS)]
        match single.type:
            case "boolean":
                return bool(what % 2)
            case "double" | "currency" | "percent" | "int":
                return NUMBERS[what % 3 if single.precision - single.scale < 6 else what % len(NUMBERS)]
            case "date":
                return f"20{10 + what % 40}-0{1 + what % 9}-1{what % 10}"
            case "datetime":
                return f"20{10 + what % 40}-0{1 + what % 9}-1{what % 10}T0{what % 10}:30:00.000+0000"
            case "time":
                return f"0{what % 10}:15:00.000Z"
            case "picklist" | "combobox":
                return single.picks[what % len(single.picks)].value if single.picks else text
            case "multipicklist":
                return ";".join(sorted({single.picks[(what + n) % len(single.picks)].value for n in range(2)}))
            case "reference":
                target = single.reference_to[what % len(single.reference_to)]
                return self.one(target, what // 2)
            case "email":
                return f"someone{what}@example.com"
            case "phone":
                return f"+49 89 {what:06d}"
            case "url":
                return f"https://example.com/{what}"
            case _:
                return text[: single.length] if single.length else text

    def create(self, name: str, what: int, transaction: int | None = None) -> None:
        """A record with what it has to have."""
        text = TEXTS[what % len(TEXTS)]
        parents: Mapping[str, Any] = {
            "Lead": {"LastName": text, "Company": "C"},
            "Contact": {"LastName": text, "AccountId": self.one("Account", what)},
            "Account": {"Name": text},
            "Opportunity": {"Name": text, "StageName": "Prospecting", "CloseDate": "2026-05-01",
                            "AccountId": self.one("Account", what)},
            "Campaign": {"Name": text},
            "Task": {"Subject": text, "WhoId": self.one(("Lead", "Contact")[what % 2], what), "Status": "Not Started",
                     "Priority": "Normal"},
            "Event": {"Subject": text, "WhoId": self.one(("Lead", "Contact")[what % 2], what), "DurationInMinutes": 30,
                      "ActivityDateTime": "2026-05-01T10:00:00.000+0000"},
            "CampaignMember": {"CampaignId": self.one("Campaign", what), "LeadId": self.one("Lead", what)},
            "Project__c": {"Name": text, "Account__c": self.one("Account", what)},
            "Milestone__c": {"Title__c": text, "Project__c": self.one("Project__c", what), "Cost__c": "10.5"},
        }  # fmt: skip
        values = dict(parents.get(name, {"Name": text, "Amount__c": "1.25"}))
        self.do("insert", name=name, values=values, transaction=transaction)

    def delete(self, name: str, number: int, transaction: int | None = None) -> None:
        if record := self.one(name, number):
            self.do("delete", name=name, record_id=record, transaction=transaction)

    def undelete(self, name: str, number: int) -> None:
        if record := self.one(name, number, deleted=True):
            self.do("undelete", name=name, record_id=record)

    def purge(self, name: str, number: int, *, binned: bool) -> None:
        """For good: out of the recycle bin, or at once."""
        if record := self.one(name, number, deleted=binned):
            self.do("purge", name=name, record_id=record)

    def merge(self, name: str, first: int, second: int) -> None:
        master, loser = self.one(name, first), self.one(name, second)
        if master and loser and master != loser:
            self.do("merge", name=name, master=master, losers=[loser])

    def convert(self, number: int, *, opportunity: bool, into: int | None) -> None:
        lead = self.one("Lead", number)
        if lead is None:
            return
        account = self.one("Account", into) if into is not None else None
        name = "Converted" if opportunity else None
        self.do("convert", lead_id=lead, account_id=account, opportunity_name=name)

    def reassign(self, name: str, number: int, *, to_user: bool) -> None:
        """An owner's change, which in a private model is one of who sees the record."""
        record = self.one(name, number)
        owner = self.user_id if to_user else self.one("User", number)
        if record and owner:
            self.do("update", name=name, record_id=record, values={"OwnerId": owner})

    def share(self, name: str, number: int, count: int, *, hide: bool) -> None:
        """Rows hidden from the user, or given back; no stamp moves."""
        found = self.ids(name)
        rows = [found[(number + step) % len(found)] for step in range(min(count, len(found)))]
        if hide:
            self.administrate("hide_rows", self.user_id, name, sorted(set(rows)))
        else:
            self.administrate("show_rows", self.user_id, name, None if count > 3 else sorted(set(rows)))

    # transactions that stay open

    def hold(self) -> None:
        if len(self.held) < 2:
            self.held.append(self.org.hold())
            self.said.append(f"hold {self.held[-1]}")

    def end(self, number: int, *, commit: bool) -> None:
        if not self.held:
            return
        name = self.held.pop(number % len(self.held))
        self.said.append(f"{'commit' if commit else 'roll back'} {name}")
        try:
            (self.org.commit if commit else self.org.roll_back)(name)
        except OrgError as error:
            self.said[-1] += f" -> {error.code}"
        self.org.site.changed()

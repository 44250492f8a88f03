"""Projects and their milestones: between them every field type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.demo.edits import auto_number
from core.demo.generate.accounts import Accounts, Contacts, big_number, description, strange_texts
from core.demo.generate.build import Build, Pointers
from core.demo.generate.people import phone
from core.demo.generate.sales import Opportunities
from core.demo.generate.source import Source, scattered
from core.demo.generate.words import MILESTONES, PROJECT_WORDS, RICH, SENTENCES

_PROJECT_COLUMNS = (
    "IsDeleted OwnerId Name RecordTypeId CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp "
    "LastActivityDate Account__c Sponsor__c Opportunity__c Number__c Code__c Status__c Phase__c Priority__c "
    "Regions__c Budget__c Completion__c Start__c Kickoff__c Daily_Standup__c Team_Size__c Daily_Rate__c "
    "Ledger_Number__c Billable__c Site__Latitude__s Site__Longitude__s Summary__c Notes__c Brief__c Access_Code__c "
    "Contact_Email__c Hotline__c Website__c"
)
_MILESTONE_COLUMNS = (
    "IsDeleted Name CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp Project__c Title__c "
    "Due__c Completed__c Starts_At__c Done__c Sequence__c Cost__c Weight__c Reviewer__c Kind__c Description__c"
)
_PHASES = {
    "Draft": ("Idea", "Estimate"), "Planned": ("Estimate", "Design"), "Active": ("Design", "Build", "Test", "Roll-out"),
    "On Hold": ("Test",), "Done": ("Care",), "Cancelled": (None,),
}  # fmt: skip
_REGIONS = ("North", "South", "East", "West", "Central", "Overseas")
_BUDGETS = (None, 0.0, "99999999999999.99", 1500.5, 0.01, -250.0)


class Projects:
    """Makes the projects."""

    def __init__(self, build: Build, accounts: Accounts, contacts: Contacts, opportunities: Opportunities) -> None:
        self.total = build.counts["Project__c"]
        source = build.source("Project__c")
        gone = {n for n in range(8, self.total + 1) if source.random() < 0.01}
        self.pointers = Pointers(build.maker("Project__c"), self.total, gone)
        deleted: list[tuple[str, str]] = []
        build.insert(
            "Project__c", _PROJECT_COLUMNS, self._rows(build, source, accounts, contacts, opportunities, deleted)
        )
        build.log_deleted("Project__c", deleted)

    def _rows(
        self, build: Build, source: Source, accounts: Accounts, contacts: Contacts, opportunities: Opportunities,
        deleted: list[tuple[str, str]],
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        clock, gone = build.clock, self.pointers.gone
        item = build.schema["Project__c"]
        client, internal = build.record_types["Project__c.Client"], build.record_types["Project__c.Internal"]
        texts, starts, budgets = strange_texts(self.total), scattered(self.total, 11), scattered(self.total, 29)
        intake = build.queues["Project Intake"]
        for n in range(1, self.total + 1):
            account = accounts.pointers.pick(source)
            known = contacts.by_account.get(account or 0)
            deals = opportunities.by_account.get(account or 0)
            created, edited, stamped = source.stamps(clock, n - 1, self.total)
            owner = intake if source.chance(0.05) else source.pick(build.sellers)
            author = source.pick(build.sellers)
            status = source.pick(tuple(_PHASES))
            record_id = self.pointers.id(n)
            if n in gone:
                deleted.append((record_id, clock.text(stamped)))
            made = accounts.companies[account - 1] if account else None
            regions = ";".join(name for name in _REGIONS if source.chance(0.3)) or None
            start = ("1900-01-01", "2099-12-31", "2000-02-29")[starts[n] % 3] if n in starts else clock.date(created)
            place = made.place if made and source.chance(0.7) else None
            yield (
                n, record_id, int(n in gone), owner,
                f"{source.pick(PROJECT_WORDS)} {made.name[:50] if made else 'internal'}"[:80],
                internal if source.chance(0.2) else client, clock.text(created), author, clock.text(edited), author,
                clock.text(stamped), clock.date(edited) if source.chance(0.3) else None,
                accounts.pointers.id(account) if account else None,
                contacts.pointers.id(source.pick(known)) if known else None,
                opportunities.pointers.id(source.pick(deals)) if deals else None, auto_number(item, n),
                f"PRJ-{n:05}" if n % 17 else None, status, source.pick(_PHASES[status]),
                source.pick(("1", "2", "3", "3", "4")), regions,
                _BUDGETS[budgets[n] % 6] if n in budgets else round(source.random() * 900000, 2),
                source.pick((None, 0.0, 12.5, 99.99, 100.0)), start, clock.text(created // 900 * 900),
                source.pick((None, "09:00:00.000Z", "00:00:00.000Z", "23:59:59.999Z", "16:30:15.500Z")),
                float(source.below(40)) if source.chance(0.9) else None, round(source.random() * 2000, 4),
                big_number(source), int(source.chance(0.7)), place and place.latitude, place and place.longitude,
                source.pick(SENTENCES) if source.chance(0.6) else None,
                "\n".join(source.pick(SENTENCES) for _ in range(1 + source.below(30))) if source.chance(0.3)
                else description(source, texts.get(n)),
                source.pick(RICH) if source.chance(0.7) else None, f"AC-{source.digits('########')}",
                f"project{n}@{made.domain}"[:80] if made else None, phone(source, place.country) if place else None,
                f"https://projects.example.com/p/{n}?lang=en&tab=%E2%9C%93",
            )  # fmt: skip


def make_milestones(build: Build, projects: Projects) -> None:
    """Milestones: details of a project, gone with it."""
    source = build.source("Milestone__c")
    total = build.counts["Milestone__c"]
    clock = build.clock
    maker = build.maker("Milestone__c")
    item = build.schema["Milestone__c"]
    deleted: list[tuple[str, str]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        if not projects.total:
            return
        texts = strange_texts(total)
        for n in range(1, total + 1):
            project = 1 + source.below(projects.total)
            created, edited, stamped = source.stamps(clock, n - 1, total)
            gone = project in projects.pointers.gone or source.chance(0.004)
            record_id = maker.make(n)
            if gone:
                deleted.append((record_id, clock.text(stamped)))
            done = source.chance(0.5)
            author = source.pick(build.sellers)
            due = created + 86400 * source.below(200)
            yield (
                n, record_id, int(gone), auto_number(item, n), clock.text(created), author, clock.text(edited), author,
                clock.text(stamped), projects.pointers.id(project),
                texts[n][:120].strip() if n in texts else source.pick(MILESTONES),
                clock.date(min(due, clock.end + 300 * 86400)), clock.text(edited) if done else None,
                source.pick((None, "08:00:00.000Z", "13:45:30.250Z")), int(done), float(source.below(20)),
                None if source.chance(0.1) else 0.0 if source.chance(0.1) else round(source.random() * 20000, 2),
                source.pick((None, 10.0, 33.33, 100.0)),
                source.pick(build.sellers) if source.chance(0.6) else None,
                source.pick(("Delivery", "Payment", "Review", "Decision", None)),
                description(source),
            )  # fmt: skip

    build.insert("Milestone__c", _MILESTONE_COLUMNS, rows())
    build.log_deleted("Milestone__c", deleted)

"""Campaigns with their statuses, opportunities and contact roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.demo.edits import STAGE_PROBABILITY
from core.demo.generate.accounts import SOURCES, Accounts, Contacts, description, strange_texts
from core.demo.generate.build import Build, Pointers, Row
from core.demo.generate.source import Source
from core.demo.generate.words import CAMPAIGN_KINDS, CAMPAIGN_WORDS

_STAGES = list(STAGE_PROBABILITY)
_ROLES = ("Business User", "Decision Maker", "Economic Buyer", "Evaluator", "Executive Sponsor", "Influencer",
          "Technical Buyer", "Other", None)  # fmt: skip
_OPPORTUNITY_COLUMNS = (
    "IsDeleted AccountId IsPrivate Name Description StageName Amount Probability TotalOpportunityQuantity CloseDate "
    "Type NextStep LeadSource CampaignId OwnerId CreatedDate CreatedById LastModifiedDate LastModifiedById "
    "SystemModstamp LastActivityDate LastStageChangeDate HasOverdueTask ContactId Discount__c"
)
_ROLE_COLUMNS = (
    "OpportunityId ContactId Role IsPrimary CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp "
    "IsDeleted"
)


class Campaigns:
    """Makes the campaigns, some below others, each with its member statuses."""

    def __init__(self, build: Build) -> None:
        self.total = build.counts["Campaign"]
        source = build.source("Campaign")
        gone = {n for n in range(6, self.total + 1) if source.random() < 0.01}
        self.pointers = Pointers(build.maker("Campaign"), self.total, gone)
        self.statuses: dict[int, list[tuple[str, int]]] = {}
        rows, deleted = [], []
        for n in range(1, self.total + 1):
            row = self._campaign(build, source, n, gone)
            rows.append(row)
            if n in gone:
                deleted.append((self.pointers.id(n), str(row["SystemModstamp"])))
        build.insert_rows("Campaign", rows)
        build.log_deleted("Campaign", deleted)
        self._statuses(build, source, rows)

    def _campaign(self, build: Build, source: Source, n: int, gone: set[int]) -> Row:
        clock = build.clock
        created, edited, stamped = source.stamps(clock, n - 1, self.total)
        kind = source.pick(list(CAMPAIGN_KINDS))
        year = clock.date(created)[:4]
        ended = clock.end - created > 90 * 86400
        owner = source.pick((build.people["mia"], build.people["mia"], source.pick(build.sellers)))
        parent = 1 + source.below(4) if n > 10 and source.chance(0.3) else None
        sent = source.below(5000)
        return {
            "Name": f"{source.pick(CAMPAIGN_WORDS)} {CAMPAIGN_KINDS[kind]} {year} #{n}", "Type": kind,
            "Status": "Completed" if ended else source.pick(("Planned", "In Progress")),
            "ParentId": self.pointers.id(parent) if parent else None,
            "StartDate": clock.date(created), "EndDate": clock.date(created + 86400 * (1 + source.below(60))),
            "ExpectedRevenue": float(source.below(500) * 1000), "BudgetedCost": float(source.below(100) * 500),
            "ActualCost": round(source.random() * 50000, 2) if ended else 0.0,
            "ExpectedResponse": source.pick((None, 0.0, 2.5, 12.25, 100.0)), "NumberSent": float(sent),
            "IsActive": int(not ended or source.chance(0.1)), "Description": description(source), "OwnerId": owner,
            "CampaignMemberRecordTypeId": build.record_types["CampaignMember.Standard"],
            "CreatedDate": clock.text(created),
            "CreatedById": owner, "LastModifiedDate": clock.text(edited), "LastModifiedById": owner,
            "SystemModstamp": clock.text(stamped), "IsDeleted": int(n in gone),
        }  # fmt: skip

    def _statuses(self, build: Build, source: Source, rows: list[Row]) -> None:
        made: list[Row] = []
        for n, campaign in enumerate(rows, 1):
            own = [("Sent", 0), ("Responded", 1)]
            if source.chance(0.5):
                own += [("Registered", 1), ("Attended", 1), ("No Show", 0)]
            self.statuses[n] = own
            stamps = {name: campaign[name] for name in ("CreatedDate", "CreatedById", "LastModifiedById")}
            for order, (label, responded) in enumerate(own, 1):
                made.append(
                    {
                        "CampaignId": self.pointers.id(n), "Label": label, "SortOrder": order,
                        "IsDefault": int(order == 1), "HasResponded": responded, "IsDeleted": campaign["IsDeleted"],
                        "LastModifiedDate": campaign["CreatedDate"], "SystemModstamp": campaign["CreatedDate"],
                        **stamps,
                    }
                )  # fmt: skip
        build.insert_rows("CampaignMemberStatus", made)


class Opportunities:
    """Makes the opportunities; some have no account, no amount or no role."""

    def __init__(self, build: Build, accounts: Accounts, contacts: Contacts, campaigns: Campaigns) -> None:
        self.total = build.counts["Opportunity"]
        self.clock = build.clock
        source = build.source("Opportunity")
        gone = {n for n in range(4, self.total + 1) if source.random() < 0.01}
        self.pointers = Pointers(build.maker("Opportunity"), self.total, gone)
        self.by_account: dict[int, list[int]] = {}
        self.account_of: list[int] = [0]
        self.stamps: list[tuple[int, int]] = [(0, 0)]
        deleted: list[tuple[str, str]] = []
        build.insert(
            "Opportunity", _OPPORTUNITY_COLUMNS, self._rows(build, source, accounts, contacts, campaigns, deleted)
        )
        build.log_deleted("Opportunity", deleted)

    def _rows(
        self, build: Build, source: Source, accounts: Accounts, contacts: Contacts, campaigns: Campaigns,
        deleted: list[tuple[str, str]],
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        clock, gone = build.clock, self.pointers.gone
        texts = strange_texts(self.total)
        for n in range(1, self.total + 1):
            account = accounts.pointers.pick(source) if not source.chance(0.02) else None
            self.account_of.append(account or 0)
            record_id = self.pointers.id(n)
            created, edited, stamped = source.stamps(clock, n - 1, self.total)
            self.stamps.append((created, edited))
            if n in gone:
                deleted.append((record_id, clock.text(stamped)))
            elif account:
                self.by_account.setdefault(account, []).append(n)
            old = clock.end - created > 200 * 86400
            stage = (
                source.pick(("Closed Won", "Closed Lost")) if old and source.chance(0.9) else source.pick(_STAGES[:8])
            )
            close = created + 86400 * (10 + source.below(300))
            close_date = clock.date(close) if close < clock.end + 300 * 86400 else clock.day(30)
            name = accounts.companies[account - 1].name if account else "Unknown customer"
            campaign = campaigns.pointers.pick(source) if source.chance(0.3) else None
            known = contacts.by_account.get(account or 0)
            owner = accounts.owners[account - 1] if account else source.pick(build.sellers)
            size = source.random()
            exact = round(source.random() * 90000, 2) if size > 0.6 else float(source.below(500) * 1000)
            amount = None if size < 0.06 else 0.0 if size < 0.1 else exact
            yield (
                n, record_id, int(n in gone), accounts.pointers.id(account) if account else None,
                int(source.chance(0.02)),
                f"{name[:90]} - {source.pick(('Licences', 'Renewal', 'Pilot', 'Add-on'))} {n}",
                description(source, texts.get(n)), stage, amount,
                float(STAGE_PROBABILITY[stage]) if source.chance(0.95) else float(source.below(101)),
                float(1 + source.below(500)) if source.chance(0.3) else None, close_date,
                source.pick(("New Customer", "Existing Customer - Upgrade", "Existing Customer - Replacement", None)),
                source.pick((None, None, "Send contract", "Call back, then \"quote\"")), source.pick(SOURCES),
                campaigns.pointers.id(campaign) if campaign else None, owner, clock.text(created), owner,
                clock.text(edited), source.pick(build.sellers), clock.text(stamped),
                clock.date(edited) if source.chance(0.5) else None, clock.text(edited), int(source.chance(0.03)),
                contacts.pointers.id(source.pick(known)) if known and source.chance(0.5) else None,
                source.pick((None, None, 0.0, 2.5, 10.0, 33.33)),
            )  # fmt: skip


def make_roles(build: Build, opportunities: Opportunities, contacts: Contacts) -> None:
    """Contact roles: contacts of the opportunity's account, one of them primary; some opportunities have none."""
    source = build.source("OpportunityContactRole")
    total = build.counts["OpportunityContactRole"]
    clock = build.clock
    maker = build.maker("OpportunityContactRole")

    def rows() -> Iterator[tuple[Any, ...]]:
        n = 0
        live = [o for o in opportunities.pointers.numbers() if contacts.by_account.get(opportunities.account_of[o])]
        while n < total and live:
            before = n
            for opportunity in live:
                if source.chance(0.12):
                    continue
                known = contacts.by_account[opportunities.account_of[opportunity]]
                created, edited = opportunities.stamps[opportunity]
                for place, contact in enumerate(source.rng.sample(known, min(len(known), 1 + source.below(2)))):
                    if n >= total:
                        return
                    n += 1
                    author = source.pick(build.sellers)
                    yield (
                        n, maker.make(n), opportunities.pointers.id(opportunity), contacts.pointers.id(contact),
                        source.pick(_ROLES), int(place == 0 and before == 0), clock.text(created), author,
                        clock.text(edited), author, clock.text(edited), 0,
                    )  # fmt: skip

    build.insert("OpportunityContactRole", _ROLE_COLUMNS, rows())

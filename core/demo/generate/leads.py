"""Leads: open, in queues, converted, merged and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.demo.generate.accounts import SOURCES, Accounts, Contacts, description, strange_texts
from core.demo.generate.build import Build, Pointers
from core.demo.generate.people import company, person, phone, title
from core.demo.generate.sales import Opportunities
from core.demo.generate.source import Source

_COLUMNS = (
    "IsDeleted MasterRecordId LastName FirstName Salutation Name Title Company Street City State PostalCode Country "
    "Latitude Longitude GeocodeAccuracy Phone MobilePhone Fax Email Website Description LeadSource Status Industry "
    "Rating AnnualRevenue NumberOfEmployees OwnerId IsConverted ConvertedDate ConvertedAccountId ConvertedContactId "
    "ConvertedOpportunityId IsUnreadByOwner HasOptedOutOfEmail DoNotCall CreatedDate CreatedById LastModifiedDate "
    "LastModifiedById SystemModstamp LastActivityDate CleanStatus CompanyDunsNumber EmailBouncedReason "
    "EmailBouncedDate Score__c Budget__c Product_Interest__c Region__c Sub_Region__c Best_Time_to_Call__c Lead_Key__c"
)
_OPEN = ("Open - Not Contacted", "Open - Not Contacted", "Working - Contacted", "Closed - Not Converted")
_PRODUCTS = ("Analytics", "Automation", "Data Platform", "Integration", "Mobile", "Security", "Services", "Support")
_POOL = 4000


class Leads:
    """Makes the leads."""

    def __init__(self, build: Build, accounts: Accounts, contacts: Contacts, opportunities: Opportunities) -> None:
        self.total = build.counts["Lead"]
        source = build.source("Lead")
        self._texts = strange_texts(self.total)
        gone = {n for n in range(1, self.total + 1) if source.random() < 0.012 and n not in self._texts}
        self.pointers = Pointers(build.maker("Lead"), self.total, gone)
        self._contacts, self._opportunities, self._accounts = contacts, opportunities, accounts
        deleted: list[tuple[str, str]] = []
        build.insert("Lead", _COLUMNS, self._rows(build, source, deleted))
        build.log_deleted("Lead", deleted)

    def _rows(self, build: Build, source: Source, deleted: list[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
        clock, ids, gone, total = build.clock, self.pointers.id, self.pointers.gone, self.total
        random, pick = source.random, source.pick
        companies = [company(source, n) for n in range(min(_POOL, max(50, total)))]
        people = [person(source, made.place.country) for made in companies for _ in range(4)]
        phones = [phone(source, made.place.country) for made in companies for _ in range(3)]
        titles = [title(source, made.place.country) for made in companies for _ in range(2)]
        interests = _interests(source)
        queues = [build.queues[name] for name in ("Leads EMEA", "Leads Americas", "Web Leads")]
        sellers = build.sellers
        text, date = clock.text, clock.date
        count, last_live, texts = len(companies), 0, self._texts
        for n in range(1, total + 1):
            c = int(random() * count)
            made = companies[c]
            spot = made.place
            country = spot.country
            who = people[c * 4 + int(random() * 4)]
            created, edited, stamped = source.stamps(clock, n - 1, total)
            record_id = ids(n)
            is_gone = n in gone
            kind = random()
            queued = kind < 0.06
            owner = pick(queues) if queued else pick(sellers)
            author = pick(sellers)
            converted = self._converted(source, edited) if 0.06 <= kind < 0.14 and not is_gone else None
            master = None
            if is_gone:
                deleted.append((record_id, text(stamped)))
                if last_live and random() < 0.4:
                    master = ids(last_live)
            else:
                last_live = n
            first, last = who.first, who.last
            odd = texts.get(n)
            if odd is not None:
                # With a first name, so that lists sorted by name do not begin with all of them.
                first, last = first or "Kim", odd.strip()[:80]
            has_phone = phones[c * 3 + int(random() * 3)] if random() < 0.85 else None
            rough = random()
            yield (
                n, record_id, 1 if is_gone else 0, master, last, first, who.salutation,
                f"{first} {last}" if first else last,
                titles[c * 2 + (kind > 0.5)] if rough < 0.9 else None, made.name,
                spot.street, spot.city, spot.state, spot.postal, country.name,
                spot.latitude if rough < 0.6 else None, spot.longitude if rough < 0.6 else None,
                spot.accuracy if rough < 0.6 else None, has_phone,
                phones[int(random() * len(phones))] if rough < 0.4 else None, None,
                f"{who.local_part}{n}@{made.domain}"[:80] if rough < 0.94 else None,
                f"https://www.{made.domain}" if rough < 0.5 else None, description(source, odd),
                pick(SOURCES), "Closed - Converted" if converted else pick(_OPEN), made.industry,
                "Hot" if kind > 0.85 else "Warm" if kind > 0.5 else "Cold" if kind > 0.2 else None,
                made.revenue if rough < 0.8 else None, made.employees, owner,
                *((1, *converted) if converted else (0, None, None, None, None)),
                1 if kind > 0.8 and not converted else 0, 1 if rough > 0.96 else 0, 1 if rough < 0.03 else 0,
                text(created), author, text(edited), owner if not queued else author, text(stamped),
                date(edited) if rough < 0.4 else None, "Pending", None,
                "552 mailbox full" if rough > 0.985 else None, text(edited) if rough > 0.985 else None,
                float(int(random() * 101)) if rough < 0.75 else None,
                (0.0 if rough < 0.02 else round(random() * 250000, 2)) if rough < 0.35 else None,
                pick(interests) if rough < 0.55 else None, country.region, country.sub_region,
                f"{8 + int(random() * 10):02}:{'00' if kind < 0.5 else '30'}:00.000Z" if rough < 0.3 else None,
                f"LK{n:08}" if rough < 0.9 else None,
            )  # fmt: skip

    def _converted(self, source: Source, edited: int) -> tuple[str, str, str, str | None] | None:
        """(date, account, contact, opportunity) for a lead that became a customer."""
        contact = self._contacts.pointers.pick(source)
        account = self._contacts.account_of[contact] if contact else 0
        if not contact or not account:
            return None
        deals = self._opportunities.by_account.get(account)
        deal = self._opportunities.pointers.id(source.pick(deals)) if deals and source.chance(0.7) else None
        return (
            self._opportunities.clock.date(edited), self._accounts.pointers.id(account),
            self._contacts.pointers.id(contact), deal,
        )  # fmt: skip


def _interests(source: Source) -> list[str]:
    """Multi-select values, in the order of the picklist."""
    made = []
    for _ in range(60):
        chosen = source.rng.sample(range(len(_PRODUCTS)), 1 + source.below(3))
        made.append(";".join(_PRODUCTS[place] for place in sorted(chosen)))
    return made

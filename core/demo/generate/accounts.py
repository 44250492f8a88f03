"""Accounts and contacts."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from core.demo.generate.build import Build, Pointers
from core.demo.generate.people import Company, company, person, phone, title
from core.demo.generate.source import Source, scattered
from core.demo.generate.words import DEPARTMENTS, SENTENCES, STRANGE
from core.demo.values import Stored

SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Trade Show", "Employee Referral", "Other")
_LANGUAGES = {
    "Germany": "German", "France": "French", "Spain": "Spanish", "Mexico": "Spanish", "Italy": "Italian",
    "Brazil": "Portuguese", "Japan": "Japanese", "China": "Chinese", "South Korea": "Korean", "Israel": "Hebrew",
    "United Arab Emirates": "Arabic", "Poland": "Polish", "Greece": "Greek", "Türkiye": "Turkish",
}  # fmt: skip
_ODD_DATES = ("1900-01-01", "1968-02-29", "1969-12-31", "1970-01-01", "1999-12-31", "2000-02-29", "2099-12-31")
_ODD_DATED = 40
_ACCOUNT_COLUMNS = (
    "IsDeleted MasterRecordId Name Type RecordTypeId ParentId BillingStreet BillingCity BillingState "
    "BillingPostalCode BillingCountry BillingLatitude BillingLongitude BillingGeocodeAccuracy ShippingStreet "
    "ShippingCity ShippingState ShippingPostalCode ShippingCountry Phone Fax AccountNumber Website Sic Industry "
    "AnnualRevenue NumberOfEmployees Ownership TickerSymbol Description Rating Site OwnerId CreatedDate CreatedById "
    "LastModifiedDate LastModifiedById SystemModstamp LastActivityDate CleanStatus AccountSource DunsNumber "
    "YearStarted Tier__c Customer_Since__c Registry_Number__c"
)
_CONTACT_COLUMNS = (
    "IsDeleted MasterRecordId AccountId LastName FirstName Salutation Name OtherStreet OtherCity OtherCountry "
    "MailingStreet MailingCity MailingState MailingPostalCode MailingCountry MailingLatitude MailingLongitude "
    "MailingGeocodeAccuracy Phone Fax MobilePhone HomePhone AssistantPhone ReportsToId Email Title Department "
    "AssistantName LeadSource Birthdate Description OwnerId HasOptedOutOfEmail DoNotCall CreatedDate CreatedById "
    "LastModifiedDate LastModifiedById SystemModstamp LastActivityDate EmailBouncedReason EmailBouncedDate "
    "Language__c Loyalty_Number__c"
)


def strange_texts(total: int) -> dict[int, str]:
    """Texts that test the reader, each on one of so many records, by the record's number."""
    return {number: STRANGE[place] for number, place in scattered(total, len(STRANGE)).items()}


def description(source: Source, strange: str | None = None) -> str | None:
    """The text that tests the reader, if this record has one; otherwise nothing for most, or a sentence or two."""
    if strange is not None:
        return strange
    kind = source.random()
    if kind < 0.62:
        return None
    if kind < 0.63:
        return source.pick(STRANGE)
    text = source.pick(SENTENCES)
    if kind > 0.85:
        text += source.pick((" ", "\n", "\r\n\r\n")) + source.pick(SENTENCES)
    return text


def big_number(source: Source) -> Stored:
    """18 digits, which a double cannot hold."""
    return str(10**17 + int(source.random() * 9 * 10**16) * 10 + source.below(10))


class Accounts:
    """Makes the accounts; later parts ask it for companies and owners."""

    def __init__(self, build: Build) -> None:
        self.total = build.counts["Account"]
        source = build.source("Account")
        gone = {n for n in range(1, self.total + 1) if source.random() < 0.008 and n > 3}
        self.pointers = Pointers(build.maker("Account"), self.total, gone)
        self.companies: list[Company] = []
        self.owners: list[str] = []
        self.created = array("q")
        deleted: list[tuple[str, str]] = []
        build.insert("Account", _ACCOUNT_COLUMNS, self._rows(build, source, deleted))
        build.log_deleted("Account", deleted)

    def _rows(self, build: Build, source: Source, deleted: list[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
        clock, ids, gone = build.clock, self.pointers.id, self.pointers.gone
        texts, dates = strange_texts(self.total), scattered(self.total, _ODD_DATED)
        quoted = {number for place, number in enumerate(texts) if place % 6 == 2}
        customer, partner = build.record_types["Account.Customer"], build.record_types["Account.Partner"]
        for n in range(1, self.total + 1):
            made = company(source, n)
            owner = source.pick(build.sellers)
            created, edited, stamped = source.stamps(clock, n - 1, self.total)
            self.companies.append(made)
            self.owners.append(owner)
            self.created.append(created)
            record_id = ids(n)
            is_partner = source.chance(0.15)
            bill = made.place
            ship = bill if source.chance(0.5) else None
            merged = n in gone and n > 10 and source.chance(0.3)
            master = next((m for m in range(n - 1, 0, -1) if m not in gone), None) if merged else None
            if n in gone:
                deleted.append((record_id, clock.text(stamped)))
            yield (
                n, record_id, int(n in gone), ids(master) if master else None,
                f'{made.name} "{texts[n][:40].strip()}"' if n in quoted else made.name,
                source.pick(("Channel Partner / Reseller", "Technology Partner", "Installation Partner")) if is_partner
                else source.pick(("Prospect", "Customer - Direct", "Customer - Channel", "Other", None)),
                partner if is_partner else customer,
                ids(self._parent(source, n, gone)) if n > 50 and source.chance(0.05) else None,
                bill.street, bill.city, bill.state, bill.postal, bill.country.name, bill.latitude, bill.longitude,
                bill.accuracy, ship and ship.street, ship and ship.city, ship and ship.state, ship and ship.postal,
                ship and ship.country.name,
                phone(source, bill.country), phone(source, bill.country) if source.chance(0.3) else None,
                f"CD{n:06}" if source.chance(0.8) else None, f"https://www.{made.domain}",
                str(1000 + source.below(8999)) if source.chance(0.4) else None, made.industry,
                made.revenue, made.employees, source.pick(("Public", "Private", "Subsidiary", "Other", None)),
                made.domain[:4].upper() if source.chance(0.1) else None, description(source, texts.get(n)),
                source.pick(("Hot", "Warm", "Cold", None)), source.pick((None, None, "Headquarters", "Plant 2")), owner,
                clock.text(created), owner, clock.text(edited), source.pick(build.sellers), clock.text(stamped),
                clock.date(edited) if source.chance(0.5) else None, "Pending", source.pick(SOURCES),
                source.digits("#########") if source.chance(0.5) else None, str(1850 + source.below(170)),
                source.pick(("Platinum", "Gold", "Silver", "Bronze", None, None)),
                _ODD_DATES[dates[n] % 7] if n in dates else clock.date(created) if source.chance(0.5) else None,
                big_number(source) if source.chance(0.6) else None,
            )  # fmt: skip

    @staticmethod
    def _parent(source: Source, n: int, gone: set[int]) -> int:
        parent = 1 + source.below(min(n - 1, 40))
        while parent in gone:
            parent = 1 + source.below(3)
        return parent


class Contacts:
    """Makes the contacts and knows which belong to which account."""

    def __init__(self, build: Build, accounts: Accounts) -> None:
        self.total = build.counts["Contact"]
        source = build.source("Contact")
        self._texts = strange_texts(self.total)
        gone = {n for n in range(1, self.total + 1) if source.random() < 0.01 and n not in self._texts}
        self.pointers = Pointers(build.maker("Contact"), self.total, gone)
        self.account_of = array("q", [0])
        self.by_account: dict[int, list[int]] = {}
        deleted: list[tuple[str, str]] = []
        build.insert("Contact", _CONTACT_COLUMNS, self._rows(build, source, accounts, deleted))
        build.log_deleted("Contact", deleted)

    def _rows(
        self, build: Build, source: Source, accounts: Accounts, deleted: list[tuple[str, str]]
    ) -> Iterator[tuple[Any, ...]]:
        clock, ids, gone = build.clock, self.pointers.id, self.pointers.gone
        texts, dates = self._texts, scattered(self.total, _ODD_DATED)
        surnames = {number for place, number in enumerate(texts) if place % 6 == 1}
        strays = [company(source, n) for n in range(200)]
        last_live = 0
        for n in range(1, self.total + 1):
            account = accounts.pointers.pick(source) if not source.chance(0.03) else None
            self.account_of.append(account or 0)
            made = accounts.companies[account - 1] if account else source.pick(strays)
            known = self.by_account.setdefault(account, []) if account else []
            who = person(source, made.place.country)
            owner = accounts.owners[account - 1] if account and source.chance(0.8) else source.pick(build.sellers)
            created, edited, stamped = source.stamps(clock, n - 1, self.total)
            chief = known[0] if known and source.chance(0.2) else None
            record_id = ids(n)
            merged = n in gone and last_live and source.chance(0.4)
            if n in gone:
                deleted.append((record_id, clock.text(stamped)))
            else:
                last_live = n
                if account and len(known) < 8:
                    known.append(n)
            last = f"{who.last} {texts[n][:40]}".strip() if n in surnames else who.last
            first = who.first
            bounced = source.chance(0.02)
            spot = made.place
            yield (
                n, record_id, int(n in gone), ids(last_live) if merged else None,
                accounts.pointers.id(account) if account else None, last, first, who.salutation,
                f"{first} {last}" if first else last,
                *((f"{spot.street}", spot.city, spot.country.name) if source.chance(0.1) else (None, None, None)),
                spot.street, spot.city, spot.state, spot.postal, spot.country.name, spot.latitude, spot.longitude,
                spot.accuracy, phone(source, spot.country), phone(source, spot.country) if source.chance(0.2) else None,
                phone(source, spot.country) if source.chance(0.6) else None,
                phone(source, spot.country) if source.chance(0.1) else None,
                phone(source, spot.country) if source.chance(0.05) else None, ids(chief) if chief else None,
                f"{who.local_part}{n if source.chance(0.5) else ''}@{made.domain}"[:80]
                if source.chance(0.93) else None,
                title(source, spot.country), source.pick(DEPARTMENTS) if source.chance(0.7) else None,
                "Kim O'Hara" if source.chance(0.04) else None, source.pick(SOURCES) if source.chance(0.8) else None,
                _ODD_DATES[dates[n] % 7] if n in dates
                else clock.day(-7000 - source.below(18000)) if source.chance(0.4) else None,
                description(source, texts.get(n)), owner, int(source.chance(0.05)), int(source.chance(0.04)),
                clock.text(created), owner, clock.text(edited), source.pick(build.sellers), clock.text(stamped),
                clock.date(edited) if source.chance(0.5) else None,
                "550 5.1.1 user unknown" if bounced else None, clock.text(edited) if bounced else None,
                _LANGUAGES.get(spot.country.name, "English"), f"LN-{n:07}" if source.chance(0.7) else None,
            )  # fmt: skip

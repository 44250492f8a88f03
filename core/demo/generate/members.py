"""Campaign members: leads and contacts, each at most once in a campaign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.demo.generate.accounts import Contacts
from core.demo.generate.build import Build
from core.demo.generate.leads import Leads
from core.demo.generate.sales import Campaigns

_COLUMNS = (
    "IsDeleted CampaignId LeadId ContactId Status HasResponded CreatedDate CreatedById LastModifiedDate "
    "LastModifiedById SystemModstamp FirstRespondedDate"
)


def make_members(build: Build, campaigns: Campaigns, leads: Leads, contacts: Contacts) -> None:
    """The members of all campaigns."""
    source = build.source("CampaignMember")
    total = build.counts["CampaignMember"]
    clock = build.clock
    maker = build.maker("CampaignMember")
    deleted: list[tuple[str, str]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        taken: set[tuple[int, str]] = set()
        n = tries = 0
        while n < total and tries < total * 20:
            tries += 1
            campaign = campaigns.pointers.pick(source)
            is_lead = source.chance(0.65)
            pointers = leads.pointers if is_lead else contacts.pointers
            number = pointers.pick(source)
            if campaign is None or number is None:
                continue
            member = pointers.id(number)
            if (campaign, member) in taken:
                continue
            taken.add((campaign, member))
            n += 1
            status, responded = source.pick(campaigns.statuses[campaign])
            created, edited, stamped = source.stamps(clock, n - 1, total)
            gone = source.chance(0.005 if is_lead else 0.012)
            record_id = maker.make(n)
            if gone:
                deleted.append((record_id, clock.text(stamped)))
            author = source.pick(build.sellers)
            yield (
                n, record_id, int(gone), campaigns.pointers.id(campaign), member if is_lead else None,
                None if is_lead else member, status, responded, clock.text(created), author, clock.text(edited),
                author, clock.text(stamped), clock.date(edited) if responded else None,
            )  # fmt: skip

    build.insert("CampaignMember", _COLUMNS, rows())
    build.log_deleted("CampaignMember", deleted)

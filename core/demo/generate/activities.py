"""Tasks and events: single and recurring, some archived, some deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from core.demo.generate.accounts import Accounts, Contacts, description, strange_texts
from core.demo.generate.build import Build
from core.demo.generate.leads import Leads
from core.demo.generate.projects import Projects
from core.demo.generate.sales import Campaigns, Opportunities
from core.demo.generate.source import Source
from core.demo.generate.words import MEETINGS, ROOMS, SUBJECTS
from core.demo.values import stamp

_TASK_COLUMNS = (
    "WhoId WhatId Subject ActivityDate Status Priority OwnerId Description IsDeleted AccountId CreatedDate "
    "CreatedById LastModifiedDate LastModifiedById SystemModstamp IsArchived CallDurationInSeconds CallType "
    "CallDisposition ReminderDateTime IsReminderSet RecurrenceActivityId IsRecurrence RecurrenceStartDateOnly "
    "RecurrenceEndDateOnly RecurrenceTimeZoneSidKey RecurrenceType RecurrenceInterval RecurrenceDayOfWeekMask "
    "TaskSubtype CompletedDateTime"
)
_EVENT_COLUMNS = (
    "WhoId WhatId Subject Location IsAllDayEvent ActivityDateTime ActivityDate DurationInMinutes StartDateTime "
    "EndDateTime EndDate Description AccountId OwnerId IsPrivate ShowAs IsDeleted IsChild IsGroupEvent CreatedDate "
    "CreatedById LastModifiedDate LastModifiedById SystemModstamp IsArchived RecurrenceActivityId IsRecurrence "
    "RecurrenceStartDateTime RecurrenceEndDateOnly RecurrenceTimeZoneSidKey RecurrenceType RecurrenceInterval "
    "RecurrenceDayOfWeekMask ReminderDateTime IsReminderSet EventSubtype"
)
# Real orgs archive what ended a year ago and more.
_ARCHIVE_AFTER = 365 * 86400


class Subjects:
    """What an activity is about: a person, a thing, and the account it belongs to."""

    def __init__(
        self, accounts: Accounts, contacts: Contacts, leads: Leads, opportunities: Opportunities, campaigns: Campaigns,
        projects: Projects,
    ) -> None:  # fmt: skip
        self._accounts, self._contacts, self._leads = accounts, contacts, leads
        self._opportunities, self._campaigns, self._projects = opportunities, campaigns, projects

    def pick(self, source: Source) -> tuple[str | None, str | None, str | None]:
        """(WhoId, WhatId, AccountId)."""
        kind = source.random()
        if kind < 0.35:
            lead = self._leads.pointers.pick(source)
            return (self._leads.pointers.id(lead) if lead else None), None, None
        if kind < 0.42:
            return None, None, None
        if kind < 0.46:
            return None, _id(self._campaigns, source), None
        if kind < 0.52:
            return None, _id(self._projects, source), None
        contact = self._contacts.pointers.pick(source)
        account = self._contacts.account_of[contact] if contact else 0
        who = self._contacts.pointers.id(contact) if contact and kind < 0.9 else None
        owner = self._accounts.pointers.id(account) if account else None
        deals = self._opportunities.by_account.get(account)
        what = self._opportunities.pointers.id(source.pick(deals)) if deals and kind < 0.75 else owner
        return who, what, owner


def _id(maker: Campaigns | Projects, source: Source) -> str | None:
    number = maker.pointers.pick(source)
    return maker.pointers.id(number) if number else None


def make_tasks(build: Build, subjects: Subjects) -> None:
    """Tasks; every fortieth is a recurring series of four."""
    source = build.source("Task")
    total = build.counts["Task"]
    clock = build.clock
    maker = build.maker("Task")
    pool = build.queues["Task Pool"]
    deleted: list[tuple[str, str]] = []
    texts = strange_texts(total)

    def rows() -> Iterator[tuple[Any, ...]]:
        series, left = 0, 0
        first_day = 0
        for n in range(1, total + 1):
            created, edited, stamped = source.stamps(clock, n - 1, total)
            who, what, account = subjects.pick(source)
            is_series = n % 40 == 0 and n + 3 <= total
            if is_series:
                series, left, first_day = n, 3, created
            in_series = left > 0 and not is_series
            left -= in_series
            due = created + 86400 * source.below(40) if not in_series else first_day + 604800 * (3 - left)
            due_date = clock.date(min(due, clock.end + 300 * 86400)) if source.chance(0.9) or in_series else None
            done = due < clock.end - 30 * 86400 or source.chance(0.3)
            archived = done and due < clock.end - _ARCHIVE_AFTER and source.chance(0.25)
            gone = source.chance(0.006) and not is_series and not in_series
            record_id = maker.make(n)
            if gone:
                deleted.append((record_id, clock.text(stamped)))
            owner = pool if source.chance(0.02) else source.pick(build.sellers)
            call = source.chance(0.25)
            reminder = source.chance(0.1)
            day = clock.date(created)
            yield (
                n, record_id, who, what, source.pick(SUBJECTS), due_date,
                "Completed" if done else source.pick(("Not Started", "In Progress", "Waiting on someone else")),
                source.pick(("Normal", "Normal", "High", "Low")), owner, description(source, texts.get(n)), int(gone),
                account,
                clock.text(created), source.pick(build.sellers), clock.text(edited), source.pick(build.sellers),
                clock.text(stamped), int(archived), source.below(3600) if call else None,
                source.pick(("Inbound", "Outbound", "Internal")) if call else None, "Reached" if call else None,
                clock.text(min(due, clock.end)) if reminder else None, int(reminder),
                maker.make(series) if in_series else None, int(is_series), day if is_series else None,
                clock.date(created + 21 * 86400) if is_series else None, "Europe/Berlin" if is_series else None,
                "RecursWeekly" if is_series else None, 1 if is_series else None, 2 if is_series else None,
                "Call" if call else "Task", clock.text(edited) if done else None,
            )  # fmt: skip

    build.insert("Task", _TASK_COLUMNS, rows())
    build.log_deleted("Task", deleted)


def make_events(build: Build, subjects: Subjects) -> None:
    """Events, half a year ahead too; every thirtieth is a recurring series of four."""
    source = build.source("Event")
    total = build.counts["Event"]
    clock = build.clock
    maker = build.maker("Event")
    deleted: list[tuple[str, str]] = []
    anchor = clock.start + timedelta(seconds=clock.end)
    texts = strange_texts(total)

    def rows() -> Iterator[tuple[Any, ...]]:
        series, left, first = 0, 0, 0
        for n in range(1, total + 1):
            created, edited, stamped = source.stamps(clock, n - 1, total)
            who, what, account = subjects.pick(source)
            is_series = n % 30 == 0 and n + 3 <= total
            begin = (created // 86400 + source.below(180)) * 86400 + (14 + source.below(22)) * 1800
            if is_series:
                series, left, first = n, 3, begin
            in_series = left > 0 and not is_series
            if in_series:
                begin = first + 604800 * (3 - left)
                left -= 1
            whole_day = source.chance(0.08)
            minutes = 1440 if whole_day else source.pick((15, 30, 60, 90, 120))
            start = clock.start + timedelta(seconds=begin // 86400 * 86400 if whole_day else begin)
            end = start + timedelta(minutes=minutes)
            gone = source.chance(0.006) and not is_series and not in_series
            archived = end < anchor - timedelta(seconds=_ARCHIVE_AFTER) and source.chance(0.25)
            record_id = maker.make(n)
            if gone:
                deleted.append((record_id, clock.text(stamped)))
            reminder = source.chance(0.3)
            yield (
                n, record_id, who, what, source.pick(MEETINGS), source.pick(ROOMS) or None, int(whole_day),
                stamp(start), start.date().isoformat(), minutes, stamp(start), stamp(end),
                (end - timedelta(minutes=1)).date().isoformat(), description(source, texts.get(n)), account,
                source.pick(build.sellers), int(source.chance(0.05)), source.pick(("Busy", "Free", "OutOfOffice")),
                int(gone), 0, int(source.chance(0.1)), clock.text(created), source.pick(build.sellers),
                clock.text(edited), source.pick(build.sellers), clock.text(stamped), int(archived),
                maker.make(series) if in_series else None, int(is_series), stamp(start) if is_series else None,
                (start + timedelta(days=21)).date().isoformat() if is_series else None,
                "Europe/Berlin" if is_series else None, "RecursWeekly" if is_series else None,
                1 if is_series else None, 4 if is_series else None,
                stamp(start - timedelta(minutes=15)) if reminder else None, int(reminder), "Event",
            )  # fmt: skip

    build.insert("Event", _EVENT_COLUMNS, rows())
    build.log_deleted("Event", deleted)

"""Other users at work in the org, so that a newcomer sees the mirror move: every 20 to 60 seconds somebody edits,
creates, deletes or restores something, now and then merges or converts.

They like to work on what somebody opened of late: a lead or contact that was read by its id in the last minutes. The
org knows no more of its clients than any org does, and that is enough for an edit here to meet one there now and then.

On while the switch `colleagues` of core/demo/behaviour.py is. The thread belongs to the site, which starts and stops
it; `act()` is one piece of work, the same ones in the same order for the same seed and the same org.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from core.demo.errors import OrgError
from core.demo.manner import Manner, in_manner
from core.demo.store import quoted

if TYPE_CHECKING:
    from core.demo.generate.people import Company
    from core.demo.generate.source import Source
    from core.demo.org import Org

log = logging.getLogger(__name__)

SHORTEST, LONGEST = 20.0, 60.0
"""Seconds between two pieces of work."""
_TRIES = 12
_SHARE_OF_OPENED = 0.5
_MANNER = Manner(via="colleague")
_ROBOTS = ("integration.user@", "automated.process@")
_STAGES = (
    "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis",
    "Proposal/Price Quote", "Negotiation/Review", "Closed Won",
)  # fmt: skip
_NOTES = (
    "Called, left a message with the assistant.", "Wants a demo next week, three people will join.",
    "Asked for a quote for 40 seats.", "Budget is decided in the next quarter.",
    "Moved to the new office, old number is dead.", "Very interested, compares us with two others.",
    "Please send the security questionnaire first.", "Met at the trade fair, sent the brochure.",
    "No answer twice, try again in two weeks.",
)  # fmt: skip
_SUBJECTS = (
    "Call",
    "Send Quote",
    "Email",
    "Follow up on the quote",
    "Prepare the demo",
    "Send Letter",
    "Ask for references",
)
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Other")
_MEETINGS = ("Demo", "Kick-off", "Review of the quote", "Lunch", "Visit on site", "Call with procurement")


class _Nothing(Exception):
    """There was nothing of the kind to work on."""


class Colleagues:
    """Works in the name of the org's users."""

    def __init__(
        self,
        org: Org,
        seed: int = 1,
        *,
        changed: Callable[[], None] = lambda: None,
        lately: Callable[[], Sequence[tuple[str, str]]] = tuple,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """`changed` is called after each piece of work; `lately` tells object and id of the records that somebody

        opened of late; `wait` pauses for some seconds and tells whether to stop.
        """
        self._org = org
        self._seed = seed
        self._pauses = random.Random(f"{seed}:pauses")
        self._changed = changed
        self._lately = lately
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._thread: threading.Thread | None = None
        self._kinds: tuple[tuple[float, Callable[[], str]], ...] = (
            (0.30, self._edit_lead), (0.42, self._edit_contact), (0.48, self._edit_account),
            (0.58, self._advance_opportunity), (0.66, self._finish_task), (0.71, self._answer_campaign),
            (0.80, self._new_lead), (0.87, self._new_task), (0.90, self._new_event), (0.92, self._new_contact),
            (0.95, self._delete), (0.97, self._restore), (0.99, self._convert), (1.0, self._merge),
        )  # fmt: skip

    def start(self) -> None:
        """Begin to work, in a thread."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self.run, name="colleagues", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run(self) -> None:
        """Pause and work, until `wait` says that it is over."""
        while not self._wait(SHORTEST + (LONGEST - SHORTEST) * self._pauses.random()):
            self.act()

    def act(self) -> str:
        """One piece of work; what was done, such as "update Lead 00Q...", or "" where nothing was to be done."""
        for _ in range(_TRIES):
            opened = self._opened()
            if opened and self._source.chance(_SHARE_OF_OPENED):
                work: Callable[[], str] = partial(self._edit_opened, *self._source.pick(opened))
            else:
                place = self._source.random()
                work = next(work for share, work in self._kinds if place < share)
            try:
                with in_manner(_MANNER):
                    done = work()
            except (_Nothing, OrgError) as error:
                # Somebody's rights, a validation or a lock stood against it: a colleague turns to something else.
                log.debug("colleagues: %s: %s", type(error).__name__, error)
                continue
            log.debug("colleagues: %s", done)
            self._changed()
            return done
        return ""

    @cached_property
    def _source(self) -> Source:
        # The generator's words are not for the start of the server, whose first answer somebody is waiting for.
        from core.demo.generate.source import Source

        return Source(self._seed, "colleagues")

    def _company(self) -> Company:
        from core.demo.generate.people import company

        return company(self._source, self._source.below(100_000))

    # Editing

    def _edit_lead(self) -> str:
        record_id, user = self._some("Lead", '"IsConverted" = 0')
        status = self._value("Lead", record_id, "Status")
        following = {
            "Open - Not Contacted": "Working - Contacted", "Working - Contacted": "Closed - Not Converted",
            "Closed - Not Converted": "Working - Contacted",
        }.get(str(status), "Working - Contacted")  # fmt: skip
        pick = self._source.pick
        changes: dict[str, Any] = pick((
            {"Status": following},
            {"Status": following, "Rating": pick(("Hot", "Warm", "Cold"))},
            {"Phone": self._phone()},
            {"MobilePhone": self._phone()},
            {"Title": self._title()},
            {"Description": pick(_NOTES)},
            {"Rating": pick(("Hot", "Warm", "Cold")), "Description": pick(_NOTES)},
            {"HasOptedOutOfEmail": True},
        ))  # fmt: skip
        return self._update(user, "Lead", record_id, changes)

    def _edit_contact(self) -> str:
        record_id, user = self._some("Contact")
        pick = self._source.pick
        changes: dict[str, Any] = pick((
            {"Phone": self._phone()}, {"MobilePhone": self._phone()}, {"Title": self._title()},
            {"Department": pick(("Purchasing", "IT", "Finance", "Operations", "Sales", "Legal"))},
            {"Description": pick(_NOTES)},
        ))  # fmt: skip
        return self._update(user, "Contact", record_id, changes)

    def _edit_account(self) -> str:
        record_id, user = self._some("Account")
        pick, random_ = self._source.pick, self._source.random
        changes: dict[str, Any] = pick((
            {"Phone": self._phone()}, {"Rating": pick(("Hot", "Warm", "Cold"))},
            {"NumberOfEmployees": 20 + int(random_() * 200) * 5}, {"Description": pick(_NOTES)},
        ))  # fmt: skip
        return self._update(user, "Account", record_id, changes)

    def _advance_opportunity(self) -> str:
        record_id, user = self._some("Opportunity", "\"StageName\" NOT LIKE 'Closed%'")
        stage = str(self._value("Opportunity", record_id, "StageName"))
        place = _STAGES.index(stage) if stage in _STAGES else 0
        pick, random_ = self._source.pick, self._source.random
        changes: dict[str, Any] = pick((
            {"StageName": _STAGES[min(place + 1, len(_STAGES) - 1)]},
            {"StageName": _STAGES[min(place + 1, len(_STAGES) - 1)], "Description": pick(_NOTES)},
            {"Amount": 500.0 * (2 + int(random_() * 200))},
            {"CloseDate": self._day(7 + int(random_() * 90))},
            {"StageName": "Closed Lost"},
        ))  # fmt: skip
        return self._update(user, "Opportunity", record_id, changes)

    def _finish_task(self) -> str:
        record_id, user = self._some("Task", '"Status" <> \'Completed\' AND "IsArchived" = 0')
        return self._update(user, "Task", record_id, {"Status": "Completed"})

    def _answer_campaign(self) -> str:
        record_id, _ = self._some("CampaignMember", "\"Status\" <> 'Responded'", owner=False)
        marketing = [user.id for user in self._org.users() if user.is_active and "Marketing" in user.profile]
        user = self._source.pick(marketing) if marketing else self._org.admin_id
        return self._update(user, "CampaignMember", record_id, {"Status": "Responded"})

    def _opened(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys(each for each in self._lately() if each[0] in ("Lead", "Contact")))

    def _edit_opened(self, name: str, record_id: str) -> str:
        """What one does after a call: a number, a title, a note. By somebody else than the administrator."""
        pick = self._source.pick
        sql = f'SELECT "OwnerId" FROM {quoted(name)} WHERE "Id" = ?'
        found = self._org.store.connection.execute(sql, (record_id,)).fetchone()
        if found is None:
            raise _Nothing(record_id)
        people = self._people()
        others = [user.id for user in self._org.users() if user.id in people and "Marketing" in user.profile]
        owner = found[0] if found[0] in people and found[0] != self._org.admin_id else None
        changes: dict[str, Any] = {"Title": self._title(), "Description": pick(_NOTES)}
        changes |= pick(({"Phone": self._phone()}, {"MobilePhone": self._phone()}))
        if name == "Lead":
            changes |= pick(({"Rating": pick(("Hot", "Warm", "Cold"))}, {"Status": "Working - Contacted"}))
        return self._update(owner or pick(others or people), name, record_id, changes)

    # Making

    def _new_lead(self) -> str:
        from core.demo.generate.people import person, phone, title

        pick, source = self._source.pick, self._source
        made = self._company()
        spot = made.place
        who = person(source, spot.country)
        return self._insert(pick(self._people()), "Lead", {
            "FirstName": who.first, "LastName": who.last, "Salutation": who.salutation, "Company": made.name,
            "Title": title(source, spot.country), "Email": f"{who.local_part}@{made.domain}"[:80],
            "Phone": phone(source, spot.country), "Street": spot.street, "City": spot.city, "State": spot.state,
            "PostalCode": spot.postal, "Country": spot.country.name, "Industry": made.industry,
            "LeadSource": pick(_SOURCES),
            "Rating": pick(("Hot", "Warm", "Cold", None)),
        })  # fmt: skip

    def _new_contact(self) -> str:
        from core.demo.generate.people import person, phone, title

        account, user = self._some("Account")
        source = self._source
        country = self._company().place.country
        who = person(source, country)
        return self._insert(user, "Contact", {
            "FirstName": who.first, "LastName": who.last, "AccountId": account,
            "Title": title(source, country), "Phone": phone(source, country),
        })  # fmt: skip

    def _new_task(self) -> str:
        whom, user = self._some(self._source.pick(("Lead", "Contact")))
        pick, done = self._source.pick, self._source.chance(0.5)
        return self._insert(user, "Task", {
            "Subject": pick(_SUBJECTS), "WhoId": whom, "Status": "Completed" if done else "Not Started",
            "Priority": pick(("Normal", "Normal", "High")), "Description": pick(_NOTES) if done else None,
            "ActivityDate": self._day(0 if done else 1 + self._source.below(14)),
        })  # fmt: skip

    def _new_event(self) -> str:
        whom, user = self._some("Contact")
        day = self._org.now() + timedelta(days=1 + self._source.below(21))
        start = day.replace(hour=8 + self._source.below(9), minute=0, second=0, microsecond=0)
        return self._insert(user, "Event", {
            "Subject": self._source.pick(_MEETINGS), "WhoId": whom, "StartDateTime": start, "ActivityDateTime": start,
            "ActivityDate": start.date(), "EndDateTime": start + timedelta(hours=1), "DurationInMinutes": 60,
        })  # fmt: skip

    # Deleting, restoring, merging, converting

    def _delete(self) -> str:
        name = self._source.pick(("Lead", "Task"))
        record_id, user = self._some(name, '"IsConverted" = 0' if name == "Lead" else '"IsArchived" = 0')
        self._org.delete(user, name, record_id)
        return f"delete {name} {record_id}"

    def _restore(self) -> str:
        record_id, user = self._some("Lead", '"MasterRecordId" IS NULL', gone=True)
        self._org.undelete(user, "Lead", record_id)
        return f"undelete Lead {record_id}"

    def _convert(self) -> str:
        record_id, user = self._some("Lead", '"IsConverted" = 0 AND "Status" = \'Working - Contacted\'')
        company_name = self._value("Lead", record_id, "Company")
        deal = f"{company_name} - New Business"[:120] if self._source.chance(0.7) else None
        self._org.convert(user, record_id, opportunity_name=deal)
        return f"convert Lead {record_id}"

    def _merge(self) -> str:
        master, user = self._some("Lead", '"IsConverted" = 0')
        owner = self._value("Lead", master, "OwnerId")
        loser, _ = self._some("Lead", f'"IsConverted" = 0 AND "OwnerId" = \'{owner}\' AND "Id" <> \'{master}\'')
        self._org.merge(user, "Lead", master, [loser])
        return f"merge Lead {master}"

    # Inside

    def _some(self, name: str, condition: str = "1", *, gone: bool = False, owner: bool = True) -> tuple[str, str]:
        """The id of some record, a late one rather than an early one, and the user who works on it."""
        run = self._org.store.connection.execute
        last = run(f"SELECT ifnull(MAX(n), 0) FROM {quoted(name)}").fetchone()[0]
        number = int(last * (1 - self._source.random() ** 3))
        column = '"OwnerId"' if owner else "NULL"
        fits = f'"IsDeleted" = {int(gone)} AND {condition}'
        sql = f'SELECT "Id", {column} FROM {quoted(name)} WHERE n {{}} ? AND {fits} ORDER BY n {{}} LIMIT 1'
        found = (
            run(sql.format(">=", ""), (number,)).fetchone() or run(sql.format("<", "DESC"), (number,)).fetchone()
        )  # fmt: skip
        if found is None:
            raise _Nothing(name)
        people = self._people()
        # A record of somebody who has left, or of a queue, is worked on by whoever sees everything.
        return found[0], found[1] if found[1] in people else self._org.admin_id

    def _people(self) -> list[str]:
        """Ids of those who work: active, and no machines."""
        return [user.id for user in self._org.users() if user.is_active and not user.username.startswith(_ROBOTS)]

    def _value(self, name: str, record_id: str, field: str) -> Any:
        sql = f'SELECT {quoted(field)} FROM {quoted(name)} WHERE "Id" = ?'
        return self._org.store.connection.execute(sql, (record_id,)).fetchone()[0]

    def _update(self, user: str, name: str, record_id: str, changes: dict[str, Any]) -> str:
        self._org.update(user, name, record_id, changes)
        return f"update {name} {record_id}"

    def _insert(self, user: str, name: str, values: dict[str, Any]) -> str:
        return f"insert {name} {self._org.insert(user, name, values)}"

    def _phone(self) -> str:
        from core.demo.generate.people import phone

        return phone(self._source, self._company().place.country)

    def _title(self) -> str:
        from core.demo.generate.people import title

        return title(self._source, self._company().place.country)

    def _day(self, days: int) -> str:
        return (self._org.now() + timedelta(days=days)).date().isoformat()

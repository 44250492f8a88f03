"""Makes a whole org in a folder: schema, records, indexes. The file appears under its name only when it is complete."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from pathlib import Path

from core.demo.access import default_rules
from core.demo.definitions import fill_definitions
from core.demo.generate.accounts import Accounts, Contacts
from core.demo.generate.activities import Subjects, make_events, make_tasks
from core.demo.generate.build import Build
from core.demo.generate.leads import Leads
from core.demo.generate.members import make_members
from core.demo.generate.projects import Projects, make_milestones
from core.demo.generate.sales import Campaigns, Opportunities, make_roles
from core.demo.generate.setup import make_setup
from core.demo.generate.source import Clock
from core.demo.metadata.schema import standard_schema
from core.demo.store import FILE_NAME, KeyValue, Store
from core.demo.values import stamp

DEFAULT_ROWS = {
    "Account": 10_000, "Contact": 30_000, "Lead": 40_000, "Opportunity": 12_000, "OpportunityContactRole": 12_000,
    "Campaign": 200, "CampaignMember": 20_000, "Task": 15_000, "Event": 6_000, "Project__c": 1_500,
    "Milestone__c": 4_000,
}  # fmt: skip
_INSTANCES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_log = logging.getLogger(__name__)


def generate(folder: Path, *, seed: int, rows: dict[str, int], objects: int, anchor: datetime) -> None:
    """Make the org. `rows` as in Org.open; `*` in it stands for every object that it does not name.

    Raises ValueError for an object that has no set number of records, or a negative number.
    """
    unknown = set(rows) - set(DEFAULT_ROWS) - {"*"}
    if unknown or any(count < 0 for count in rows.values()):
        raise ValueError(f"rows: {', '.join(sorted(unknown)) or 'negative number'}")
    began = time.perf_counter()
    counts = {name: rows.get(name, rows.get("*", usual)) for name, usual in DEFAULT_ROWS.items()}
    folder.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(folder)
    store = Store(folder, name=f"{FILE_NAME}.new")
    try:
        _fill(store, seed, counts, objects, anchor)
    finally:
        store.close()
    store.path.rename(folder / FILE_NAME)
    _log.info("made an org of %d records in %.1f s", sum(counts.values()), time.perf_counter() - began)


def _view_some(build: Build, accounts: Accounts, contacts: Contacts, leads: Leads) -> None:
    """What Ada and Sam looked at lately."""
    source = build.source("viewed")
    for who in ("ada", "sam"):
        for pointers in (leads.pointers, contacts.pointers, accounts.pointers) * 4:
            number = pointers.pick(source)
            if number is not None:
                at = build.clock.text(build.clock.end - source.below(7 * 86400))
                viewed = (build.people[who], pointers.id(number), at)
                build.store.connection.execute("INSERT OR REPLACE INTO om_viewed VALUES (?, ?, ?)", viewed)


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob(f"{FILE_NAME}.new*"):
        path.unlink()


def _fill(store: Store, seed: int, counts: dict[str, int], objects: int, anchor: datetime) -> None:
    run = store.connection.execute
    # A half-made file is thrown away, so nothing needs to be safe from a crash while it is made.
    run("PRAGMA journal_mode = OFF")
    run("PRAGMA synchronous = OFF")
    store.prepare()
    schema = standard_schema(objects)
    stored = [item for item in schema if not item.virtual]
    instance = "".join(_INSTANCES[(seed * factor + 11) % 62] for factor in (7, 13)) + "0"
    build = Build(store, schema, Clock(anchor), seed, instance, counts)
    run("BEGIN")
    for item in stored:
        store.create_table(item)
    head = make_setup(build)
    accounts = Accounts(build)
    contacts = Contacts(build, accounts)
    campaigns = Campaigns(build)
    opportunities = Opportunities(build, accounts, contacts, campaigns)
    make_roles(build, opportunities, contacts)
    leads = Leads(build, accounts, contacts, opportunities)
    make_members(build, campaigns, leads, contacts)
    projects = Projects(build, accounts, contacts, opportunities)
    make_milestones(build, projects)
    subjects = Subjects(accounts, contacts, leads, opportunities, campaigns, projects)
    make_tasks(build, subjects)
    make_events(build, subjects)
    _view_some(build, accounts, contacts, leads)
    fill_definitions(store, schema, instance)
    run("COMMIT")
    for item in stored:
        store.create_indexes(item)
    run("PRAGMA analysis_limit = 1000")
    run("ANALYZE")
    keys = KeyValue(store)
    keys.set("org", {**head, "objects": objects, "seed": seed, "anchor": stamp(anchor)})
    keys.set("schema_fingerprint", schema.fingerprint())
    keys.set("rules", default_rules())
    keys.set("metadata_modified", stamp(anchor))
    run("PRAGMA journal_mode = WAL")

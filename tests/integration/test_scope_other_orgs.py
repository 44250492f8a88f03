"""Row filters against Salesforces that are not the demo org: pages, clocks, forms of ids and missing resources vary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.mirror import scoping
from tests.helpers.other_org import OtherOrg, Ways
from tests.helpers.other_org_data import Forms
from tests.helpers.other_org_rig import Rig, clean, failed
from tests.helpers.truth import differences

WAYS = {
    "usual": Ways(),
    "one by one": Ways(composite=404, page_rows=(7, 33, 1), date=False, replication=False, last_modified="none"),
    "short ids": Ways(forms=Forms(short_ids=True), page_rows=(25,), composite_queries=2, next_url="absolute"),
    "few fields": Ways(most_fields=12, address_bytes=400, count="refused", userinfo=False),
}


def unlike(rig: Rig, org: OtherOrg, wanted: bool) -> list[str]:
    truth = [
        {key: clean(value) for key, value in row.items()} for row in org.truth("Lead") if bool(row["Flag__c"]) == wanted
    ]
    return differences("Lead", org.types("Lead"), truth, rig.rows("Lead"))


def choose(rig: Rig, where: str | None) -> None:
    rig.mirror.write(lambda s: scoping.set_filter(s, "Lead", where))


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
@pytest.mark.parametrize("name", WAYS)
def test_a_filter_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, bulk: bool) -> None:
    org = OtherOrg(WAYS[name], 3)
    try:
        fields: dict[str, Any] = {"Flag__c": ("boolean", 0, 0), "Words__c": ("string", 0, 80)}
        org.data.add("Lead", 45, fields)
        org.data.add("Account", 5)
        rig = Rig(org, tmp_path, monkeypatch, bulk=bulk, objects=("Lead", "Account"))
        try:
            follow(rig, org)
        finally:
            rig.close()
    finally:
        org.stop()


def follow(rig: Rig, org: OtherOrg) -> None:
    first = rig.cycle()
    assert failed(first) == {}
    choose(rig, "Flag__c = true")
    assert failed(rig.cycle()) == {}
    assert unlike(rig, org, True) == []
    org.advance(60)
    rows = list(org.data.things["Lead"].rows.items())
    on = [key for key, row in rows if row["Flag__c"]]
    off = [key for key, row in rows if not row["Flag__c"]]
    org.data.change("Lead", on[0], Flag__c=False)
    org.data.change("Lead", off[0], Flag__c=True)
    org.data.change("Lead", on[1], IsDeleted=True)
    org.data.purge("Lead", on[2])
    org.data.insert("Lead", Flag__c=False)
    org.advance(60)
    assert failed(rig.cycle()) == {}
    rig.reconcile()
    assert unlike(rig, org, True) == []
    choose(rig, "Flag__c = false")
    assert failed(rig.cycle()) == {}
    assert unlike(rig, org, False) == []
    choose(rig, None)
    assert failed(rig.cycle()) == {}
    truth = [{key: clean(value) for key, value in row.items()} for row in org.truth("Lead")]
    assert differences("Lead", org.types("Lead"), truth, rig.rows("Lead")) == []

"""What a describe's changes mean, by policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.mirror.listed import Listed
from core.mirror.schema import SchemaDelta
from core.mirror.tables import make_table
from core.model.describe import FieldInfo, ObjectInfo
from core.model.scope import SchemaPolicy
from core.sync.catalog import wanted_names
from core.sync.schema_changes import may_be_cut, renamed, take
from core.sync.scope_changes import day_in

ID = FieldInfo("Id", "Id", "id")
TEXT = FieldInfo("Shade__c", "Shade", "string", length=40, custom=True)


def lead(*fields: FieldInfo) -> ObjectInfo:
    return ObjectInfo("Lead", "Lead", "Leads", fields=(ID, *fields))


def test_follow_takes_everything() -> None:
    after = lead(replace(TEXT, type="double"), FieldInfo("New__c", "New", "string"))
    assert take(lead(TEXT), after, SchemaPolicy.FOLLOW, {"Id", "Shade__c"}).info is after


def test_ask_and_freeze_leave_new_fields_out_and_hold_changed_ones() -> None:
    after = lead(replace(TEXT, type="double", label="Hue"), FieldInfo("New__c", "New", "string"))
    for policy in (SchemaPolicy.ASK, SchemaPolicy.FREEZE):
        taken = take(lead(TEXT), after, policy, {"Id", "Shade__c"})
        assert taken.left_out == ("New__c",)
        assert taken.held == {"Shade__c"}
        assert taken.newly_held == ("Shade__c",)
        assert taken.info.field("Shade__c") == TEXT
        again = take(lead(TEXT), after, policy, {"Id", "Shade__c", "New__c"}, held={"Shade__c"})
        assert (again.left_out, again.newly_held) == ((), ())
        agreed = take(lead(TEXT), after, policy, {"Id", "Shade__c", "New__c"}, agreed={"Shade__c"})
        assert (agreed.held, agreed.info) == (frozenset(), after)


def test_a_label_or_length_is_taken_over_whatever_the_policy() -> None:
    after = lead(replace(TEXT, label="Hue", length=80))
    assert take(lead(TEXT), after, SchemaPolicy.FREEZE, {"Id", "Shade__c"}).info is after


def test_what_may_be_cut() -> None:
    assert may_be_cut(lead(TEXT), lead(replace(TEXT, length=10))) == {"Shade__c": "length"}
    assert may_be_cut(lead(TEXT), lead(replace(TEXT, type="picklist"))) == {"Shade__c": "type"}
    assert may_be_cut(lead(TEXT), lead(replace(TEXT, length=80))) == {}
    assert may_be_cut(lead(TEXT), lead(replace(TEXT, type="double"))) == {}
    assert may_be_cut(None, lead(TEXT)) == {}


def test_a_renamed_field_is_known_by_its_id_or_asked_about() -> None:
    tint = replace(TEXT, name="Tint__c")
    after = lead(tint)
    table = make_table(after, frozenset({"Id", "Tint__c"}))
    delta = SchemaDelta(table, added=("Tint__c",), removed=("Shade__c",))
    before = lead(TEXT)
    assert renamed(delta, before, {"Shade__c": "00N1"}, {"Tint__c": "00N1"}) == [("Tint__c", "Shade__c", True)]
    assert renamed(delta, before, {"Shade__c": "00N1"}, {"Tint__c": "00N2"}) == []
    assert renamed(delta, before, {}, {"Tint__c": "00N2"}) == [("Tint__c", "Shade__c", False)]
    other = lead(replace(TEXT, label="Another"))
    assert renamed(delta, other, {}, {}) == []


def listed(name: str, **more: object) -> Listed:
    known = {"queryable": True, "custom_setting": False, "is_new": False, "ticked": None, **more}
    return Listed(name, name, name, name.endswith("__c"), **known)  # type: ignore[arg-type]


def test_which_objects_are_wanted() -> None:
    entries = [listed("Lead"), listed("Case"), listed("Own__c"), listed("Set__c", custom_setting=True)]
    assert wanted_names(entries, None) == ["Lead", "Own__c"]
    assert wanted_names(entries, ("case", "Nope")) == ["Case", "Nope"]
    ticked = [listed("Lead", ticked=False), listed("Case", ticked=True), listed("Own__c", gone_at="2026")]
    assert wanted_names(ticked, None) == ["Case"]
    assert wanted_names(ticked, ("Lead",)) == ["Case"]


def test_the_day_is_the_users() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert day_in(late, "Europe/Rome") == "2026-03-02"
    assert day_in(late, "America/Los_Angeles") == "2026-03-01"
    assert day_in(late, "No/Where") == day_in(late, "") == "2026-03-01"

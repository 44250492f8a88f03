"""One line per object: the stored status with the live progress over it."""

from __future__ import annotations

from dataclasses import replace

from core.model.states import LoadPhase
from gui.models.object_lines import default_pins, featured, object_lines, overall
from tests.helpers import fake_app


def test_familiar_objects_come_first_and_custom_ones_before_supporting_ones() -> None:
    names = [line.name for line in object_lines(fake_app.in_step(), None)]
    assert names[:4] == ["Lead", "Contact", "Account", "Opportunity"]
    assert names.index("Project__c") < names.index("User")


def test_a_first_load_overlays_the_status() -> None:
    lines = {line.name: line for line in object_lines(fake_app.never_synced(), fake_app.first_load(0.5))}
    assert lines["Lead"].share == 0.5
    assert lines["Lead"].loading
    assert lines["Account"].loaded
    assert lines["Account"].share is None
    assert lines["Task"].share == 0.0


def test_a_later_cycle_does_not_change_what_is_here() -> None:
    """Rows of a later cycle count changes; the number shown stays the number of records."""
    live = fake_app.first_load().objects[5]
    progress = fake_app.first_load(first_load=False, objects=(replace(live, first_load=False, rows_done=3, total=3),))
    line = next(line for line in object_lines(fake_app.in_step(), progress) if line.name == "Lead")
    assert line.rows == 40_000
    assert line.share is None
    assert line.phase is LoadPhase.LOADING


def test_an_object_beyond_its_total_is_not_over_full() -> None:
    progress = fake_app.first_load()
    grown = tuple(replace(item, rows_done=50_000) if item.name == "Lead" else item for item in progress.objects)
    line = next(line for line in object_lines(None, replace(progress, objects=grown)) if line.name == "Lead")
    assert line.share == 1.0


def test_pins_are_what_is_there() -> None:
    pins = default_pins(object_lines(fake_app.in_step(), None))
    assert pins[:3] == ("Lead", "Contact", "Account")
    assert "Project__c" in pins
    assert default_pins(()) == ()


def test_empty_custom_objects_take_no_place_in_front() -> None:
    empty = tuple(fake_app.object_status(f"Empty{n}__c", rows=0) for n in range(300))
    status = fake_app.in_step()
    lines = object_lines(replace(status, objects=(*status.objects, *empty)), None)
    assert len(lines) == len(fake_app.LABELS) + 300
    assert {line.name for line in featured(lines)} == set(fake_app.LABELS)
    assert [name for name in default_pins(lines) if name.endswith("__c")] == ["Deliverable__c", "Project__c"]


def test_a_resumed_load_counts_what_was_here_before() -> None:
    """The engine speaks of the objects it still loads; the sum shown is over all of them."""
    live = [item for item in fake_app.first_load(0.5).objects if item.name in ("Lead", "Contact")]
    done = [item for item in fake_app.in_step().objects if item.name not in ("Lead", "Contact")]
    status = fake_app.in_step(
        objects=tuple(done)
        + tuple(fake_app.object_status(item.name, loaded=False, rows=0, phase=item.phase) for item in live)
    )
    progress = fake_app.first_load(objects=tuple(live), rows_done=35_827, total=71_655)
    here, total = overall(status, progress)
    assert here == sum(item.rows for item in done) + 20_000 + 15_827
    assert total == sum(rows for _one, _many, rows in fake_app.LABELS.values())
    assert overall(None, progress) == (35_827, 71_655)
    assert overall(None, None) == (0, None)

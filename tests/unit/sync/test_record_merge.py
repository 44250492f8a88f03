"""What a merge takes from whom: the rule of the preview, by itself."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.refs import RecordRef
from core.sync.act_views import MergeField, MergePreview, MergeSide, Standing
from core.sync.record_merge import added, chosen


@pytest.mark.parametrize(
    ("values", "side"),
    [
        (("a", "b"), 0),
        ((None, "b"), 1),
        ((None, None, "c"), 2),
        ((None, "b", "c"), 1),
        (("", "b"), 1),
        # False and nought are values: only empty is not.
        ((0, 1), 0),
        ((0.0, 5.0), 0),
        ((None, None), 0),
    ],
)
def test_the_master_gets_its_own_value_or_the_first_there_is(values: tuple[Any, ...], side: int) -> None:
    assert chosen(values) == side


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ((3, 4), 7),
        ((3, None, 4.5), 7.5),
        ((0.1, 0.2), 0.3),
        (("900719925474099267", 1), "900719925474099268"),
        ((2.0, 3.0), 5),
    ],
)
def test_sums_keep_every_digit(values: tuple[Any, ...], total: Any) -> None:
    assert added(values) == total
    assert type(added(values)) is type(total)


def preview(*fields: MergeField, standings: tuple[Standing, ...] = (Standing.THERE, Standing.THERE)) -> MergePreview:
    sides = tuple(
        MergeSide(RecordRef("Lead", f"00Q{at}"), f"L{at}", standing, "", "", (), 0)
        for at, standing in enumerate(standings)
    )
    return MergePreview("Lead", sides, fields)


def field(name: str, *values: Any, **more: Any) -> MergeField:
    return MergeField(
        name, name, "string", values, tuple(map(str, values)), chosen(values), len(set(values)) > 1, **more
    )


def test_only_what_changes_the_master_is_sent() -> None:
    shown = preview(
        field("Title", "Boss", "Clerk"),
        field("City", None, "Rome"),
        field("Same", "x", "x"),
        field("Score__c", 3, 4, summed=True, total=7),
    )
    assert shown.values() == {"City": "Rome"}
    assert shown.values({"Title": 1, "City": 0}) == {"Title": "Clerk"}
    assert shown.values(totals=frozenset({"Score__c", "Title"})) == {"City": "Rome", "Score__c": 7}
    # The person may take an empty value over, too.
    assert preview(field("City", "Rome", None)).values({"City": 1}) == {"City": None}


@pytest.mark.parametrize("standing", [Standing.GONE, Standing.CONVERTED, Standing.UNMADE])
def test_all_have_to_be_there(standing: Standing) -> None:
    assert preview().possible
    assert not preview(standings=(Standing.THERE, standing)).possible

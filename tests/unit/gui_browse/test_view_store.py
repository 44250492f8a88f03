"""What a list looked like is kept, and whatever the file holds is survived."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.filters import Sort
from gui.models.view_store import ListLayout, read_layout
from tests.helpers.fake_browse import COLUMNS, column

DEFAULTS = tuple((c.name, 0) for c in COLUMNS)


def test_a_layout_survives_the_file() -> None:
    layout = ListLayout((("Company", 120), ("Name", 300)), (Sort("Name", True),))
    assert read_layout(json.loads(json.dumps(layout.to_json())), COLUMNS) == layout


def test_fields_that_are_gone_are_left_out() -> None:
    kept = ListLayout((("Gone__c", 100), ("Name", 90)), (Sort("Gone__c"),)).to_json()
    assert read_layout(kept, COLUMNS) == ListLayout((("Name", 90),), ())


def test_a_layout_of_fields_that_are_all_gone_is_the_default() -> None:
    assert read_layout(ListLayout((("Gone__c", 100),)).to_json(), COLUMNS).columns == DEFAULTS


def test_a_column_that_cannot_be_sorted_is_not() -> None:
    columns = [column("Name", sortable=False)]
    assert read_layout(ListLayout((("Name", 0),), (Sort("Name"),)).to_json(), columns).sort == ()


def test_without_defaults_the_first_columns_are_shown() -> None:
    columns = [column(f"F{number}", default=False) for number in range(20)]
    assert len(read_layout(None, columns).columns) == 8


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "x",
        [],
        {"columns": [{"name": []}], "sort": [{"field": {}}]},
        {"columns": 5},
        {"columns": [1, None, {"name": 3}]},
        {"sort": [{}]},
        {"sort": {"field": "Name"}},
    ],
)
def test_nonsense_is_the_default(value: object) -> None:
    assert read_layout(value, COLUMNS).columns == DEFAULTS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["columns", "sort", "name", "width", "field", "descending"]), inner, max_size=3
    ),
)  # fmt: skip


@given(json_values)
def test_no_file_can_break_a_list(value: object) -> None:
    layout = read_layout(value, COLUMNS)
    assert layout.columns
    assert all(name in {c.name for c in COLUMNS} for name, _ in layout.columns)

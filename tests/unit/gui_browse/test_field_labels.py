"""A look-up is called by what it shows."""

from __future__ import annotations

import pytest

from gui.text.field_labels import shown_label


@pytest.mark.parametrize(
    ("label", "field_type", "shown"),
    [
        ("Account ID", "reference", "Account"),
        ("Created By ID", "reference", "Created By"),
        ("Account-ID", "reference", "Account"),
        ("Owner", "reference", "Owner"),
        (" ID", "reference", " ID"),
        ("Record ID", "id", "Record ID"),
        ("National ID", "string", "National ID"),
    ],
)
def test_labels(label: str, field_type: str, shown: str) -> None:
    assert shown_label(label, field_type) == shown

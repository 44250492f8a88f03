"""Which fields change together."""

from __future__ import annotations

import pytest

from core.model.groups import group_of


@pytest.mark.parametrize(
    ("field", "type_", "compound", "group"),
    [
        ("FirstName", "string", "Name", "Name"),
        ("City", "string", "Address", "Address"),
        ("MailingStateCode", "picklist", "MailingAddress", "MailingAddress"),
        ("Site__City__s", "string", "Site__c", "Site__c"),
        ("Amount", "currency", None, "CurrencyIsoCode"),
        ("CurrencyIsoCode", "picklist", None, "CurrencyIsoCode"),
        ("Name", "string", "Name", None),
        ("Company", "string", None, None),
    ],
)
def test_groups(field, type_, compound, group):
    assert group_of(field, type_, compound) == group

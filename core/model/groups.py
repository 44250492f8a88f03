"""Fields that change together (rules 4): an address with state and country, the parts of a name, amount and currency.

A form commits them as one, and a merge decides them as one: half of one address and half of another is no address.
"""

from __future__ import annotations

_ADDRESS_ENDS = (
    "Street", "City", "PostalCode", "State", "StateCode", "Country", "CountryCode", "Latitude", "Longitude",
    "GeocodeAccuracy",
)  # fmt: skip
_ADDRESS_STARTS = ("", "Billing", "Shipping", "Mailing", "Other", "PersonMailing", "PersonOther")
_NAME = ("Salutation", "FirstName", "MiddleName", "LastName", "Suffix")
_CURRENCY = "CurrencyIsoCode"

_GROUPS = dict.fromkeys(_NAME, "Name") | {
    start + end: f"{start}Address" for start in _ADDRESS_STARTS for end in _ADDRESS_ENDS
}


def group_of(field: str, type_: str = "", compound: str | None = None) -> str | None:
    """The group that a field changes with, or None.

    `type_` and `compound` are describe's `type` and `compoundFieldName`: custom addresses are known by the latter, and
    every currency field goes with the record's currency.
    """
    if field == _CURRENCY or type_ == "currency":
        return _CURRENCY
    return _GROUPS.get(field) or (compound if compound and compound != field else None)

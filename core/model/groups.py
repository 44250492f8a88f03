"""Fields that change together (rules 4): an address with state and country, the parts of a name, amount and currency.

A form commits them as one, and a merge decides them as one: half of one address and half of another is no address.
"""

from __future__ import annotations

from collections.abc import Collection

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


def members(field: str, fields: Collection[tuple[str, str, str | None]]) -> tuple[str, ...]:
    """Of `fields` (name, type, compound) those that change together with `field`, itself included.

    A currency field goes with the record's currency alone, not with the other amounts.
    """
    own = next((group_of(*item) for item in fields if item[0] == field), None)
    if own is None:
        return (field,)
    if own == _CURRENCY and field != _CURRENCY:
        return tuple(name for name, _, _ in fields if name in (field, _CURRENCY))
    return tuple(name for name, type_, compound in fields if group_of(name, type_, compound) == own)

"""Places, companies and people in pools that are made once, so that a million records need only picks."""

from __future__ import annotations

from typing import NamedTuple

from core.demo.generate.countries import COUNTRIES, Country
from core.demo.generate.source import Source
from core.demo.generate.words import COMPANY_FIRST, COMPANY_SECOND, NATIVE_COMPANIES, NATIVE_TITLES, TITLES
from core.demo.metadata.picklists import SHARED

INDUSTRIES = SHARED["industries"].split("|")
_WEIGHTED = [country for country in COUNTRIES for _ in range(country.weight)]
_ACCURACY = ("Address", "NearAddress", "Street", "Zip", "City")


class Place(NamedTuple):
    """An address and where it lies."""

    street: str
    city: str
    state: str
    postal: str
    country: Country
    latitude: float
    longitude: float
    accuracy: str


class Company(NamedTuple):
    """A company that is no account (yet)."""

    name: str
    domain: str
    place: Place
    industry: str
    employees: int | None
    revenue: float | None


class Person(NamedTuple):
    first: str | None
    last: str
    salutation: str | None
    local_part: str
    """The part of the e-mail address before the @."""


def house_numbers(source: Source, street: str) -> str:
    """The street with a number for each #."""
    parts = street.split("#")
    out = parts[0]
    for part in parts[1:]:
        out += str(1 + source.below(180)) + part
    return out


def place(source: Source, country: Country) -> Place:
    """An address somewhere in a country."""
    city, state, postal, latitude, longitude = source.pick(country.towns)
    street = house_numbers(source, source.pick(country.streets))
    if source.chance(0.08):
        street += source.pick(("\nBuilding B", "\r\nc/o Reception", "\n3rd floor\nLeft wing"))
    return Place(
        street, city, state, source.digits(postal), country,
        round(latitude + (source.random() - 0.5) / 10, 6), round(longitude + (source.random() - 0.5) / 10, 6),
        source.pick(_ACCURACY),
    )  # fmt: skip


def company(source: Source, number: int) -> Company:
    """The nth company of a pool; its domain is its own."""
    country = source.pick(_WEIGHTED)
    native = NATIVE_COMPANIES.get(country.name)
    stem = f"{source.pick(COMPANY_FIRST)} {source.pick(COMPANY_SECOND)}"
    form = source.pick(country.forms)
    if native is not None and source.chance(0.6):
        shown = source.pick(native)
        name = f"{form}{shown}" if country.name in ("Japan",) else f"{shown} {form}"
    else:
        name = f"{stem} {form}"
    if source.chance(0.04):
        name = source.pick(
            (
                f'{stem} "{country.towns[0][0]}" {form}',
                f"{stem} & Sons, {form}",
                f"{stem}, {country.towns[0][0]}",
                stem.upper(),
            )
        )
    # The top-level domain is reserved: no message can ever reach anyone.
    domain = f"{stem.lower().replace(' ', '')}{number}.{country.domain}.example"
    employees = source.pick((None, 0, 1, 4, 12, 35, 80, 150, 420, 1200, 5600, 28000))
    revenue = None if employees is None else float(employees * (20000 + source.below(180000)))
    return Company(name, domain, place(source, country), source.pick(INDUSTRIES), employees, revenue)


def person(source: Source, country: Country) -> Person:
    """Someone with names of a country."""
    last, last_latin = source.pick(country.last)
    if source.chance(0.02):
        return Person(None, last, None, f"info.{last_latin}")
    first, first_latin = source.pick(country.first)
    salutation = source.pick((None, "Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", None))
    return Person(first, last, salutation, f"{first_latin}.{last_latin}")


def title(source: Source, country: Country) -> str:
    """A job title, in the language of the country for some."""
    native = NATIVE_TITLES.get(country.name)
    return source.pick(native) if native is not None and source.chance(0.35) else source.pick(TITLES)


def phone(source: Source, country: Country) -> str:
    """A telephone number in one of the ways people write them."""
    number = int(source.random() * 9e8) + 10**8
    text = str(number)
    kind = source.below(5)
    if kind == 0 and country.dial == "+1":
        return f"({text[:3]}) {text[3:6]}-{text[5:9]}"
    if kind == 1:
        return f"{country.dial} {text[:2]} {text[2:5]} {text[5:]}"
    if kind == 2:
        return f"{country.dial}{text}"
    if kind == 3:
        return f"00{country.dial[1:]} {text[:3]}/{text[3:]}"
    return f"{country.dial} ({text[:3]}) {text[3:6]}-{text[6:]}"

"""The data of `OtherOrg`: objects, rows, the SOQL that our client sends, and values as either wire writes them.

Made apart from the demo org, so that a mistake that the program and the demo org share does not hide itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

PREFIXES = {
    "User": "005", "Organization": "00D", "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006",
    "Task": "00T", "Event": "00U", "Campaign": "701", "Group": "00G", "RecordType": "012", "QueueSobject": "03g",
    "CampaignMember": "00v", "CurrencyType": "01L", "DatedConversionRate": "04w", "Order": "801", "Case": "500",
}  # fmt: skip
TEXTS = (
    "plain", "NA", "NULL", "#N/A", "null", 'with "quotes", commas', "line\nbreak", "cr\r\nlf", "lone\rcr", "  spaces  ",
    "日本語", "עברית", "emoji 😀", "<b>html</b>", "=1+1", "sep\u2028arated\u2029", "tab\there", "0012", "\u0085next",
    "back\\slash", "true", "1.0E7", "'", "a;b;c",
)  # fmt: skip
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def eighteen(text: str) -> str:
    """A 15-character id with its checksum."""
    bits = ("".join("1" if "A" <= char <= "Z" else "0" for char in text[i : i + 5])[::-1] for i in (0, 5, 10))
    return text + "".join(_CHECK[int(b, 2)] for b in bits)


@dataclass
class Thing:
    """One object of the org: `fields` is name -> (describe type, precision, length)."""

    name: str
    fields: dict[str, tuple[str, int, int]]
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    flags: dict[str, Any] = field(default_factory=dict)
    modified: datetime | None = None
    visible: bool = True
    targets: dict[str, str] = field(default_factory=dict)
    """Look-up field -> the object it refers to."""
    purged: dict[str, datetime] = field(default_factory=dict)
    """Ids that are gone for good, and since when: what getDeleted tells."""

    @property
    def shown(self) -> dict[str, tuple[str, int, int]]:
        return {name: kind for name, kind in self.fields.items() if name not in self.hidden}

    def field_named(self, name: str) -> str | None:
        return next((known for known in self.shown if known.lower() == name.lower()), None)


class Refused(Exception):
    """A refusal in Salesforce's form."""

    def __init__(self, status: int, code: str, text: str = "no") -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text


BASE = {
    "Id": ("id", 0, 18),
    "IsDeleted": ("boolean", 0, 0),
    "Name": ("string", 0, 255),
    "CreatedDate": ("datetime", 0, 0),
    "LastModifiedDate": ("datetime", 0, 0),
    "SystemModstamp": ("datetime", 0, 0),
}
EXTRA = {
    "Amount__c": ("currency", 16, 0),
    "Huge__c": ("double", 18, 0),
    "Count__c": ("int", 0, 0),
    "Share__c": ("percent", 5, 0),
    "Flag__c": ("boolean", 0, 0),
    "Day__c": ("date", 0, 0),
    "Clock__c": ("time", 0, 0),
    "Moment__c": ("datetime", 0, 0),
    "Notes__c": ("textarea", 0, 32_000),
    "Pick__c": ("multipicklist", 0, 4099),
    "Parent__c": ("reference", 0, 18),
    "Odd__c": ("anyType", 0, 0),
    "Place__c": ("location", 0, 0),
    "Body__c": ("base64", 0, 0),
}


class Data:
    """All objects; `now` is the org's own clock, which only `advance` moves away from the computer's."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.chance = Random(seed)
        self.things: dict[str, Thing] = {}
        self.now = now.replace(microsecond=0)
        self.unshared: dict[str, set[str]] = {}
        """Rows that exist and that the client's user does not see."""
        self._serial = 0

    def new_id(self, thing: str) -> str:
        self._serial += 1
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        number, text = self._serial * 7, ""
        while number:
            number, rest = divmod(number, 62)
            text = digits[rest] + text
        return eighteen(PREFIXES.get(thing, "a0B") + text.rjust(12, "0"))

    def add(
        self, name: str, rows: int, fields: Mapping[str, Any] | None = None, without: tuple[str, ...] = ()
    ) -> Thing:
        chosen = {**BASE, **(EXTRA if fields is None else fields)}
        thing = Thing(name, {key: kind for key, kind in chosen.items() if key not in without}, modified=self.now)
        self.things[name] = thing
        for _ in range(rows):
            self.insert(name, age=self.chance.randrange(3600, 900_000))
        return thing

    def value(self, kind: str, precision: int) -> Any:
        chance = self.chance
        if chance.random() < 0.15 and kind not in ("boolean", "id"):
            return None
        match kind:
            case "boolean":
                return chance.random() < 0.5
            case "int":
                return chance.randrange(-(10**6), 10**6)
            case "currency" | "double" | "percent" | "long":
                if precision > 15:
                    return chance.choice(
                        (Decimal("123456789012345678"), Decimal("0.1"), Decimal("10000000"), Decimal(-5))
                    )
                return chance.choice((Decimal("10000000"), Decimal("12.5"), Decimal(0), Decimal("-3.75"), Decimal(7)))
            case "date":
                return f"{chance.randrange(1900, 2100)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}"
            case "time":
                return f"0{chance.randrange(10)}:15:00.000Z"
            case "datetime":
                return self.now - timedelta(seconds=chance.randrange(10**8))
            case "reference":
                return eighteen(f"001{chance.randrange(10**11):012d}")
            case "textarea":
                return chance.choice(TEXTS) * chance.randrange(1, 40)
            case "location" | "base64" | "address":
                return None
            case _:
                return chance.choice(TEXTS)

    def insert(self, name: str, *, age: int = 0, **values: Any) -> str:
        thing, key = self.things[name], self.new_id(name)
        stamp = self.now - timedelta(seconds=age)
        row = {field: self.value(kind, precision) for field, (kind, precision, _) in thing.fields.items()}
        row |= {"Id": key, "IsDeleted": False, "CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        row |= values
        thing.rows[key] = {field: value for field, value in row.items() if field in thing.fields}
        return key

    def change(self, name: str, key: str, **values: Any) -> None:
        stamps = {"SystemModstamp": self.now, "LastModifiedDate": self.now}
        row = self.things[name].rows[key]
        row |= {field: value for field, value in (stamps | values).items() if field in self.things[name].fields}

    def refer(self, name: str, field: str, target: str) -> None:
        """A look-up field's object, as describe tells it."""
        self.things[name].targets[field] = target

    def purge(self, name: str, key: str) -> None:
        """Gone for good; getDeleted still tells of it."""
        thing = self.things[name]
        del thing.rows[key]
        thing.purged[key] = self.now
        self.unshared.get(name, set()).discard(key)

    def unshare(self, name: str, key: str) -> None:
        """The client's user no longer sees a row; no stamp moves."""
        self.unshared.setdefault(name, set()).add(key)

    def share(self, name: str) -> None:
        """He sees all of an object's rows again."""
        self.unshared.pop(name, None)

    def seen(self, name: str) -> list[dict[str, Any]]:
        """The rows that the client's user sees, deleted ones too."""
        hidden = self.unshared.get(name, ())
        return [row for key, row in self.things[name].rows.items() if key not in hidden]

    def alter(self, name: str) -> None:
        """The object's describe changed now."""
        self.things[name].modified = self.now

    # SOQL, as far as our client sends it

    def select(self, soql: str, *, deleted: bool) -> tuple[Thing, list[str], list[dict[str, Any]]]:
        """The object, the fields (or ["COUNT()"]) and the rows. Raises Refused."""
        match = re.fullmatch(
            r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<thing>\w+)(?:\s+WHERE\s+(?P<where>.+?))?"
            r"(?:\s+ORDER\s+BY\s+(?P<order>\w+)(?:\s+ASC)?)?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
            soql, re.IGNORECASE | re.DOTALL,
        )  # fmt: skip
        if match is None:
            raise Refused(400, "MALFORMED_QUERY", f"unexpected token: {soql[:80]}")
        thing = next((t for t in self.things.values() if t.name.lower() == match["thing"].lower() and t.visible), None)
        if thing is None or thing.flags.get("queryable") is False:
            raise Refused(400, "INVALID_TYPE", f"sObject type '{match['thing']}' is not supported.")
        names = [name.strip() for name in match["fields"].split(",")]
        if names[0].upper() not in ("COUNT()", "COUNT(ID)"):
            for index, name in enumerate(names):
                known = thing.field_named(name)
                if known is None or known in thing.flags.get("refused_fields", ()):
                    raise Refused(400, "INVALID_FIELD", f"No such column '{name}' on entity '{thing.name}'.")
                names[index] = known
        rows = [row for row in self.seen(thing.name) if deleted or not row.get("IsDeleted")]
        for part in re.split(r"\s+AND\s+", match["where"] or "", flags=re.IGNORECASE):
            if part:
                rows = list(self._where(thing, part, rows))
        if match["order"]:
            rows.sort(key=lambda row: str(row[match["order"]]))
        return thing, names, rows[: int(match["limit"])] if match["limit"] else rows

    def _where(self, thing: Thing, part: str, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        match = re.fullmatch(r"\(?\s*(\w+)\s*(>=|<=|=|<|>|IN)\s*(.+?)\s*\)?", part.strip(), re.IGNORECASE | re.DOTALL)
        name = thing.field_named(match[1]) if match else None
        if match is None or name is None:
            raise Refused(400, "INVALID_FIELD", f"No such column '{part[:40]}' on entity '{thing.name}'.")
        listed = re.findall(r"'([^']*)'", match[3])
        if match[2].upper() == "IN":
            wanted = {item[:15] for item in listed}
            yield from (row for row in rows if (row[name] or "")[:15] in wanted)
            return
        kind = thing.fields[name][0]
        right: Any = listed[0] if listed else match[3]
        if kind == "datetime":
            right = datetime.fromisoformat(right)
        elif kind == "boolean":
            right = right.lower() == "true"
        for row in rows:
            left = row[name][: len(right)] if kind == "id" else row[name]
            if left is not None and {
                ">=": left >= right, "<=": left <= right, "=": left == right, "<": left < right, ">": left > right
            }[match[2]]:  # fmt: skip
                yield row


@dataclass(frozen=True)
class Forms:
    """How values are written."""

    datetime: str = "zone"  # zone (+0000), z, seconds
    number: str = "plain"  # plain, exponent, point
    boolean: str = "lower"  # lower, upper (CSV alone)
    short_ids: bool = False
    csv_break: str = "\n"
    csv_quotes: str = "all"  # all, needed
    csv_bom: bool = False
    csv_blank_end: bool = False
    csv_shuffled: bool = False

    def moment(self, value: datetime, *, json: bool) -> str:
        if self.datetime == "seconds":
            return value.strftime("%Y-%m-%dT%H:%M:%S") + ("+0000" if json else "Z")
        return value.strftime("%Y-%m-%dT%H:%M:%S.000") + ("+0000" if json and self.datetime == "zone" else "Z")

    def of_json(self, kind: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return self.moment(value, json=True)
        if isinstance(value, Decimal):
            return as_sent(self.of_number(value))
        if kind in ("id", "reference") and value and self.short_ids:
            return value[:15]
        return value

    def of_number(self, value: Decimal) -> str:
        if self.number == "exponent" and abs(value) >= 1000:
            return f"{value:E}".replace("E+", "E")
        if self.number == "point" and value == value.to_integral_value():
            return f"{value:f}.0"
        return f"{value:f}"

    def of_csv(self, kind: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            text = "true" if value else "false"
            return text.upper() if self.boolean == "upper" else text
        if isinstance(value, datetime):
            return self.moment(value, json=False)
        if isinstance(value, Decimal):
            return self.of_number(value)
        if kind in ("id", "reference") and self.short_ids:
            return str(value)[:15]
        return str(value)

    def csv(self, header: list[str], rows: list[list[str]]) -> bytes:
        def cell(text: str) -> str:
            if self.csv_quotes == "all" or any(mark in text for mark in '",\r\n') or text != text.strip():
                return '"' + text.replace('"', '""') + '"'
            return text

        lines = [",".join(map(cell, line)) + self.csv_break for line in [header, *rows]]
        text = ("\ufeff" if self.csv_bom else "") + "".join(lines) + ("\n" if self.csv_blank_end else "")
        return text.encode()


_NUMBER_MARK = "\x01number:"


def as_sent(text: str) -> str:
    """A number that `dumps` writes exactly as `text`."""
    return _NUMBER_MARK + text


def dumps(value: Any, *, ascii_only: bool = True) -> bytes:
    """JSON with numbers exactly as `Forms` wrote them."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return re.sub(r'"(?:\\u0001|\x01)number:([^"]*)"', r"\1", text).encode("utf-8", "surrogatepass")

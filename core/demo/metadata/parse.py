"""Reads the compact declarations of objects.

A paragraph is an object: `object Name; Label; Plural; prefix; abilities`, then one line per field:
`Name; type(size); Label; flags; key=value; ...`. A line that starts with blanks continues the one before, whose
trailing ` _` stands for a blank. Flags: c createable, u updateable, r required, d defaulted on create, n name field,
a auto-number, i id look-up, x external id, q unique, s restricted picklist, h HTML, f worked out when read.
`values=` lists `value`, `value=Label` or `value@controlling,controlling`, joined by `|`; `@name` is a shared list.
Lines with @ stand for blocks of fields that many objects have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from core.demo.metadata.fields import DEFAULT_LENGTHS, NUMBER_TYPES, Field, Object, Pick
from core.demo.metadata.formulas import FORMULAS
from core.demo.metadata.picklists import SHARED

_TYPE = re.compile(r"(\w+)(?:\(([^)]*)\))?")
_EVERY = "compact create delete feed layout listview lookup mru replicate searchlayout search trigger undelete update"
_ADDRESS = """
{0}Street; textarea; {1}Street; cu; in={0}Address
{0}City; string(40); {1}City; cu; in={0}Address
{0}State; string(80); {1}State/Province; cu; in={0}Address
{0}PostalCode; string(20); {1}Zip/Postal Code; cu; in={0}Address
{0}Country; string(80); {1}Country; cu; in={0}Address
{0}Latitude; double(18,15); {1}Latitude; cu; in={0}Address
{0}Longitude; double(18,15); {1}Longitude; cu; in={0}Address
{0}GeocodeAccuracy; picklist(40); {1}Geocode Accuracy; cus; in={0}Address; values=@geocode
{0}Address; address; {1}Address
"""
_STAMPS = """
CreatedDate; datetime; Created Date; rd
CreatedById; reference(User); Created By ID; rd; rel=CreatedBy
LastModifiedDate; datetime; Last Modified Date; rd
LastModifiedById; reference(User); Last Modified By ID; rd; rel=LastModifiedBy
SystemModstamp; datetime; System Modstamp; rd
"""
_VIEWED = "LastViewedDate; datetime; Last Viewed Date\nLastReferencedDate; datetime; Last Referenced Date"


def parse_objects(text: str) -> list[Object]:
    """The objects declared in a text. Raises ValueError for a line it cannot read."""
    objects: list[Object] = []
    header: list[str] = []
    fields: list[Field] = []

    def finish() -> None:
        if header:
            objects.append(_object(header, fields))

    for line in _lines(text):
        if line.startswith("object "):
            finish()
            header, fields = [part.strip() for part in line[7:].split(";")], []
        else:
            fields.extend(_fields(line, header[0]))
    finish()
    return objects


def parse_field(line: str, owner: str) -> list[Field]:
    """The field of one line (a location makes three). Raises ValueError."""
    return _field(line, owner)


def _lines(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        if line.startswith("    "):
            whole = (whole[:-1] if whole.endswith(" _") else whole) + line.strip()
            continue
        if whole:
            yield whole
        whole = line.strip()
    if whole:
        yield whole


def _object(header: list[str], fields: list[Field]) -> Object:
    name, label, plural, prefix, words = (*header, "")[:5]
    abilities = frozenset(words.replace("all", _EVERY).split())
    return Object(name, label, plural, None if prefix == "-" else prefix, abilities, tuple(fields))


def _fields(line: str, owner: str) -> list[Field]:
    if not line.startswith("@"):
        return _field(line, owner)
    word, _, rest = line[1:].partition(" ")
    if word == "stamps":
        lines = _STAMPS
    elif word == "viewed":
        lines = _VIEWED
    elif word == "deleted":
        lines = "IsDeleted; boolean; Deleted"
    elif word == "address":
        lines = _ADDRESS.format(rest, f"{rest} " if rest else "")
    elif word in ("preferences", "permissions"):
        prefix = "UserPreferences" if word == "preferences" else "Permissions"
        lines = "\n".join(f"{prefix}{name}; boolean; {spaced(name)}; cu" for name in rest.split())
    else:
        raise ValueError(f"{owner}: {line}")
    return [made for single in lines.strip().splitlines() for made in _field(single, owner)]


def _field(line: str, owner: str) -> list[Field]:
    parts = [part.strip() for part in line.split("; ")]
    name, kind, label = parts[:3]
    flags = parts[3] if len(parts) > 3 else ""
    options = dict(part.partition("=")[::2] for part in parts[4:] if "=" in part)
    match = _TYPE.fullmatch(kind)
    if match is None or not set(flags) <= set("curdnaixqshf"):
        raise ValueError(f"{owner}: {line}")
    made = _sized(
        Field(
            name=name,
            type=match[1],
            label=label,
            createable="c" in flags,
            updateable="u" in flags,
            nillable=not ("r" in flags or match[1] in ("boolean", "id")),
            defaulted="d" in flags or match[1] in ("boolean", "id"),
            name_field="n" in flags,
            auto_number="a" in flags,
            id_lookup="i" in flags or match[1] == "id",
            external_id="x" in flags,
            unique="q" in flags,
            restricted="s" in flags,
            html="h" in flags,
            master="master" in parts[4:],
            relationship=options.get("rel"),
            child_name=options.get("child"),
            compound=options.get("in"),
            extra=options.get("extra") or ("plaintextarea" if match[1] == "textarea" else None),
            default=options.get("default"),
            help=options.get("help"),
            controller=options.get("control"),
        ),
        match[2] or "",
    )
    if "values" in options:
        made = replace(made, picks=parse_picks(options["values"], made.default))
    formula = FORMULAS.get(f"{owner}.{name}")
    if formula is not None:
        made = replace(made, sql=formula.sql, formula=formula.text, calculated=formula.calculated)
    elif "f" in flags:
        raise ValueError(f"{owner}.{name} has no formula")
    return [made, *_location_parts(made)] if made.type == "location" else [made]


def _sized(made: Field, size: str) -> Field:
    if made.type == "reference":
        return replace(made, length=18, reference_to=tuple(size.replace(" ", "").split(",")))
    if made.type == "id":
        return replace(made, length=18)
    if made.type in NUMBER_TYPES:
        precision, scale = (int(part) for part in (size or "18,0").split(","))
        return replace(made, precision=precision, scale=scale)
    if made.type == "int":
        return replace(made, digits=int(size or 8))
    return replace(made, length=int(size) if size else DEFAULT_LENGTHS.get(made.type, 0))


def _location_parts(made: Field) -> list[Field]:
    stem = made.name.removesuffix("c")
    base = replace(made, type="double", precision=18, scale=6, compound=made.name)
    return [
        replace(base, name=f"{stem}Latitude__s", label=f"{made.label} (Latitude)"),
        replace(base, name=f"{stem}Longitude__s", label=f"{made.label} (Longitude)"),
    ]


def parse_picks(text: str, default: str | None) -> tuple[Pick, ...]:
    """Picklist values from their declaration, such as `red=Red|green`."""
    if text.startswith("@"):
        text = SHARED[text[1:]]
    picks = []
    for part in text.split("|"):
        body, _, controlling = part.strip().partition("@")
        value, _, label = body.partition("=")
        valid = tuple(name.strip() for name in controlling.split(",")) if controlling else ()
        picks.append(Pick(value, label or value, value == default, True, valid))
    return tuple(picks)


def spaced(name: str) -> str:
    """`ContentDocumentLink` as "Content Document Link"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)

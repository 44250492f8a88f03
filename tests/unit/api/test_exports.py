"""What is let out: whole files or none, private, harmless to spreadsheets, without the application's own."""

from __future__ import annotations

import csv
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from core.api.exports import ExportsApi, ListFormat
from core.export import csv_file, xlsx_file
from core.export.cells import harmless
from core.export.target import new_file
from core.mirror.schema import ensure_table
from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.model.filters import Condition, ListQuery, Operator, Sort
from tests.helpers.sample_org import LEAD, SampleOrg, describe, field

BY_NAME = (Sort("Name"),)


@pytest.fixture
def exports(org: SampleOrg) -> Iterator[ExportsApi]:
    api = ExportsApi(org.mirror)
    yield api
    api.close()


@pytest.fixture
def things(org: SampleOrg) -> SampleOrg:
    (account,) = org.add("Account", {"Name": "Ärzte AG"})
    org.add(
        "Thing__c",
        {
            "Name": "a", "Amount__c": "100000000000000001", "Price__c": "10.5", "On__c": True, "Day__c": "2024-02-29",
            "At__c": "2024-05-07T22:07:19.000Z", "Time__c": "10:30:00.000Z", "Account__c": account,
            "Note__c": '=HYPERLINK("http://x")', "Hotline__c": "+49 (0)30 12",
        },
        {"Name": "b", "Note__c": 'quoted "text", and\r\nlines', "Day__c": "1899-12-31", "On__c": False},
        {"Name": "c", "IsDeleted": True},
    )  # fmt: skip
    org.ready()
    return org


COLUMNS = [
    "Name",
    "Amount__c",
    "Price__c",
    "On__c",
    "Day__c",
    "At__c",
    "Time__c",
    "Account__c",
    "Note__c",
    "Hotline__c",
]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("things")
def test_csv_for_people(exports: ExportsApi, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    assert exports.list_csv(ListQuery("Thing__c", sort=BY_NAME), COLUMNS, target).result(10) == 2
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    assert _mode(target) == 0o600
    with target.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = list(csv.reader(file))
    assert header[:3] == ["Name", "Amount", "Price"]
    assert first == [
        "a", "100000000000000001", "10.5", "true", "2024-02-29", "2024-05-08 00:07:19", "10:30:00", "Ärzte AG",
        "'=HYPERLINK(\"http://x\")", "+49 (0)30 12",
    ]  # fmt: skip
    assert second[8] == 'quoted "text", and\r\nlines'
    assert second[4] == "1899-12-31"


@pytest.mark.usefixtures("things")
def test_csv_as_stored(exports: ExportsApi, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    query = ListQuery("Thing__c", (Condition("Name", Operator.EQUALS, "a"),))
    exports.list_csv(query, COLUMNS, target, shown=False, bom=False).result(10)
    with target.open(encoding="utf-8", newline="") as file:
        header, first = list(csv.reader(file))
    assert header == COLUMNS
    assert first[5] == "2024-05-07T22:07:19.000Z"
    assert first[7].startswith("001")
    assert first[3] == "true"


def _sheet(path: Path, number: int) -> list[list[tuple[str | None, str | None]]]:
    """(type, value) of the cells of a sheet; shared strings resolved."""
    spaces = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        texts: list[str] = []
        if "xl/sharedStrings.xml" in archive.namelist():
            for item in Xml.fromstring(archive.read("xl/sharedStrings.xml")).iterfind("m:si", spaces):  # noqa: S314
                texts.append("".join(item.itertext()))
        sheet = Xml.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
    rows = []
    for row in sheet.iterfind("m:sheetData/m:row", spaces):
        cells = []
        for cell in row.iterfind("m:c", spaces):
            assert cell.find("m:f", spaces) is None, "a formula"
            kind, value = cell.get("t"), cell.findtext("m:v", None, spaces)
            if kind == "s" and value is not None:
                value = texts[int(value)]
            elif kind == "inlineStr":
                value = "".join(cell.itertext())
            cells.append((kind, value))
        rows.append(cells)
    return rows


@pytest.mark.usefixtures("things")
def test_xlsx_has_typed_cells_and_no_formula(exports: ExportsApi, tmp_path: Path) -> None:
    target = tmp_path / "list.xlsx"
    query = ListQuery("Thing__c", sort=BY_NAME)
    assert exports.list_file(ListFormat.XLSX, query, COLUMNS, target).result(10) == 2
    header, first, second = _sheet(target, 1)
    assert header[0][1] == "Name"
    assert first[1][1] == "100000000000000001"  # a text: Excel keeps 15 digits
    assert first[1][0] is not None
    assert first[2] == (None, "10.5")
    assert first[3] == ("b", "1")
    assert first[4] == (None, "45351")
    assert first[7][1] == "Ärzte AG"
    assert first[8][1] == '=HYPERLINK("http://x")'
    assert "1899-12-31" in [value for _, value in second]
    assert _mode(target) == 0o600
    assert list(tmp_path.glob(".*")) == []


def test_xlsx_goes_on_in_further_sheets(tmp_path: Path) -> None:
    target = tmp_path / "many.xlsx"
    assert xlsx_file.write(target, "A/B's [leads]", ["n"], ((n,) for n in range(7)), sheet_rows=4) == 7
    assert [len(_sheet(target, number)) for number in (1, 2, 3)] == [4, 4, 2]
    assert [_sheet(target, number)[1][0][1] for number in (1, 2, 3)] == ["0", "3", "6"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|'/c calc'!A0", "'+cmd|'/c calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("+49 (0)30 12-34", "+49 (0)30 12-34"),
        ("-5.00", "-5.00"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_formulas_are_made_harmless(text: str, written: str) -> None:
    assert harmless(text) == written


def test_headers_are_made_harmless_too(tmp_path: Path) -> None:
    csv_file.write(tmp_path / "x.csv", ["=label"], [], bom=False)
    assert (tmp_path / "x.csv").read_text().startswith("'=label")


@pytest.mark.usefixtures("things")
def test_a_list_with_a_bad_field_leaves_no_file(exports: ExportsApi, tmp_path: Path) -> None:
    with pytest.raises(OrgMirrorError) as caught:
        exports.list_csv(ListQuery("Thing__c"), ["Nope"], tmp_path / "x.csv").result(10)
    assert caught.value.code is ErrorCode.NO_SUCH_FIELD
    assert not list(tmp_path.glob("*.csv"))
    with pytest.raises(OrgMirrorError) as caught:
        exports.list_csv(ListQuery("Thing__c"), ["Name"], tmp_path / "no" / "x.csv").result(10)
    assert caught.value.code is ErrorCode.CANNOT_WRITE


def test_a_cancelled_list_leaves_no_file(org: SampleOrg, exports: ExportsApi, tmp_path: Path) -> None:
    org.add("Lead", *({"Name": str(n)} for n in range(1500)))
    cancel = CancelToken()
    target = tmp_path / "x.csv"
    target.write_text("before")
    future = exports.list_csv(ListQuery("Lead"), ["Name"], target, cancel=cancel, progress=lambda count: cancel.set())
    with pytest.raises(Cancelled):
        future.result(10)
    assert target.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["org", "x.csv"]
    with pytest.raises((Cancelled, CancelledError)):  # it may be cancelled before it begins
        exports.list_csv(ListQuery("Lead"), ["Name"], target, cancel=cancel).result(10)
    assert target.read_text() == "before"


def test_closing_stops_what_is_written(org: SampleOrg, tmp_path: Path) -> None:
    org.add("Lead", *({"Name": str(n)} for n in range(3000)))
    api = ExportsApi(org.mirror)
    begun = threading.Event()
    closing = threading.Event()

    def progress(_count: int) -> None:
        begun.set()
        assert closing.wait(10)

    future = api.list_csv(ListQuery("Lead"), ["Name", "OwnerId"], tmp_path / "x.csv", progress=progress)
    assert begun.wait(10)
    closer = threading.Thread(target=api.close)
    closer.start()
    (stop,) = api._running or [None]
    assert stop is None or stop.wait(10)
    closing.set()
    closer.join(10)
    with pytest.raises(Cancelled):
        future.result(0)
    assert not (tmp_path / "x.csv").exists()


def _plain(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


@pytest.mark.usefixtures("things")
def test_a_plain_copy_holds_the_orgs_tables_alone(exports: ExportsApi, org: SampleOrg, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    heard: list[Any] = []
    summary = exports.plain_copy(target, progress=lambda label, rows: heard.append((label, rows)))
    assert (summary.objects, summary.rows) == (6, 4)
    assert heard[0] == ("Accounts", 0)
    assert _mode(target) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.sqlite", "org"]
    conn = _plain(target)
    try:
        names = {row[0] for row in conn.execute("SELECT name FROM sqlite_master")}
        tables = set(org.mirror.tables())
        assert names == tables | {f"{name}_Id" for name in tables}
        definitions = " ".join(row[0] for row in conn.execute("SELECT sql FROM sqlite_master"))
        assert "om_" not in definitions
        assert "GENERATED" not in definitions
        assert "STRICT" not in definitions
        rows = conn.execute("SELECT Name, Amount__c, Price__c, IsDeleted FROM Thing__c ORDER BY Name").fetchall()
        assert rows == [("a", "100000000000000001", 10.5, 0), ("b", None, None, 0), ("c", None, None, 1)]
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    finally:
        conn.close()


def test_a_plain_copy_leaves_out_what_is_no_longer_visible(org: SampleOrg, exports: ExportsApi, tmp_path: Path) -> None:
    org.add("Lead", {"Name": "Ann", "City": "Rome"})
    fewer = [field(f.name, f.type, nameField=f.name_field) for f in LEAD.fields if f.name == "Name"]
    org.mirror.write(lambda s: ensure_table(s, describe("Lead", "00Q", fewer)))
    exports.plain_copy(tmp_path / "copy.sqlite")
    conn = _plain(tmp_path / "copy.sqlite")
    try:
        assert [c[0] for c in conn.execute("SELECT * FROM Lead").description] == [
            "Id", "IsDeleted", "Name", "CreatedDate", "SystemModstamp",
        ]  # fmt: skip
    finally:
        conn.close()
    assert b"Rome" not in (tmp_path / "copy.sqlite").read_bytes()


def test_a_plain_mirror_is_copied_too(tmp_path: Path) -> None:
    org = SampleOrg(tmp_path / "plain" / "mirror.db", key=None)
    exports = ExportsApi(org.mirror)
    try:
        org.add("Lead", {"Name": "Ann"})
        assert exports.plain_copy(tmp_path / "copy.sqlite").rows == 1
    finally:
        exports.close()
        org.close()


@pytest.mark.usefixtures("things")
def test_a_file_that_is_there_is_replaced_only_when_told(exports: ExportsApi, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    target.write_text("mine")
    with pytest.raises(OrgMirrorError) as caught:
        exports.plain_copy(target)
    assert caught.value.code is ErrorCode.TARGET_EXISTS
    assert target.read_text() == "mine"
    exports.plain_copy(target, replace=True)
    assert target.read_bytes().startswith(b"SQLite format 3")
    with pytest.raises(OrgMirrorError) as caught:
        exports.plain_copy(tmp_path, replace=True)
    assert caught.value.code is ErrorCode.CANNOT_WRITE


def test_a_cancelled_copy_leaves_nothing(org: SampleOrg, exports: ExportsApi, tmp_path: Path) -> None:
    org.add("Lead", {"Name": "Ann"})
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        exports.plain_copy(tmp_path / "copy.sqlite", cancel=cancel, progress=lambda *_: cancel.set())
    assert [p.name for p in tmp_path.iterdir()] == ["org"]


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "x"

    def write() -> None:
        with new_file(target, replace=False) as building:
            building.write_text("new")
            target.write_text("came meanwhile")

    with pytest.raises(OrgMirrorError) as caught:
        write()
    assert caught.value.code is ErrorCode.TARGET_EXISTS
    assert target.read_text() == "came meanwhile"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]

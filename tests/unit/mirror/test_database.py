"""The file: made once, encrypted, private, and never taken for another."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import apsw
import pytest

from core.mirror import database, migrations
from core.mirror.mirror import Mirror
from core.model.errors import ErrorCode, OrgMirrorError
from tests.unit.mirror.conftest import KEY
from tests.unit.mirror.samples import lead, lead_table, select

OTHER_KEY = bytes(reversed(range(32)))


def _code(path: Path, key: bytes | None) -> ErrorCode:
    with pytest.raises(OrgMirrorError) as caught:
        Mirror.open(path, key)
    return caught.value.code


def test_settings_of_the_file(mirror):
    pragmas = ("journal_mode", "auto_vacuum", "synchronous", "secure_delete", "temp_store")
    found = mirror.write(lambda s: {name: s.conn.pragma(name) for name in pragmas})
    assert found == {"journal_mode": "wal", "auto_vacuum": 2, "synchronous": 1, "secure_delete": 0, "temp_store": 2}


def test_a_plain_file_overwrites_what_it_deletes(make_mirror):
    assert make_mirror("plain", None).write(lambda s: s.conn.pragma("secure_delete")) == 1


def test_nothing_of_a_record_or_of_the_schema_is_readable(mirror):
    from core.mirror.rows import RowWriter

    table = lead_table(mirror)
    mirror.write(lambda s: RowWriter.for_json(table).load(s, [lead(1, LastName="Zebrastripe")]))
    files = list(mirror.path.parent.iterdir())
    assert {f.name for f in files} >= {"mirror.db", "mirror.db-wal", "mirror.db-shm"}
    for file in files:
        content = file.read_bytes()
        assert b"Zebrastripe" not in content
        assert b"om_object" not in content
        assert b"SQLite format" not in content
    mirror.close()
    assert b"Zebrastripe" not in mirror.path.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_folder_and_files_are_private(mirror):
    lead_table(mirror)
    select(mirror, "SELECT 1")
    assert stat.S_IMODE(mirror.path.parent.stat().st_mode) == 0o700
    for file in mirror.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_closing_leaves_one_file(mirror):
    lead_table(mirror)
    select(mirror, "SELECT 1")
    mirror.close()
    assert [f.name for f in mirror.path.parent.iterdir()] == ["mirror.db"]


def test_a_wrong_key_is_a_state_of_its_own(make_mirror):
    mirror = make_mirror()
    mirror.close()
    before = mirror.path.read_bytes()
    assert _code(mirror.path, OTHER_KEY) is ErrorCode.WRONG_KEY
    assert _code(mirror.path, None) is ErrorCode.WRONG_KEY
    assert _code(mirror.path, b"short") is ErrorCode.WRONG_KEY
    assert mirror.path.read_bytes() == before
    make_mirror().close()


def test_a_plain_file_is_not_opened_with_a_key(make_mirror):
    mirror = make_mirror("plain", None)
    mirror.close()
    assert mirror.path.read_bytes().startswith(b"SQLite format 3\0")
    assert _code(mirror.path, KEY) is ErrorCode.WRONG_KEY


def test_a_missing_file_is_not_made(tmp_path):
    path = tmp_path / "gone" / "mirror.db"
    assert _code(path, KEY) is ErrorCode.FILE_UNREADABLE
    assert not path.parent.exists()


def test_an_empty_file_is_not_taken_for_a_new_one(tmp_path):
    path = tmp_path / "mirror.db"
    path.touch()
    assert _code(path, KEY) is ErrorCode.FILE_CORRUPT
    assert path.stat().st_size == 0


def test_a_file_that_is_no_mirror(tmp_path):
    path = tmp_path / "mirror.db"
    conn = apsw.Connection(str(path))
    conn.execute("CREATE TABLE something (a)")
    conn.close()
    assert _code(path, None) is ErrorCode.FILE_CORRUPT


def test_create_never_replaces_a_file(make_mirror):
    mirror = make_mirror()
    mirror.close()
    before = mirror.path.read_bytes()
    with pytest.raises(OrgMirrorError) as caught:
        Mirror.create(mirror.path, OTHER_KEY)
    assert caught.value.code is ErrorCode.TARGET_EXISTS
    assert mirror.path.read_bytes() == before


def test_a_creation_that_was_killed_leaves_nothing_in_the_way(tmp_path):
    path = tmp_path / "org" / "mirror.db"
    path.parent.mkdir()
    path.with_name("mirror.db.new").write_bytes(b"half")
    Mirror.create(path, KEY).close()
    assert [f.name for f in path.parent.iterdir()] == ["mirror.db"]


def test_a_damaged_file_is_told(make_mirror):
    mirror = make_mirror("plain", None)
    mirror.close()
    content = bytearray(mirror.path.read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    mirror.path.write_bytes(content)
    assert _code(mirror.path, None) is ErrorCode.FILE_CORRUPT


def test_a_newer_major_is_refused_and_a_newer_minor_opens(make_mirror):
    mirror = make_mirror()
    mirror.write(lambda s: s.conn.pragma("user_version", 1999))
    mirror.close()
    mirror = make_mirror()
    mirror.write(lambda s: s.conn.pragma("user_version", 2001))
    mirror.close()
    assert _code(mirror.path, KEY) is ErrorCode.FILE_NEWER


def test_a_read_only_connection_cannot_write(mirror):
    conn = database.connect(mirror.path, KEY, readonly=True)
    with pytest.raises(OrgMirrorError) as caught, database.translated():
        conn.execute("DELETE FROM om_meta")
    conn.close()
    assert caught.value.code is ErrorCode.READ_ONLY


def test_double_quotes_are_identifiers_only(mirror):
    lead_table(mirror)
    with pytest.raises(OrgMirrorError):
        select(mirror, 'SELECT "NoSuchField" FROM "Lead"')


def test_two_mirrors_at_once_do_not_mix(make_mirror):
    one, two = make_mirror("one"), make_mirror("two")
    one.write(lambda s: s.models.Meta.insert(key="org", value="one").execute())
    two.write(lambda s: s.models.Meta.insert(key="org", value="two").execute())
    for mirror, name in ((one, "one"), (two, "two")):
        assert mirror.read(lambda s: s.models.Meta.get_by_id("org").value) == name
        assert mirror.write(lambda s: s.models.Meta.select().count()) == 1
    lead_table(one)
    assert "Lead" in one.tables()
    assert "Lead" not in two.tables()


def test_a_failing_step_leaves_the_version_before_it(make_mirror):
    mirror = make_mirror()
    mirror.close()

    def broken(conn: apsw.Connection) -> None:
        conn.execute("CREATE TABLE om_half (a)")
        raise RuntimeError("no")

    conn = database.connect(mirror.path, KEY)
    steps = (*migrations.STEPS, migrations.Step(1901, lambda c: c.execute("CREATE TABLE om_added (a)")))
    assert migrations.migrate(conn, steps) == [1901]
    with pytest.raises(RuntimeError):
        migrations.migrate(conn, (*steps, migrations.Step(1902, broken)))
    assert migrations.version_of(conn) == 1901
    names = {row[0] for row in conn.execute("SELECT name FROM sqlite_schema")}
    conn.close()
    assert "om_added" in names
    assert "om_half" not in names


def test_the_models_are_what_the_steps_make(mirror):
    """Every column of every model, and no other, with the same nullability."""

    def compare(session):
        tables = {row[0] for row in session.conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")} - {
            "sqlite_sequence",
            "sqlite_stat1",
            "sqlite_stat4",
        }
        assert {model._meta.table_name for model in session.models.all()} == {t for t in tables if t.startswith("om_")}
        for model in session.models.all():
            info = session.conn.execute('SELECT name, "notnull" FROM pragma_table_info(?)', (model._meta.table_name,))
            made = {name: bool(notnull) for name, notnull in info}
            assert made == {f.column_name: not f.null for f in model._meta.sorted_fields}, model

    mirror.read(compare)

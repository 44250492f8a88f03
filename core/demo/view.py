"""The org as one user sees it. A View is a few references, cheap to make, and may be used by any thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.demo.access import Rights
from core.demo.errors import OrgError, not_found
from core.demo.ids import is_id, to_18
from core.demo.metadata import layouts, listviews
from core.demo.metadata.describe import describe_brief, describe_object
from core.demo.metadata.fields import Object
from core.demo.soql import tree
from core.demo.soql.compile import compile_query
from core.demo.soql.parse import parse
from core.demo.soql.result import Result
from core.demo.soql.scope import Context, table
from core.demo.store import quoted
from core.demo.values import rest_datetime, stamp

if TYPE_CHECKING:
    from core.demo.org import Org

DESCRIBE_VERSION = "65.0"
_TRUTH_PAGE = 2000


class View:
    """What `user_id` may see and how the API answers it."""

    def __init__(self, org: Org, user_id: str) -> None:
        self.user_id = user_id
        self._org = org
        self._store = org.store

    @property
    def rights(self) -> Rights:
        """The user's rights at this moment."""
        return self._org.rights(self.user_id)

    # Describe

    def describe_global(self) -> dict[str, Any]:
        """`{"encoding", "maxBatchSize", "sobjects"}`, the objects by name."""
        rights = self.rights
        items = sorted((item for item in rights.schema if rights.may(item.name, "read")), key=lambda item: item.name)
        return {
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [describe_brief(item, rights, DESCRIBE_VERSION) for item in items],
        }

    def describe(self, name: str) -> dict[str, Any]:
        """The describe of one object, whatever the case of its name. Raises OrgError NOT_FOUND."""
        item = self._object(name)
        return describe_object(item, self.rights, self.record_types(item), DESCRIBE_VERSION)

    def metadata_modified(self) -> datetime:
        """When schema or permissions changed last: whole seconds, UTC."""
        return self._org.metadata_modified()

    def record_types(self, item: Object) -> list[dict[str, Any]]:
        """Record types of an object: Id, Name, DeveloperName, IsActive."""
        if not item.has("RecordTypeId"):
            return []
        rows = self._store.connection.execute(
            'SELECT "Id", "Name", "DeveloperName", "IsActive" FROM "RecordType" WHERE "SobjectType" = ? ORDER BY n',
            (item.name,),
        )
        return [{"Id": r[0], "Name": r[1], "DeveloperName": r[2], "IsActive": bool(r[3])} for r in rows]

    def _object(self, name: str) -> Object:
        item = self.rights.find(name)
        if item is None:
            raise not_found()
        return item

    # Query

    def query(self, soql: str, *, all_rows: bool = False, bulk: bool = False) -> Result:
        """Run a query. `all_rows` sees deleted and archived rows too; `bulk` refuses what Bulk API 2.0 refuses.

        Raises OrgError (BulkRefused for the latter).
        """
        return self._run(parse(soql), soql, all_rows=all_rows, bulk=bulk)

    def _run(self, query: tree.Query, soql: str = "", *, all_rows: bool = True, bulk: bool = False) -> Result:
        context = Context(self.rights, self._org.now(), self._org.zone(self.user_id), soql, all_rows, bulk)
        plan = compile_query(query, context)
        result = Result(plan, self._store)
        if plan.viewed and plan.shape is not None:
            self._org.note_viewed(self.user_id, plan.item, result.row_numbers)
        return result

    # Single rows

    def record(
        self, name: str, record_id: str, fields: list[str] | None = None, api_version: str = DESCRIBE_VERSION
    ) -> dict[str, Any]:
        """One record in REST form, with the fields asked for or all.

        Raises OrgError NOT_FOUND, ENTITY_IS_DELETED (404) or INVALID_FIELD.
        """
        item = self._object(name)
        found = self._by_ids(item, [record_id], fields, api_version) if is_id(record_id) else {}
        record = found.get(to_18(record_id)) if found else None
        if record is None:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id}")
        if record.pop("om_deleted"):
            raise OrgError("ENTITY_IS_DELETED", "entity is deleted", 404)
        return record

    def retrieve(
        self, name: str, ids: list[str], fields: list[str] | None, api_version: str = DESCRIBE_VERSION
    ) -> list[dict[str, Any] | None]:
        """Records in the order of the ids, None where there is none to be seen."""
        item = self._object(name)
        found = self._by_ids(item, [i for i in ids if is_id(i)], fields, api_version)
        for record in found.values():
            record["om_deleted"] = record.get("om_deleted", False)
        live = {key: record for key, record in found.items() if not record.pop("om_deleted")}
        return [dict(live[to_18(i)]) if is_id(i) and to_18(i) in live else None for i in ids]

    def _by_ids(
        self, item: Object, ids: list[str], fields: list[str] | None, api_version: str
    ) -> dict[str, dict[str, Any]]:
        visible = self.rights.fields(item)
        if fields is None:
            names = [single.name for single in visible.values()]
        else:
            names = []
            for name in fields:
                single = visible.get(name.lower())
                if single is None and "." not in name:
                    raise OrgError("INVALID_FIELD", f"No such column '{name}' on sobject of type {item.name}")
                wanted = name if single is None else single.name
                if wanted not in names:
                    names.append(wanted)
        extra = [name for name in ("Id", "IsDeleted") if name not in names and item.has(name)]
        selected = tuple(tree.Selected(tree.Path(tuple(name.split(".")), 0), None) for name in (*names, *extra))
        where = tree.In(tree.Path(("Id",), 0), tuple(tree.Value("string", i, 0) for i in ids), None, False)
        if not ids:
            return {}
        result = self._run(_plain_query(selected, item.name, where))
        records = {}
        for record in result.records(api_version):
            key = record["Id"]
            deleted = bool(record.get("IsDeleted", False))
            for name in extra:
                del record[name]
            record["om_deleted"] = deleted
            records[key] = record
        return records

    # Replication

    def updated(self, name: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
        """Ids of rows created or changed in [start, end), and the moment up to which that is complete."""
        item = self._replicated(name)
        visible = self._visible_rows(item, deleted=False)
        column = next(n for n in ("SystemModstamp", "LastModifiedDate", "CreatedDate") if item.has(n))
        rows = self._store.connection.execute(
            f'SELECT t."Id" {visible} AND t.{quoted(column)} >= ? AND t.{quoted(column)} < ? ORDER BY t.n',
            (stamp(start), stamp(end)),
        )
        return [row[0] for row in rows], self._covered(end)

    def deleted(self, name: str, start: datetime, end: datetime) -> tuple[list[dict[str, str]], datetime, datetime]:
        """Rows deleted in [start, end) as `{"id", "deletedDate"}`, the earliest moment known, the latest covered."""
        item = self._replicated(name)
        run = self._store.connection.execute
        bounds = (item.name, stamp(start), stamp(end))
        logged = "FROM om_deleted AS d WHERE d.object = ? AND d.at >= ? AND d.at < ?"
        found = run(f"SELECT d.id, d.at {logged} AND d.purged = 1", bounds).fetchall()
        visible = self._visible_rows(item, deleted=True)
        found += run(f'SELECT d.id, d.at {logged} AND EXISTS (SELECT 1 {visible} AND t."Id" = d.id)', bounds).fetchall()
        rows = [
            {"id": row[0], "deletedDate": rest_datetime(row[1]) or ""}
            for row in sorted(found, key=lambda row: (row[1], row[0]))
        ]
        now = self._org.now()
        return rows, self._org.delete_log_start(now - timedelta(days=15)), self._covered(end)

    def _covered(self, end: datetime) -> datetime:
        """Up to when an answer is complete: the end asked for, unless a transaction is open that began earlier."""
        open_since = self._org.complete_until()
        return min(end, self._org.now(), *([] if open_since is None else [open_since]))

    def _replicated(self, name: str) -> Object:
        item = self._object(name)
        if "replicate" not in item.words:
            raise OrgError("INVALID_TYPE_FOR_OPERATION", f"entity type {item.name} does not support replication")
        return item

    def _visible_rows(self, item: Object, *, deleted: bool) -> str:
        if item.virtual:
            return f"FROM {table(item)} AS t WHERE 0"
        parts = ["1"]
        if item.has("IsDeleted"):
            parts.append(f't."IsDeleted" = {int(deleted)}')
        elif deleted:
            parts.append("0")
        condition = self.rights.condition(item, "t")
        if condition:
            parts.append(condition)
        return f"FROM {quoted(item.name)} AS t WHERE {' AND '.join(parts)}"

    def record_count(self, names: list[str] | None = None) -> dict[str, int]:
        """Approximate numbers of rows, sharing not considered, as `/limits/recordCount` gives them."""
        rights = self.rights
        items = list(rights.schema) if names is None else [i for n in names if (i := rights.find(n)) is not None]
        counts = {}
        for item in items:
            if item.virtual or not rights.may(item.name, "read"):
                continue
            live = ' WHERE "IsDeleted" = 0' if item.has("IsDeleted") else ""
            sql = f"SELECT COUNT(*) FROM {quoted(item.name)}{live}"
            counts[item.name] = int(self._store.connection.execute(sql).fetchone()[0])
        return counts

    def truth(self, name: str, *, deleted: bool = True) -> Iterator[dict[str, Any]]:
        """Every row as this user would see it: all visible fields flat, compound ones left out, REST value forms."""
        item = self._object(name)
        names = [single.name for single in self.rights.fields(item).values() if not single.is_compound]
        selected = tuple(tree.Selected(tree.Path((single,), 0), None) for single in names)
        result = self._run(_plain_query(selected, item.name, None, all_rows=deleted), all_rows=deleted)
        for start in range(0, result.total_size, _TRUTH_PAGE):
            for record in result.records(DESCRIBE_VERSION, start, _TRUTH_PAGE):
                del record["attributes"]
                yield record

    # Layouts, list views, recent

    def layouts(self, name: str) -> dict[str, Any]:
        """`describe/layouts`."""
        item = self._object(name)
        return layouts.page_layouts(item, self.rights, self.record_types(item), self._org.metadata_ids)

    def compact_layouts(self, name: str) -> dict[str, Any]:
        """`describe/compactLayouts`."""
        item = self._object(name)
        return layouts.compact_layouts(item, self.rights, self.record_types(item), self._org.metadata_ids)

    def list_views(self, name: str) -> dict[str, Any]:
        """`listviews`: `{"done", "nextRecordsUrl", "listviews", "size", "sobjectType"}`."""
        item = self._object(name)
        return listviews.list_views(item, self.rights, self._org.metadata_ids, DESCRIBE_VERSION)

    def list_view_describe(self, name: str, view_id: str) -> dict[str, Any]:
        """Columns, order, scope and SOQL of one list view. Raises OrgError NOT_FOUND."""
        item = self._object(name)
        found = listviews.find(item, self.rights, self._org.metadata_ids, view_id)
        if found is None:
            raise not_found()
        return listviews.describe(found, item, self.rights, self._org.metadata_ids)

    def list_view_results(self, name: str, view_id: str, limit: int = 25, offset: int = 0) -> dict[str, Any]:
        """A page of one list view."""
        description = self.list_view_describe(name, view_id)
        result = self.query(description["query"])
        records = result.records(DESCRIBE_VERSION, offset, limit)
        return listviews.results(description, records, result.total_size)

    def recently_viewed(self, limit: int = 200) -> list[dict[str, Any]]:
        """Records this user looked at lately, newest first: attributes, Id, Name."""
        rows = self._store.connection.execute(
            "SELECT id FROM om_viewed WHERE user_id = ? ORDER BY at DESC, id LIMIT ?", (self.user_id, limit)
        ).fetchall()
        found = []
        for (record_id,) in rows:
            item = self.rights.schema.by_id(record_id)
            field = item.name_field if item is not None else None
            if item is None or field is None or self.rights.find(item.name) is None:
                continue
            record = self.retrieve(item.name, [record_id], ["Id", field.name])[0]
            if record is not None:
                found.append({"attributes": record["attributes"], "Id": record_id, "Name": record.get(field.name)})
        return found

    def picklist_values(self, name: str, record_type_id: str) -> dict[str, Any]:
        """`{"picklistFieldValues": {field: values}}` of the UI API, for one record type or the master one."""
        item = self._object(name)
        return layouts.picklist_values(item, self.rights, self.record_types(item), record_type_id)


def _plain_query(
    selected: tuple[tree.Selected, ...], name: str, where: tree.Condition | None, *, all_rows: bool = True
) -> tree.Query:
    source = tree.Path((name,), 0)
    return tree.Query(selected, source, None, None, where, (), None, (), None, None, all_rows, ())

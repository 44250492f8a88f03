"""Writing over REST: collections of up to 200, single conditional updates, deletes, and the look before a write.

Every write says `Sforce-Auto-Assign: FALSE`, because assignment rules would otherwise run on updates too and could
move an owner (rules 5); only a new record for which the person chose the rules is sent without. A refused record is an
answer of its own; what fails as a whole is raised. Nothing here is ever sent twice by itself.
"""

from __future__ import annotations

import email.utils
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_body
from core.salesforce.failures import was_never_sent
from core.salesforce.query import Record

__all__ = ["MAX_READS", "MAX_WRITES", "WriteAnswer", "WriteOptions", "Writes", "was_never_sent"]

MAX_WRITES = 200
MAX_READS = 2000
_QUERY_IDS = 200
_ASSIGN = "Sforce-Auto-Assign"
_DUPLICATES = "Sforce-Duplicate-Rule-Header"
_TOKEN = f"number-{secrets.token_hex(8)}-"


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What became of one record: its id, or why it was refused. `created` tells an upsert's two ways apart."""

    id: str | None
    error: SalesforceError | None = None
    created: bool = False


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """`assign`: let the org's assignment rules choose the owner of a new record; `allow_duplicates`: save although a

    duplicate rule found matches (a person said so).
    """

    assign: bool = False
    allow_duplicates: bool = False


PLAIN = WriteOptions()


def headers_of(options: WriteOptions) -> dict[str, str]:
    """The headers that every write carries (sync-peers 2.6, salesforce-api 3.5)."""
    allow = "true" if options.allow_duplicates else "false"
    return {
        "Content-Type": "application/json; charset=UTF-8",
        _ASSIGN: "TRUE" if options.assign else "FALSE",
        _DUPLICATES: f"allowSave={allow}; includeRecordDetails=true; runAsCurrentUser=true",
    }


def encoded(body: Any) -> bytes:
    """JSON in which a Decimal is a number with all its digits."""

    def exact(value: Any) -> str:
        if isinstance(value, Decimal):
            return f"{_TOKEN}{value:f}"
        raise TypeError(type(value).__name__)

    text = json.dumps(body, ensure_ascii=False, default=exact, allow_nan=False)
    if _TOKEN in text:
        first, *rest = text.split(f'"{_TOKEN}')
        text = first + "".join(number + tail for number, _, tail in (piece.partition('"') for piece in rest))
    return text.encode("utf-8", "surrogatepass")


class Writes:
    """The writing half of a client; belongs to its thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def client(self) -> Client:
        return self._client

    def server_now(self) -> datetime:
        """The org's clock (see `Client.server_now`)."""
        return self._client.server_now()

    def query(self, soql: str, *, all_rows: bool = False) -> list[Record]:
        """The records of a small query. Raises OrgMirrorError."""
        return self._client.query(soql, all_rows=all_rows)

    def retrieve(self, name: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
        """The records of `ids` (any number) as they are now, by 18-character id; what is not there is absent.

        Raises OrgMirrorError.
        """
        found: dict[str, Record] = {}
        for start in range(0, len(ids), MAX_READS):
            found.update(self._retrieve(name, list(ids[start : start + MAX_READS]), list(fields)))
        return found

    def _retrieve(self, name: str, ids: list[str], fields: list[str]) -> dict[str, Record]:
        path = self._client.path(f"composite/sobjects/{quote(name)}")
        try:
            answer = self._client.transport.request(
                "POST",
                path,
                data=encoded({"ids": ids, "fields": fields}),
                headers={"Content-Type": "application/json; charset=UTF-8"},
                read=True,
            ).json()
        except SalesforceError as error:
            if error.kind in (ErrorClass.NOT_OFFERED, ErrorClass.GONE, ErrorClass.USER_DATA):
                # No such resource here, or a list that one bad id spoils as a whole: a query passes over that one.
                return self._by_query(name, ids, fields)
            raise error.about(name) from None
        if not isinstance(answer, list):
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="not-a-list")
        records = [item for item in answer if isinstance(item, Mapping)]
        return {long_id(str(record_id)): dict(r) for r in records if (record_id := _id_of(r)) is not None}

    def _by_query(self, name: str, ids: list[str], fields: list[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        listed = ", ".join(dict.fromkeys(("Id", *fields)))
        for start in range(0, len(ids), _QUERY_IDS):
            wanted = ", ".join(f"'{each}'" for each in ids[start : start + _QUERY_IDS])
            for record in self._client.query(f"SELECT {listed} FROM {name} WHERE Id IN ({wanted})"):
                found[long_id(str(record["Id"]))] = record
        return found

    def update(
        self, name: str, records: Sequence[tuple[str, Mapping[str, Any]]], options: WriteOptions = PLAIN
    ) -> list[WriteAnswer]:
        """Set fields of up to 200 records, each by itself (`allOrNone` false); answers in the order of `records`.

        Raises OrgMirrorError for what fails as a whole.
        """
        body = [{**values, "attributes": {"type": name}, "id": record_id} for record_id, values in records]
        answer = self._collection("PATCH", "composite/sobjects", body, options)
        return _matched(answer, [record_id for record_id, _ in records])

    def update_one(
        self,
        name: str,
        record_id: str,
        values: Mapping[str, Any],
        unmodified_since: datetime | None,
        options: WriteOptions = PLAIN,
    ) -> WriteAnswer:
        """Set fields of one record unless it was changed after `unmodified_since` (whole seconds, server time).

        A record that is newer answers with an error of kind CONFLICT. Raises OrgMirrorError for what is no answer of
        the record.
        """
        headers = headers_of(options)
        if unmodified_since is not None:
            headers["If-Unmodified-Since"] = email.utils.format_datetime(unmodified_since, usegmt=True)
        path = self._client.path(f"sobjects/{quote(name)}/{quote(record_id)}")
        return self._one("PATCH", path, values, headers, record_id)

    def create(
        self, name: str, records: Sequence[Mapping[str, Any]], options: WriteOptions = PLAIN
    ) -> list[WriteAnswer]:
        """Make up to 200 records, each by itself; answers in the order of `records`. Raises OrgMirrorError."""
        if len(records) == 1:
            path = self._client.path(f"sobjects/{quote(name)}")
            return [self._one("POST", path, records[0], headers_of(options), None)]
        body = [{**values, "attributes": {"type": name}} for values in records]
        answer = self._collection("POST", "composite/sobjects", body, options)
        return _matched(answer, [None] * len(records))

    def upsert(
        self, name: str, field: str, records: Sequence[Mapping[str, Any]], options: WriteOptions = PLAIN
    ) -> list[WriteAnswer]:
        """Make up to 200 records that hold a value of the external id `field`, or update those that have it already.

        Raises OrgMirrorError.
        """
        body = [{**values, "attributes": {"type": name}} for values in records]
        path = f"composite/sobjects/{quote(name)}/{quote(field)}"
        return _matched(self._collection("PATCH", path, body, options), [None] * len(records))

    def delete(self, ids: Sequence[str]) -> list[WriteAnswer]:
        """Move up to 200 records to the recycle bin, each by itself. Raises OrgMirrorError."""
        path = self._client.path("composite/sobjects")
        answer = self._client.transport.request(
            "DELETE",
            f"{path}?ids={','.join(ids)}&allOrNone=false",
            headers={key: value for key, value in headers_of(PLAIN).items() if key != "Content-Type"},
        ).json()
        return _matched(answer, list(ids))

    def _collection(self, method: str, rest: str, records: list[dict[str, Any]], options: WriteOptions) -> Any:
        return self._client.transport.request(
            method,
            self._client.path(rest),
            data=encoded({"allOrNone": False, "records": records}),
            headers=headers_of(options),
        ).json()

    def _one(
        self, method: str, path: str, values: Mapping[str, Any], headers: Mapping[str, str], record_id: str | None
    ) -> WriteAnswer:
        try:
            answer = self._client.transport.request(method, path, data=encoded(dict(values)), headers=dict(headers))
        except SalesforceError as error:
            if not is_refusal(error):
                raise
            return WriteAnswer(record_id, error)
        body = answer.json() if answer.content else None
        made = _id_of(body) if isinstance(body, Mapping) else None
        if record_id is None and made is None:
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=answer.status_code, reason="no-id")
        return WriteAnswer(long_id(str(made)) if made else record_id, created=record_id is None)


# What concerns the whole request or connection, whichever record was in it.
_WHOLE: Collection[ErrorClass] = frozenset(
    {
        ErrorClass.AUTH,
        ErrorClass.BUDGET,
        ErrorClass.BUSY,
        ErrorClass.ORG_STATE,
        ErrorClass.VERSION,
    }
)


def is_refusal(error: SalesforceError) -> bool:
    """Whether Salesforce refused this one record; otherwise the request as a whole failed, or may not have."""
    if error.kind in _WHOLE:
        return False
    if error.kind is ErrorClass.TRANSIENT:
        # A row lock is this record's; an unnamed 5xx may have been processed all the same.
        return error.status < 500 and error.salesforce_code is not None
    return True


def _id_of(record: Mapping[str, Any]) -> Any:
    return record.get("Id") or record.get("id")


def _matched(answer: Any, ids: Iterable[str | None]) -> list[WriteAnswer]:
    """The answers by position, checked against the ids where both sides name one (sync-peers 3, number 21)."""
    wanted = list(ids)
    if not isinstance(answer, list) or len(answer) != len(wanted):
        raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="answer-count")
    answers = []
    for sent, item in zip(wanted, answer, strict=True):
        body = item if isinstance(item, Mapping) else {}
        told = _id_of(body)
        if sent is not None and told and long_id(str(told)) != long_id(sent):
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="answer-order")
        if body.get("success") is True and (told or sent):
            answers.append(WriteAnswer(long_id(str(told or sent)), created=bool(body.get("created", sent is None))))
        else:
            answers.append(WriteAnswer(sent, _refusal(body)))
    return answers


def _refusal(body: Mapping[str, Any]) -> SalesforceError:
    errors = body.get("errors")
    return error_from_body(400, errors if errors else dict(body))

"""`Client`: the org as the program asks it. Versions, describes, counts, queries, limits.

simple-salesforce is the API layer for what it does well (queries, describes, limits, arbitrary paths); every request
of it goes through our `Transport`, which raises our own errors before the library can raise one that quotes addresses
and contents. A client belongs to one thread at a time; `clone` makes one for another thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from simple_salesforce.api import Salesforce

from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.composite import MAX_PARTS, MAX_QUERIES, CompositeRefused, Part, PartAnswer, read_parts
from core.salesforce.errors import ErrorClass, SalesforceError
from core.salesforce.meter import ApiMeter
from core.salesforce.query import (
    MAX_ADDRESS_BYTES,
    QueryPage,
    Record,
    count_of,
    org_path,
    query_path,
    read_page,
)
from core.salesforce.transport import RetryPolicy, Transport

NEWEST_TESTED = "68.0"
_COUNTING = RetryPolicy(attempts=2, busy_attempts=2)
_TOO_SLOW = frozenset({ErrorCode.TIMED_OUT, ErrorCode.SERVER_ERROR})


@dataclass(frozen=True, slots=True)
class DescribeAnswer:
    """A describe, or the news that it has not changed. `last_modified` goes into the next request's condition.

    `raw` is None exactly when `not_modified`.
    """

    raw: dict[str, Any] | None
    last_modified: str | None
    not_modified: bool = False


class Client:
    """`version` fixes the API version; without it the newest that the org offers, up to the newest tested, is used."""

    def __init__(self, transport: Transport, *, version: str | None = None) -> None:
        self.transport = transport
        self._version = version
        self._library: Salesforce | None = None
        self._library_url = ""
        self._parts_at_once = MAX_PARTS

    def clone(self, *, cancel: CancelToken | None = None, retry: RetryPolicy | None = None) -> Client:
        """A client for another thread: own sockets, the same tokens, meter, clock and version."""
        other = Client(self.transport.clone(cancel=cancel, retry=retry), version=self._version)
        other._parts_at_once = self._parts_at_once
        return other

    def close(self) -> None:
        self.transport.close()

    @property
    def meter(self) -> ApiMeter:
        return self.transport.meter

    @property
    def calls(self) -> int:
        """API calls made over this connection so far, requests for tokens apart."""
        return self.transport.meter.own_calls

    @property
    def instance_url(self) -> str:
        """Scheme and host of the org."""
        tokens = self.transport.tokens
        if tokens is None:
            raise OrgMirrorError(ErrorCode.SIGN_IN_NEEDED)
        return tokens.session(self.transport.cancel).instance_url

    @property
    def api_version(self) -> str:
        """Such as "65.0". Asks the org at first use. Raises OrgMirrorError."""
        if self._version is None:
            self._version = choose_version(offered_versions(self.transport), NEWEST_TESTED)
        return self._version

    def server_now(self) -> datetime:
        """The org's clock, never later than it really is: the last answer's Date plus the time since."""
        moment = self.transport.clock.now()
        if moment is None:
            self.transport.request("GET", "/services/data")
            moment = self.transport.clock.now()
        # A server that sends no Date leaves only our own clock.
        return moment or datetime.now(UTC)

    @property
    def knows_time(self) -> bool:
        """Whether the org's answers tell its time; otherwise `server_now` is this computer's clock."""
        return self.transport.clock.now() is not None

    # describe

    def describe_global(self, if_modified_since: str | None = None) -> DescribeAnswer:
        """All objects that this user may see. Raises OrgMirrorError."""
        return self._describe("sobjects", if_modified_since)

    def describe(self, name: str, if_modified_since: str | None = None) -> DescribeAnswer:
        """One object. Raises SalesforceError OBJECT_NOT_VISIBLE where this user may not see it."""
        try:
            return self._describe(f"sobjects/{quote(name)}/describe", if_modified_since)
        except SalesforceError as error:
            raise _not_visible(error, name) from None

    def describe_many(self, names: Mapping[str, str | None]) -> dict[str, DescribeAnswer | SalesforceError]:
        """Describes of many objects, 25 in an API call: {name: If-Modified-Since or None}.

        An object that is refused has its error as its value. Raises OrgMirrorError when the org as a whole fails.
        """
        answers: dict[str, DescribeAnswer | SalesforceError] = {}
        waiting = list(names.items())
        for start in range(0, len(waiting), MAX_PARTS):
            chunk = waiting[start : start + MAX_PARTS]
            parts = [
                Part(self.path(f"sobjects/{quote(name)}/describe"), {"If-Modified-Since": since} if since else {})
                for name, since in chunk
            ]
            for (name, since), part in zip(chunk, self._together(parts), strict=True):
                answers[name] = self._described_part(name, since, part)
        return answers

    def _described_part(
        self, name: str, since: str | None, part: PartAnswer | None
    ) -> DescribeAnswer | SalesforceError:
        if part is not None:
            if part.status == 304:
                return DescribeAnswer(None, part.headers.get("last-modified") or since, True)
            if part.error is None and isinstance(part.body, Mapping):
                return DescribeAnswer(dict(part.body), part.headers.get("last-modified") or self._fallback_stamp())
            if part.error is not None and part.error.kind in (ErrorClass.NOT_OFFERED, ErrorClass.SCHEMA):
                return _not_visible(part.error, name)
        try:
            return self.describe(name, since)
        except SalesforceError as error:
            if error.kind in (ErrorClass.AUTH, ErrorClass.BUDGET, ErrorClass.BUSY, ErrorClass.ORG_STATE):
                raise
            return error

    def _describe(self, path: str, since: str | None) -> DescribeAnswer:
        headers = {"If-Modified-Since": since} if since else {}
        answer = self.transport.request("GET", self.path(path), headers=headers)
        if answer.status_code == 304:
            return DescribeAnswer(None, answer.headers.get("Last-Modified") or since, True)
        raw = answer.json()
        if not isinstance(raw, dict):
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=answer.status_code, reason="not-a-describe")
        return DescribeAnswer(raw, answer.headers.get("Last-Modified") or self._fallback_stamp())

    def _fallback_stamp(self) -> str | None:
        """Where no Last-Modified is sent: a minute before the answer's own time, so that nothing is missed."""
        moment = self.transport.server_time
        if moment is None:
            return None
        return (moment - timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    # counts

    def count(self, name: str, where: str | None = None, *, all_rows: bool = False) -> int:
        """`COUNT()` as this user sees it; `all_rows` with deleted and archived ones. Raises OrgMirrorError."""
        condition = f" WHERE {where}" if where else ""
        for function in ("COUNT()", "COUNT(Id)"):
            soql = f"SELECT {function} FROM {name}{condition}"
            try:
                found = count_of(self._query(soql, all_rows=all_rows))
            except SalesforceError as error:
                raise error.about(name) from None
            if found is not None:
                return found
        raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="no-count")

    def count_many(
        self, names: Mapping[str, str | None], *, all_rows: bool = False
    ) -> dict[str, int | SalesforceError]:
        """Counts of many objects, five in an API call: {name: condition or None}; a refused one has its error.

        Counts are for the person's information, so a slow server is not waited for with all patience.
        """
        patience, self.transport.retry = self.transport.retry, _COUNTING
        try:
            return self._counts(names, all_rows)
        finally:
            self.transport.retry = patience

    def _counts(self, names: Mapping[str, str | None], all_rows: bool) -> dict[str, int | SalesforceError]:
        answers: dict[str, int | SalesforceError] = {}
        waiting = list(names.items())
        for start in range(0, len(waiting), MAX_QUERIES):
            chunk = waiting[start : start + MAX_QUERIES]
            parts = []
            for name, where in chunk:
                soql = f"SELECT COUNT() FROM {name}" + (f" WHERE {where}" if where else "")
                parts.append(Part(query_path(self.api_version, soql, all_rows=all_rows)))
            try:
                found = self._together(parts)
            except OrgMirrorError as error:
                if error.code not in _TOO_SLOW:
                    raise
                # One large object is enough to make the request too slow for all of its five.
                found = [None] * len(parts)
            for (name, where), part in zip(chunk, found, strict=True):
                answers[name] = self._counted_part(name, where, part, all_rows)
        return answers

    def _counted_part(
        self, name: str, where: str | None, part: PartAnswer | None, all_rows: bool
    ) -> int | SalesforceError:
        if part is not None:
            found = count_of(part.body) if part.error is None else None
            if found is not None:
                return found
            if part.error is not None and part.error.kind in (ErrorClass.SCHEMA, ErrorClass.TOO_BIG):
                return part.error.about(name)
        try:
            return self.count(name, where, all_rows=all_rows)
        except SalesforceError as error:
            if error.kind in (ErrorClass.AUTH, ErrorClass.BUDGET, ErrorClass.ORG_STATE):
                raise
            return error
        except OrgMirrorError as error:
            if error.code not in _TOO_SLOW:
                raise
            return SalesforceError(0, "QUERY_TIMEOUT", None).about(name)

    def together(self, parts: list[Part]) -> list[PartAnswer | None]:
        """The answers of several reads, as `_together`; for questions that are put together elsewhere."""
        return self._together(parts)

    def _together(self, parts: list[Part]) -> list[PartAnswer | None]:
        """The parts' answers from as few composite requests as the server takes; None for each where it takes none."""
        answers: list[PartAnswer | None] = []
        while len(answers) < len(parts) and self._parts_at_once:
            chunk = parts[len(answers) : len(answers) + self._parts_at_once]
            try:
                answers += read_parts(self.transport, self.api_version, chunk)
            except CompositeRefused:
                # Too many parts for this server, or a server without composite requests.
                self._parts_at_once = MAX_QUERIES if len(chunk) > MAX_QUERIES else 0
        return answers + [None] * (len(parts) - len(answers))

    # queries

    def query(self, soql: str, *, all_rows: bool = False) -> list[Record]:
        """All records of a small query, following its pages. Raises OrgMirrorError."""
        return [record for page in self.query_pages(soql, all_rows=all_rows) for record in page.records]

    def query_pages(
        self,
        soql: str,
        *,
        all_rows: bool = True,
        start: str | None = None,
        batch_size: int | None = None,
    ) -> Iterator[QueryPage]:
        """The pages of a query, of whatever size the server chooses; `start` is a saved `next_url` to go on from.

        A query too long for an address travels in a composite request's body. Raises SalesforceError, with kind
        STALE_CURSOR when `start` is no longer known, TOO_WIDE when only a shorter field list will do.
        """
        options = {"Sforce-Query-Options": f"batchSize={batch_size}"} if batch_size else {}
        if start is None:
            page = self._page(self._query(soql, all_rows=all_rows, headers=options))
            yield page
        else:
            page = QueryPage([], None, start)
        while page.next_url is not None:
            here = org_path(page.next_url)
            try:
                payload = self._api().query_more(here, identifier_is_url=True, headers=options)
            except SalesforceError as error:
                if error.status in (404, 410) or error.kind is ErrorClass.NOT_OFFERED:
                    # The cursor's own resource is gone, whatever code the server gives it.
                    error.kind = ErrorClass.STALE_CURSOR
                raise
            page = self._page(payload, here)
            yield page

    def _query(self, soql: str, *, all_rows: bool, headers: Mapping[str, str] | None = None) -> Any:
        path = query_path(self.api_version, soql, all_rows=all_rows)
        if len(path) <= MAX_ADDRESS_BYTES:
            return self._api().query(soql, include_deleted=all_rows, headers=dict(headers or {}))
        try:
            [part] = read_parts(self.transport, self.api_version, [Part(path, dict(headers or {}))])
        except CompositeRefused:
            raise SalesforceError(414, "URI_TOO_LONG", None) from None
        if part.error is not None:
            raise part.error
        return part.body

    def _page(self, payload: Any, current: str | None = None) -> QueryPage:
        return read_page(payload, self.transport.server_time, current)

    # the org

    def limits(self) -> dict[str, Any]:
        """The org's limits as `/limits` answers them; the meter learns from it too. Raises OrgMirrorError."""
        raw = self._api().limits()
        limits: dict[str, Any] = dict(raw) if isinstance(raw, Mapping) else {}
        daily = limits.get("DailyApiRequests")
        if isinstance(daily, Mapping) and isinstance(daily.get("Max"), int) and isinstance(daily.get("Remaining"), int):
            self.meter.set_limits(daily["Max"] - daily["Remaining"], daily["Max"])
        return limits

    def record_counts(self, names: Iterable[str]) -> dict[str, int]:
        """Salesforce's own rough counts, which know nothing of sharing; objects it does not count are absent."""
        listed = ",".join(names)
        raw = self._api().restful("limits/recordCount", params={"sObjects": listed} if listed else None)
        items = raw.get("sObjects") if isinstance(raw, Mapping) else None
        return {
            str(item["name"]): int(item["count"])
            for item in items or ()
            if isinstance(item, Mapping) and item.get("name") and isinstance(item.get("count"), int)
        }

    def path(self, rest: str) -> str:
        """A path of the org under the API version."""
        return f"/services/data/v{self.api_version}/{rest}"

    def _api(self) -> Salesforce:
        """simple-salesforce on our transport. It never sees a token: the transport adds the header."""
        url = self.instance_url
        if self._library is None or self._library_url != url:
            self._library = Salesforce(
                session_id="the transport signs requests",
                instance_url=url,
                session=self.transport,
                version=self.api_version,
                object_pairs_hook=None,
            )
            self._library_url = url
        return self._library


def offered_versions(transport: Transport, address: str | None = None) -> list[str]:
    """The API versions of the org, or of a login host at `address` (scheme and host).

    Raises OrgMirrorError NOT_SALESFORCE when the server has no such list.
    """
    tokens = transport.tokens
    if address is None and tokens is not None:
        address = tokens.session(transport.cancel).instance_url
    host = (address or "").partition("://")[2]
    try:
        payload = transport.get_json(f"{address or ''}/services/data")
    except Cancelled:
        raise
    except SalesforceError as error:
        if error.kind is ErrorClass.NOT_OFFERED:
            raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host) from None
        raise
    versions = (
        [
            str(item["version"])
            for item in payload
            if isinstance(item, Mapping) and _number(item.get("version")) is not None
        ]
        if isinstance(payload, list)
        else []
    )
    if not versions:
        raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host)
    return versions


def choose_version(offered: Iterable[str], newest: str) -> str:
    """The newest offered version up to `newest`; where all are newer, the oldest of them."""
    ordered = sorted(offered, key=lambda text: _number(text) or 0.0)
    limit = _number(newest) or 0.0
    fitting = [text for text in ordered if (_number(text) or 0.0) <= limit]
    return fitting[-1] if fitting else ordered[0]


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _not_visible(error: SalesforceError, name: str) -> SalesforceError:
    if error.kind in (ErrorClass.NOT_OFFERED, ErrorClass.SCHEMA, ErrorClass.RIGHTS):
        error.code = ErrorCode.OBJECT_NOT_VISIBLE
    return error.about(name)

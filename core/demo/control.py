"""The control interface of the demo org: what tests need and no real org offers.

It lives on the same server under `control_url` of the ready line, a path with a secret made at each start, and answers
loopback callers only. Every call is a POST with a JSON object (an empty body counts as `{}`) and answers JSON; wrong
arguments answer 400 with `{"error": text}`, a refusal by the org its status with `{"error", "code"}`. `user` is a user
name or a user id; where absent, the admin. Control calls do not count as API calls and are not in the call log.

Who and what is seen
    as              {user, refresh=false} -> {access_token, user_id, username, refresh_token?}: a session of any user
    users           {} -> list of {id, username, ...}
    truth           {object, user?, deleted=true} -> NDJSON: every row as that user would see it, one object a line
    hide_field, show_field, lock_field, unlock_field, hide_object, show_object, hide_rows, show_rows,
    set_object_permission, trim_delete_log
                    the keyword arguments of the Org method of that name
Schema (by an administrator; the keyword arguments of the Org method of that name)
    add_field       {name: object, line}: `Colour__c; string(40); Colour; cu`, as core/demo/metadata/parse.py reads it
    drop_field      {name: object, field}
    add_object      {text}: a declaration in the form of that module
    drop_object     {name}
    change_object   {name, label, plural?}
    retype_field    {name, line}: the field's new line
    rename_field    {name, field, new}; FieldDefinition.DurableId stays
    change_field    {name, field, label?, length?, values? (`red=Red|green`), restricted?, help?}
Data (by a user, with that user's rights; answers {"result": ...})
    insert, update, delete, undelete, purge, merge, convert   the keyword arguments of the Org method, `user` optional
                    `transaction`, optional: inside one that is held open
    empty_bin       {user?, name?} -> {result: number}: the recycle bin, of one object or all
    hold            {} -> {result: transaction}: what is written in it is seen by nobody, and latestDateCovered stays
                    before it, until
    commit, roll_back   {transaction}: a commit keeps the stamps of when each row was written
    clock           {advance: seconds} or {} -> {now}: moves the org's clock forward
Rules of the administrator (the keyword arguments of the Org method of that name)
    add_validation_rule  {name: object, condition: SOQL that is true for what is wrong, message, field?, rule?}
    drop_validation_rule {rule}
    set_duplicate_rule   {name: object, action: "alert" | "block" | "off", keys?: [[field, ...], ...]}
    set_assignment_rule  {active, entries?}: the lead rule, active from the start
    track_fields         {name: "Lead" | "Contact", fields}: history tracking
Behaviour
    behaviour       {switch: value, ...} -> all switches; their meanings are in core/demo/behaviour.py
    limits          {max?, used?} -> {max, used}: daily API calls
    faults          {rules: [rule, ...], clear=false} or {} -> {ids, rules}; rules as in core/demo/faults.py
    late            {run=false} -> {waiting, done}: calls cut by a "late" fault that have not taken effect yet; with
                    `run` they all do now
    expire          {user?, refresh=false} -> {expired}: ends access tokens (with refresh: refresh tokens too)
    expire_cursors  {} -> {expired}: every query locator becomes invalid
    bulk_jobs       {} -> list of {id, state, object, rows, rendered, created_by, operation, query}
    bulk_retire     {id?} -> {retired}: one job, or all, as if seven days had passed
    bulk_fail       {id, message} -> {}: the job fails now
Looking back
    calls           {after=0, path?} -> list of {n, method, path, status, at, seconds, bytes, fault}; path is a regex
    writes          {after=0, name?: object, record_id?, limit=10000} -> {result: list of {n, at, via, user, object, id,
                    op, fields: {name: [old, new]}, headers}}: every write that took effect, by the API or otherwise
    counters        {} -> {calls, by_status, by_method, api_used, api_max, render_seconds,
                    bulk_pages: {job id: {first row of the page: times served}}}
    reset           {data=false} -> {}: switches, faults, call log and counters back to the start (never the data)
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.demo.errors import OrgError
from core.demo.ids import is_id, to_18
from core.demo.site import Site
from core.demo.values import dumps

if TYPE_CHECKING:
    from core.demo.org import View

_LOOPBACK = {"127.0.0.1", "::1"}
_RIGHTS = (
    "hide_field", "show_field", "lock_field", "unlock_field", "hide_object", "show_object", "hide_rows", "show_rows",
    "set_object_permission", "trim_delete_log",
)  # fmt: skip
_SCHEMA = (
    "add_field", "drop_field", "add_object", "drop_object", "change_object", "retype_field", "rename_field",
    "change_field", "hold", "commit", "roll_back",
)  # fmt: skip
_EDITS = ("insert", "update", "delete", "undelete", "purge", "merge", "convert", "empty_bin")
"""Their first parameter is the user."""
_POLICIES = (
    "add_validation_rule", "drop_validation_rule", "set_duplicate_rule", "set_assignment_rule", "track_fields",
    "writes",
)  # fmt: skip
_PIECE_BYTES = 256 * 1024


class Control:
    """The endpoints over one site."""

    def __init__(self, site: Site, pool: Executor) -> None:
        self._site = site
        self._pool = pool

    def application(self) -> Starlette:
        """The ASGI application to mount under the secret path."""
        endpoints: dict[str, Callable[[dict[str, Any]], Any]] = {
            name: self._org_call(name)
            for name in (*_RIGHTS, *_SCHEMA, *_EDITS, *_POLICIES)
            if hasattr(self._site.org, name)
        }
        for name in (
            "as_user", "users", "clock", "behaviour", "limits", "faults", "late", "expire", "expire_cursors",
            "bulk_jobs", "bulk_retire", "bulk_fail", "calls", "counters", "reset",
        ):  # fmt: skip
            endpoints["as" if name == "as_user" else name] = getattr(self, name)
        routes = [Route(f"/{name}", self._endpoint(call), methods=["POST"]) for name, call in endpoints.items()]
        routes.append(Route("/truth", self._truth_endpoint, methods=["GET", "POST"]))
        return Starlette(routes=routes)

    def as_user(self, given: dict[str, Any]) -> Any:
        """A session of any user, active or not."""
        user_id = self._user_id(given.pop("user"))
        session = self._site.sessions.open(user_id, refresh=bool(given.pop("refresh", False)))
        _nothing_else(given)
        names = {user.id: user.username for user in self._site.org.users()}
        answer = {"access_token": session.token, "user_id": user_id, "username": names[user_id]}
        return {**answer, "refresh_token": session.refresh} if session.refresh else answer

    def users(self, given: dict[str, Any]) -> Any:
        """Everyone in the org."""
        _nothing_else(given)
        return [_plain(user) for user in self._site.org.users()]

    def clock(self, given: dict[str, Any]) -> Any:
        """Read or advance the org's clock."""
        seconds = given.pop("advance", 0)
        _nothing_else(given)
        if seconds:
            self._site.org.advance_clock(seconds)
            self._site.late.run_due()
        return {"now": self._site.org.now().isoformat()}

    def behaviour(self, given: dict[str, Any]) -> Any:
        """Set and read switches."""
        self._site.behaviour.update(given)
        self._site.follow_switches()
        return vars(self._site.behaviour)

    def late(self, given: dict[str, Any]) -> Any:
        """Calls that wait for their late commit."""
        done = self._site.late.run_due(everything=True) if given.pop("run", False) else 0
        _nothing_else(given)
        return {"waiting": len(self._site.late), "done": done}

    def limits(self, given: dict[str, Any]) -> Any:
        """Set and read the daily allowance."""
        self._site.meter.set(maximum=given.pop("max", None), used=given.pop("used", None))
        _nothing_else(given)
        return {"max": self._site.meter.max, "used": self._site.meter.used}

    def faults(self, given: dict[str, Any]) -> Any:
        """Add, clear and read fault rules."""
        if given.pop("clear", False):
            self._site.faults.clear()
        ids = [self._site.faults.add(rule) for rule in given.pop("rules", [])]
        _nothing_else(given)
        return {"ids": ids, "rules": self._site.faults.all()}

    def expire(self, given: dict[str, Any]) -> Any:
        """End sessions."""
        user = given.pop("user", None)
        refresh = bool(given.pop("refresh", False))
        _nothing_else(given)
        user_id = None if user is None else self._user_id(user)
        return {"expired": self._site.sessions.expire(user_id=user_id, refresh=refresh)}

    def expire_cursors(self, given: dict[str, Any]) -> Any:
        """Make every query locator invalid."""
        _nothing_else(given)
        return {"expired": self._site.cursors.close_all()}

    def bulk_jobs(self, given: dict[str, Any]) -> Any:
        """Every Bulk query job."""
        _nothing_else(given)
        bulk = self._site.bulk
        return [
            {
                "id": job.id,
                "state": bulk.state(job),
                "object": job.object_name,
                "rows": job.total,
                "rendered": 0 if job.rendering is None else job.rendering.rows,
                "created_by": job.created_by,
                "operation": job.operation,
                "query": job.soql,
            }
            for job in bulk.all()
        ]

    def bulk_retire(self, given: dict[str, Any]) -> Any:
        """End the life of jobs."""
        job_id = given.pop("id", None)
        _nothing_else(given)
        return {"retired": self._site.bulk.retire(job_id)}

    def bulk_fail(self, given: dict[str, Any]) -> Any:
        """Let a job fail."""
        self._site.bulk.fail(given.pop("id"), given.pop("message"))
        _nothing_else(given)
        return {}

    def calls(self, given: dict[str, Any]) -> Any:
        """The call log."""
        pattern = re.compile(given.pop("path", ""))
        after = given.pop("after", 0)
        _nothing_else(given)
        return [call for call in self._site.log.calls(after) if pattern.search(call["path"])]

    def counters(self, given: dict[str, Any]) -> Any:
        """Totals since the start or the last reset."""
        _nothing_else(given)
        site = self._site
        return {
            **site.log.counters(),
            "api_used": site.meter.used,
            "api_max": site.meter.max,
            "render_seconds": round(site.bulk.render_seconds, 3),
            "bulk_pages": site.bulk.pages_served,
        }

    def reset(self, given: dict[str, Any]) -> Any:
        """Switches, faults and logs as at the start."""
        _nothing_else(given)
        self._site.behaviour.reset()
        self._site.follow_switches()
        self._site.faults.clear()
        self._site.log.reset()
        self._site.bulk.pages_served.clear()
        self._site.bulk.render_seconds = 0.0
        return {}

    def _org_call(self, name: str) -> Callable[[dict[str, Any]], Any]:
        method = getattr(self._site.org, name)
        user_key = next(iter(inspect.signature(method).parameters), "")

        def call(given: dict[str, Any]) -> Any:
            transaction = given.pop("transaction", None) if name in _EDITS else None
            if name in _EDITS:
                given[user_key] = self._user_id(given.pop("user", None))
            try:
                bound = inspect.signature(method).bind(**given)
            except TypeError as error:
                raise ValueError(f"{name}: {error}") from error
            if transaction is None:
                result = method(*bound.args, **bound.kwargs)
            else:
                result = self._site.org.held_call(transaction, name, given)
            self._site.changed()
            return {"result": _plain(result)}

        return call

    def _user_id(self, user: str | None) -> str:
        if user is None:
            return self._site.org.admin_id
        if is_id(user) and user.startswith("005"):
            return to_18(user)
        found = self._site.org.find_user(user)
        if found is None:
            raise ValueError(f"no such user: {user}")
        return found.id

    def _endpoint(self, call: Callable[[dict[str, Any]], Any]) -> Any:
        async def endpoint(request: Request) -> Response:
            if not _local(request):
                return Response(status_code=404)
            try:
                answer = await self._in_pool(call, await _body(request))
            except (ValueError, KeyError, OrgError) as error:
                return _refusal(error)
            return Response(dumps(answer), media_type="application/json")

        return endpoint

    async def _in_pool(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    async def _truth_endpoint(self, request: Request) -> Response:
        if not _local(request):
            return Response(status_code=404)
        try:
            given = dict(request.query_params) if request.method == "GET" else await _body(request)
            name, user = given.pop("object"), given.pop("user", None)
            deleted = str(given.pop("deleted", True)).lower() in ("true", "1")
            _nothing_else(given)
            view = self._site.org.view(self._user_id(user))
            # One thread writes all of it: the iterator belongs to the thread that began it.
            file = await self._in_pool(_written, view, name, deleted)
        except (ValueError, KeyError, OrgError) as error:
            return _refusal(error)
        return StreamingResponse(_pieces(file), media_type="application/x-ndjson")


def _local(request: Request) -> bool:
    return request.client is not None and request.client.host in _LOOPBACK


async def _body(request: Request) -> dict[str, Any]:
    body = await request.body()
    given = json.loads(body) if body else {}
    if not isinstance(given, dict):
        raise ValueError("a JSON object is expected")
    return given


def _refusal(error: Exception) -> Response:
    if isinstance(error, OrgError):
        return JSONResponse({"error": error.message, "code": error.code}, error.status)
    text = f"missing argument: {error.args[0]}" if isinstance(error, KeyError) else str(error)
    return JSONResponse({"error": text}, 400)


def _nothing_else(given: dict[str, Any]) -> None:
    if given:
        raise ValueError(f"unknown arguments: {', '.join(sorted(given))}")


def _written(view: View, name: str, deleted: bool) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _pieces, when it was sent
    try:
        for row in view.truth(name, deleted=deleted):
            file.write(dumps(row).encode() + b"\n")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _plain(value: Any) -> Any:
    """A value that JSON can carry: dataclasses as objects."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, (list, tuple, set)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value

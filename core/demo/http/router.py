"""From method and path to a handler, with the 404, 405 and 410 answers of the REST API.

Salesforce answers errors in its own JSON form at every level, also inside composite, which is why routing is done
here and not by the web framework.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from core.demo.behaviour import Behaviour
from core.demo.errors import OrgError, not_found
from core.demo.http.call import Answer, Call, Handler, error_payload, manner_of
from core.demo.manner import in_manner

FIRST_VERSION = 31
LAST_VERSION = 68
_DATA = re.compile(r"^/services/data/v(\d+)\.(\d)(/.*)?$")


@dataclass(frozen=True)
class Route:
    """One method on one path. `public` needs no session; `free` does not count as an API call."""

    method: str
    pattern: str
    handler: Handler
    public: bool = False
    free: bool = False


class _Node:
    def __init__(self, pattern: str) -> None:
        parts = re.split(r"\{(\w+)\}", pattern)
        expression = ""
        for index, part in enumerate(parts):
            expression += f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
        self.regex = re.compile(f"^{expression}/?$")
        self.specific = (expression.count("(?P<"), -len(pattern))
        self.routes: dict[str, Route] = {}


class Router:
    """Routes outside and inside /services/data/vNN.N. Patterns without parameters win over those with some."""

    def __init__(self, outside: Iterable[Route], inside: Iterable[Route]) -> None:
        self._outside = _nodes(outside)
        self._inside = _nodes(inside)

    def find(self, call: Call) -> Route:
        """The route of a call; sets its version and params.

        Raises OrgError: 404 for an unknown path or version, 410 for a retired version, 405 for a wrong method.
        """
        match = _DATA.match(call.path)
        nodes, path = self._outside, call.path
        if match:
            number = int(match[1])
            if number < FIRST_VERSION:
                raise OrgError(
                    "UNSUPPORTED_API_VERSION",
                    f"API version {match[1]}.{match[2]} is retired. Use version {FIRST_VERSION}.0 or later.",
                    410,
                )
            if number > LAST_VERSION or match[2] != "0":
                raise not_found()
            call.version = f"{number}.0"
            nodes, path = self._inside, match[3] or "/"
        for node in nodes:
            found = node.regex.match(path)
            if found is None:
                continue
            method = "GET" if call.method == "HEAD" else call.method
            route = node.routes.get(method)
            if route is None:
                allowed = ",".join((["HEAD"] if "GET" in node.routes else []) + sorted(node.routes))
                raise OrgError(
                    "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}", 405
                )
            call.params = {name: unquote(value) for name, value in found.groupdict().items()}
            return route
        raise not_found()

    def run(self, call: Call) -> Answer:
        """Route and handle one call whose session is known; an OrgError becomes its error body."""
        try:
            return handled(self.find(call), call)
        except OrgError as error:
            return error_answer(error, call.site.behaviour)


def handled(route: Route, call: Call) -> Answer:
    """Run the handler of a route; what it writes is written in the manner of the call."""
    with in_manner(manner_of(call)):
        return route.handler(call)


def error_answer(error: OrgError, behaviour: Behaviour) -> Answer:
    """The answer for an error of the org, in the form that the switches choose where real orgs differ."""
    payload: Any = error_payload(error)
    status = error.status
    if error.code == "INSUFFICIENT_ACCESS_OR_READONLY":
        status = behaviour.access_denied_status
    if status == 412 and error.code.startswith("ENTITY_FAILED"):
        payload = {"array": payload, "object": payload[0], "empty": None}[behaviour.precondition_body]
    return Answer(status, payload=payload)


def _nodes(routes: Iterable[Route]) -> list[_Node]:
    nodes: dict[str, _Node] = {}
    for route in routes:
        node = nodes.setdefault(route.pattern, _Node(route.pattern))
        assert route.method not in node.routes, f"{route.method} {route.pattern} is declared twice"
        node.routes[route.method] = route
    return sorted(nodes.values(), key=lambda node: node.specific)

"""A site over the stand-in org: called directly, or over a real socket."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from core.demo.control import Control
from core.demo.http.call import Answer, Call
from core.demo.http.edge import Edge, Protocol
from core.demo.http.routes import make_router
from core.demo.site import Site
from tests.unit.demo_http.stand_in import ADMIN_ID, StandInOrg

Ask = Callable[..., Answer]


@pytest.fixture
def org() -> StandInOrg:
    return StandInOrg()


@pytest.fixture
def site(org: StandInOrg, tmp_path: Path) -> Iterator[Site]:
    made = Site(org, tmp_path, make_router(), "https://127.0.0.1:1")  # type: ignore[arg-type]
    yield made
    made.close()
    org.store.connection.close()


@pytest.fixture
def ask(site: Site) -> Ask:
    """Call a handler as the admin: ask("GET", "/services/data/v65.0/limits", body, **headers)."""
    session = site.sessions.open(ADMIN_ID)

    def run(method: str, url: str, body: Any = None, **headers: str) -> Answer:
        parts = urlsplit(url)
        call = Call(
            site=site,
            method=method,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            body=body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode(),
            session=session,
        )
        return site.router.run(call)

    return run


class Wire:
    """A signed-in HTTP client of the served stand-in."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=20, **options)


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """The site on a real socket, plain HTTP, with its control interface under /control."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    pool = ThreadPoolExecutor(4)
    application = Starlette(
        routes=[Mount("/control", Control(site, pool).application()), Mount("/", Edge(site, site.router, pool))]
    )
    config = uvicorn.Config(
        application, http=Protocol, ws="none", loop="asyncio", lifespan="off", log_config=None,
        access_log=False, date_header=False, server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    client = Wire(site.url, site.sessions.open(ADMIN_ID).token)
    yield client
    client.session.close()
    server.should_exit = True
    thread.join(timeout=10)
    pool.shutdown()
    assert not thread.is_alive()

"""What every test gets unasked: a home of its own, no network but loopback, no keyring but its own, no loose ends.

Loaded as a plugin by tests/conftest.py; `tests/unit/test_strictness.py` proves that each guard bites. A test fails for
- a log record of WARNING or more that it did not announce by the `expected_log` fixture (helpers/logfail.py),
- a connection, a datagram or a name look-up beyond loopback (pytest-socket guards `connect` alone),
- a thread, other than a daemon, that outlives it,
- any Python or Qt warning (pyproject.toml).
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import keyring
import keyring.backend
import pytest

from tests.helpers.keyrings import FILE_VARIABLE, FileKeyring
from tests.helpers.logfail import LogWatch

# Grace for threads that were told to end as the test's last act. Generous, since it costs only failing tests.
THREAD_GRACE_SECONDS = 5.0
_MISSING_SOCKET_GUARDS = ("connect_ex", "sendto")
_counter = count()


class NetworkBlockedError(RuntimeError):
    """A test tried to reach beyond loopback."""


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # A zone that is neither UTC nor a whole number of hours away from it, so that a forgotten conversion shows.
    os.environ["TZ"] = "Asia/Kolkata"
    if hasattr(time, "tzset"):
        time.tzset()
    # Deadlines are timing assertions; the machine's load is not the test's subject.
    hypothesis.settings.register_profile("orgmirror", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("orgmirror")
    config.stash[_NETWORK] = guard_network()
    # Short, since paths of Unix sockets end at 108 characters.
    config.stash[_BASE] = Path(tempfile.mkdtemp(prefix="om-tests-"))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    for restore in config.stash.get(_NETWORK, []):
        restore()
    base = config.stash.get(_BASE, None)
    if base is not None:
        shutil.rmtree(base, ignore_errors=True)
    if config.stash.get(_STRAYS, []):
        # The failure is told; Python would now wait for these threads for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash.get(_EXIT_STATUS, 1) or 1)


_NETWORK = pytest.StashKey[list[Callable[[], None]]]()
_BASE = pytest.StashKey[Path]()
_EXIT_STATUS = pytest.StashKey[int]()
_STRAYS = pytest.StashKey[list[str]]()


# -- the world a test sees ----------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def isolated_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh user: HOME, the XDG folders and ORGMIRROR_HOME point into a folder of this test; returns that folder.

    Child processes inherit it. Nothing of the developer's proxy, CA or language settings comes through.
    """
    base = request.config.stash[_BASE] / str(next(_counter))
    folders = {
        "HOME": base,
        "XDG_DATA_HOME": base / "data",
        "XDG_CONFIG_HOME": base / "config",
        "XDG_CACHE_HOME": base / "cache",
        "XDG_STATE_HOME": base / "state",
        "XDG_RUNTIME_DIR": base / "run",
        "ORGMIRROR_HOME": base / "orgmirror",
    }
    for name, folder in folders.items():
        # The program makes its own home; that it does so, with the right mode, is for its tests to see.
        if name != "ORGMIRROR_HOME":
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("ORGMIRROR_PASSPHRASE", "LANGUAGE", "LC_ALL", "DISPLAY", "WAYLAND_DISPLAY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return base


@pytest.fixture(autouse=True)
def isolated_keyring(
    request: pytest.FixtureRequest, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[keyring.backend.KeyringBackend]:
    """The keyring in force, here and in child processes: a file beside the test's home.

    With the `keyring` marker it is the Secret Service of a real gnome-keyring, unlocked.
    """
    before = keyring.get_keyring()
    if request.node.get_closest_marker("keyring"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", request.getfixturevalue("secret_service"))
        from keyring.backends import SecretService

        backend: keyring.backend.KeyringBackend = SecretService.Keyring()  # type: ignore[no-untyped-call]
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    else:
        monkeypatch.setenv(FILE_VARIABLE, str(isolated_home / "test-keyring.json"))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.helpers.keyrings.FileKeyring")
        backend = FileKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


# -- no loose ends ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def expected_log() -> Iterator[Callable[..., None]]:
    """Announce a log record of WARNING or more: `expected_log("could not reach", logger="core.sync")`.

    The text is a regular expression searched in the message. An announced record that never comes fails the test too.
    """
    watch = LogWatch()
    with watch:
        yield watch.expect
    complaints = watch.complaints()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture(autouse=True)
def no_thread_left(request: pytest.FixtureRequest) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + THREAD_GRACE_SECONDS
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(max(0.0, end - time.monotonic()))
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        request.config.stash.setdefault(_STRAYS, []).extend(alive)
        pytest.fail(f"threads outlive the test: {', '.join(sorted(alive))}", pytrace=False)


# -- the network ---------------------------------------------------------------------------------------------------


def is_loopback(host: object) -> bool:
    """Whether `host`, as the socket module takes it, means this machine."""
    if host is None:
        return True
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def refuse_beyond_loopback(host: object) -> None:
    """Raise NetworkBlockedError unless `host` is this machine."""
    # Listening sockets are opened on the wildcard by some libraries; a bare wildcard reaches nobody.
    if not is_loopback(host) and host not in ("0.0.0.0", "::"):
        raise NetworkBlockedError(f"a test tried to reach {host!r}; tests stay on loopback")


def guard_network() -> list[Callable[[], None]]:
    """Close what pytest-socket leaves open with allowed hosts: name look-ups, connect_ex and datagrams."""
    restores: list[Callable[[], None]] = []

    def put(owner: Any, name: str, replacement: Any) -> None:
        original = getattr(owner, name)
        setattr(owner, name, replacement(original))
        restores.append(lambda: setattr(owner, name, original))

    def by_host(original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
            refuse_beyond_loopback(host)
            return original(host, *args, **kwargs)

        return guarded

    def by_address(original: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: socket.socket, *args: Any) -> Any:
            # The address is connect_ex's only and sendto's last argument; a path means a Unix socket.
            if args and isinstance(args[-1], tuple):
                refuse_beyond_loopback(args[-1][0])
            return original(self, *args)

        return guarded

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        put(socket, name, by_host)
    for name in _MISSING_SOCKET_GUARDS:
        put(socket.socket, name, by_address)
    return restores

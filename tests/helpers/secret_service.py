"""A real Secret Service for tests marked `keyring`: gnome-keyring-daemon, unlocked, on the suite's private bus."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_START_SECONDS = 20.0


@pytest.fixture(scope="session")
def secret_service() -> Iterator[None]:
    """Runs for the session; its data lie in a temporary folder. Skips where it cannot run, under CI it fails."""
    missing = _what_is_missing()
    if missing:
        # A suite that loses these tests on CI would still look green.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    folder = tempfile.mkdtemp(prefix="om-keyring-")
    environment = {
        **os.environ,
        "HOME": folder,
        "XDG_DATA_HOME": f"{folder}/data",
        "XDG_RUNTIME_DIR": f"{folder}/run",
    }
    (Path(folder) / "run").mkdir(mode=0o700)
    # --foreground keeps it our child, so that it can be ended by its id; the password comes on stdin.
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert daemon.stdin is not None
        daemon.stdin.write(b"test")
        daemon.stdin.close()
        _wait_until_served(daemon)
        yield
    finally:
        daemon.terminate()
        daemon.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _what_is_missing() -> str | None:
    if shutil.which("gnome-keyring-daemon") is None:
        return "no gnome-keyring-daemon here (Debian: gnome-keyring)"
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return "no session bus: run the suite by `make test`, or inside dbus-run-session"
    return None


def _wait_until_served(daemon: subprocess.Popen[bytes]) -> None:
    """Until the login collection is there, unlocked. Raises RuntimeError when the daemon dies or never serves."""
    import secretstorage
    from jeepney import message_bus
    from jeepney.io.blocking import Proxy

    connection = secretstorage.dbus_init()
    try:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if daemon.poll() is not None:
                raise RuntimeError(f"gnome-keyring-daemon ended with {daemon.returncode}")
            # Asking the service itself too early would make the bus start another, locked daemon.
            (served,) = Proxy(message_bus, connection).NameHasOwner("org.freedesktop.secrets")
            if served and not secretstorage.get_default_collection(connection).is_locked():
                return
            time.sleep(0.05)
    finally:
        connection.close()
    raise RuntimeError("gnome-keyring-daemon did not serve in time")

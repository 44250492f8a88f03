"""A real Secret Service for tests marked `keyring`: gnome-keyring-daemon, unlocked, on a session bus of its own.

Of its own, so that workers that run side by side do not lock each other's keyring.
"""

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
_PROGRAMS = {"dbus-daemon": "dbus", "gnome-keyring-daemon": "gnome-keyring"}


@pytest.fixture(scope="session")
def secret_service() -> Iterator[str]:
    """The address of the bus. Data lie in a temporary folder. Skips where it cannot run; under CI that fails."""
    missing = [f"{name} (Debian: {package})" for name, package in _PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        # A suite that loses these tests on CI would still look green.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not here: {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="om-keyring-"))
    (folder / "run").mkdir(mode=0o700)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        bus = subprocess.Popen(
            [
                "dbus-daemon",
                "--session",
                "--nofork",
                "--nopidfile",
                "--print-address=1",
                f"--address=unix:dir={folder}",
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        started.append(bus)
        assert bus.stdout is not None
        address = bus.stdout.readline().decode().strip()
        bus.stdout.close()
        # --foreground keeps it our child, so that it can be ended by its id; the password comes on stdin.
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            env={**environment, "DBUS_SESSION_BUS_ADDRESS": address},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(daemon)
        assert daemon.stdin is not None
        daemon.stdin.write(b"test")
        daemon.stdin.close()
        _wait_until_served(address, daemon)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_served(address: str, daemon: subprocess.Popen[bytes]) -> None:
    """Until the login collection is there, unlocked. Raises RuntimeError when the daemon dies or never serves."""
    import secretstorage
    from jeepney import message_bus
    from jeepney.io.blocking import Proxy, open_dbus_connection

    with open_dbus_connection(bus=address) as connection:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if daemon.poll() is not None:
                raise RuntimeError(f"gnome-keyring-daemon ended with {daemon.returncode}")
            # Asking the service itself too early would make the bus start another, locked daemon.
            (served,) = Proxy(message_bus, connection).NameHasOwner("org.freedesktop.secrets")
            if served and not secretstorage.get_default_collection(connection).is_locked():
                return
            time.sleep(0.05)
    raise RuntimeError("gnome-keyring-daemon did not serve in time")

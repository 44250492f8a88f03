"""Try a built OrgMirror folder the way a person would: `python packaging/smoke_test.py dist/orgmirror`.

Standard library only. It works in a home folder of its own, without a keyring, and stops whatever it started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

SYNC_SECONDS = 300
WINDOW_SECONDS = 60


class Failure(Exception):
    """What did not work."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__)
        return 2
    folder = Path(arguments[0]).resolve()
    program = folder / ("orgmirror.exe" if sys.platform == "win32" else "orgmirror")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder.name}: {size / 2**20:.0f} MiB")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="om-smoke-") as home:
        for step in (version, command_line, first_sync, second_sync, query, window):
            begun = time.monotonic()
            try:
                said = step(program, environment(home))
            except (Failure, subprocess.TimeoutExpired, OSError) as error:
                failed += 1
                print(f"FAILED  {step.__name__}: {error}")
            else:
                print(f"ok      {step.__name__} ({time.monotonic() - begun:.1f} s) {said}")
    return 1 if failed else 0


def environment(home: str) -> dict[str, str]:
    """A person's environment without display and Python, and with a keyring that refuses, so that none is touched."""
    drop = ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "ORGMIRROR_HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def run(program: Path, variables: dict[str, str], *arguments: str, seconds: float = 60) -> str:
    """The program's stdout; Failure with its last words when it did not end well."""
    done = subprocess.run(
        [str(program), *arguments],
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"{' '.join(arguments)} ended with {done.returncode}: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def version(program: Path, variables: dict[str, str]) -> str:
    return run(program, variables, "--version").strip()


def command_line(program: Path, variables: dict[str, str]) -> str:
    for arguments in (("--help",), ("sync", "--help"), ("status", "--json")):
        run(program, variables, *arguments)
    return ""


def first_sync(program: Path, variables: dict[str, str]) -> str:
    """The demo in the terminal: server, TLS, Bulk, SQLite, and the summary."""
    said = run(program, variables, "--demo", seconds=SYNC_SECONDS).strip().splitlines()
    if not said or "mirror.db" not in said[-1]:
        raise Failure(f"no summary: {said[-3:]}")
    return said[-2]


def second_sync(program: Path, variables: dict[str, str]) -> str:
    return run(program, variables, "--demo", seconds=SYNC_SECONDS).strip().splitlines()[-2]


def query(program: Path, variables: dict[str, str]) -> str:
    (status,) = json.loads(run(program, variables, "status", "--json"))
    counted = json.loads(run(program, variables, "query", status["name"], "SELECT COUNT(*) FROM Lead", "--json"))
    leads = counted["rows"][0][0]
    if not leads:
        raise Failure("no leads in the mirror")
    return f"{leads:,} leads"


def window(program: Path, variables: dict[str, str]) -> str:
    """The window on the offscreen platform: it lives until SIGTERM, then ends well."""
    if sys.platform == "win32":
        return "(not tried here: Windows has no SIGTERM to end it by)"
    started = subprocess.Popen(
        [str(program), "--demo"],
        env={**variables, "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(started, output.append), daemon=True)
    reader.start()
    try:
        time.sleep(8)
        if started.poll() is not None:
            raise Failure(f"it ended by itself with {started.returncode}: {b''.join(output)[-800:].decode()}")
        started.send_signal(signal.SIGTERM)
        code = started.wait(WINDOW_SECONDS)
    finally:
        if started.poll() is None:
            started.kill()
            started.wait()
    if code != 0:
        raise Failure(f"after SIGTERM it ended with {code}: {b''.join(output)[-800:].decode()}")
    return ""


def _drain(process: subprocess.Popen[bytes], keep: Callable[[bytes], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        keep(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

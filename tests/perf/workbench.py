"""What the benchmarks share: the machine's description, measured child processes, a folder that stays between runs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

ROOT = Path(__file__).resolve().parents[2]
BENCH_FOLDER = ROOT / ".bench"
MEASURE = Path(__file__).with_name("measure.py")


@dataclass(frozen=True, slots=True)
class Measured:
    """One child process: what it took, and what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    stdout: str


def measured(
    command: Sequence[str], *, limit: float, stdin: str = "", environment: Mapping[str, str] | None = None
) -> Measured:
    """Run `command` for `limit` seconds at most. Raises AssertionError with its last words when it fails."""
    with tempfile.TemporaryDirectory(prefix="om-bench-") as folder:
        out = Path(folder) / "measured.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(MEASURE), str(out), *command],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
            timeout=limit,
            check=False,
        )
        assert done.returncode == 0, f"{command[:3]} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        return Measured(**json.loads(out.read_text(encoding="utf-8")), stdout=done.stdout)


def machine() -> str:
    """One line that says on what the figures were measured."""
    cpu = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}"
    )


def put_table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print rows as aligned columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}\n{machine()}\n")
    for row in rows:
        first, *rest = (
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join((first, *rest)).rstrip())

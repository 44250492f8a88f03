"""Run a command and note its wall time, processor time and peak memory: `python -I measure.py OUT.json COMMAND …`.

A script of its own, because Linux counts the memory of whoever started a process into that process's peak: started
from pytest, a small program would seem to need pytest's 150 MB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    out, *command = arguments
    begun = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    result = {
        "seconds": time.monotonic() - begun,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        # Linux counts in KiB, macOS in bytes.
        "peak_mib": usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
    }
    Path(out).write_text(json.dumps(result), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run a command inside a D-Bus session bus of its own, where dbus-run-session is there; otherwise as it is.

Under CI there is no such otherwise: a suite that quietly lost its keyring tests would still look green.
"""

from __future__ import annotations

import os
import shutil
import sys


def main(command: list[str]) -> int:
    runner = shutil.which("dbus-run-session")
    if runner is not None:
        os.execv(runner, [runner, "--", *command])
    if os.environ.get("CI"):
        print("dbus-run-session is missing; the suite needs it here (Debian: dbus).", file=sys.stderr)
        return 1
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

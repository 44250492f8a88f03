"""What the built program runs; the same entry point as the `orgmirror` command."""

from __future__ import annotations

import sys

from gui.main import main

if __name__ == "__main__":
    sys.exit(main())

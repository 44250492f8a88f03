"""`python -m core.cli`: the command line without the window, and how the program starts the demo org."""

import signal
import sys

if __name__ == "__main__":
    try:
        # Before anything else is imported: a signal of the first moments ends in good order, too.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from core.cli import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(1)

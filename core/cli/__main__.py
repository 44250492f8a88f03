"""`python -m core.cli`: the command line without the window, and how the program starts the demo org."""

import sys

from core.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

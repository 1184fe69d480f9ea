"""`python -m reviewbot` and the installed command."""

import sys

from reviewbot.doors.cli import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

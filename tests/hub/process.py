"""The fake as a process of its own, for tests that kill what speaks to it.

    python -m hub.process --root FOLDER --pulls 4 --weather 7

makes a small repository with so many pull requests and prints one line of JSON: where the API is, the token, the
numbers. It runs until its standard input ends, so that it never outlives the test that started it.
"""

import argparse
import json
import sys
from pathlib import Path

from hub.faults import weather
from hub.server import HubServer
from hub.world import BOT, World

LINES = 60


def seeded(root: Path, pulls: int) -> World:
    """A world whose pull requests each change six places of one file and add another."""
    world = World(root)
    before = [b"line %d\n" % number for number in range(LINES)]
    base = world.commit((), {"app.py": b"".join(before)})
    world.branch("main", base)
    for number in range(pulls):
        after = [b"change %d of %d\n" % (at, number) if at % 10 == 5 else line for at, line in enumerate(before)]
        added = b"".join(b"new %d of %d\n" % (at, number) for at in range(LINES))
        world.open_pull("main", world.commit(base, {"app.py": b"".join(after), "new.py": added}))
    return world


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="an empty folder for the repository")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--prefix", default="", help="/api/v3 for GitHub Enterprise Server's addresses")
    parser.add_argument("--pulls", type=int, default=1)
    parser.add_argument("--weather", type=int, help="the seed of a bad day for all writes")
    asked = parser.parse_args()
    world = seeded(asked.root, asked.pulls)
    if asked.weather is not None:
        for method in ("POST", "PATCH"):
            world.faults.add(method, "^/repos/", weather(asked.weather), times=float("inf"))
    with HubServer(world, asked.prefix, asked.port) as hub:
        places = {"url": hub.url, "graphql_url": hub.graphql_url, "origin": hub.origin}
        sys.stdout.write(json.dumps({**places, "token": BOT, "pulls": sorted(world.pulls)}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()

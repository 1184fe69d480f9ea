"""Places for comments, worked out from real diffs, against GitHub's rules as the tests' fake has them. Goal: 0 refused.

Repositories of git's own making are changed at random: lines, files, names. Findings name lines of either side, in and
around hunks, over several of them, and where nothing is.
"""

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from hub.rejection import Rejection  # noqa: E402  the path above comes first
from hub.threads import NewPlace, check_place  # noqa: E402
from hub.world import World  # noqa: E402
from report.samples import finding  # noqa: E402

from reviewbot.change import parse_diff  # noqa: E402
from reviewbot.forge.anchors import anchor_of  # noqa: E402
from reviewbot.report import ReportFinding  # noqa: E402

FILES = 30
LINES = 120
A_WORLD = 2_500
"""Findings put to each pull request."""


def before(chance: random.Random) -> dict[str, bytes]:
    return {
        f"src/file {n}.py": b"".join(b"line %d\n" % chance.randrange(30) for _ in range(chance.randrange(LINES)))
        for n in range(FILES)
    }


def after(chance: random.Random, files: dict[str, bytes]) -> dict[str, bytes | None]:
    """Each file as it was, or changed here and there; some have gone, some have another name, some are new."""
    changed: dict[str, bytes | None] = {f"new {n}.py": b"new\n" * chance.randrange(20) for n in range(3)}
    for path, content in files.items():
        density = chance.choice([0, 0.02, 0.1, 0.4])
        lines = [part for line in content.splitlines(keepends=True) for part in edited(chance, line, density)]
        text = b"".join(lines)[: -1 if chance.random() < 0.1 else None]
        fate = chance.random()
        changed[path] = None if fate < 0.2 else text
        if fate < 0.1:
            changed[path.replace("src", "moved")] = text
    return changed


def edited(chance: random.Random, line: bytes, density: float) -> list[bytes]:
    if chance.random() >= density:
        return [line]
    return chance.choice([[], [b"changed\n"], [line, b"more\n"], [line.replace(b"\n", b"\r\n")]])


def anybody(chance: random.Random, paths: list[str]) -> ReportFinding:
    """A finding somewhere, not always where there is something."""
    line = chance.randrange(1, LINES + 10)
    start = chance.choice([None, line, max(1, line - chance.randrange(1, 30))])
    return finding(path=chance.choice(paths), side=chance.choice(["new", "old"]), start_line=start, line=line)


def put(chance: random.Random, root: Path, count: int) -> Counter[str]:
    """What the rules say of `count` findings on one pull request."""
    world = World(root)
    files = before(chance)
    base = world.commit((), files)
    world.branch("main", base)
    pull = world.open_pull("main", world.commit(base, after(chance, files)))
    diff = parse_diff(world.store.diff(base, pull.head_sha))
    paths = [file.path for file in diff.files] + [*files]
    told: Counter[str] = Counter()
    for _ in range(count):
        place = anchor_of(anybody(chance, paths), diff)
        if place is None:
            told["outside the diff"] += 1
            continue
        told["several lines" if place.start_line else "one line"] += 1
        try:
            check_place(world, pull, pull.head_sha, NewPlace(place.path, place.line, place.side, place.start_line))
        except Rejection as no:
            told["refused"] += 1
            print(place, no)
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50_000, help="places to be offered (50,000)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, told, began = random.Random(given.seed), Counter[str](), time.perf_counter()  # noqa: S311
    worlds = 0
    while told["one line"] + told["several lines"] < given.count:
        worlds += 1
        with TemporaryDirectory() as name:
            told += put(chance, Path(name), A_WORLD)
    offered = told["one line"] + told["several lines"]
    print(f"{offered:,} places in {worlds} pull requests ({told['several lines']:,} of several lines), ", end="")
    print(f"{told['outside the diff']:,} findings outside the diff, {time.perf_counter() - began:.0f} s")
    print(f"refused: {told['refused']} (goal: 0)")
    return 1 if told["refused"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Damages diffs and parses them: `python benchmarks/diff_mutants.py DIFF... [--count N]`, 100,000 if nothing is said.

Every mutant must parse or raise `BadDiff`, and what parses must have a file and no line number below 1. The same on
every run. Prints figures, and the first mutant that did neither; exit 1 on one.
"""

import argparse
import random
import sys
import time
from pathlib import Path

from reviewbot.change import parse_diff
from reviewbot.errors import BadDiff

ACCIDENTS = ("lose", "double", "swap", "shorten", "insert", "renumber", "cut")
BYTES = b'\0\t\r\x0b "+-@\\0129abz/,\xe9'
NUMBERS = b"0123456789+- ,@"


def mutant(data: bytes, rng: random.Random) -> bytes:
    """A copy with one to four accidents."""
    lines = data.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        line = lines[at]
        middle = rng.randint(0, len(line))
        match rng.choice(ACCIDENTS):
            case "lose" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[other])
            case "swap":
                lines[at], lines[other] = lines[other], line
            case "insert":
                lines[at] = line[:middle] + bytes([rng.choice(BYTES)]) + line[middle:]
            case "renumber":
                lines[at] = bytes(rng.choice(NUMBERS) if byte in b"0123456789" else byte for byte in line)
            case "cut":
                lines[at:] = [line[:middle]]
            case _:
                lines[at] = line[:middle]
    return b"\n".join(lines)


def parses(data: bytes) -> bool:
    """Whether `data` is taken for a diff. Raises AssertionError where what was taken does not hold together."""
    try:
        diff = parse_diff(data)
    except BadDiff:
        return False
    lines = (line for file in diff.files for hunk in file.hunks for line in hunk.lines)
    if not diff.files or any(0 in (line.old, line.new) for line in lines):
        raise AssertionError(data)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("diffs", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=100_000)
    asked = parser.parse_args()
    rng = random.Random(1)  # noqa: S311  the same mutants on every run
    diffs = [path.read_bytes() for path in asked.diffs]
    started, parsed = time.perf_counter(), 0
    for _ in range(asked.count):
        data = mutant(rng.choice(diffs), rng)
        try:
            parsed += parses(data)
        except Exception as error:  # noqa: BLE001  any exception but BadDiff is what we look for
            print(f"{error!r} for {data!r}")
            return 1
    seconds = time.perf_counter() - started
    print(f"{asked.count:,} mutants of {len(diffs)} diffs: {parsed:,} parse, the rest is refused  {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Hostile texts through the sanitiser: `python benchmarks/sanitiser.py [--texts N] [--seed N]`, a million at first.

Each is made of the forms in tests/report/hostility.py and read back with a CommonMark parser, as a block and as a line.
Goal: no image, foreign link, HTML, mention, reference, command or forged part of a page in any of them; and 1 MB of any
form in under a second. Prints what failed, at most ten of each; exit 1 if anything did.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from report.hostility import PIECES, hostile_texts  # noqa: E402  the path above comes first
from report.markdown_page import LISTS, faults  # noqa: E402

from reviewbot.report.safe import fence, inline, prose  # noqa: E402

SHOWN = 10
SECONDS = 1.0
WAYS: dict[str, tuple[Callable[[str], str], frozenset[str]]] = {
    "prose": (prose, LISTS | {"fence", "strong_open"}),
    "inline": (inline, frozenset()),
}


def harmful(texts: Iterator[str]) -> tuple[int, list[str]]:
    """How many texts were tried, and what was wrong with which."""
    wrong: list[str] = []
    tried = 0
    for text in texts:
        tried += 1
        for name, (way, allowed) in WAYS.items():
            if found := faults(way(text), allowed):
                wrong.append(f"{name}({text!r}): {found}")
    return tried, wrong


def slow() -> tuple[float, list[str]]:
    """The most seconds that a megabyte of one form took, and the forms that took too many."""
    worst, wrong = 0.0, []
    for piece in (piece for piece in PIECES if piece):
        text = piece * (1_000_000 // len(piece))
        for way in (prose, inline, fence):
            started = time.process_time()
            way(text)
            took = time.process_time() - started
            worst = max(worst, took)
            if took > SECONDS:
                wrong.append(f"{way.__name__} of 1 MB of {piece!r}: {took:.1f} s")
    return worst, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    started = time.process_time()
    tried, wrong = harmful(hostile_texts(asked.texts, asked.seed))
    print(f"{tried:,} texts in {time.process_time() - started:.0f} s: {len(wrong)} harmful")
    worst, late = slow()
    print(f"1 MB of each of {len(PIECES)} forms: {worst:.2f} s at most, {len(late)} above {SECONDS:.0f} s")
    print(*wrong[:SHOWN], *late[:SHOWN], sep="\n", end="")
    return 1 if wrong or late else 0


if __name__ == "__main__":
    sys.exit(main())

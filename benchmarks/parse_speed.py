"""Time and memory of `parse_diff` from 1 kB to 100 MB: `python benchmarks/parse_speed.py`.

Two shapes of lines a code base could hold: edits over many files and hunks, and one new file in one hunk. Each size is
parsed in a process of its own. Goals: 0.2 s/MB of processor time; at the peak 12 times the bytes of the diff, itself
among them; and no size twice as slow by the MB as any other from 1 MB up. A small diff is parsed until a MB is read;
its memory is shown but not judged: it is what the interpreter happens to take. Prints a table; exit 1 on a missed goal.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import parse_diff

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
JUDGED_FROM = 1_000_000
SECONDS_PER_MB, MEMORY, SLOWDOWN = 0.2, 12.0, 2.0
RSS_UNIT = 1024 if sys.platform == "linux" else 1
"""Bytes in a unit of `ru_maxrss`."""

HEADER = """\
diff --git a/shop/order_%(file)d.py b/shop/order_%(file)d.py
index 2e53fd2b4aa1c9a1c5f0d1f7c0a6b1d2e3f40516..acd85d3d1bb2c8b2d4e1c2e8d1b7a2c3d4e5f607 100644
--- a/shop/order_%(file)d.py
+++ b/shop/order_%(file)d.py
"""
EDIT = """\
@@ -%(old)d,9 +%(new)d,10 @@ class Order(Document):
     def total(self, currency: str = "EUR") -> Decimal:
         \"\"\"What the customer pays, with tax and shipping.\"\"\"
         lines = [line for line in self.lines if not line.cancelled]
-        subtotal = sum(line.price for line in lines)  # %(old)d
-        return subtotal + self.shipping
+        subtotal = sum((line.price * line.quantity for line in lines), Decimal(%(new)d))
+        discount = self.discount.apply(subtotal) if self.discount else Decimal(0)
+        return round(subtotal - discount + self.shipping, 2)
 %(nothing)s
     @property
     def paid(self) -> bool:
         return self.payment is not None
"""
ADDED = (
    '+    "%d": Rate(country="DE", percent=19),\n',
    "+}\n",
    "+\n",
    "+def rate_%d(country: str) -> Rate:\n",
    "+    return RATES[country]\n",
)
NEW_FILE = (
    "diff --git a/rates.py b/rates.py\nnew file mode 100644\nindex 0000000..2e53fd2\n--- /dev/null\n+++ b/rates.py\n"
)


class Measured(NamedTuple):
    seconds_per_mb: float
    memory: float
    """Bytes at the peak, above those of a process that has parsed nothing, for each byte of the diff."""


def edits(size: int) -> Iterator[str]:
    """Files of fifty hunks each."""
    written = number = 0
    while written < size:
        at = number % 50 * 100 + 1
        text = EDIT % {"old": at, "new": at + number % 50, "nothing": ""}
        if number % 50 == 0:
            text = HEADER % {"file": number // 50} + text
        yield text
        written, number = written + len(text), number + 1


def one_hunk(size: int) -> Iterator[str]:
    """One new file, however long."""
    average = sum(map(len, ADDED)) / len(ADDED)
    count = max(1, int(size / average))
    yield NEW_FILE + f"@@ -0,0 +1,{count} @@\n"
    yield from (line % number if "%" in line else line for number in range(count) for line in (ADDED[number % 5],))


SHAPES: dict[str, Callable[[int], Iterator[str]]] = {"edits": edits, "one hunk": one_hunk}


def parse(path: Path) -> None:
    """What the child does: parse one file, print seconds a MB and the peak of its memory by the byte."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = path.read_bytes()
    repeats = max(1, 1_000_000 // len(data))
    started = time.process_time()
    for _ in range(repeats):
        parse_diff(data)
    seconds = (time.process_time() - started) / repeats
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(seconds / (len(data) / 1e6), peak * RSS_UNIT / len(data))


def measure(lines: Iterator[str], folder: Path) -> Measured:
    path = folder / "measured.diff"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    command = [sys.executable, "-P", __file__, "--parse", str(path)]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return Measured(*map(float, printed.split()))


def missed(size: int, measured: Measured, others: list[Measured]) -> list[str]:
    """The goals that this size misses."""
    faults = ["time"] if measured.seconds_per_mb > SECONDS_PER_MB else []
    if size >= JUDGED_FROM and measured.memory > MEMORY:
        faults.append("memory")
    if size >= JUDGED_FROM and measured.seconds_per_mb > SLOWDOWN * min(other.seconds_per_mb for other in others):
        faults.append("linearity")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parse", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.parse:
        parse(asked.parse)
        return 0
    faults: list[str] = []
    print(f"{'shape':10} {'bytes':>12} {'s/MB':>8} {'memory':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for shape, lines in SHAPES.items():
            table = {size: measure(lines(size), Path(folder)) for size in SIZES}
            judged = [measured for size, measured in table.items() if size >= JUDGED_FROM]
            for size, measured in table.items():
                found = missed(size, measured, judged)
                faults += found
                memory = f"{measured.memory:7.1f}x" if size >= JUDGED_FROM else f"({measured.memory:.0f}x)".rjust(8)
                print(f"{shape:10} {size:12,} {measured.seconds_per_mb:8.3f} {memory}  {' '.join(found)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

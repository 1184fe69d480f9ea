"""How long the largest change takes until the first question is put: `python benchmarks/packing.py [FILES]`.

A diff of 10,000 files is made here (each a small new module, with a test for every fifth, a document for every tenth
and a lock file for every hundredth), parsed, read, planned and packed for two windows, in a process of its own. Every
changed line must stand in a part or be named. Exit 1 when a goal is missed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
GOAL_SECONDS, GOAL_MEGABYTES = 10.0, 500.0
KINDS = ((100, "area{0}/package{1}-lock.json"), (10, "docs/area{0}/page{1}.md"), (5, "tests/area{0}/test_m{1}.py"))
MODULE = (
    "def handle_{0}(order):\n    total = order.price * order.count\n    return charge(order.customer, total, {0})\n\n\n"
)


def many_files(count: int) -> bytes:
    """A diff as git prints it."""
    files = []
    for number in range(count):
        form = next((form for every, form in KINDS if number % every == 0), "src/area{0}/module{1}.py")
        path = form.format(number % 97, number)
        body = "".join(f"+{line}\n" for line in "".join(MODULE.format(number + n) for n in range(2)).splitlines())
        lines = body.count("\n")
        files.append(
            f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/{path}\n"
            f"@@ -0,0 +1,{lines} @@\n{body}"
        )
    return "".join(files).encode()


def measure(path: Path, most_lines: int) -> dict[str, float]:
    """In this process: from the bytes to the parts of two members, with windows of 200,000 and of 32,000 tokens."""
    began = time.perf_counter()
    from contextlib import nullcontext  # noqa: PLC0415  what is imported here is part of what a run costs

    from reviewbot.change import Change, parse_diff  # noqa: PLC0415
    from reviewbot.council import Invited, Member, Reply  # noqa: PLC0415
    from reviewbot.council.agenda import make_agenda  # noqa: PLC0415
    from reviewbot.council.reading import read_change  # noqa: PLC0415
    from reviewbot.settings import Budget, Operator  # noqa: PLC0415

    async def ask(_: object) -> Reply:
        return Reply(outcome="ok")

    settings = Operator(max_changed_lines=most_lines)
    council = [
        Invited(member=Member(name=f"m/{window}", family="m"), connect=lambda: nullcontext(ask), window=window)
        for window in (200_000, 32_000)
    ]
    change = Change(diff=parse_diff(path.read_bytes()))
    reading = read_change(change, settings)
    agenda = make_agenda(reading, settings, council, Budget(), with_tree=False)
    brief = agenda.brief(reading, reading.change, settings, key="k")
    row = {"files": float(len(change.diff.files)), "changed lines": float(change.diff.additions)}
    for invited in council:
        parts = brief.parts(invited)
        named = sum(gap.lines for gap in (*reading.gaps, *brief.not_shown(invited)))
        row[f"parts of {invited.member.name}"] = float(len(parts))
        row["lines lost"] = row.get("lines lost", 0.0) + change.diff.additions - named
        row["lines lost"] -= sum(part.diff.additions for part in parts)
    row["seconds"] = time.perf_counter() - began
    row["of these on a processor"] = time.process_time()
    row["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="?", type=int, default=10_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--most-lines", type=int, default=1_000_000, help="that a run reads")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.most_lines)))
        return 0
    with TemporaryDirectory() as folder:
        diff = Path(folder) / "many.diff"
        diff.write_bytes(many_files(given.files))
        command = [sys.executable, __file__, "--measure", str(diff), "--most-lines", str(given.most_lines)]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    goals = {"seconds": GOAL_SECONDS, "megabytes": GOAL_MEGABYTES, "lines lost": 0.0}
    print("| what | measured | goal |\n|---|---|---|")
    for what, value in row.items():
        print(f"| {what} | {value:,.2f} | {f'<= {goals[what]:g}' if what in goals else ''} |")
    return int(any(abs(row[what]) > goal for what, goal in goals.items()))


if __name__ == "__main__":
    sys.exit(main())

"""Every number step 1 promises, measured in one run: `python benchmarks/goals.py`.

Times are ratios or medians of several runs of the same machine in the same minute; the goals are DESIGN section 6.
Exit 1 when one is missed.
"""

import asyncio
import importlib
import json
import re
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from pydantic import SecretStr  # noqa: E402  the path above comes first
from stand_in import Answer, Request, StandIn  # noqa: E402

from reviewbot.change import Change, parse_diff  # noqa: E402
from reviewbot.council import Usage  # noqa: E402
from reviewbot.pipeline import review_change  # noqa: E402
from reviewbot.report import terminal  # noqa: E402
from reviewbot.settings import Operator, Policy  # noqa: E402
from reviewbot.wiring import seat_council  # noqa: E402

SDKS = ("anthropic", "openai", "google.genai", "httpx2", "pydantic", "rich", "unidiff", "ast_grep_py", "detect_secrets")
SECONDS = 2.0
FOUND = {
    "title": "The e-mail picks the account", "body": "A stranger is credited.", "severity": "high",
    "confidence": "likely", "category": "identity", "path": "billing/webhooks.py", "side": "new", "line": 29,
    "quote": "user = User.objects.get(email=email)", "fix": None,
    "assumption": {
        "system_a": "Stripe", "system_b": "Google sign-in", "relies_on": "one e-mail", "guaranteed_by": None,
        "breaks_when": "they differ", "ask": "which id do both keep?",
    },
}  # fmt: skip


def median_seconds(command: list[str], runs: int, cwd: Path) -> float:
    """Wall time of a whole process, the median of `runs` after one that warms the disk."""
    took = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=cwd)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def imported_by_help() -> set[str]:
    """Which heavy packages `--help` pays for."""
    command = [sys.executable, "-X", "importtime", "-m", "reviewbot", "--help"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stderr.splitlines()
    modules = {line.rpartition("|")[2].strip() for line in lines}
    return {name for name in SDKS if any(module == name or module.startswith(name + ".") for module in modules)}


def thirty_files(folder: Path) -> Path:
    """A diff of 30 new Python files of 60 lines each, as git prints it."""
    body = "".join(f"def f{n}(x):\n    y = x + {n}\n    return y\n\n\n" for n in range(12))
    for n in range(30):
        (folder / f"module_{n}.py").write_text(f'"""Module {n}."""\n\n{body}')
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], check=True, cwd=folder)
    diff = folder / "thirty.diff"
    diff.write_bytes(subprocess.run(["git", "diff", "--cached"], check=True, capture_output=True, cwd=folder).stdout)
    return diff


def answered(request: Request) -> Answer:
    """A finding for a lens, a verdict on each claim for a challenge; either takes 2 s from its first event."""
    claims = re.findall(r"c[0-9]+", request.question.rpartition("Verdicts for:")[2])
    verdicts = [
        {"claim": claim, "verdict": "unsure", "quote": None, "because": "no caller", "importance": 50, "same_as": []}
        for claim in claims
    ]
    answer = {"findings": [] if claims else [FOUND], "could_not_judge": [], "verdicts": verdicts}
    return Answer(json.dumps(answer), usage=Usage(input=1_000, cached=500, output=10), seconds=SECONDS)


def council_seconds() -> float:
    """Three members of three lenses and the challenge behind them, through the real SDKs on a loopback server."""
    change = Change(diff=parse_diff((ROOT / "examples" / "stripe-google-email.diff").read_bytes()))
    with ExitStack() as stack:
        server = stack.enter_context(StandIn())
        server.respond = answered
        operator = Operator(
            models=("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol", "google/gemini-4-argon"),
            keys=dict.fromkeys(("anthropic", "openai", "google"), SecretStr("k")),
            base_urls={"anthropic": server.url, "openai": server.url + "/v1", "google": server.url},
        )
        council = seat_council(operator, Policy())
        asyncio.run(review_change(change, operator, council))  # the SDKs' imports are paid here, once a process
        began = time.perf_counter()
        report = asyncio.run(review_change(change, operator, council))
        took = time.perf_counter() - began
    lenses = {seat.lens for seat in report.seats if seat.state == "ok"}
    if not report.complete or "challenge" not in lenses:
        raise SystemExit(f"a seat failed: {[(seat.member, seat.state, seat.detail) for seat in report.seats]}")
    return took


def rendering_seconds() -> float:
    """A report of 100 findings as coloured text."""
    samples = importlib.import_module("report.samples")
    report = samples.hundred()
    terminal.render(samples.council(), color=True, width=100)  # rich is imported here, once a process
    began = time.perf_counter()
    terminal.render(report, color=True, width=100)
    return time.perf_counter() - began


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        check = [sys.executable, "-m", "reviewbot", "check", "--offline", "--diff", str(thirty_files(folder))]
        rows = [
            ("`--help`, seconds", median_seconds([sys.executable, "-m", "reviewbot", "--help"], 9, ROOT), 0.1),
            ("heavy packages `--help` imports", float(len(imported_by_help())), 0),
            ("`check --offline`, 30 files, seconds", median_seconds(check, 5, folder), 1.0),
            ("3 lenses x 3 members and a challenge, 2 s each, seconds", council_seconds(), 1.05 * 2 * SECONDS + 0.3),
            ("100 findings on a terminal, seconds", rendering_seconds(), 0.2),
        ]
    print("| what | measured | goal |\n|---|---|---|")
    for what, measured, goal in rows:
        print(f"| {what} | {measured:.3f} | <= {goal:g} |{'' if measured <= goal else ' MISSED'}")
    speed = subprocess.run([sys.executable, str(ROOT / "benchmarks" / "parse_speed.py")], check=False)
    return 1 if speed.returncode or any(measured > goal for _, measured, goal in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

"""A review is posted once, whenever its process is killed (goal 2, THREATS G11).

The benchmark in a small form; CI runs it with 60 kills.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hub import contracts

pytestmark = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
STORM = Path(__file__).parents[2] / "benchmarks" / "posting_kills.py"


def storm(*words: str) -> tuple[int, int, int, str]:
    """The exit code, the kills, what is missing or doubled, and all that was printed."""
    environ = {**os.environ, "REVIEWBOT_TEST_PARTS": str(contracts.PARTS)}
    run = subprocess.run([sys.executable, str(STORM), *words], env=environ, capture_output=True, text=True, check=False)
    kills = re.search(r"^(\d+) kills", run.stdout, re.MULTILINE)
    wrong = re.search(r"^(\d+) missing or doubled", run.stdout, re.MULTILINE)
    assert kills, run.stderr
    assert wrong, run.stderr
    return run.returncode, int(kills[1]), int(wrong[1]), run.stdout


def test_kills_lose_nothing_and_double_nothing() -> None:
    code, kills, wrong, printed = storm("--kills", "3")
    assert (code, kills, wrong) == (0, 3, 0), printed


def test_the_same_storm_doubles_posts_where_nobody_waits_for_earlier_ones() -> None:
    """So the storm is one that could be lost: what holds above is the waiting."""
    code, _, wrong, _ = storm("--kills", "2", "--settle", "0", "--lag", "2")
    assert code == 1
    assert wrong > 0

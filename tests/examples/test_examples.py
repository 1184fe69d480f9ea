"""The diffs a newcomer tries: git takes them, we read them as git does, and the rules find what the page promises."""

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from reviewbot import review_change
from reviewbot.change import Diff, File, parse_diff
from reviewbot.report import Report
from reviewbot.settings import Operator
from reviewbot.sources.patch import read_patch
from reviewbot.wiring import RULES, seat_council

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGE = (EXAMPLES / "README.md").read_text("utf-8")
DIFFS = sorted(EXAMPLES.glob("*.diff"))
FOUND_BY_RULES = {
    "stripe-google-email": {("identity", "billing/webhooks.py", 29)},
    "money-rounding": {("money", "src/cart/total.ts", 5), ("money", "src/payments/pay.ts", 6)},
    "retry-without-idempotency": {("retries", "payout/client.go", 37)},
    "time-zones": {("time", "src/main/java/shop/seats/SeatHolds.java", 25)},
    "sql-and-secrets": {
        ("injection", "reports/orders.py", 16),
        ("secrets", "reports/export.py", 11),
        ("secrets", "reports/export.py", 12),
    },
    "harmless-refactor": set(),
    "contract-break": set(),
}
"""Category, path and line of everything the rules say; a reviewer who says more cries wolf."""

each_diff = pytest.mark.parametrize("path", DIFFS, ids=lambda path: path.stem)


def git_apply(*arguments: str, cwd: Path) -> str:
    """`git apply` in a plain folder, whatever the configuration and the repository around it."""
    around = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": str(cwd.parent)}
    words = ["git", "apply", *arguments]
    return subprocess.run(words, cwd=cwd, env=os.environ | around, check=True, capture_output=True, text=True).stdout


def write_before(diff: Diff, folder: Path) -> None:
    """The files as they were, as far as the diff shows them: an empty line stands for each one it does not show."""
    for file in diff.files:
        if file.old_path is None:
            continue
        old = {line.old: line.text for hunk in file.hunks for line in hunk.lines if line.old is not None}
        path = folder / file.old_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(old.get(number, "") + "\n" for number in range(1, max(old) + 1)), encoding="utf-8")


def new_lines(file: File) -> dict[int, str]:
    return {line.new: line.text for hunk in file.hunks for line in hunk.lines if line.new is not None}


def reviewed_by_rules(path: Path) -> Report:
    operator = Operator(models=(RULES,), offline=True)
    change = read_patch(path.read_bytes(), path.name)
    return asyncio.run(review_change(change, operator, seat_council(operator, change.policy)))


def test_the_page_lists_each_diff_once_and_the_email_one_first():
    listed = re.findall(r"^\| \[([a-z-]+)\]\(\1\.diff\)", PAGE, re.MULTILINE)
    assert listed[0] == "stripe-google-email"
    assert sorted(listed) == [path.stem for path in DIFFS] == sorted(FOUND_BY_RULES)


def test_the_page_says_which_diffs_the_rules_see():
    rows = re.findall(r"^\| \[([a-z-]+)\].*\| ([a-z, ]*)\|$", PAGE, re.MULTILINE)
    seen = {name for name, seen_by in rows if "rules" in seen_by}
    assert seen == {name for name, found in FOUND_BY_RULES.items() if found}


@each_diff
def test_an_example_is_small_enough_to_read(path):
    diff = parse_diff(path.read_bytes())
    assert 20 <= diff.additions + diff.deletions <= 90
    assert max(map(len, path.read_text("utf-8").splitlines())) <= 121


@each_diff
def test_an_example_is_read_as_git_reads_it(path, tmp_path):
    counted = [row.split("\t") for row in git_apply("--numstat", str(path), cwd=tmp_path).splitlines()]
    ours = [[str(file.additions), str(file.deletions), file.path] for file in parse_diff(path.read_bytes()).files]
    assert ours == counted


@each_diff
def test_an_example_applies_to_what_stood_before(path, tmp_path):
    diff = parse_diff(path.read_bytes())
    write_before(diff, tmp_path)
    git_apply(str(path), cwd=tmp_path)
    for file in diff.files:
        after = (tmp_path / file.path).read_text("utf-8").split("\n")
        assert {number: after[number - 1] for number in new_lines(file)} == new_lines(file)


@each_diff
def test_the_rules_find_what_the_page_promises_and_nothing_else(path):
    report = reviewed_by_rules(path)
    assert {(finding.category, finding.path, finding.line) for finding in report.findings} == FOUND_BY_RULES[path.stem]

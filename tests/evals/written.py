"""A suite as files: one small change, rows of our own about it, and a review of it."""

import json
from pathlib import Path
from typing import Any

from report.samples import finding, run_of, seat

from reviewbot.evals.model import Case, Golden
from reviewbot.report import Report, ReportFinding

DIFF = """\
diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -10,3 +10,4 @@ def pay(order):
     total = order.total
-    charge(order.card, total)
+    amount = round(total * 100)
+    charge(order.card, amount, currency=order.currency)
     log(total)
"""
TWIN = DIFF.replace("round(total * 100)", "minor_units(total, order.currency)")
DEFECT: dict[str, Any] = {
    "path": "pay.py", "side": "new", "start_line": 11, "line": 12, "severity": "high", "lens": "assumptions",
    "category": "units", "message": "The yen has no minor unit: 500 yen are charged as 50,000.",
    "between": ["the shop", "the card network"], "question": "Which currencies are sold in?",
}  # fmt: skip
ROW: dict[str, Any] = {
    "id": "charge-in-cents", "lens": "assumptions", "kind": "units", "language": "Python", "title": "Charge in cents",
    "body": "The new API wants them.", "diff": "diffs/charge.diff", "twin": "diffs/charge.twin.diff",
    "twin_is_right": "minor_units knows the currency.", "golden": [DEFECT],
}  # fmt: skip
CASE = Case(id="charge-in-cents", diff=DIFF, golden=(Golden.model_validate(DEFECT),), title=ROW["title"])


def write_suite(folder: Path, *rows: dict[str, Any], name: str = "suite.jsonl") -> Path:
    """The rows in a file, both diffs beside it."""
    (folder / "diffs").mkdir(parents=True, exist_ok=True)
    (folder / "diffs" / "charge.diff").write_text(DIFF)
    (folder / "diffs" / "charge.twin.diff").write_text(TWIN)
    return write_json(folder / name, *rows)


def write_json(path: Path, *rows: Any) -> Path:
    """JSON Lines; a name that ends in `.json` holds the one value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def yen(rank: int = 1, **more: object) -> ReportFinding:
    """A finding of the planted defect."""
    said = {
        "title": "Yen are charged a hundred times over", "body": "`round(total * 100)` is wrong without a minor unit.",
        "path": "pay.py", "start_line": 11, "line": 11, "lens": "assumptions", "category": "units",
        "quote": "amount = round(total * 100)",
    }  # fmt: skip
    return finding(rank, **(said | more))


def noise(rank: int = 2, **more: object) -> ReportFinding:
    """A finding of something else, at the end of the change."""
    said = {
        "title": "The log line leaks", "body": "Totals of customers stand in the log.", "path": "pay.py",
        "start_line": 13, "line": 13, "lens": "security", "category": "secrets", "quote": "log(total)",
    }  # fmt: skip
    return finding(rank, **(said | more))


def review(*findings: ReportFinding) -> Report:
    return run_of((seat(),), findings)

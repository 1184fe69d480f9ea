"""A small change and scripted voices, for the story from a change to a report: real rooms, no vendor."""

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

from reviewbot import review_change
from reviewbot.change import Change, parse_diff
from reviewbot.council import Call, Invited, Member, Outcome, Reply, Usage
from reviewbot.report import Report
from reviewbot.settings import Operator

DIFF = b"""diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -1,2 +1,4 @@
 import bank
-bank.pay(1)
+user = User.objects.get(email=payment.email)
+bank.pay(user)
+bank.pay(user)
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..3333333
Binary files /dev/null and b/logo.png differ
"""


def draft(title: str, body: str, quote: str, **facts: Any) -> dict[str, Any]:
    return {
        "title": title, "body": body, "severity": "high", "confidence": "likely",
        "category": "other", "path": "pay.py", "side": "new", "line": 2, "quote": quote, "fix": None,
        "assumption": None,
    } | facts  # fmt: skip


IDENTITY = draft(
    "The e-mail picks the account",
    "Anybody can type any address at the checkout, so `User.objects.get` credits a stranger.",
    "user = User.objects.get(email=payment.email)",
    category="identity",
)
TWICE = draft("The transfer runs again", "A second call of the bank moves the sum once more.", "bank.pay(user)")
LOST = draft("Nobody closes the file", "The handle leaks until the worker dies.", "open('x')")


def member(family: str, answers: Mapping[str, Iterable[dict[str, Any]] | Outcome], **facts: Any) -> Invited:
    """Somebody who says the same each time; a lens that answers with a word ends in that outcome."""

    async def ask(call: Call) -> Reply:
        said = answers.get(call.lens, ())
        if isinstance(said, str):
            return Reply(outcome=said, detail=f"{family}: {said}; try again")
        text = json.dumps({"findings": list(said), "could_not_judge": []})
        return Reply(outcome="ok", text=text, usage=Usage(input=100, cached=50, output=10))

    return Invited(member=Member(name=f"{family}/m", family=family), connect=lambda: nullcontext(ask), **facts)


def change(**facts: Any) -> Change:
    return Change(diff=parse_diff(DIFF), **facts)


async def report_of(*council: Invited, operator: Operator | None = None, of: Change | None = None) -> Report:
    return await review_change(of or change(), operator or Operator(), council)


def unsure(family: str, *, found: bool) -> Invited:
    """Somebody who could not judge pay.py, and found something there all the same, or not."""

    async def ask(_: Call) -> Reply:
        answer = {"findings": [TWICE] if found else [], "could_not_judge": [{"path": "pay.py", "why": "no caller"}]}
        return Reply(outcome="ok", text=json.dumps(answer))

    return Invited(member=Member(name=f"{family}/m", family=family), connect=lambda: nullcontext(ask))

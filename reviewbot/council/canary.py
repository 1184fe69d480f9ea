"""Whether a member still looks: small changes with a planted defect, and signs that answers are not about the change.

A member that says "nothing found" about everything is the one failure that looks like good news (THREATS L17). Knows
what was asked and answered; nothing of when, of how it is kept, or of who is told. Pure.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from reviewbot.change import Change, Diff, parse_diff
from reviewbot.council.answer import BadAnswer, read_answer
from reviewbot.findings import Draft

NEAR: Final = 2
"""Lines a finding may be off."""
MISSES: Final = 2
"""In a row, after which a member's silence means nothing."""
ALIKE: Final = 3
"""Pull requests for which the same findings, to the letter, are no chance."""
ECHOED: Final = 120
"""Characters of its instructions, in a row, that no answer holds by chance."""


class Canary(NamedTuple):
    """A change with one defect that nobody who reads it misses."""

    lens: str
    """Which of our lenses looks for it."""
    diff: str
    path: str
    line: int
    """Where the defect stands, on the new side."""
    mark: str
    """What only a quote of the faulty line holds."""

    @property
    def change(self) -> Change:
        return Change(diff=_parsed(self.diff))


CANARIES: Final = (
    Canary(
        lens="security",
        diff="""\
diff --git a/accounts/search.py b/accounts/search.py
index 4b1f0c2..9d27e61 100644
--- a/accounts/search.py
+++ b/accounts/search.py
@@ -11,7 +11,7 @@ def accounts_named(request, connection):
     name = request.query["name"]
     cursor = connection.cursor()
     cursor.execute(
-        "SELECT id, name FROM accounts WHERE owner = %s AND name = %s",
-        (request.user.id, name),
+        f"SELECT id, name FROM accounts WHERE name = '{name}'",
+        (),
     )
     return [Account(*row) for row in cursor.fetchall()]
""",
        path="accounts/search.py",
        line=14,
        mark="WHERE name = '{name}'",
    ),
    Canary(
        lens="assumptions",
        diff="""\
diff --git a/billing/charge.py b/billing/charge.py
index 1c9e3aa..77d0b14 100644
--- a/billing/charge.py
+++ b/billing/charge.py
@@ -21,7 +21,7 @@ def charge(gateway, order):
     # The payment gateway counts in whole cents.
     return gateway.create_charge(
         customer=order.gateway_customer,
-        amount=order.total_cents,
-        currency=order.currency,
+        amount=int(order.total_dollars),
+        currency=order.currency.lower(),
         idempotency_key=str(order.id),
     )
""",
        path="billing/charge.py",
        line=24,
        mark="order.total_dollars",
    ),
    Canary(
        lens="architecture",
        diff='''\
diff --git a/orders/history.py b/orders/history.py
index 5af2207..c03b9d8 100644
--- a/orders/history.py
+++ b/orders/history.py
@@ -5,5 +5,5 @@ from orders.model import Order
 def newest_first(orders):
     """The same orders, the one that was placed last at the beginning."""
-    return sorted(orders, key=lambda order: order.placed_at, reverse=True)
+    return sorted(orders, key=lambda order: order.placed_at)
 def last_order(orders):
     return newest_first(orders)[0]
''',
        path="orders/history.py",
        line=7,
        mark="key=lambda order: order.placed_at)",
    ),
)
"""Defects of three kinds, so that the same words do not find all of them."""


class Heard(NamedTuple):
    """What a member answered to a question about some pull request."""

    pull: tuple[int, int]
    """Repository and number."""
    text: str


def finds(text: str, canary: Canary) -> bool:
    """Whether the answer points at the planted defect, by its line or by quoting it. What cannot be read finds none."""
    try:
        drafts = read_answer(text).findings
    except BadAnswer:
        return False
    return any(_points_at(draft, canary) for draft in drafts)


def finds_any(text: str) -> bool:
    """As `finds`, where nobody knows any more which of the canaries was shown: their files are their own."""
    return any(finds(text, canary) for canary in CANARIES)


def doubt(found: Sequence[bool], heard: Iterable[Heard], orders: str) -> str:
    """Why this member's answers may mean nothing, in words for a person; empty where nothing says so.

    `found` tells of its last canaries, the newest first; `orders` is how what it is told begins, in every review.
    """
    if len(found) >= MISSES and not any(found[:MISSES]):
        return "missed a planted defect twice: its silence may mean nothing"
    answers = tuple(heard)
    if any(len(pulls) >= ALIKE for pulls in _by_text(answers).values()):
        return f"said the same, to the letter, of {ALIKE} pull requests: what it says may mean nothing"
    start = _squeezed(orders)[:ECHOED]
    echoes = {answer.pull for answer in answers if start and start in _squeezed(answer.text)}
    if len(echoes) >= MISSES:
        return "repeated its instructions instead of an answer: what it says may mean nothing"
    return ""


def _by_text(answers: Iterable[Heard]) -> dict[str, set[tuple[int, int]]]:
    """Of the answers that hold findings: that nothing was found may be said in the same words every time."""
    pulls: dict[str, set[tuple[int, int]]] = {}
    for answer in answers:
        if '"quote"' in answer.text:
            pulls.setdefault(answer.text.strip(), set()).add(answer.pull)
    return pulls


def _points_at(draft: Draft, canary: Canary) -> bool:
    here = draft.path.replace("\\", "/").endswith(canary.path)
    quotes = _squeezed(canary.mark) in _squeezed(draft.quote)
    return here and (quotes or abs(draft.line - canary.line) <= NEAR)


def _squeezed(text: str) -> str:
    return "".join(text.split())


@cache
def _parsed(text: str) -> Diff:
    return parse_diff(text.encode())

"""Reports for tests, built from the shared types: each a situation a person can meet."""

from reviewbot.council import State, Usage
from reviewbot.findings import Assumption
from reviewbot.report import (
    Challenge,
    NotCovered,
    Place,
    Report,
    ReportBudget,
    ReportChange,
    ReportCheck,
    ReportFinding,
    ReportSeat,
    Run,
    Spent,
    Voice,
)

CLAUDE, GPT, GEMINI, RULES = (
    "anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol", "google/gemini-4-argon", "rules/builtin",
)  # fmt: skip
FAMILIES = ("anthropic", "google", "openai")


def seat(member: str = CLAUDE, lens: str = "architecture", state: State = "ok", **more: object) -> ReportSeat:
    values: dict[str, object] = {
        "member": member, "family": member.split("/", maxsplit=1)[0], "lens": lens, "state": state, "detail": "",
        "findings": 1, "usage": Usage(input=1_204, cached=3_071, output=842), "usd": 0.0213, "seconds": 12.4,
    }  # fmt: skip
    return ReportSeat.model_validate(values | more)


def rules_seat(lens: str = "security", findings: int = 0) -> ReportSeat:
    return seat(RULES, lens, findings=findings, usage=Usage(), usd=0.0, seconds=0.1)


def finding(rank: int = 1, **more: object) -> ReportFinding:
    values: dict[str, object] = {
        "id": f"{rank:012x}", "rank": rank, "severity": "high", "probability": 0.7, "lens": "security",
        "category": "authorization", "title": "Refunds are not checked against the order's owner",
        "body": "Any signed-in customer can refund any order: the handler loads it by id alone.",
        "path": "shop/refunds.py", "side": "new", "start_line": 41, "line": 42,
        "quote": 'order = Order.objects.get(pk=request.POST["order"])\norder.refund()',
        "fix": "Load the order through the customer: request.user.orders.get(pk=...).", "assumption": None,
        "voices": (), "raised_by": FAMILIES, "asked": FAMILIES, "challenge": None, "placement": "inline",
        "reason": "raised by all 3 families asked, quotes the line",
    }  # fmt: skip
    return ReportFinding.model_validate(values | more)


def emblem(rank: int = 1) -> ReportFinding:
    """A payment that goes to whoever owns the e-mail address: raised by all, asked as a question."""
    title = "A payment is credited to whoever holds the payer's e-mail"
    body = (
        "The handler finds the account by the e-mail Stripe sends. Stripe takes that address from a form and never "
        "verifies it, so a payer who types somebody else's address pays into that account, and an account whose "
        "address changed at Google loses its payments.\n\nTo see it: pay with a second person's address in the "
        "checkout form; the credit appears on their account."
    )
    return finding(
        rank, severity="critical", lens="assumptions", category="identity", title=title, body=body,
        path="billing/webhooks.py", start_line=34, line=36,
        quote='customer_email = event["data"]["object"]["customer_details"]["email"]\n'
        "account = Account.objects.get(google_email__iexact=customer_email)\n"
        'account.credit(event["data"]["object"]["amount_total"])',
        fix="Put the account's id in the session when it is made (client_reference_id) and look it up by that.",
        assumption=Assumption(
            system_a="Stripe", system_b="Google sign-in", relies_on="the e-mail names the same person in both",
            guaranteed_by=None, breaks_when="the payer types an address that is not the one they sign in with",
            ask="Which id, stored at checkout, ties the payment to the account that pays?",
        ),
        voices=(
            Voice(member=CLAUDE, lens="assumptions", severity="critical", title=title, body=body),
            Voice(
                member=GPT, lens="security", severity="high", title="Account takeover of credit by unverified e-mail",
                body="An attacker can have the credit of others.",
            ),
            Voice(
                member=RULES, lens="assumptions", severity="high", body="E-mail joins two systems.",
                title="E-mail of an event is used to look up an account in another system, which does not verify it",
            ),
        ),
        raised_by=("anthropic", "openai", "rules"), asked=("anthropic", "google", "openai", "rules"),
        reason="raised by 3 of 4 families asked, quotes the line",
    )  # fmt: skip


def refuted(rank: int = 2) -> ReportFinding:
    return finding(
        rank, severity="medium", lens="architecture", category="error-handling", raised_by=("anthropic",),
        title="A second delivery of the event credits twice", start_line=38, line=38, path="billing/webhooks.py",
        quote='    PaymentEvent.objects.create(stripe_id=event["id"])',
        body="Stripe delivers events at least once. The event is stored after the credit, so a retry credits again.",
        fix='with atomic():\n    PaymentEvent.objects.create(stripe_id=event["id"])\n    account.credit(..)',
        challenge=Challenge(
            by="openai", verdict="refuted", importance=20,
            because="stripe_id is unique (line 12 of the migration) and both writes are in one transaction.",
        ),
        placement="summary", reason="one family of 3, refuted by another",
    )  # fmt: skip


def run_of(seats: tuple[ReportSeat, ...], findings: tuple[ReportFinding, ...] = (), **more: object) -> Report:
    usd = [one.usd for one in seats]
    values: dict[str, object] = {
        "change": ReportChange(
            repository=None, number=None, base_sha="8c1f02d96b1c4a43b5b0d2b7a5f0f60e7a31d5aa", head_sha=None, files=3,
            additions=62, deletions=4, tier="high", tier_reason="touches payments: billing/webhooks.py",
        ),
        "complete": all(one.state == "ok" for one in seats if one.lens != "challenge") and bool(seats),
        "seats": seats, "findings": findings,
        "not_covered": (),
        "spent": Spent(
            usd=None if None in usd else sum(one or 0 for one in usd), cached=sum(one.usage.cached for one in seats),
            input=sum(one.usage.input + one.usage.cached + one.usage.cache_written for one in seats),
            output=sum(one.usage.output for one in seats),
        ),
        "budget": ReportBudget(usd=1.0, tokens=None),
        "prompts": {"shared": "6f1c2d3e4f5a", "architecture": "0a1b2c3d4e5f", "security": "1b2c3d4e5f60"},
        "run": Run(
            id="01JD7Z3N", version="0.1.0", started="2026-11-21T10:15:00Z", seconds=14.2, policy_hash="3d4e5f607182",
        ),
    }  # fmt: skip
    return Report.model_validate(values | more)


def council() -> Report:
    """Three families and the rules: agreement, a refutation, dissent, a removed line, a withheld finding."""
    alone = finding(
        4, severity="low", title="The old amount check is gone", side="old", start_line=17, line=17,
        path="billing/amounts.py", quote="    assert amount > 0", fix=None, raised_by=("google",), lens="architecture",
        category="contract", body="Callers relied on this check; `credit` now accepts a negative amount.",
        placement="summary", reason="one family of 3, low",
    )  # fmt: skip
    hidden = finding(5, placement="withheld", title="Consider more logging", reason="below the policy's min_severity")
    lenses = ("architecture", "security", "assumptions")
    models = (seat(member, lens) for member in (CLAUDE, GPT, GEMINI) for lens in lenses)
    seats = (*models, rules_seat(), rules_seat("assumptions", 1))
    return run_of(seats, (emblem(), refuted(), finding(3), alone, hidden))


def challenged() -> Report:
    """A second hearing: one finding upheld, one doubted by its own family, one family that could not be asked."""
    upheld = Challenge(
        by="openai", verdict="upheld", importance=85, because="`account.credit` runs before the event is stored."
    )
    doubted = Challenge(by="anthropic", verdict="unsure", importance=30, because="The callers are not shown.")
    raised = {"raised_by": ("anthropic",), "asked": ("anthropic", "openai")}
    seats = (
        seat(), seat(GPT, findings=0), seat(GPT, "challenge", findings=0, usd=0.004, seconds=6.1),
        seat(GEMINI, "challenge", "unavailable", detail="no answer within 300 s; try again", findings=0,
             usage=Usage(), usd=0.0),
    )  # fmt: skip
    reason = "raised by 1 of 2 families asked, upheld by openai, quotes the line"
    findings = (finding(1, challenge=upheld, reason=reason, **raised), finding(2, challenge=doubted, **raised))
    notes = ("For the budget, no code around the change was shown.",)
    return run_of(seats, findings, notes=notes)


def failing() -> Report:
    """Every state a seat can end in, an unknown price, gaps."""
    states: tuple[tuple[State, str], ...] = (
        ("ok", ""), ("partial", "2 of 3 parts were answered: the last timed out; ask again"),
        ("truncated", "the answer was cut at 16,000 tokens; its first findings were kept"),
        ("refused", "the model declined to answer: I cannot help with that."),
        ("blocked", "the prompt was blocked (PROHIBITED_CONTENT)"),
        ("invalid", "there is no JSON object in the answer"),
        ("unavailable", "no answer within 300 s; try again, or seat another model"),
        ("over_budget", "would have cost up to $0.41 of the $0.12 left; raise --max-usd"),
        ("config_error", "the key was refused (401); set GEMINI_API_KEY"),
    )  # fmt: skip
    failed = {"findings": 0, "usage": Usage(), "usd": 0.0, "seconds": 3.0}
    seats = [
        seat((CLAUDE, GPT, GEMINI)[n % 3], "security", state, detail=detail, **({} if n < 3 else failed))
        for n, (state, detail) in enumerate(states)
    ]
    unpriced = seat("ollama/qwen4-coder:32b", "security", usd=None, usage=Usage(input=5_000, output=321))
    gaps = (
        NotCovered(path="assets/logo.png", lines=0, why="binary: git shows no text"),
        NotCovered(path="vendor/jquery.js", lines=10_872, why="ignored by the policy (vendor/**)"),
        NotCovered(path="vendor/d3.js", lines=1, why="ignored by the policy (vendor/**)"),
    )
    return run_of((*sorted(seats, key=lambda one: one.member), unpriced), (finding(),), not_covered=gaps)


def rules_alone() -> Report:
    budget = ReportBudget(usd=None, tokens=None)
    found = emblem().model_copy(update={"raised_by": ("rules",), "asked": ("rules",), "voices": ()})
    return run_of((rules_seat(), rules_seat("assumptions", 1)), (found,), budget=budget, prompts={})


def demonstration() -> Report:
    seats = tuple(
        seat("scripted/examples/council.json", lens, family=family, usd=0.0)
        for family in FAMILIES for lens in ("security", "assumptions")
    )  # fmt: skip
    return run_of(seats, (emblem(), refuted()))


def nothing_found() -> Report:
    return run_of(tuple(seat(lens=lens, findings=0) for lens in ("architecture", "security", "assumptions")))


def empty() -> Report:
    change = council().change.model_copy(update={"files": 0, "additions": 0, "deletions": 0, "tier_reason": ""})
    return run_of((), change=change)


def binary_only() -> Report:
    change = council().change.model_copy(update={"files": 2, "additions": 0, "deletions": 0})
    gaps = tuple(NotCovered(path=path, lines=0, why="binary: git shows no text") for path in ("a.png", "b.bin"))
    return run_of((), change=change, not_covered=gaps)


def hundred() -> Report:
    kinds = (emblem, refuted, finding)
    return run_of(council().seats, tuple(kinds[n % 3](n + 1) for n in range(100)))


def hostile(text: str) -> Report:
    """A report whose every free string is `text`, alone and behind a word."""
    found = emblem().model_copy(
        update={
            "lens": text, "category": text, "title": text, "body": f"{text}\n\n{text}", "path": f"a{text}",
            "quote": text, "fix": text, "reason": text, "raised_by": (text,), "asked": (text, "openai"),
            "voices": (Voice(member=text, lens=text, severity="low", title=f"x {text}", body=text),),
            "challenge": Challenge(by=text, verdict="refuted", importance=1, because=text),
            "evidence": (ReportCheck(check="symbol", holds=False, detail=text),),
            "see_also": (Place(id="x", path=text, line=1),),
            "assumption": Assumption(
                system_a=text, system_b=text, relies_on=text, guaranteed_by=text, breaks_when=text, ask=text,
            ),
        }
    )  # fmt: skip
    plain = found.model_copy(update={"rank": 2, "assumption": None})
    hidden = found.model_copy(update={"rank": 3, "placement": "withheld"})
    change = council().change.model_copy(update={"tier_reason": text, "repository": text})
    return run_of(
        (seat(text, text, family=text, detail=text),), (found, plain, hidden), change=change,
        not_covered=(NotCovered(path=text, lines=1, why=text),), prompts={text: text},
        run=Run(id=text, version=text, started=text, seconds=1.0, policy_hash=text),
    )  # fmt: skip


EVERY = {
    "council": council, "challenged": challenged, "failing": failing, "rules alone": rules_alone,
    "demonstration": demonstration,
    "nothing found": nothing_found, "empty": empty, "binary only": binary_only, "a hundred findings": hundred,
}  # fmt: skip
"""Every situation by name."""

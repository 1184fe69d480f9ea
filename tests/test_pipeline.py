"""The story from a change to a report, with scripted voices: real rooms, no vendor."""

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewbot import review_change
from reviewbot.change import Change, Diff, File, Hunk, parse_diff
from reviewbot.change.context import Hit
from reviewbot.council import Call, Invited, Member, Outcome, Reply, Usage
from reviewbot.council.model import Caching
from reviewbot.errors import BadInput, BadSettings
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord, dump_record
from reviewbot.report import Report
from reviewbot.settings import Budget, Operator, Policy, Rates, TierName

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


async def test_the_same_defect_in_two_voices_is_one_finding_with_both() -> None:
    report = await report_of(
        member("ada", {"assumptions": [IDENTITY]}),
        member("ben", {"assumptions": [IDENTITY | {"title": "Account picked by e-mail"}], "architecture": [TWICE]}),
    )
    assert [(f.rank, f.line, f.raised_by) for f in report.findings] == [(1, 2, ("ada", "ben")), (2, 3, ("ben",))]
    assert [voice.member for voice in report.findings[0].voices] == ["ada/m", "ben/m"]
    assert set(report.findings[1].asked) == {"ada", "ben"}
    assert report.complete


async def test_found_is_what_is_placed() -> None:
    report = await report_of(member("ada", {"architecture": [TWICE, TWICE, LOST], "security": [IDENTITY]}))
    assert sum(len(f.voices) for f in report.findings) == sum(seat.findings for seat in report.seats) == 4
    lost = next(f for f in report.findings if f.title == LOST["title"])
    assert (lost.line, lost.placement) == (None, "summary")


async def test_a_seat_that_failed_was_not_asked_and_the_report_is_not_complete() -> None:
    report = await report_of(member("ada", {"assumptions": [IDENTITY]}), member("ben", {"assumptions": "refused"}))
    assert report.findings[0].asked == ("ada",)
    assert not report.complete
    assert [seat.detail for seat in report.seats if seat.state == "refused"] == ["ben: refused; try again"]


async def test_what_nobody_can_read_is_named() -> None:
    report = await report_of(member("ada", {}))
    assert [(gap.path, gap.why) for gap in report.not_covered] == [("logo.png", "binary")]
    assert (report.change.files, report.change.additions, report.change.deletions) == (2, 3, 1)


async def test_with_nothing_to_read_nobody_is_asked_and_nothing_is_called_clean() -> None:
    binary = File(path="a.png", old_path=None, status="added", binary=True)
    report = await report_of(member("ada", {}), of=Change(diff=Diff(files=(binary,))))
    assert (report.seats, report.complete) == ((), False)


async def test_what_the_policy_ignores_altogether_is_no_failure_to_look() -> None:
    report = await report_of(member("ada", {}), of=change(policy=Policy(ignore=("*",))))
    assert (report.seats, report.complete, len(report.not_covered)) == ((), True, 2)


def unsure(family: str, *, found: bool) -> Invited:
    """Somebody who could not judge pay.py, and found something there all the same, or not."""

    async def ask(_: Call) -> Reply:
        answer = {"findings": [TWICE] if found else [], "could_not_judge": [{"path": "pay.py", "why": "no caller"}]}
        return Reply(outcome="ok", text=json.dumps(answer))

    return Invited(member=Member(name=f"{family}/m", family=family), connect=lambda: nullcontext(ask))


async def test_who_could_not_judge_a_file_does_not_dissent_about_it() -> None:
    report = await report_of(member("ada", {"security": [TWICE]}), unsure("ben", found=False), unsure("cy", found=True))
    assert report.findings[0].asked == ("ada", "cy")
    assert report.complete, "ada looked"


@pytest.mark.parametrize("others", [(), ("rules",)])
async def test_what_everybody_left_open_is_not_covered(others: tuple[str, ...]) -> None:
    rules = (member(family, {}, reads_prompts=False) for family in others)
    report = await report_of(unsure("ben", found=False), *rules)
    assert not report.complete, "rules leave nothing open"
    assert [(gap.path, gap.lines, gap.why) for gap in report.not_covered][-1] == ("pay.py", 4, "no caller")


async def test_a_category_on_no_list_is_other() -> None:
    report = await report_of(member("ada", {"security": [TWICE | {"category": "made up"}]}))
    assert report.findings[0].category == "other"


async def test_an_assumption_without_its_two_systems_is_not_put_at_the_line() -> None:
    report = await report_of(member("ada", {"assumptions": [TWICE | {"severity": "critical"}]}))
    assert (report.findings[0].placement, report.complete) == ("summary", True)
    assert "names no two systems" in report.findings[0].reason


async def test_an_empty_change_is_complete_without_a_question() -> None:
    report = await report_of(member("ada", {}), of=Change(diff=Diff(files=())))
    assert (report.seats, report.complete, report.not_covered) == ((), True, ())


async def test_a_change_that_does_not_fit_one_prompt_is_asked_about_in_parts() -> None:
    body = tuple(f"+line {n}" for n in range(900))
    files = tuple(
        File(path=f"{n}.py", old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),))
        for n in range(3)
    )
    small = Operator(max_prompt_tokens=7_000)
    record = await hear(Change(diff=Diff(files=files)), small, [member("ada", {"security": [TWICE]})])
    report = judge(record)
    assert (report.complete, report.not_covered) == (True, ())
    assert [seat.state for seat in report.seats if seat.lens != "challenge"] == ["ok"] * 3
    security = next(review for review in record.reviews if review.seat.lens == "security")
    assert [made.part for made in security.calls] == [0, 1, 2]
    assert len(security.drafts) == 3, "what each part brought"


async def test_what_the_budget_gave_up_is_a_note() -> None:
    priced = member("ada", {"security": [TWICE]}, rates=Rates(input=1, output=5))
    report = await report_of(priced, operator=Operator(budget=Budget(usd=0.06)))
    assert report.notes[:2] == (
        "For the budget, an answer had room for 8,000 tokens.",
        "For the budget, each model was asked all lenses in one question.",
    )
    assert [seat.lens for seat in report.seats] == ["all"]


def vendor(family: str, **dollars: float) -> list[Invited]:
    """A cheap, a usual and a strong model, at dollars for a million tokens in, and five times that out."""
    said = [TWICE | {"title": f"{family} says the transfer runs again"}]
    answers = {"security": said, "all": said}
    return [
        replace(
            member(family, answers, rates=Rates(input=usd, output=5 * usd), tiers=frozenset({tier})),
            member=Member(name=f"{family}/{tier}", family=family),
        )
        for tier, usd in dollars.items()
    ]


@pytest.mark.parametrize(
    ("tier", "usd", "families", "seated"),
    [
        ("high", 0.50, "abc", {"a/high", "b/standard", "c/high"}),
        ("standard", 0.10, "abc", {"a/low", "b/low", "c/low"}),
        ("standard", 0.15, "b", {"b/standard"}),
    ],
)
async def test_a_budget_above_the_price_buys_every_family_and_a_challenge(
    tier: TierName, usd: float, families: str, seated: set[str]
) -> None:
    vendors = {
        "a": vendor("a", low=0.1, standard=2.0, high=4.0),
        "b": vendor("b", low=0.1, standard=2.0, high=10.0),
        "c": vendor("c", low=0.75, standard=2.0, high=2.0),
    }
    council = [invited for family in families for invited in vendors[family]]
    record = await hear(change(), Operator(tier=tier, budget=Budget(usd=usd)), council)
    assert {review.seat.member.name for review in record.reviews if review.seat.lenses} == seated
    assert {review.state for review in record.reviews if review.seat.lenses} == {"ok"}
    assert any(review.seat.lens == "challenge" and review.attempts for review in record.reviews)
    assert 0 < record.spent.usd <= usd


async def test_where_little_is_at_stake_the_cheapest_model_is_asked_everything_in_one_question() -> None:
    dear, cheap = Rates(input=5, output=5), Rates(input=1, output=1)
    record = await hear(
        change(),
        Operator(tier="low"),
        [member("ada", {}, rates=dear), member("ben", {"all": [IDENTITY, TWICE]}, rates=cheap)],
    )
    (review,) = record.reviews
    assert (review.seat.member.name, review.seat.lenses) == ("ben/m", ("architecture", "security", "assumptions"))
    report = judge(RunRecord.model_validate_json(dump_record(record)))
    assert [(f.lens, f.asked) for f in report.findings] == [("assumptions", ("ben",)), ("architecture", ("ben",))]
    assert (report.change.tier, report.change.tier_reason) == ("low", record.stakes.reason)
    assert [seat.findings for seat in report.seats] == [2]


class Shelf:
    """A tree of a few files, in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def paths(self) -> Sequence[str]:
        return tuple(self.files)

    def read(self, *paths: str) -> Mapping[str, str]:
        return {path: self.files[path] for path in paths if path in self.files}

    def search(self, words: Sequence[str], near: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        del near
        return {
            word: [
                Hit(path, number, line)
                for path, text in self.files.items()
                for number, line in enumerate(text.split("\n"), start=1)
                if re.search(rf"\b{word}\b", line)
            ]
            for word in words
        }

    def stop(self) -> None:
        """Nothing of it takes time."""


class Slow(Shelf):
    """A tree that is read until somebody stops it."""

    def __init__(self) -> None:
        super().__init__({})
        self.stopped = threading.Event()

    def paths(self) -> Sequence[str]:
        assert self.stopped.wait(10)
        raise BadInput("git", "was stopped", "read less")

    def stop(self) -> None:
        self.stopped.set()


class Torn(Shelf):
    """A tree that cannot be read."""

    def paths(self) -> Sequence[str]:
        raise BadInput("git", "the objects are gone", "fetch them again")


PAY = "import bank\nuser = User.objects.get(email=payment.email)\nbank.pay(user)\nbank.pay(user)\n"


async def test_code_around_the_change_is_shown_to_models_and_told_from_what_is_under_review() -> None:
    prompts: list[Call] = []

    async def ask(call: Call) -> Reply:
        prompts.append(call)
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    settles = Change(diff=parse_diff(DIFF.replace(b"bank.pay", b"bank.settle")), policy=Policy(ignore=("vendor/*",)))
    bank = "def settle(user):\n    return transfer(user)\n"
    tree = Shelf({"pay.py": PAY.replace("pay(", "settle("), "bank.py": bank, "vendor/b.py": "def settle(): 1"})
    invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask))
    record = await hear(settles, Operator(), [invited], tree=tree)
    assert len({(call.rules, call.shown) for call in prompts}) == 1
    assert "--- bank.py (definition of settle, unchanged)\n1 def settle(user):\n2     return" in prompts[0].shown
    assert "is not under review" in prompts[0].rules
    assert "vendor" not in prompts[0].shown, "nobody is shown what the policy ignores"
    assert "context" in record.prompts
    assert record.notes == ()


async def test_a_cache_that_nobody_read_is_a_note() -> None:
    kept = {"caching": Caching(100, "begun")}
    report = await report_of(member("ada", {}, **kept), member("ben", {}), operator=Operator(challenged=0))
    assert report.notes == ()

    async def ask(_: Call) -> Reply:
        text = '{"findings": [], "could_not_judge": []}'
        return Reply(outcome="ok", text=text, usage=Usage(cache_written=2_000, input=100, output=10))

    pays_again = Invited(member=Member(name="cy/m", family="cy"), connect=lambda: nullcontext(ask), **kept)
    report = await report_of(pays_again, operator=Operator(challenged=0))
    assert report.notes == ("cy/m read nothing from its cache: 4,200 tokens were paid again.",)


async def test_who_answered_nothing_is_not_asked_to_refute() -> None:
    down = member("ada", dict.fromkeys(("architecture", "security", "assumptions"), "auth"))
    record = await hear(change(), Operator(), [down, member("ben", {"security": [TWICE]})])
    assert {r.seat.member.name for r in record.reviews if r.seat.lens == "challenge"} <= {"ben/m"}
    told = "One family answered, so its findings were challenged by the same model: ben/m."
    assert told not in record.notes, "it said nothing of them"
    record = await hear(change(), Operator(), [down])
    assert [r.seat.lens for r in record.reviews] == ["architecture", "security", "assumptions"]


async def test_a_vendor_that_is_down_ends_no_cheap_review_while_another_is_there() -> None:
    down, there = member("ada", {"all": "auth"}, rates=Rates(input=1, output=1)), member("ben", {"all": [TWICE]})
    rules = member("rules", {}, reads_prompts=False)
    report = judge(await hear(change(), Operator(tier="low"), [down, there, rules]))
    assert report.notes == ("ada/m did not answer, so ben/m was asked instead.",)
    assert [(seat.member, seat.lens, seat.state) for seat in report.seats if seat.family != "rules"] == [
        ("ada/m", "all", "config_error"), ("ben/m", "all", "ok"),
    ]  # fmt: skip
    assert sum(seat.family == "rules" for seat in report.seats) == 3, "rules are asked once"
    assert [finding.raised_by for finding in report.findings] == [("ben",)]


async def test_a_small_budget_shows_the_part_of_a_change_that_it_has_room_for() -> None:
    priced = member("ada", {}, rates=Rates(input=1, output=5))
    report = await report_of(
        priced, operator=Operator(budget=Budget(usd=0.034)), of=Change(diff=parse_diff(sixty_files()))
    )
    assert [(seat.lens, seat.state) for seat in report.seats] == [("all", "partial")]
    assert 0 < len({gap.path for gap in report.not_covered}) < 60
    assert report.seats[0].detail.count("may be needed") == 1, "each prompt that was not asked has its own amount"


async def test_a_tree_that_cannot_be_read_is_a_note_and_no_failure() -> None:
    record = await hear(change(), Operator(), [member("ada", {})], tree=Torn({}))
    assert judge(record).notes == ("No code around the change was shown: git: the objects are gone; fetch them again.",)
    rules_only = member("ada", {}, reads_prompts=False)
    assert (await hear(change(), Operator(), [rules_only], tree=Torn({}))).notes == (), "nobody would read it"


async def test_a_tree_that_takes_long_is_stopped_with_a_note() -> None:
    tree = Slow()
    record = await hear(change(), Operator(seconds=1), [member("ada", {})], tree=tree)
    assert record.notes == ("No code around the change was shown: it was not found within 0.1 seconds.",)
    assert record.reviews, "nobody waits for it"
    assert tree.stopped.is_set()


async def test_the_lenses_leave_time_for_the_challenge() -> None:
    seconds: list[float] = []

    async def ask(call: Call) -> Reply:
        seconds.append(call.seconds)
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask))
    await hear(change(), Operator(seconds=100), [invited])
    assert all(65 < left <= 70 for left in seconds)
    seconds.clear()
    await hear(change(), Operator(seconds=100, challenged=0), [invited])
    assert all(95 < left <= 100 for left in seconds)


def sixty_files() -> bytes:
    """A change of 236 kB."""
    function = (
        "+def f{}(order):\n+    total = order.price * order.count\n+    return charge(order.customer, total)\n+\n"
    )
    body = "".join(function.format(n) for n in range(38))
    lines = body.count("\n")
    return "".join(
        f"diff --git a/src/a{n}.py b/src/a{n}.py\nnew file mode 100644\n--- /dev/null\n+++ b/src/a{n}.py\n"
        f"@@ -0,0 +1,{lines} @@\n{body}"
        for n in range(60)
    ).encode()


@pytest.mark.parametrize(("window", "parts"), [(None, 1), (32_000, 7)])
async def test_a_large_change_is_covered_and_paid_for_little_more_than_once(window: int | None, parts: int) -> None:
    data, asked = sixty_files(), list[Call]()

    async def ask(call: Call) -> Reply:
        asked.append(call)
        call.started()
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    invited = Invited(
        member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask), window=window,
        caching=Caching(1_024, "begun"),
    )  # fmt: skip
    report = judge(await hear(Change(diff=parse_diff(data)), Operator(), [invited]))
    prefixes = {call.rules + call.shown for call in asked}
    fresh = sum(map(len, prefixes)) + sum(len(call.question) for call in asked)
    assert (report.complete, report.not_covered, len(asked), len(prefixes)) == (True, (), 3 * parts, parts)
    assert sum(prefix.count("+def f0(") for prefix in prefixes) == 60
    assert all(f"src/a{n}.py" in prefix for n in range(60) for prefix in prefixes)
    assert fresh <= 1.4 * len(data)


async def test_a_prompt_for_a_small_change_is_short() -> None:
    asked: list[int] = []

    async def ask(call: Call) -> Reply:
        asked.append(len(call.rules + call.shown + call.question))
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    example = Path(__file__).parents[1] / "examples" / "stripe-google-email.diff"
    invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask))
    await hear(Change(diff=parse_diff(example.read_bytes())), Operator(), [invited])
    assert len(asked) == 3
    assert max(asked) <= 4_500


async def test_a_run_reads_no_more_lines_than_the_operator_allows() -> None:
    report = await report_of(member("ada", {}), operator=Operator(max_changed_lines=3))
    assert not report.complete
    assert report.not_covered[-1].why == "beyond the 3 changed lines one run reads"
    assert report.not_covered[-1].path == "pay.py"


async def test_secrets_leave_this_machine_in_no_prompt_and_no_record() -> None:
    key = "AKIA" + "QX7ZWPNM3TRSVKLD"
    leak = DIFF.replace(b"bank.pay(user)\n", b'aws_access_key_id = "' + key.encode() + b'"\n', 1)
    prompts: list[str] = []

    async def ask(call: Call) -> Reply:
        prompts.append(call.rules + call.shown + call.question)
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask))
    record = await hear(Change(diff=parse_diff(leak), intent=f"Use {key}"), Operator(), [invited])
    assert len(prompts) == 3
    assert key not in "".join(prompts) + dump_record(record)
    assert "Use <SECRET:" in prompts[0], "what the author says stays, under the same names as in the diff"


async def test_an_endless_line_is_cut_and_said_to_be() -> None:
    endless = DIFF.replace(b"bank.pay(user)\n", b"bank.pay('" + b"x " * 15_000 + b"')\n", 1)
    report = await report_of(member("ada", {}), of=Change(diff=parse_diff(endless)))
    assert not report.complete
    assert [(gap.path, gap.lines) for gap in report.not_covered] == [("logo.png", 0), ("pay.py", 1)]


async def test_names_that_are_not_text_can_be_recorded() -> None:
    odd = DIFF.replace(b"a/logo.png b/logo.png", b'"a/logo\\377.png" "b/logo\\377.png"').replace(
        b"b/logo.png differ", b'"b/logo\\377.png" differ'
    )
    record = await hear(Change(diff=parse_diff(odd), description="b\udcff.diff"), Operator(), [member("ada", {})])
    assert "logo" in dump_record(record)
    assert judge(record).not_covered[0].path == r"logo\xff.png"


async def test_the_same_record_gives_the_same_report() -> None:
    record = await hear(change(), Operator(), [member("ada", {"security": [TWICE]}), member("ben", {})])
    read_again = RunRecord.model_validate_json(dump_record(record))
    assert judge(read_again).model_dump_json() == judge(record).model_dump_json()


async def test_lenses_are_the_operators_then_the_policys_choice() -> None:
    policy = Policy(lenses=("security",))
    assert [seat.lens for seat in (await report_of(member("ada", {}), of=change(policy=policy))).seats] == ["security"]
    operator = Operator(lenses=("assumptions",))
    report = await report_of(member("ada", {}), operator=operator, of=change(policy=policy))
    assert [seat.lens for seat in report.seats] == ["assumptions"]
    assert report.prompts.keys() == {"shared", "assumptions"}


async def test_an_unknown_lens_names_the_nearest() -> None:
    with pytest.raises(BadSettings, match=r"lens securty: there is no such lens; did you mean security\?"):
        await report_of(member("ada", {}), operator=Operator(lenses=("securty",)))


async def test_a_policy_narrows_the_budget_and_never_widens_it() -> None:
    operator = Operator(budget=Budget(tokens=50))
    for policy, tokens in ((Policy(budget=Budget(tokens=10)), 10), (Policy(budget=Budget(tokens=1_000_000)), 50)):
        report = await report_of(member("ada", {}), operator=operator, of=change(policy=policy))
        assert report.budget.tokens == tokens
        assert {seat.state for seat in report.seats} == {"over_budget"}
        assert report.notes[-1] == "For the budget, no model could be asked anything."


async def test_tokens_are_summed_and_an_unknown_price_is_unknown() -> None:
    report = await report_of(member("ada", {}))
    assert (report.spent.input, report.spent.cached, report.spent.output) == (450, 150, 30)
    assert report.spent.usd is None


async def test_ids_stay_when_the_code_moves() -> None:
    moved = DIFF.replace(b"@@ -1,2 +1,4 @@", b"@@ -41,2 +51,4 @@")
    first = await report_of(member("ada", {"security": [TWICE]}))
    later = await report_of(member("ada", {"security": [TWICE]}), of=Change(diff=parse_diff(moved)))
    assert [f.id for f in first.findings] == [f.id for f in later.findings]
    assert first.findings[0].line != later.findings[0].line

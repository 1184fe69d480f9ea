"""The council hears a change: who is asked what, what it is shown, and what is kept."""

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from pipeline.scene import DIFF, IDENTITY, TWICE, change, draft, member, report_of

from reviewbot.change import Change, Diff, File, Hunk, parse_diff
from reviewbot.change.context import Hit
from reviewbot.council import Call, Invited, Member, Reply, Usage
from reviewbot.council.model import Caching
from reviewbot.errors import BadInput, BadSettings
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord, dump_record
from reviewbot.settings import Budget, Operator, Policy, Rates, TierName


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
        self.stopped = threading.Event()

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

    def files_with(self, words: Sequence[str]) -> Mapping[str, Collection[str]]:
        assert not self.stopped.is_set()
        return {word: [path for path, text in self.files.items() if word in text] for word in words}

    def stop(self) -> None:
        self.stopped.set()


class Slow(Shelf):
    """A tree that is read until somebody stops it."""

    def __init__(self) -> None:
        super().__init__({})

    def paths(self) -> Sequence[str]:
        assert self.stopped.wait(10)
        raise BadInput("git", "was stopped", "read less")


class Endless(Shelf):
    """A tree whose names are looked up until somebody stops it."""

    def files_with(self, words: Sequence[str]) -> Mapping[str, Collection[str]]:
        assert self.stopped.wait(10)
        return dict.fromkeys(words, ())


class Torn(Shelf):
    """A tree that cannot be read."""

    def files_with(self, words: Sequence[str]) -> Mapping[str, Collection[str]]:
        raise BadInput("git", "the objects are gone", f"fetch them again: {words}")

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


GHOST = draft("`frobnicate` moves the sum twice", "No test for `frobnicate`.", "bank.pay(user)", fix="bank.pay( user )")


async def test_what_findings_name_is_looked_up_in_the_tree_and_kept_in_the_record() -> None:
    tree = Shelf({"pay.py": PAY})
    record = await hear(change(), Operator(), [member("ada", {"security": [GHOST]})], tree=tree)
    assert record.sightings == {"frobnicate": False, "frobnicate in tests": False}
    assert tree.stopped.is_set()
    report = judge(RunRecord.model_validate_json(dump_record(record)))
    assert report == judge(record)
    (found,) = report.findings
    assert [(one.check, one.holds) for one in found.evidence] == [
        ("quote", True), ("fix", False), ("absence", True),
    ]  # fmt: skip


async def test_names_are_looked_up_where_no_code_around_the_change_is_to_be_shown() -> None:
    alone = Operator(context_tokens=0)
    record = await hear(change(), alone, [member("ada", {"security": [GHOST]})], tree=Shelf({"pay.py": PAY}))
    assert record.sightings == {"frobnicate": False, "frobnicate in tests": False}


async def test_names_that_cannot_be_looked_up_decide_nothing() -> None:
    for tree in (None, Torn({"pay.py": PAY}), Endless({"pay.py": PAY})):
        record = await hear(change(), Operator(seconds=2), [member("ada", {"security": [GHOST]})], tree=tree)
        assert record.sightings == {}
        assert {one.check for finding in judge(record).findings for one in finding.evidence} == {"quote", "fix"}


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

    example = Path(__file__).parents[2] / "examples" / "stripe-google-email.diff"
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

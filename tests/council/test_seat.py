"""A seat over the parts of a change: what becomes of parts that are answered, cut, refused or too long."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import pytest

from reviewbot.change import Change, Diff, Gap, parse_diff
from reviewbot.council import Call, Invited, Ledger, Member, Outcome, Reply, Review, Seat, Usage
from reviewbot.council.brief import Brief, Part, call_of
from reviewbot.council.seat import MAX_FINDINGS, MOST_SPLITS, Hearing, PartHeard, hear_part, review_of
from reviewbot.settings import Budget

DRAFT = {
    "title": "t", "body": "b", "severity": "high", "confidence": "likely", "category": "other",
    "path": "a.py", "side": "new", "line": 1, "quote": "x", "fix": None, "assumption": None,
}  # fmt: skip
WHOLE = json.dumps({"findings": [DRAFT], "could_not_judge": [{"path": "b.py", "why": "its caller is not shown"}]})
COST = Usage(input=100, output=10)
FILE = "diff --git a/{0}.py b/{0}.py\n--- a/{0}.py\n+++ b/{0}.py\n@@ -1,8 +1,8 @@\n" + "-old = 1\n+new = 2\n" * 8
DIFF = parse_diff("".join(FILE.format(name) for name in "abcd").encode())
BRIEF = Brief(
    change=Change(diff=DIFF), rules="rules", schema={}, key="k" * 32, max_output_tokens=1_000, seconds=5.0
)  # fmt: skip
SEAT = Seat(member=Member(name="openai/gpt-6.1-sol", family="openai"), lens="security")


def says(text: str = WHOLE, outcome: Outcome = "ok", detail: str = "") -> Reply:
    return Reply(outcome=outcome, text=text, usage=COST, detail=detail, retry_after=0.01)


def part_of(number: int = 0, of: int = 1, diff: Diff = DIFF) -> Part:
    return Part(number, of, f"part {number}", diff, 1_000)


async def heard(respond: Callable[[Call], Reply], part: Part | None = None) -> tuple[PartHeard, list[Call]]:
    calls: list[Call] = []

    async def ask(call: Call) -> Reply:
        calls.append(call)
        return respond(call)

    def call(part: Part) -> Call:
        return call_of(BRIEF, part, question="q", lens="security", effort=None, cache=False, seconds=5.0)

    hearing = Hearing(brief=BRIEF, ledger=Ledger(Budget()), progress=lambda *_: None, deadline=time.monotonic() + 5)
    invited = Invited(member=SEAT.member, connect=lambda: nullcontext(ask))
    return await hear_part(part or part_of(), call, ask, invited=invited, hearing=hearing), calls


async def reviewed(replies: Sequence[Reply], not_shown: tuple[Gap, ...] = ()) -> Review:
    """The review of a seat whose change has one file a part, and whose parts are answered so."""
    parts = []
    for number, reply in enumerate(replies):
        part = part_of(number, len(replies), Diff(files=DIFF.files[number : number + 1]))
        parts.append((await heard(lambda _, reply=reply: reply, part))[0])
    return review_of(SEAT, parts, not_shown, seconds=1.234)


async def test_a_seat_of_several_parts_is_one_review_of_all_they_said_and_cost() -> None:
    review = await reviewed([says(), says()])
    assert (review.state, len(review.drafts), len(review.could_not_judge), review.attempts) == ("ok", 2, 2, 2)
    assert (review.usage, review.usd, review.seconds) == (COST + COST, pytest.approx(0.0006), 1.23)
    assert [made.part for made in review.calls] == [0, 1]
    assert review.raw == f"{WHOLE}\n{WHOLE}"


async def test_a_part_that_failed_is_a_gap_beside_the_others() -> None:
    review = await reviewed([says(), says("", "blocked", "the vendor's filter")])
    assert (review.state, len(review.drafts)) == ("partial", 1)
    assert review.not_covered == (Gap(path="b.py", lines=16, why="blocked: the vendor's filter"),)
    assert review.detail == "the vendor's filter"


async def test_a_seat_all_of_whose_parts_failed_looked_at_nothing_and_names_every_reason() -> None:
    review = await reviewed([says("", "refused", "no"), says("", "blocked", "filter"), says("", "refused", "no")])
    assert (review.state, review.detail, review.drafts, review.not_covered) == ("refused", "no; filter", (), ())


async def test_a_seat_with_a_cut_part_is_partial_and_one_of_cut_parts_alone_is_truncated() -> None:
    cut = says('{"findings": [' + json.dumps(DRAFT) + ", {", "cut", "cut at 1000")
    assert (await reviewed([says(), cut])).state == "partial"
    review = await reviewed([cut])
    assert (review.state, len(review.drafts), review.attempts) == ("truncated", 1, 2)


async def test_a_seat_that_was_not_shown_everything_is_partial() -> None:
    gap = Gap(path="z.py", lines=3, why="does not fit")
    review = await reviewed([says()], (gap,))
    assert (review.state, review.not_covered) == ("partial", (gap,))


async def test_a_seat_that_nothing_could_be_shown_to_looked_at_nothing() -> None:
    review = await reviewed([])
    assert (review.state, review.calls) == ("config_error", ())
    assert "larger window" in review.detail


async def test_a_flood_is_cut_and_said_to_be() -> None:
    flood = json.dumps({"findings": [DRAFT] * (MAX_FINDINGS + 300), "could_not_judge": []})
    review = await reviewed([says(flood)])
    assert (review.state, len(review.drafts)) == ("partial", MAX_FINDINGS)
    assert review.detail == "300 findings beyond the first 200 were not read"


async def test_one_unknown_price_makes_the_sum_unknown() -> None:
    unbilled, _ = await heard(lambda call: (call.started(), Reply(outcome="transient", retry_after=0.01))[1])
    billed, _ = await heard(lambda _: says())
    assert review_of(SEAT, [billed, unbilled], (), seconds=0.0).usd is None


async def test_a_part_that_is_too_long_is_asked_in_smaller_pieces_until_they_fit() -> None:
    too_long = says("", "too_long", "prompt is too long")

    def respond(call: Call) -> Reply:
        return too_long if call.shown.count("=== ") > 1 or call.shown == "part 0" else says()

    part, calls = await heard(respond)
    review = review_of(SEAT, [part], (), seconds=0.0)
    shown = [heard.part.diff for heard in part.heard]
    assert sorted(file.path for diff in shown for file in diff.files) == ["a.py", "b.py", "c.py", "d.py"]
    assert (review.state, len(review.drafts), review.attempts) == ("ok", 4, len(calls))
    assert review.usage.input == COST.input * len(calls), "what was found too long may have cost"


def test_a_seat_that_may_be_shown_nothing_is_not_told_to_grow() -> None:
    review = review_of(SEAT, [], (Gap(path="k.pem", lines=3, why="holds a private key"),), seconds=0.0)
    assert review.detail == "nothing of the change is shown to models: holds a private key"


async def test_a_part_no_piece_of_which_is_taken_ends_after_three_splits() -> None:
    part, calls = await heard(lambda _: says("", "too_long", "prompt is too long"))
    review = review_of(SEAT, [part], (), seconds=0.0)
    assert (review.state, review.detail) == ("config_error", "prompt is too long")
    assert 1 < len(calls) <= sum(3**splits for splits in range(MOST_SPLITS + 1))

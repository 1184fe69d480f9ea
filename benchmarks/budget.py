"""Whether a run, a pull request or a day can cost more than its budget: 1,000 random runs, and a vendor that counts.

Prices, members, changes and budgets are drawn at random, and so is what becomes of each call: whole, cut, broken off
before its bill, refused, limited, too long, no JSON. The vendor bills up to one token a byte, in the dearest way there
is, whether or not its reply says so. Pushes of a pull request come one after the other; two pull requests at a time
share the account of a day. Goal: what the vendor billed is never above a budget. Needs no key and no network.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from reviewbot.change import Change, parse_diff
from reviewbot.council import Brief, Call, Hearing, Invited, Lens, Member, Outcome, Reply, Usage, ask_council, budget
from reviewbot.council.budget import NOTHING_HELD, Hold, Resumed, run_ledger
from reviewbot.council.model import Caching
from reviewbot.council.plan import Plan, Sitting
from reviewbot.council.prices import FRAMING, cost, size_in_bytes
from reviewbot.record.spending import Day
from reviewbot.settings import Budget, Operator, Policy, Rates

LENSES = tuple(Lens(name=name, title=name, categories=(), text=f"Lens {name}.") for name in ("one", "two", "three"))
LISTED = ("anthropic/claude-sonnet-5-5", "anthropic/claude-haiku-5-5", "openai/gpt-6.1-sol", "google/gemini-4-argon")
FILE = "diff --git a/{0}.py b/{0}.py\n--- a/{0}.py\n+++ b/{0}.py\n@@ -1,{1} +1,{1} @@\n"
WHOLE = json.dumps({"findings": [], "could_not_judge": []})
ENDINGS: tuple[tuple[str, Outcome, str], ...] = (
    ("whole", "ok", WHOLE), ("whole", "ok", WHOLE), ("whole", "ok", WHOLE), ("no JSON", "ok", '{"findings": 7}'),
    ("cut", "cut", '{"findings": ['), ("refused", "refused", ""), ("limited", "rate", ""), ("dropped", "transient", ""),
    ("turned away", "transient", ""), ("too long", "too_long", ""),
)  # fmt: skip
FREE = {"limited", "turned away", "too long"}
CLOSE = 1e-9
"""Dollars that adding up in another order may differ by."""


class Caps(NamedTuple):
    run: Budget
    pull: Budget
    day: Budget


class Vendor:
    """All vendors of one day: they decide what becomes of a call and know what they bill."""

    def __init__(self, seed: int) -> None:
        self.chance, self._lock = random.Random(seed), Lock()  # noqa: S311  the same each time
        self.billed: dict[tuple[str, int], Hold] = {}
        """By pull request and push."""
        self.ends: Counter[str] = Counter()

    def answer(self, invited: Invited, call: Call, bill_to: tuple[str, int]) -> tuple[Reply, bool]:
        """The reply, and whether the answer began."""
        with self._lock:
            name, outcome, text = self.chance.choice(ENDINGS)
            self.ends[name] += 1
            usage = Usage() if name in FREE else self._used(call)
            tokens, usd = cost(invited, usage)
            self.billed[bill_to] = self.billed.get(bill_to, NOTHING_HELD) + Hold(tokens=tokens, usd=usd or 0.0)
            told = self.chance.choice((Usage(), usage.model_copy(update={"output": 1}))) if name == "dropped" else usage
        return Reply(outcome=outcome, text=text, usage=told, detail=name, retry_after=0.001), name not in FREE

    def _used(self, call: Call) -> Usage:
        most = size_in_bytes(call.rules, call.shown, call.question, str(call.schema)) + FRAMING
        prompt = self.chance.choice((most, self.chance.randint(most // 5, most)))
        output = self.chance.choice((call.max_output_tokens, self.chance.randint(0, call.max_output_tokens)))
        way = self.chance.choice(("input", "cached", "cache_written"))
        return Usage(**{way: prompt}, output=output)


class World(NamedTuple):
    """What the runs of a day share."""

    caps: Caps
    vendor: Vendor
    path: Path


def main() -> None:
    """Print what the runs came to; exit with 1 where one cost more than it might."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    budget.LOOK_AGAIN = 0.005  # calls take milliseconds here
    over, ends, runs, began = list[str](), Counter[str](), 0, time.monotonic()
    while runs < given.runs:
        seed = given.seed * 1_000_000 + runs
        made, counted, wrong = a_day(seed)
        runs, over = runs + made, over + wrong
        ends.update(counted)
    called = sum(count for name, count in ends.items() if not name.startswith("seat "))
    print(f"{runs} runs, {called} calls, {time.monotonic() - began:.0f} s")
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(ends.items())))
    print(f"overruns: {len(over)}")
    print("\n".join(over[:20]))
    sys.exit(1 if over or not ends["seat over_budget"] else 0)  # where nobody was refused, nothing was tried


def a_day(seed: int) -> tuple[int, Counter[str], list[str]]:
    """Two pull requests with up to three pushes each, at once: how many runs, how they ended, and what was too much."""
    chance, vendor = random.Random(seed), Vendor(seed)  # noqa: S311  the same each time
    caps = Caps(*(_budget(chance, scale) for scale in (1, 2, 3)))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
        path = Path(folder) / "spending.sqlite"
        pulls = [(name, random.Random(chance.random()), chance.randint(2, 3)) for name in ("one", "two")]  # noqa: S311
        ends = Counter[str]()
        world = World(caps, vendor, path)
        for counted in threads.map(lambda pull: a_pull(*pull, world), pulls):
            ends.update(counted)
    wrong = [f"seed {seed}: {what}" for what in too_much(vendor, caps)]
    return sum(pushes for _, _, pushes in pulls), ends + vendor.ends, wrong


def too_much(vendor: Vendor, caps: Caps) -> list[str]:
    """Each budget that was passed, by what the vendors billed."""
    pulls = {name for name, _ in vendor.billed}
    sums = [(f"run {which}", hold, caps.run) for which, hold in vendor.billed.items()]
    sums += [(f"pull {pull}", _sum(vendor, {pull}), caps.pull) for pull in pulls]
    sums += [("day", _sum(vendor, pulls), caps.day)]
    return [
        f"{what} cost {spent} of {cap}"
        for what, spent, cap in sums
        if (cap.tokens is not None and spent.tokens > cap.tokens)
        or (cap.usd is not None and spent.usd > cap.usd + CLOSE)
    ]


def _sum(vendor: Vendor, pulls: set[str]) -> Hold:
    return sum((hold for (pull, _), hold in vendor.billed.items() if pull in pulls), NOTHING_HELD)


def a_pull(name: str, chance: random.Random, pushes: int, world: World) -> Counter[str]:
    """The pushes of one pull request, one after the other, each told what those before it cost."""
    spent, ends = NOTHING_HELD, Counter[str]()
    for push in range(pushes):
        spent += asyncio.run(a_run(chance, (name, push), spent, world, ends))
    return ends


async def a_run(
    chance: random.Random, bill_to: tuple[str, int], pull_spent: Hold, world: World, ends: Counter[str]
) -> Hold:
    """One council over one change; what its ledger booked."""
    caps, vendor, path = world
    settings = Operator(budget=caps.run, pull_budget=caps.pull, max_output_tokens=chance.randint(1_000, 4_000))
    run = Resumed(id=f"{chance.getrandbits(128):032x}", pull_spent=pull_spent)
    accounts = () if caps.day == Budget() else (Day(path, caps.day, call_seconds=10.0),)
    ledger = run_ledger(settings, Policy(), run, accounts)
    brief = Brief(
        change=Change(diff=parse_diff(_diff(chance))), rules="Rules.", schema={"type": "object"}, key=run.id,
        max_output_tokens=settings.max_output_tokens, seconds=3.0, max_prompt_tokens=1_000,
    )  # fmt: skip
    members = [_member(chance, vendor, bill_to) for _ in range(chance.randint(1, 3))]
    hearing = Hearing(brief=brief, ledger=ledger, progress=lambda *_: None, deadline=time.monotonic() + brief.seconds)
    plan = Plan(sittings=tuple(Sitting(invited=one, lenses=LENSES) for one in members))
    ends.update(f"seat {review.state}" for review in await ask_council(plan, hearing))
    return ledger.spent


def _budget(chance: random.Random, scale: int) -> Budget:
    """None, of one kind, or of both: from too little for one call to plenty."""
    tokens, usd = int(scale * 10 ** chance.uniform(3.5, 5.5)), scale * 10 ** chance.uniform(-2.5, 0.5)
    return Budget(tokens=chance.choice((None, tokens)), usd=chance.choice((None, usd)))


def _diff(chance: random.Random) -> bytes:
    rows = [(n, chance.randint(1, 60)) for n in range(chance.randint(1, 6))]
    return "".join(FILE.format(f"f{n}", count) + "-old = 1\n+new = 2\n" * count for n, count in rows).encode()


def _member(chance: random.Random, vendor: Vendor, bill_to: tuple[str, int]) -> Invited:
    """Of the price list, at the operator's price, or of a price nobody knows."""
    kind, rates = chance.random(), None
    if kind < 0.6:
        prices = [10 ** chance.uniform(-1, 2) for _ in range(4)]
        rates = Rates(input=prices[0], output=prices[1], cached=prices[2], cache_written=prices[3])
    name = "box/nobody-knows" if rates or kind > 0.95 else chance.choice(LISTED)

    async def ask(call: Call) -> Reply:
        await asyncio.sleep(chance.choice((0.0, 0.001, 0.003)))
        reply, begun = vendor.answer(invited, call, bill_to)
        if begun:
            call.started()
        await asyncio.sleep(0)
        return reply

    caching = chance.choice((None, Caching(100, "begun")))
    invited = Invited(member=Member(name=name, family=name), connect=_connecting(ask), rates=rates, caching=caching)
    return invited


def _connecting(ask: Callable[[Call], Awaitable[Reply]]) -> Callable:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Callable[[Call], Awaitable[Reply]]]:
        yield ask

    return connect


if __name__ == "__main__":
    main()

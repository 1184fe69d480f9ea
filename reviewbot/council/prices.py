"""What calls cost, at the most before they are made and in fact from the usage in the reply.

Prices are the operator's own where one is set, else those of genai-prices, offline. A model neither knows has no price:
shown as unknown, never as nothing. Knows no budget.
"""

from math import ceil
from typing import Final, NamedTuple

from reviewbot.council.model import Call, Invited, Reply, Usage
from reviewbot.settings import Rates

BYTES_PER_TOKEN: Final = 3
"""An estimate on the safe side for code and diffs (PROVIDERS section 6); what is booked comes from usage alone."""
FRAMING: Final = 1_000
"""Tokens a vendor puts around a prompt: marks of the turns, and its own words about the schema."""
EXPECTED_OUTPUT: Final = 2_500
"""Tokens of a usual answer, thinking included; what an answer may take is far more."""
BATCH_SHARE: Final = 0.5
"""Of the list price, what all three vendors bill for a call in a batch (PROVIDERS section 7)."""


class Cost(NamedTuple):
    """Tokens of all kinds together, and dollars; None is a price nobody knows."""

    tokens: int
    usd: float | None

    def plus(self, other: "Cost") -> "Cost":
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(self.tokens + other.tokens, usd)


NO_COST = Cost(0, 0.0)


def size_in_bytes(*texts: str) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def estimate_tokens(*texts: str) -> int:
    """How many tokens a prompt takes, before anybody counted: for packing and plans, no bound."""
    return ceil(size_in_bytes(*texts) / BYTES_PER_TOKEN)


def worst_case(call: Call) -> Usage:
    """What no call uses more of: all of the prompt written to the vendor's cache, and all of the answer.

    A token stands for at least one byte, in every tokenizer: that alone is a bound. Code takes a third of it, but who
    writes a change chooses its bytes, and hashes or rows of digits come near one token a byte.
    """
    prompt = size_in_bytes(call.rules, call.shown, call.question, str(call.schema)) + FRAMING
    read = {"cache_written": prompt} if call.cache else {"input": prompt}
    return Usage(**read, output=call.max_output_tokens)


def worst_cost(invited: Invited, call: Call) -> Cost:
    """The dearest that a call can come to: a vendor need not do with its cache what it was asked to."""
    worst = worst_case(call)
    whole = worst.input + worst.cache_written
    ways = (Usage(**{name: whole}, output=worst.output) for name in ("input", "cached", "cache_written"))
    prices = [cost(invited, usage).usd for usage in ways]
    known = [usd for usd in prices if usd is not None]
    return Cost(whole + worst.output, max(known) if len(known) == len(prices) else None)


def expected_cost(
    invited: Invited, *, shared: int, own: int, questions: int = 1, output: int = EXPECTED_OUTPUT
) -> Cost:
    """What so many questions behind one shared prompt will usually come to. For plans: nothing is held by it.

    `shared` are the tokens in front of every question, `own` those of one question. Only the first pays for what is
    shared where the member's cache keeps it.
    """
    if not questions or not invited.reads_prompts:
        return NO_COST
    kept = invited.caching is not None and shared >= invited.caching.least and questions > 1
    first = Usage(cache_written=shared, input=own, output=output) if kept else Usage(input=shared + own, output=output)
    later = Usage(cached=shared, input=own, output=output) if kept else first
    total = Cost(0, 0.0)
    for usage in (first, *[later] * (questions - 1)):
        total = total.plus(cost(invited, usage))
    return total


def cost(invited: Invited, usage: Usage) -> Cost:
    """What a reply with this usage cost."""
    tokens = usage.input + usage.cached + usage.cache_written + usage.output
    usd = price(invited.member.name, usage, invited.rates)
    return Cost(tokens, None if usd is None else usd * invited.price_share)


def is_unbilled(reply: Reply, *, begun: bool) -> bool:
    """Whether nobody knows the bill, which may then be all that was held: an answer broke off, or came uncounted.

    Counts from before it broke off are not the bill: what was written since is missing from them.
    """
    return begun and (reply.outcome == "transient" or (bool(reply.text) and reply.usage == Usage()))


def price(member: str, usage: Usage, rates: Rates | None = None) -> float | None:
    """Dollars for the usage, by the operator's rates or at the vendor's list price today; None where unknown."""
    whole = usage.input + usage.cached + usage.cache_written
    if not whole and not usage.output:
        return 0.0
    if rates:
        return _by_rates(usage, rates)
    from genai_prices import Usage as Priced  # noqa: PLC0415  0.15 s, paid only when a model has answered
    from genai_prices import calc_price  # noqa: PLC0415

    vendor, _, model = member.partition("/")
    priced = Priced(
        input_tokens=whole,
        cache_read_tokens=usage.cached,
        cache_write_tokens=usage.cache_written,
        output_tokens=usage.output,
    )
    try:
        return float(calc_price(priced, model_ref=model, provider_id=vendor).total_price)
    except LookupError:
        return None


def _by_rates(usage: Usage, rates: Rates) -> float:
    read = rates.input if rates.cached is None else rates.cached
    written = rates.input if rates.cache_written is None else rates.cache_written
    millionths = usage.input * rates.input + usage.cached * read + usage.cache_written * written
    return (millionths + usage.output * rates.output) / 1_000_000

"""What calls cost. Room is reserved before a call at its worst case and settled from the usage in the reply.

Prices come from genai-prices, offline. A model it does not know has no price: shown as unknown, never as nothing.
"""

from math import ceil

from reviewbot.council.model import Call, Reply, Usage
from reviewbot.facts import Fact
from reviewbot.settings import Budget

BYTES_PER_TOKEN = 3
"""An estimate on the safe side for code and diffs (PROVIDERS section 6); what is booked comes from usage alone."""


def estimate_tokens(*texts: str) -> int:
    """How many tokens a prompt takes at most, before anybody counted."""
    return ceil(sum(len(text.encode("utf-8", "replace")) for text in texts) / BYTES_PER_TOKEN)


def worst_case(call: Call) -> Usage:
    """All of the prompt written to the vendor's cache, which is dearer than reading it, and all of the answer used."""
    prompt = estimate_tokens(call.rules, call.shown, call.question, str(call.schema))
    read = {"cache_written": prompt} if call.cache else {"input": prompt}
    return Usage(**read, output=call.max_output_tokens)


def is_unbilled(reply: Reply, *, begun: bool) -> bool:
    """Whether an answer began and broke off before its bill: it may have cost all that was held for it."""
    return begun and reply.outcome == "transient" and reply.usage == Usage()


def price(member: str, usage: Usage) -> float | None:
    """Dollars for the usage at the vendor's list price today; None where the model is not in the price list."""
    whole = usage.input + usage.cached + usage.cache_written
    if not whole and not usage.output:
        return 0.0
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


class Hold(Fact):
    """Room set aside for one call."""

    tokens: int
    usd: float


NOTHING_HELD = Hold(tokens=0, usd=0.0)


class Resumed(Fact):
    """A run that an earlier process began. Its questions are the same, byte for byte, where its id is the same."""

    id: str
    """Nobody can guess it: it fences the change in a prompt (THREATS S04)."""
    spent: Hold = NOTHING_HELD
    """What its calls have cost by now, with all that was held for those of which nobody knows what they cost."""


class Ledger:
    """What one run has spent and set aside. Spent and held together never pass the budget."""

    def __init__(self, budget: Budget, spent: Hold = NOTHING_HELD) -> None:
        """`spent` are the costs of earlier tries of the same run."""
        self._budget = budget
        self._tokens = spent.tokens
        self._usd = spent.usd

    def reserve(self, member: str, worst: Usage) -> Hold | str:
        """Sets aside the worst case of a call, or says in words why there is no room for it."""
        tokens, usd = worst.input + worst.cache_written + worst.output, price(member, worst)
        if self._budget.tokens is not None and self._tokens + tokens > self._budget.tokens:
            return f"{tokens:,} tokens may be needed, {max(0, self._budget.tokens - self._tokens):,} are left"
        if self._budget.usd is not None:
            if usd is None:
                return f"the price of {member} is not known, so the budget could not be kept"
            if self._usd + usd > self._budget.usd:
                return f"${usd:.4f} may be needed, ${max(0.0, self._budget.usd - self._usd):.4f} is left"
        hold = Hold(tokens=tokens, usd=usd or 0.0)
        self._tokens += hold.tokens
        self._usd += hold.usd
        return hold

    def settle(self, hold: Hold, member: str, usage: Usage) -> float | None:
        """Books what the reply says was used in place of what was held. Returns its dollars, None where unknown."""
        usd = price(member, usage)
        self._tokens += usage.input + usage.cached + usage.cache_written + usage.output - hold.tokens
        self._usd += (usd or 0.0) - hold.usd
        return usd

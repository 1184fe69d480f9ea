"""What calls cost: the list price, the operator's own, and bounds that hold whatever a vendor makes of a prompt."""

import pytest
from asking import a_call

from reviewbot.council import Invited, Member, Reply, Usage
from reviewbot.council.model import Caching
from reviewbot.council.prices import (
    BATCH_SHARE,
    FRAMING,
    Cost,
    cost,
    estimate_tokens,
    expected_cost,
    is_unbilled,
    price,
    size_in_bytes,
    worst_case,
    worst_cost,
)
from reviewbot.settings import Rates

SONNET = "anthropic/claude-sonnet-5-5"
RATES = Rates(input=1.0, output=2.0, cached=0.5, cache_written=4.0)


def member(name: str = SONNET, **facts: object) -> Invited:
    def connect() -> None:
        raise AssertionError("nobody is asked")

    return Invited(member=Member(name=name, family="x"), connect=connect, **facts)


def test_a_known_model_has_its_list_price() -> None:
    assert price(SONNET, Usage(input=1_000_000)) == pytest.approx(2.0)
    assert price(SONNET, Usage(cached=1_000_000)) == pytest.approx(0.1)
    assert price(SONNET, Usage(output=1_000_000, reasoning=900_000)) == pytest.approx(10.0)


@pytest.mark.parametrize("name", ["anthropic/claude-nobody-9", "ollama/qwen3", "openrouter/anthropic/claude-x"])
def test_an_unknown_model_has_no_price_until_the_operator_says_one(name: str) -> None:
    assert price(name, Usage(input=1)) is None
    assert price(name, Usage(input=1_000_000), RATES) == 1.0


def test_the_operators_rates_count_every_kind_of_token() -> None:
    used = Usage(input=1_000_000, cached=1_000_000, cache_written=1_000_000, output=1_000_000, reasoning=5)
    assert price(SONNET, used, RATES) == 1.0 + 0.5 + 4.0 + 2.0
    assert price(SONNET, used, Rates(input=1.0, output=2.0)) == 1.0 + 1.0 + 1.0 + 2.0


def test_what_used_no_token_costs_nothing_whoever_it_is() -> None:
    assert price("ollama/qwen3", Usage()) == 0.0


def test_a_long_prompt_pays_the_dearer_tier_for_all_of_it() -> None:
    luna = "openai/gpt-6-luna"
    below, above = price(luna, Usage(input=100_000)), price(luna, Usage(input=300_000))
    assert below is not None
    assert above == pytest.approx(2 * 3 * below)


def test_an_estimate_counts_bytes_not_characters() -> None:
    assert estimate_tokens("abc") == 1
    assert estimate_tokens("ééé", "a") == 3


def test_no_tokenizer_makes_more_tokens_than_bytes() -> None:
    call = a_call(shown="9" * 300 + "é€\ud800", cache=False)
    sent = size_in_bytes(call.rules, call.shown, call.question, str(call.schema))
    assert worst_case(call) == Usage(input=sent + FRAMING, output=16_000)
    assert worst_case(a_call(cache=True)).cache_written > 0


@pytest.mark.parametrize("name", [SONNET, "openai/gpt-4o", "google/gemini-4-argon", "openai/gpt-6-luna"])
@pytest.mark.parametrize("cache", [True, False])
def test_no_way_to_bill_a_prompt_is_dearer_than_the_worst_case(name: str, *, cache: bool) -> None:
    call, invited = a_call(cache=cache, shown="x" * 150_000), member(name)
    tokens, usd = worst_cost(invited, call)
    whole = tokens - call.max_output_tokens
    for way in ("input", "cached", "cache_written"):
        billed = cost(invited, Usage(**{way: whole}, output=call.max_output_tokens))
        assert usd is not None
        assert billed.tokens == tokens
        assert billed.usd is not None
        assert billed.usd <= usd


def test_rates_that_make_reading_dear_are_not_overlooked() -> None:
    odd = member(rates=Rates(input=1.0, output=0.0, cached=9.0))
    assert worst_cost(odd, a_call()).usd == pytest.approx(9e-6 * (worst_cost(odd, a_call()).tokens - 16_000))


def test_in_a_batch_a_call_is_reserved_and_booked_at_half_the_price() -> None:
    whole, usage = member(), Usage(input=1_000, cached=10, output=100)
    half = member(price_share=BATCH_SHARE)
    for price_of in (lambda one: worst_cost(one, a_call()).usd, lambda one: cost(one, usage).usd):
        assert price_of(half) == pytest.approx(price_of(whole) * 0.5)
    assert cost(member("ollama/x", price_share=BATCH_SHARE), usage).usd is None


def test_a_plan_reckons_with_a_cache_only_where_one_is_kept() -> None:
    kept = member(caching=Caching(1_000, "begun"))
    ask = {"shared": 10_000, "own": 500, "questions": 3, "output": 1_000}
    warm, cold, short = (
        expected_cost(kept, **ask),
        expected_cost(member(), **ask),
        expected_cost(kept, **{**ask, "shared": 900}),
    )
    assert warm.tokens == cold.tokens == 3 * 11_500
    assert warm.usd is not None
    assert cold.usd is not None
    assert warm.usd < cold.usd
    assert short == expected_cost(member(), **{**ask, "shared": 900})
    assert expected_cost(member("ollama/x"), **ask) == Cost(34_500, None)
    assert expected_cost(member(reads_prompts=False), **ask) == Cost(0, 0.0)


@pytest.mark.parametrize(
    ("reply", "begun", "unbilled"),
    [
        (Reply(outcome="transient"), True, True),
        (Reply(outcome="transient", usage=Usage(input=9, output=1)), True, True),
        (Reply(outcome="transient"), False, False),
        (Reply(outcome="cut", usage=Usage(output=1)), True, False),
        (Reply(outcome="ok", text="{}"), True, True),
        (Reply(outcome="blocked"), True, False),
    ],
)
def test_an_answer_that_broke_off_or_came_uncounted_has_no_bill(reply: Reply, *, begun: bool, unbilled: bool) -> None:
    assert is_unbilled(reply, begun=begun) == unbilled

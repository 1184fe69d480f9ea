"""Room is held at the worst case and given back: spent and held never pass the ceiling (THREATS L19)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.council import Ledger, Usage
from reviewbot.council.budget import Hold, estimate_tokens, price
from reviewbot.settings import Budget

SONNET = "anthropic/claude-sonnet-5-5"


def test_a_known_model_has_its_list_price() -> None:
    assert price(SONNET, Usage(input=1_000_000)) == pytest.approx(2.0)
    assert price(SONNET, Usage(cached=1_000_000)) == pytest.approx(0.1)
    assert price(SONNET, Usage(output=1_000_000, reasoning=900_000)) == pytest.approx(10.0)


@pytest.mark.parametrize("member", ["anthropic/claude-nobody-9", "ollama/qwen3", "openrouter/anthropic/claude-x"])
def test_an_unknown_model_has_no_price(member: str) -> None:
    assert price(member, Usage(input=1)) is None


def test_what_used_no_token_costs_nothing_whoever_it_is() -> None:
    assert price("ollama/qwen3", Usage()) == 0.0


def test_an_estimate_counts_bytes_not_characters() -> None:
    assert estimate_tokens("abc") == 1
    assert estimate_tokens("ééé", "a") == 3


def test_a_call_without_room_is_refused_in_words() -> None:
    ledger = Ledger(Budget(tokens=100))
    assert ledger.reserve(SONNET, Usage(input=60, output=50)) == "110 tokens may be needed, 100 are left"


def test_a_settled_call_gives_back_what_it_did_not_use() -> None:
    ledger = Ledger(Budget(tokens=100))
    hold = ledger.reserve(SONNET, Usage(input=50, output=50))
    assert isinstance(hold, Hold)
    assert isinstance(ledger.reserve(SONNET, Usage(input=1)), str)
    ledger.settle(hold, SONNET, Usage(input=20, output=5))
    assert isinstance(ledger.reserve(SONNET, Usage(input=75)), Hold)


def test_a_ceiling_in_dollars_keeps_out_members_of_unknown_price() -> None:
    assert "not known" in str(Ledger(Budget(usd=5.0)).reserve("ollama/qwen3", Usage(input=1)))


calls = st.tuples(st.integers(0, 40_000), st.integers(0, 40_000), st.floats(0, 1), st.booleans())


@given(st.integers(0, 200_000), st.lists(calls, max_size=12))
def test_spent_never_passes_the_ceiling(ceiling: int, wanted: list[tuple[int, int, float, bool]]) -> None:
    ledger, spent, held = Ledger(Budget(tokens=ceiling)), 0, []
    for tokens_in, tokens_out, share, at_once in wanted:
        hold = ledger.reserve(SONNET, Usage(input=tokens_in, output=tokens_out))
        if isinstance(hold, Hold):
            held.append((hold, Usage(input=tokens_in, output=int(tokens_out * share))))
        while held and at_once:
            hold, used = held.pop()
            ledger.settle(hold, SONNET, used)
            spent += used.input + used.output
        assert spent + sum(hold.tokens for hold, _ in held) <= ceiling

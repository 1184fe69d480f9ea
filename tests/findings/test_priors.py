"""What earlier reviews taught: it is bounded, it lowers nobody who is hardly known, and the best-liked voice speaks."""

import pytest
from findings.samples import finding
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reviewbot.findings import Cluster
from reviewbot.findings.model import Prior
from reviewbot.findings.priors import ENOUGH, MOST, interval, prior_shift

LIKED, DISLIKED = ("anthropic/model", "security"), ("google/model", "architecture")
COUNTS = st.integers(0, 2_000)
PRIORS = st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), st.tuples(COUNTS, COUNTS))


def prior(voice: tuple[str, str], wanted: int, unwanted: int) -> Prior:
    return Prior(member=voice[0], lens=voice[1], wanted=wanted, unwanted=unwanted)


def raised_by(*voices: tuple[str, str]) -> Cluster:
    said = (finding().model_copy(update={"member": member, "lens": lens}) for member, lens in voices)
    return Cluster(findings=tuple(said))


@given(PRIORS, st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy")), min_size=1))
def test_no_record_however_bad_or_good_weighs_more_than_its_bound(known, voices) -> None:
    priors = [prior(voice, *counts) for voice, counts in known.items()]
    shift = prior_shift(raised_by(*voices), priors)
    assert -MOST <= shift <= MOST
    if any(sum(known.get(voice, (0, 0))) < ENOUGH for voice in voices):
        assert shift >= 0


@given(COUNTS, COUNTS)
def test_who_is_not_known_or_known_alone_is_neither_raised_nor_lowered(wanted: int, unwanted: int) -> None:
    assert prior_shift(raised_by(("new/model", "security")), [prior(LIKED, wanted, unwanted)]) == 0
    assert prior_shift(raised_by(LIKED), [prior(LIKED, wanted, unwanted)]) == pytest.approx(0, abs=1e-9)
    assert prior_shift(raised_by(LIKED), ()) == 0


@pytest.mark.parametrize(("judged", "lowered"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_a_voice_is_lowered_from_its_hundredth_unwanted_finding_on(judged: int, *, lowered: bool) -> None:
    priors = [prior(LIKED, 900, 100), prior(DISLIKED, 0, judged)]
    assert prior_shift(raised_by(DISLIKED), priors) == (-MOST if lowered else 0)


def test_a_finding_is_taken_at_the_word_of_its_best_liked_voice() -> None:
    priors = [prior(LIKED, 180, 20), prior(DISLIKED, 20, 180)]
    assert prior_shift(raised_by(LIKED, DISLIKED), priors) == MOST == 0.5
    assert prior_shift(raised_by(DISLIKED), priors) == -MOST
    assert prior_shift(raised_by(DISLIKED, ("new/model", "security")), priors) == 0


def test_a_few_events_weigh_little_and_many_weigh_more() -> None:
    others = prior(DISLIKED, 50, 50)
    few, some = (prior_shift(raised_by(LIKED), [others, prior(LIKED, n, 0)]) for n in (2, 6))
    assert (few, some) == (pytest.approx(0.179, abs=1e-3), pytest.approx(0.448, abs=1e-3))
    assert prior_shift(raised_by((LIKED[0], "architecture")), [others, prior(LIKED, 50, 0)]) == 0


@pytest.mark.parametrize(
    ("wanted", "unwanted", "low", "high"),
    [(0, 0, 0.025, 0.975), (7, 3, 0.3903, 0.8907), (0, 10, 0.0023, 0.2849), (900, 100, 0.8798, 0.9171)],
)
def test_an_interval_is_that_of_the_beta_distribution(wanted: int, unwanted: int, low: float, high: float) -> None:
    assert interval(wanted, unwanted) == pytest.approx((low, high), abs=1e-4)
    assert interval(unwanted, wanted) == pytest.approx((1 - high, 1 - low), abs=1e-4)


def test_an_interval_of_many_events_costs_no_more_than_one_of_few() -> None:
    low, high = interval(500_000_000, 500_000_000)
    assert high - low == pytest.approx(2 * 1.96 * 0.5 / 1e9**0.5, rel=1e-4)


@pytest.mark.parametrize("count", [-1, 10**10])
def test_nobody_received_less_than_nothing_or_more_than_anybody_reads(count: int) -> None:
    for counts in ((count, 0), (0, count)):
        with pytest.raises(ValidationError):
            prior(LIKED, *counts)

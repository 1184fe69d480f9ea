import pytest
from findings.samples import finding

from reviewbot.findings import Cluster
from reviewbot.findings.model import Verdict
from reviewbot.findings.verdicts import UNPROVEN, heard, refuted_by, shift_of, told_alike, upheld_elsewhere, word_of

RAISED = {"a": frozenset({"anthropic"}), "b": frozenset({"openai"}), "c": frozenset({"anthropic"})}


def verdict(by: str = "google", word: str = "upheld", importance: int = 80, **more: object) -> Verdict:
    values: dict[str, object] = {
        "about": "a", "by": by, "member": f"{by}/model", "verdict": word, "because": "so", "importance": importance,
        "quote": "x = 1", "quote_stands": True,
    }  # fmt: skip
    return Verdict.model_validate(values | more)


def problem(*verdicts: Verdict) -> Cluster:
    """Raised by anthropic."""
    return Cluster(findings=(finding(),), verdicts=verdicts)


def test_a_refutation_without_a_line_of_the_change_is_a_doubt() -> None:
    assert word_of(verdict(word="refuted", quote_stands=False)) == "unsure"
    assert word_of(verdict(word="refuted")) == "refuted"
    assert refuted_by(problem(verdict(word="refuted", quote_stands=False))) == ()


def test_nobody_asked_is_no_verdict_and_moves_nothing() -> None:
    assert heard(()) is None
    assert shift_of(problem()) == 0


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (("upheld", "upheld", "refuted"), "upheld"),
        (("refuted", "refuted", "upheld"), "refuted"),
        (("upheld", "refuted"), "unsure"),
        (("upheld", "unsure", "refuted"), "unsure"),
    ],
)
def test_several_families_come_to_the_word_of_most(words: tuple[str, ...], word: str) -> None:
    said = [verdict(f"family-{n}", one, importance=30 * n) for n, one in enumerate(words)]
    hearing = heard(said)
    assert hearing is not None
    assert (hearing.verdict, hearing.importance) == (word, 15 * (len(words) - 1))


def test_a_family_that_was_asked_twice_is_one_voice() -> None:
    twice = [verdict("google", "refuted", 0, about="a"), verdict("google", "refuted", 0, about="b")]
    hearing = heard([*twice, verdict("openai", "upheld", 100)])
    assert hearing == (("google", "openai"), "unsure", 50)


def test_the_shift_grows_with_the_rating_and_with_the_word() -> None:
    shifts = [
        shift_of(problem(verdict(word=word, importance=importance)))
        for word in ("refuted", "unsure", "upheld")
        for importance in (0, 50, 100)
    ]
    assert shifts[0] < shifts[3] < shifts[6] < 0 < shifts[8]
    assert all(shifts[n] < shifts[n + 1] < shifts[n + 2] for n in (0, 3, 6))


def test_without_a_line_no_rating_lowers_more_than_the_word_of_a_refutation() -> None:
    for word in ("unsure", "refuted", "upheld"):
        assert shift_of(problem(verdict(word=word, importance=0, quote_stands=False))) == UNPROVEN
        assert shift_of(problem(verdict(word=word, importance=0))) < UNPROVEN
    assert shift_of(problem(verdict(quote_stands=False))) == shift_of(problem(verdict()))


def test_a_model_that_takes_back_what_it_raised_doubts_it() -> None:
    own, sister = (verdict("anthropic", "refuted", member=f"anthropic/{name}") for name in ("model", "another"))
    assert refuted_by(problem(own)) == ()
    assert refuted_by(problem(sister)) == ("anthropic",)


def test_who_raised_it_counts_half_and_earns_it_nothing() -> None:
    own, another = problem(verdict("anthropic")), problem(verdict("google"))
    assert shift_of(own) == shift_of(another) / 2 > 0
    assert (upheld_elsewhere(own), upheld_elsewhere(another)) == ((), ("google",))


@pytest.mark.parametrize("more", [{"importance": 59}, {"quote_stands": False}, {"verdict": "unsure"}])
def test_a_comment_is_earned_only_by_proof_of_something_wanted(more: dict[str, object]) -> None:
    assert upheld_elsewhere(problem(verdict(**more))) == ()


def test_where_the_change_directs_its_reviewers_a_verdict_only_raises() -> None:
    assert shift_of(problem(verdict(word="refuted", importance=0)), only_up=True) == 0
    assert shift_of(problem(verdict()), only_up=True) == shift_of(problem(verdict())) > 0


@pytest.mark.parametrize(
    ("said", "pairs"),
    [
        ([verdict("google", same_as=("b",))], (("a", "b"),)),
        ([verdict("openai", same_as=("b",))], ()),
        ([verdict("openai", same_as=("b",)), verdict("anthropic", about="b", same_as=("a",))], (("a", "b"),)),
        ([verdict("openai", same_as=("b",)), verdict("openai", about="b", same_as=("a",))], ()),
        ([verdict("anthropic", same_as=("c",))], (("a", "c"),)),
        ([verdict("google", same_as=("a", "nowhere"))], ()),
    ],
    ids=["raised neither", "gains by it", "both sides", "one side twice", "its own two", "names that are none"],
)
def test_two_problems_are_one_by_a_word_that_counts(said: list[Verdict], pairs: tuple[tuple[str, str], ...]) -> None:
    assert told_alike(said, RAISED) == pairs

import pytest
from report.samples import CLAUDE, FAMILIES, GPT, emblem, finding, refuted

from reviewbot.report import Challenge, Voice, Word
from reviewbot.report.dissent import challenged, other_wordings, silent, voiced
from reviewbot.report.dissent import refuted as is_refuted


def test_a_family_that_was_asked_and_did_not_raise_it_dissents():
    found = finding(raised_by=("google",))
    assert silent(found) == ("anthropic", "openai")
    assert voiced(found) == "google; anthropic and openai were asked and did not raise it"


def test_a_family_that_was_not_asked_does_not_dissent():
    found = finding(raised_by=("google",), asked=("google",))
    assert silent(found) == ()
    assert voiced(found) == "google, the only one asked"


def test_silence_is_no_dispute():
    assert not is_refuted(finding(raised_by=("google",)))
    assert voiced(finding()) == "anthropic, google and openai"
    assert voiced(finding(raised_by=("rules",), asked=())) == "rules"


def test_a_refutation_is_a_dispute_whoever_agreed():
    found = refuted().model_copy(update={"raised_by": FAMILIES})
    assert is_refuted(found)
    assert challenged(found).startswith("refuted by openai, which raised it itself: stripe_id is unique")
    assert challenged(refuted()).startswith("refuted by openai: stripe_id is unique")


def test_an_upheld_or_unsure_challenge_is_told_and_is_no_dispute():
    upheld = finding(challenge=Challenge(by="mistral", verdict="upheld", importance=80, because="it is so."))
    unsure = finding(challenge=Challenge(by="google", verdict="unsure", importance=30, because="not in view."))
    assert challenged(upheld) == "upheld by mistral (importance 80 of 100): it is so."
    assert challenged(unsure) == "google is unsure, which raised it itself (importance 30 of 100): not in view."
    assert not is_refuted(upheld)
    assert not is_refuted(unsure)
    assert challenged(finding()) == ""


@pytest.mark.parametrize(
    ("words", "outcome", "said"),
    [
        (
            (("anthropic", "upheld"), ("openai", "refuted")), "unsure",
            ["refuted by openai: so", "upheld by anthropic (importance 9 of 100): so", "both raised it themselves"],
        ),
        (
            (("anthropic", "refuted"), ("google", "refuted"), ("openai", "upheld")), "refuted",
            ["refuted by anthropic and google: so", "upheld by openai (importance 9 of 100): so",
             "all raised it themselves"],
        ),
        (
            (("anthropic", "upheld"), ("mistral", "upheld")), "upheld",
            ["upheld by mistral and anthropic (importance 9 of 100): so."],
        ),
    ],
)  # fmt: skip
def test_families_of_one_word_are_told_together_strangers_to_the_finding_first(words, outcome, said):
    told = tuple(Word(by=by, verdict=verdict, importance=9, because="so.") for by, verdict in words)
    by = " and ".join(by for by, _ in words)
    challenge = Challenge(by=by, verdict=outcome, importance=90, because="all of it", words=told)
    assert challenged(finding(challenge=challenge)).split("; ") == said


def test_what_rules_alone_found_nobody_else_was_silent_about():
    """No model is shown a redacted value."""
    assert silent(finding(raised_by=("rules",), asked=("anthropic", "rules"))) == ()


def test_the_wording_a_finding_carries_is_not_said_again():
    assert [voice.member for voice in other_wordings(emblem())] == [GPT, "rules/builtin"]


def test_two_voices_with_the_same_words_are_two_voices():
    same = Voice(member=CLAUDE, lens="security", severity="high", title=finding().title, body=finding().body)
    assert [said.title for said in other_wordings(finding(voices=(same, same)))] == [same.title]

from report.samples import CLAUDE, FAMILIES, GPT, emblem, finding, refuted

from reviewbot.report import Challenge, Voice
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
    assert challenged(found).startswith("refuted by openai: stripe_id is unique")


def test_an_upheld_or_unsure_challenge_is_told_and_is_no_dispute():
    upheld = finding(challenge=Challenge(by="google", verdict="upheld", importance=80, because="it is so."))
    unsure = finding(challenge=Challenge(by="google", verdict="unsure", importance=30, because="not in view."))
    assert challenged(upheld) == "upheld by google: it is so."
    assert challenged(unsure) == "google is unsure: not in view."
    assert not is_refuted(upheld)
    assert not is_refuted(unsure)
    assert challenged(finding()) == ""


def test_the_wording_a_finding_carries_is_not_said_again():
    assert [voice.member for voice in other_wordings(emblem())] == [GPT, "rules/builtin"]


def test_two_voices_with_the_same_words_are_two_voices():
    same = Voice(member=CLAUDE, lens="security", severity="high", title=finding().title, body=finding().body)
    assert list(other_wordings(finding(voices=(same, same)))) == [same]

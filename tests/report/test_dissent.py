from report.samples import CLAUDE, FAMILIES, GPT, emblem, finding, refuted

from reviewbot.report import Challenge, Voice
from reviewbot.report.dissent import challenged, dispute, disputed, other_wordings, silent, voiced


def test_a_family_that_was_asked_and_did_not_raise_it_dissents():
    found = finding(raised_by=("google",))
    assert silent(found) == ("anthropic", "openai")
    assert voiced(found) == "google; anthropic and openai were asked and did not"
    assert dispute(found) == f"raised by {voiced(found)}"


def test_a_family_that_was_not_asked_does_not_dissent():
    found = finding(raised_by=("google",), asked=("google",))
    assert not disputed(found)
    assert dispute(found) == ""
    assert voiced(found) == "google, the only one asked"


def test_agreement_is_no_dispute():
    assert not disputed(finding())
    assert voiced(finding()) == "anthropic, google and openai"
    assert voiced(finding(raised_by=("rules",), asked=())) == "rules"


def test_models_that_did_not_see_what_the_rules_saw_dissent():
    assert disputed(finding(raised_by=("rules",), asked=(*FAMILIES, "rules")))


def test_a_refutation_is_a_dispute_whoever_agreed():
    found = refuted().model_copy(update={"raised_by": FAMILIES})
    assert disputed(found)
    assert dispute(found).startswith("refuted by openai, importance 20 of 100: stripe_id is unique")


def test_an_upheld_or_unsure_challenge_is_told_and_is_no_dispute():
    upheld = finding(challenge=Challenge(by="google", verdict="upheld", importance=80, because="it is so."))
    unsure = finding(challenge=Challenge(by="google", verdict="unsure", importance=30, because="not in view."))
    assert challenged(upheld) == "upheld by google, importance 80 of 100: it is so."
    assert challenged(unsure) == "google is unsure, importance 30 of 100: not in view."
    assert not disputed(upheld)
    assert not disputed(unsure)
    assert challenged(finding()) == ""


def test_the_wording_a_finding_carries_is_not_said_again():
    assert [voice.member for voice in other_wordings(emblem())] == [GPT, "rules/builtin"]


def test_two_voices_with_the_same_words_are_two_voices():
    same = Voice(member=CLAUDE, lens="security", severity="high", title=finding().title, body=finding().body)
    assert list(other_wordings(finding(voices=(same, same)))) == [same]

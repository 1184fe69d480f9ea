import pytest
from report import samples
from report.samples import run_of, seat

from reviewbot.report import NotCovered
from reviewbot.report.headline import (
    NO_MODEL,
    causes,
    disputes,
    headline,
    narrowed,
    notice,
    outcome,
    questions,
    shortfalls,
    shown,
    withheld,
)

FILES = "3 files not covered in full: assets/logo.png, vendor/jquery.js and vendor/d3.js"
MISSING = f"Incomplete: 6 of 10 seats did not answer, 2 only in part. {FILES}"
TALLY = "5 findings (1 critical, 2 high, 1 medium, 1 low): 1 question for a person, 1 disputed, 2 more ranked below"


@pytest.mark.parametrize(
    ("situation", "line"),
    [
        ("council", f"{TALLY}, 1 withheld"),
        ("failing", f"1 finding (1 high), ranked below. {MISSING}"),
        ("nothing found", "Nothing found by 3 of 3 seats"),
        ("empty", "Nothing to review: the change is empty"),
        (
            "binary only",
            "Nothing could be looked at: binary: git shows no text. 2 files not covered in full: a.png and b.bin",
        ),
    ],
)
def test_one_line_says_how_the_review_ended(situation, line):
    assert headline(samples.EVERY[situation]()) == line


def test_nothing_found_counts_only_the_seats_that_looked():
    report = run_of((seat(findings=0), seat(state="unavailable", findings=0)))
    assert headline(report) == "Nothing found by 1 of 2 seats. Incomplete: 1 of 2 seats did not answer"


def test_a_council_that_did_not_answer_found_not_nothing():
    report = run_of((seat(state="refused"), seat(state="config_error")))
    assert outcome(report) == "Nothing could be looked at: 0 of 2 seats answered"


def test_a_change_with_one_unreadable_file_was_looked_at():
    gaps = (NotCovered(path="logo.png", lines=0, why="binary"),)
    report = run_of((seat(findings=0),), not_covered=gaps)
    assert headline(report) == "Nothing found by 1 of 1 seat. 1 file not covered in full: logo.png"


def test_a_file_is_counted_once_however_many_seats_missed_it():
    gaps = tuple(NotCovered(path="big.py", lines=9, why=f"too long for {who}") for who in ("a", "b"))
    assert shortfalls(run_of((seat(),), not_covered=gaps)) == ("1 file not covered in full: big.py",)


def test_files_that_are_not_covered_are_named_while_they_are_few():
    gaps = tuple(NotCovered(path=f"{n}.py", lines=9, why="too long") for n in range(4))
    assert shortfalls(run_of((seat(),), not_covered=gaps)) == ("4 files not covered in full",)


def test_rules_that_looked_where_no_model_answered_found_not_nothing():
    silent = (seat(state="config_error", findings=0), seat(samples.GPT, state="unavailable", findings=0))
    rules = samples.rules_seat()
    assert headline(run_of((*silent, rules))) == f"{NO_MODEL}. Incomplete: 2 of 3 seats did not answer"
    gaps = (NotCovered(path="big.py", lines=9, why="too long"),)
    assert headline(run_of((*silent, rules), not_covered=gaps)).endswith(
        "did not answer. 3 files not read by any model"
    )
    found = run_of((*silent, rules), (samples.finding(),))
    assert outcome(found) == f"{NO_MODEL}. 1 finding (1 high), ranked below"
    assert outcome(run_of((seat(findings=0), *silent, rules))) == "Nothing found by 2 of 4 seats"
    assert outcome(run_of((rules,))) == "Nothing found by 1 of 1 seat"


def test_findings_of_before_do_not_hide_that_nobody_answered():
    report = run_of((seat(state="unavailable", findings=0),), (samples.finding(),))
    assert outcome(report) == "Nothing could be looked at: 0 of 1 seat answered. 1 finding (1 high), ranked below"


def test_each_cause_of_a_failure_is_said_once_with_its_remedy():
    refused = "api.openai.com refused the key (401); set OPENAI_API_KEY"
    seats = [seat(samples.GPT, lens, "config_error", detail=refused) for lens in ("security", "architecture")]
    report = run_of((*seats, seat(state="over_budget"), seat(detail="could not judge a.py")))
    assert causes(report) == (f"{samples.GPT}: {refused} (2 seats)", f"{samples.CLAUDE}: over budget")
    declined = [seat(who, state="refused", detail="it declined.") for who in (samples.GPT, samples.CLAUDE, samples.GPT)]
    who = f"{samples.GPT} and {samples.CLAUDE}"
    assert causes(run_of(tuple(declined))) == (f"{who}: it declined; seat another model (3 seats)",)
    invalid = "there is no JSON object in the answer; seat a model that keeps to a JSON schema"
    assert f"{samples.GEMINI}: {invalid}" in causes(samples.failing())


def test_rules_that_sat_alone_say_how_to_seat_a_model():
    said = notice(samples.rules_alone())
    assert said is not None
    for way in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "--model ollama/NAME", "REVIEWBOT_SERVERS="):
        assert way in said


def test_scripted_answers_are_called_a_demonstration():
    assert notice(samples.demonstration()) == "This is a demonstration: the answers are scripted, no model was asked."


def test_scripted_answers_beside_a_model_are_told_apart():
    said = notice(run_of((seat("scripted/a.json", family="openai"), seat())))
    assert said is not None
    assert "scripted/a.json" in said
    assert "no model was asked" not in said


def test_an_ordinary_council_and_an_empty_one_need_no_foreword():
    assert notice(samples.council()) is None
    assert notice(samples.empty()) is None


def test_each_finding_is_in_one_group_and_in_rank_order():
    report = samples.council().model_copy(update={"findings": samples.council().findings[::-1]})
    assert [one.rank for one in shown(report)] == [1, 2, 3, 4]
    assert [one.rank for one in questions(report)] == [1]
    assert [one.rank for one in disputes(report)] == [2]
    assert [one.rank for one in withheld(report)] == [5]


def test_no_outcome_is_a_verdict():
    lines = [headline(make()).lower() for make in samples.EVERY.values()]
    assert not [line for line in lines for word in ("approve", "pass", "safe", "lgtm", "reject") if word in line]


def test_a_review_that_had_nothing_new_to_read_is_not_one_that_could_not_look():
    stands = samples.run_of((), (), complete=True)
    assert headline(stands) == "Nothing new to read, and the last review found nothing that still stands"
    skipped = tuple(NotCovered(path=f"v{n}.js", lines=1, why="ignored by the policy (v*)") for n in range(3))
    left_out = samples.run_of((), (), complete=True, not_covered=skipped)
    assert headline(left_out).startswith("Nothing could be looked at: ignored by the policy (v*)")


def test_what_the_budget_gave_up_is_one_sentence() -> None:
    given_up = ("For the budget, nobody was asked to refute the findings.", "For the budget, openai/m did not sit.")
    report = run_of((seat(),), notes=(given_up[0], "Something else.", given_up[1]))
    assert narrowed(report) == "For the budget, nobody was asked to refute the findings; openai/m did not sit"
    assert narrowed(samples.council()) == ""


def test_a_challenge_that_failed_says_what_it_leaves_undone():
    report = samples.challenged()
    assert headline(report).endswith("ranked below. 1 of 2 challenges failed")
    why = "no answer within 300 s; try again"
    assert causes(report) == (f"findings not challenged by google/gemini-4-argon: {why}",)

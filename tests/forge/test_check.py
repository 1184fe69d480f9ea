"""What a check run says: neutral unless a whole review and the policy make it green, and never red."""

import pytest
from report.markdown_page import faults
from report.samples import emblem, finding, nothing_found, run_of, seat

from reviewbot.forge.check import MESSAGE_LIMIT, SUMMARY_LIMIT, not_reviewed, reviewed, running
from reviewbot.forge.model import Check
from reviewbot.report import NotCovered, Report, ReportFinding
from reviewbot.report.standing import Standing

HEAD = "b" * 40


def report(*findings: ReportFinding) -> Report:
    return run_of((seat(),), findings)


def end(what: Report, *, green: bool = False) -> Check:
    return reviewed(HEAD, "key", what, Standing(), green=green)


def test_while_the_council_looks_there_is_no_conclusion() -> None:
    assert running(HEAD, "key").conclusion is None


def test_the_end_is_neutral_whatever_was_found() -> None:
    assert end(report(emblem())).conclusion == "neutral"
    assert end(nothing_found()).conclusion == "neutral"


def test_a_policy_makes_the_check_of_a_whole_review_green() -> None:
    assert end(report(emblem()), green=True).conclusion == "success"


@pytest.mark.parametrize(
    "changed",
    [
        {"complete": False},
        {"seats": ()},
        {"not_covered": (NotCovered(path="app.wasm", lines=0, why="binary: git shows no text"),)},
        {"not_covered": (NotCovered(path="a.py", lines=60, why="of a"), NotCovered(path="a.py", lines=2, why="of b"))},
        {"not_covered": (NotCovered(path="a.py", lines=10_000, why="ignored by the policy (a.py)"),)},
    ],
)
def test_nothing_is_green_because_nothing_was_looked_at(changed: dict[str, object]) -> None:
    partly = report(emblem()).model_copy(update=changed)
    assert end(partly, green=True).conclusion == "neutral"


def test_a_review_that_did_not_take_place_is_neutral_and_says_why() -> None:
    check = not_reviewed(HEAD, "key", "no seat answered\x1b[31m")
    assert (check.conclusion, check.title) == ("neutral", "Not reviewed: no seat answered<U+001B>[31m")


def test_no_text_of_a_failure_becomes_markup_and_no_secret_leaves_in_it() -> None:
    key = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"
    check = not_reviewed(HEAD, "key", f"bad ![i](https://evil.example/x.png) <img src=x> @octo/team {key}")
    assert key not in check.summary + check.title
    assert faults(check.summary, {"strong_open"}) == []


def test_no_secret_leaves_in_an_annotation() -> None:
    key = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"
    check = end(report(finding(title=f"Token {key}", body=f"{key} is live")))
    assert key not in check.model_dump_json()


def test_a_message_is_never_blank() -> None:
    """GitHub refuses every annotation of a call in which one says nothing."""
    assert end(report(finding(body=" \n"))).annotations[0].message.strip()


def test_annotations_stand_at_lines_of_the_head_worst_first() -> None:
    removed = finding(2, side="old")
    placeless = finding(3, line=None, start_line=None)
    notes = end(report(finding(4, severity="low"), emblem(1), removed, placeless)).annotations
    assert [(note.path, note.start_line, note.end_line, note.level) for note in notes] == [
        ("billing/webhooks.py", 34, 36, "warning"),
        ("shop/refunds.py", 41, 42, "notice"),
    ]
    assert "Which id, stored at checkout" in notes[0].message


def test_what_github_bounds_is_kept_within_bounds() -> None:
    check = end(report(*(finding(n, title="t" * 999, body="b" * 99_999) for n in range(1, 30))))
    assert len(check.summary) <= SUMMARY_LIMIT
    assert all(len(note.message) <= MESSAGE_LIMIT and len(note.title) <= 255 for note in check.annotations)


def test_the_title_of_a_review_nobody_answered_says_why() -> None:
    down = seat().model_copy(update={"state": "unavailable", "detail": "no answer; try again later"})
    assert (
        end(run_of((down,), ())).title
        == "Not reviewed: no seat answered: anthropic/claude-sonnet-5-5: no answer; try again later"
    )

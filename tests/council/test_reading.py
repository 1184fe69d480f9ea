"""What one run reads of a change, and what it says it did not read."""

from reviewbot.change import Change, Gap, parse_diff
from reviewbot.council.reading import read_change, show_reading
from reviewbot.settings import Operator, Policy

TWO = parse_diff(
    b"diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+one = 1\n+two = 2\n"
    b"diff --git a/vendor/v.py b/vendor/v.py\nnew file mode 100644\n--- /dev/null\n+++ b/vendor/v.py\n"
    b"@@ -0,0 +1 @@\n+v = 1\n"
)
TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5"


def test_what_the_policy_skips_is_a_gap_and_the_reading_is_whole() -> None:
    reading = read_change(Change(diff=TWO, policy=Policy(ignore=("vendor/*",))), Operator())
    assert [file.path for file in reading.change.diff.files] == ["a.py"]
    assert [gap.path for gap in reading.gaps] == ["vendor/v.py"]
    assert reading.unread == ()


def test_what_no_source_gave_keeps_the_reading_from_being_whole() -> None:
    lost = Gap(path="lost.py", lines=3, why="GitHub shows no text of it")
    reading = read_change(Change(diff=TWO, unread=(lost,)), Operator())
    assert reading.unread == (lost,)
    assert lost in reading.gaps


def test_lines_beyond_the_limit_of_a_run_are_named() -> None:
    reading = read_change(Change(diff=TWO), Operator(max_changed_lines=2))
    assert [gap.path for gap in reading.unread] == ["vendor/v.py"]


def test_a_question_is_redacted_like_the_change_and_stays_apart_from_its_intent() -> None:
    reading = read_change(Change(diff=TWO, intent="Add two"), Operator(), f"Is {TOKEN} used?\nWhere?")
    assert TOKEN not in reading.question
    assert reading.question.endswith("Where?")
    assert reading.change.intent == "Add two"


def test_what_does_not_fit_into_a_prompt_is_named_and_not_shown() -> None:
    reading = read_change(Change(diff=TWO), Operator(max_prompt_tokens=1_000))
    shown, left = show_reading(reading, Operator(max_prompt_tokens=1_000), "x" * 2_950, "key")
    assert {gap.path for gap in left} | {"a.py"} == {"a.py", "vendor/v.py"}
    assert "v = 1" not in shown

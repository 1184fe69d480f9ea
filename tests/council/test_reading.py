"""What one run reads of a change, and what it says it did not read."""

from reviewbot.change import Change, Document, Excerpt, Gap, parse_diff
from reviewbot.change.uses import Hit
from reviewbot.council.reading import look_around, read_change, with_context
from reviewbot.settings import Operator, Policy
from reviewbot.settings.policy import Tiers

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


def test_hidden_characters_are_written_out_and_told() -> None:
    diff = parse_diff(
        "diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n"
        "+x = 1\u202e # y\n".encode()
    )
    change = read_change(Change(diff=diff), Operator()).change
    assert "<U+202E>" in change.diff.files[0].hunks[0].body[0]
    assert [(hidden.path, hidden.line, hidden.kind) for hidden in change.hidden] == [("a.py", 1, "bidi")]


def test_a_file_with_a_private_key_is_read_by_rules_alone() -> None:
    key = ("-----BEGIN RSA PRIVATE " + "KEY-----", *["MIIEow" + "aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5"] * 3)
    body = "".join(f"+{line}\n" for line in (*key, "-----END RSA PRIVATE " + "KEY-----"))
    text = f"diff --git a/k.pem b/k.pem\nnew file mode 100644\n--- /dev/null\n+++ b/k.pem\n@@ -0,0 +1,5 @@\n{body}"
    reading = read_change(Change(diff=parse_diff(text.encode())), Operator())
    assert [gap.path for gap in reading.held_back] == ["k.pem"]
    assert [file.path for file in reading.change.diff.files] == ["k.pem"]


def test_the_stakes_are_those_of_what_is_read_and_the_operators_word_decides() -> None:
    assert read_change(Change(diff=TWO), Operator()).stakes.tier == "standard"
    assert read_change(Change(diff=TWO), Operator(tier="low")).stakes.tier == "low"
    policy = Policy(ignore=("a.py",), tiers=Tiers(paths={"a.py": "high"}))
    assert read_change(Change(diff=TWO, policy=policy), Operator()).stakes.tier != "high", "nobody reads it"


def test_code_around_the_change_has_its_secrets_under_the_names_of_the_diff() -> None:
    diff = parse_diff(
        "diff --git a/a.py b/a.py\nnew file mode 100644\n--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n"
        f'+token = "{TOKEN}"\n'.encode()
    )
    reading = read_change(Change(diff=diff), Operator())
    excerpt = Excerpt(path="b.py", start_line=1, kind="caller", about="token", text=f'use("{TOKEN}\u200b")')
    (shown,) = with_context(reading, [excerpt]).context
    name = reading.change.diff.files[0].hunks[0].body[0].split('"')[1]
    assert name.startswith("<SECRET:")
    assert name in shown.text
    assert "<U+200B>" in shown.text


def test_how_the_change_is_called_and_the_pages_of_the_repository_are_redacted() -> None:
    page = Document(path="docs/rules.md", text=f"Use {TOKEN}.")
    told = Change(diff=TWO, description=f"fix-{TOKEN} since main", invariants=(page,), lenses=(page,))
    change = read_change(told, Operator()).change
    assert TOKEN not in change.model_dump_json()
    assert change.invariants == change.lenses


class Tree:
    """One file."""

    def __init__(self, text: str) -> None:
        self.text = text

    def paths(self) -> list[str]:
        return ["a.py"]

    def read(self, *paths: str) -> dict[str, str]:
        return dict.fromkeys(paths, self.text)

    def search(self, _words: object, _near: object) -> dict[str, list[Hit]]:
        return {}


def test_a_secret_in_a_part_of_a_file_that_is_not_shown_goes_from_the_diff_too() -> None:
    value = "vW9#kq2Lm!7t"
    text = f"password = '{value}'\n" + "\n" * 80 + f"def one():\n    connect('{value}')\n    return 1\n"
    diff = parse_diff(
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -84 +84 @@\n"
        f"-    return 2\n+    return '{value}'\n".encode()
    )
    reading = read_change(Change(diff=diff), Operator())
    seen = look_around(reading, Tree(text), room_bytes=4_000)
    assert seen.change.context
    assert value in reading.change.model_dump_json()
    assert value not in seen.change.model_dump_json()

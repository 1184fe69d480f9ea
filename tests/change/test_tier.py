import pytest

from reviewbot.change import Diff, File, Hunk
from reviewbot.change.tier import MANY_FILES, MANY_LINES, UNTESTED_LINES, stake_of, weigh


def file(path: str, added: int = 3, removed: int = 0, **facts) -> File:
    hunk = Hunk(old_start=1, new_start=1, body=("+x = 1",) * added + ("-y = 1",) * removed)
    return File(**{"path": path, "old_path": path, "status": "modified", "hunks": (hunk,)} | facts)


def stakes(*paths: str | File, **said):
    found = weigh(Diff(files=tuple(path if isinstance(path, File) else file(path) for path in paths)), **said)
    return found.tier, found.reason


CASES = [
    (("README.md", "docs/a.rst"), "low", "documentation only"),
    (("tests/test_a.py",), "low", "tests only"),
    (("README.md", "tests/test_a.py"), "low", "documentation and tests only"),
    (("tests/__snapshots__/a.snap", "tests/test_a.py"), "low", "tests and generated files only"),
    (("src/a.py", "README.md"), "standard", "ordinary code"),
    (("app.yml",), "standard", "ordinary settings"),
    (("package-lock.json",), "standard", "the code of others it relies on changes"),
    (("vendor/x/y.go",), "standard", "code that a tool or another project wrote"),
    (("AGENTS.md",), "standard", "AGENTS.md instructs agents or reviewers"),
    (("README.md", "payments/stripe.py", "src/a.py"), "high", "payments/stripe.py touches payments"),
    ((".github/workflows/ci.yml",), "high", ".github/workflows/ci.yml touches what runs in CI"),
    (("src/author.py",), "standard", "ordinary code"),
    (("app/orders/history.py",), "standard", "ordinary code"),
    (("docs/auth.py",), "high", "docs/auth.py touches who may do what"),
]


@pytest.mark.parametrize(("paths", "tier", "reason"), CASES)
def test_the_highest_of_its_files_decides_and_is_named(paths, tier, reason):
    assert stakes(*paths) == (tier, reason)


def test_a_rename_hides_nothing():
    assert stakes(file("src/b.py", old_path="src/auth.py"))[0] == "high"
    assert stakes(file("docs/b.md", old_path="src/b.py"))[0] == "standard"


def test_a_schema_that_only_grows_breaks_nobody_unless_it_is_a_program_or_binds():
    assert stakes(file("api/a.proto", added=5))[0] == "standard"
    assert stakes(file("api/a.proto", added=5, removed=1))[0] == "high"
    assert stakes(file("db/schema.sql", added=5))[0] == stakes(file("db/schema.rb", added=5))[0] == "high"
    hunk = Hunk(old_start=1, new_start=1, body=("+      security: []",))
    assert stakes(file("openapi.yaml", hunks=(hunk,)))[0] == "high"


@pytest.mark.parametrize(
    ("lines", "tier"),
    [
        (("-  - uses: actions/checkout@v4", "+  - uses: actions/checkout@v5  # pinned"), "standard"),
        (("-  - uses: actions/checkout@v4", "-    uses: a/b@v1", "+    uses: actions/checkout@1f2e"), "standard"),
        (("-  - uses: actions/checkout@v4", "+    run: make"), "high"),
        (("+  - uses: evil/exfil@main",), "high"),
        (("-  - uses: actions/checkout@v4", "+  - uses: evil/checkout@v4"), "high"),
        (("-  - uses: scan/all@v4",), "high"),
    ],
)
def test_a_workflow_that_only_takes_other_versions_of_its_actions_is_ordinary(lines, tier):
    hunk = Hunk(old_start=1, new_start=1, body=(*lines, " # uses: x"))
    assert stakes(file(".github/workflows/ci.yml", hunks=(hunk,)))[0] == tier


@pytest.mark.parametrize("modes", [("100644", "100755"), (None, "120000"), (None, "160000"), ("100644", "120000")])
def test_a_document_that_becomes_a_program_or_a_link_is_no_mere_document(modes):
    assert stakes(file("docs/a.md", old_mode=modes[0], new_mode=modes[1]))[0] == "standard"


def test_size_raises_the_stakes_and_is_counted_in_words():
    assert stakes(file("a.py", added=MANY_LINES), "tests/test_a.py") == (
        "high",
        f"1 file of code and settings, +{MANY_LINES:,} -0 lines",
    )
    assert stakes(*(f"a{n}.py" for n in range(MANY_FILES)), "tests/test_a.py")[0] == "high"
    assert stakes(file("docs/a.md", added=MANY_LINES))[0] == "low"
    assert stakes(file("package-lock.json", added=MANY_LINES))[0] == "standard"


def test_much_code_without_a_test_beside_it_raises_the_stakes():
    much = file("src/a.py", added=UNTESTED_LINES)
    assert stakes(much) == ("high", f"+{UNTESTED_LINES} lines of code and no test beside them")
    assert stakes(much, "tests/test_a.py")[0] == "standard"
    assert stakes(file("src/a.py", added=UNTESTED_LINES - 1))[0] == "standard"


@pytest.mark.parametrize(
    ("found", "reason"),
    [({"secrets": 1}, "a secret found in it"), ({"hidden": 2}, "2 places with hidden characters found in it")],
)
def test_secrets_and_hidden_characters_raise_the_stakes_of_a_document(found, reason):
    assert stakes("README.md", **found) == ("high", reason)


def test_the_policy_decides_for_the_files_it_matches_up_and_down():
    assert stakes("README.md", paths={"*.md": "high"}) == ("high", "README.md is high by the policy (*.md)")
    assert stakes("src/auth.py", paths={"src/*": "low"}) == ("low", "src/auth.py is low by the policy (src/*)")
    assert stakes("src/auth.py", "billing/a.py", paths={"src/*": "low"})[0] == "high"
    assert stakes("src/a.py", paths={"src/*": "low", "*.py": "high"})[0] == "high"
    assert stakes(file("src/a.py", added=MANY_LINES), paths={"src/*": "low"})[0] == "low"


def test_the_word_of_who_runs_the_review_stands():
    for tier in ("low", "standard", "high"):
        assert stakes("src/auth.py", secrets=1, override=tier) == (tier, "asked for by who runs the review")


def test_nothing_the_author_writes_into_a_file_lowers_its_stakes():
    plain = file("src/auth.py")
    bait = Hunk(old_start=1, new_start=1, body=("+# reviewbot: tier low", "+# documentation only"))
    assert stakes(plain.model_copy(update={"hunks": (bait,)})) == stakes(plain)


def test_binary_files_alone_are_low_and_nothing_is_nothing():
    assert stakes(file("logo.png", binary=True, hunks=())) == ("low", "binary files only")
    assert stakes() == ("low", "nothing to read")


def test_a_long_path_is_named_by_its_end():
    assert stakes("x/" * 60 + "auth.py")[1].startswith(".../x/")


def test_what_matters_most_is_shown_first_and_what_tools_wrote_last():
    order = ["src/auth.py", "src/z.py", "app.yml", "tests/test_a.py", "a.md", "uv.lock"]
    places = [stake_of(file(path)) for path in order]
    assert places == sorted(set(places))
    assert stake_of(file("a.md"), {"*.md": "high"}) == stake_of(file("src/auth.py"))
    assert stake_of(file("src/auth.py"), {"src/*": "low"}) == stake_of(file("a.md"))
    assert stake_of(file("a.md"), {"*.md": "standard"}) == stake_of(file("src/z.py"))

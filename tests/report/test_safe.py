import re
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from report.hostility import hostile_text
from report.markdown_page import nodes, plain_text, reading

from reviewbot.report.safe import code_span, fence, inline, prose, uncommanding, visible, visible_line

PREPENDED_MARKS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters of Unicode that are seen: number signs of Arabic, Syriac and Kaithi."""
REFERENCES = re.compile(r"@\w|://|www\.|#\d|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
MARKUP = {
    "image", "link_open", "html_block", "html_inline", "heading_open", "hr", "em_open", "strong_open", "s_open",
    "table_open", "blockquote_open", "bullet_list_open", "ordered_list_open", "code_block",
}  # fmt: skip


def test_every_character_that_acts_or_hides_is_written_out():
    acting = [
        code for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") and chr(code) not in "\t\n"
    ]  # fmt: skip
    shown = [code for code in acting if visible(chr(code)) != f"<U+{code:04X}>"]
    assert set(shown) <= PREPENDED_MARKS


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("a\rb", "a<U+000D>b"),
        ("admin\u202enimda", "admin<U+202E>nimda"),
        ("x\u200by\ufeff", "x<U+200B>y<U+FEFF>"),
        ("\U000e0041\U000e007f", "<U+E0041><U+E007F>"),
        ("e\ufe00\U000e0100", "e<U+FE00><U+E0100>"),
        ("caf\udce9", "caf<U+DCE9>"),
        ("x ##[error]no", "x ##<U+005B>error]no"),
    ],
)
def test_hidden_text_is_seen(text, seen):
    assert visible(text) == seen


@pytest.mark.parametrize(
    "text", ["שלום עולם", "日本語", "naïve e\u0301", "warning \u26a0\ufe0f 👍", "a\tb\nc", "<U+0041>"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert visible(text) == text


def test_a_line_stays_one_line():
    assert visible_line("a\nb\tc") == "a<U+000A>b<U+0009>c"


def test_a_workflow_command_at_the_start_of_a_line_is_disarmed_without_growing():
    output = "ok\n  ::error::no\n::add-mask::x\n  \x1b[2m::x\na::b\n"
    assert uncommanding(output) == "ok\n \\::error::no\n\\::add-mask::x\n  \x1b[2m\\::x\na::b\n"


@given(hostile_text)
@example("`a``b`")
@example("`\\``@x`")
@settings(max_examples=200, deadline=None)
def test_a_line_of_any_text_makes_no_markup(text):
    page = inline(text)
    assert "\n" not in page
    assert not {node.type for node in nodes(page)} & MARKUP
    assert not [run for run in plain_text(page) if REFERENCES.search(run)]


@given(hostile_text)
@settings(max_examples=200, deadline=None)
def test_a_line_reads_as_the_text_does(text):
    expected = "".join(visible_line(text).replace("`", "").split())
    assert reading(inline(text)).replace("`", "") == expected


@given(hostile_text)
@settings(max_examples=200, deadline=None)
def test_a_block_of_any_text_makes_only_paragraphs_and_fences(text):
    page = prose(text)
    assert not {node.type for node in nodes(page)} & MARKUP
    assert not [run for run in plain_text(page) if REFERENCES.search(run)]


@given(hostile_text)
@settings(max_examples=200, deadline=None)
def test_code_cannot_leave_its_fence(text):
    blocks = [node for node in nodes(f"{fence(text)}\n\nafter") if node.type not in ("inline", "text")]
    assert [node.type for node in blocks] == ["fence", "paragraph_open", "paragraph_close"]
    assert blocks[0].content == visible(text) + "\n"


@given(hostile_text)
@settings(max_examples=200, deadline=None)
def test_code_cannot_leave_its_span(text):
    spans = [node for node in nodes(f"before {code_span(text)} after") if node.type == "code_inline"]
    assert [span.content for span in spans] == ([visible_line(text)] if visible_line(text).strip() else [])


def test_the_authors_code_spans_and_fences_stay_code():
    page = prose("Use `Decimal(total)`:\n\n```python\nx = Decimal('1')\n```\n")
    code = [(node.type, node.content) for node in nodes(page) if node.type in ("code_inline", "fence")]
    assert code == [("code_inline", "Decimal(total)"), ("fence", "x = Decimal('1')\n")]


def test_line_breaks_of_a_paragraph_are_kept():
    assert [node.type for node in nodes(prose("first\nsecond"))].count("hardbreak") == 1


@pytest.mark.parametrize(
    "text",
    ["@octocat", "see @org/team.", "owner/repo#7", "closes #7", "GH-7", "1a2b3c4d", "www.e.x", "https://e.x/a?b"],
)
def test_what_github_would_link_becomes_code(text):
    assert not [run for run in plain_text(inline(text)) if REFERENCES.search(run)]
    assert reading(inline(text)) == text.replace(" ", "")


@pytest.mark.parametrize("piece", ["`", "``` ", "```\n", "~~~\n````\n", "\n", " ", "a", "@", "::", "\x1b", "a`b@"])
def test_long_text_costs_linear_time(piece):
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    prose(text)
    inline(text)
    uncommanding(text)
    assert time.process_time() - started < 3

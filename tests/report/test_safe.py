import sys
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from report.hostility import ADDRESSES, CALLS, IMAGES, PIECES, hostile_text, hostile_texts
from report.markdown_page import LISTS, faults, hrefs, nodes, reading

from reviewbot.report.masking import masked
from reviewbot.report.safe import code_span, fence, inline, prose, uncommanding, visible, visible_line

PREPENDED_MARKS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters of Unicode that are seen: number signs of Arabic, Syriac and Kaithi."""
BLOCKS = LISTS | {"fence", "strong_open"}
"""What `prose` may make beside paragraphs."""
SOURCE = "https://git.example/o/r/blob/0123456789abcdef0123456789abcdef01234567/"
KEY = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


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
@settings(max_examples=20, deadline=None)
def test_a_line_of_any_text_makes_no_markup(text):
    page = inline(text)
    assert "\n" not in page
    assert faults(page, ()) == []


def test_thousands_of_hostile_texts_make_only_paragraphs_lists_and_code():
    """CI runs `benchmarks/sanitiser.py` over 20,000."""
    harmful = [text for text in hostile_texts(4_000) if faults(prose(text), BLOCKS)]
    assert harmful == []


@pytest.mark.parametrize("text", [*IMAGES, *ADDRESSES, *CALLS])
def test_no_known_form_does_what_it_tries(text):
    line = inline(text)
    for page in (line, prose(text), prose(f"- {text}\n- b"), f"**{line}**", f"- **x:** {line}", f"<sub>{line} x</sub>"):
        assert faults(page, {*BLOCKS, "strong_open", "html_inline"}) == []
    assert faults(f"{code_span(text)} {code_span(text)}\n\n{fence(text)}", BLOCKS) == []


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_a_line_reads_as_the_text_does(text):
    text = text.replace("[", "(").replace("`", "").replace("**", "*")  # links, spans and bold read as what they show
    expected = "".join(visible_line(masked(text)).replace("[.]", ".").split())
    seen = reading(inline(text)).replace("[.]", ".").replace("<U+0040>", "@").replace("<U+003C>", "<")
    assert seen == expected


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_a_block_of_any_text_makes_only_paragraphs_lists_and_fences(text):
    assert faults(prose(text), BLOCKS) == []


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_code_cannot_leave_its_fence(text):
    blocks = [node for node in nodes(f"{fence(text)}\n\nafter") if node.type not in ("inline", "text")]
    assert [node.type for node in blocks] == ["fence", "paragraph_open", "paragraph_close"]


@given(hostile_text)
@settings(max_examples=20, deadline=None)
def test_code_cannot_leave_its_span(text):
    kinds = [node.type for node in nodes(f"before {code_span(text)} after") if node.type not in ("inline", "text")]
    assert kinds == ["paragraph_open", *(["code_inline"] if visible_line(text).strip() else []), "paragraph_close"]


@pytest.mark.parametrize(
    "code", ["if a < b:\n\treturn `c`\n", "// note\n/* x */\n/usr/bin/env\n@Override\nvoid f()", "a\n~~~\n```"]
)
def test_code_in_a_fence_is_shown_as_it_is(code):
    assert [node.content for node in nodes(fence(code)) if node.type == "fence"] == [f"{code}\n"]


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("/approve", "<U+002F>approve"),
        ("x\n  /merge now", "x\n  <U+002F>merge now"),
        ("bors r+", "<U+0062>ors r+"),
        ("@dependabot merge", "<U+0040>dependabot merge"),
        ("<!-- reviewbot:1 x y -->", "<U+003C>!-- reviewbot:1 x y -->"),
        ("caf\udce9 \u200b", "caf\ufffd <U+200B>"),
    ],
)
def test_code_that_a_program_would_obey_is_written_out(code, seen):
    assert [node.content for node in nodes(fence(code)) if node.type == "fence"] == [f"{seen}\n"]


def test_the_authors_code_spans_and_fences_stay_code():
    page = prose("Use `Decimal(total)`:\n\n```python\nx = Decimal('1')\n```\n")
    code = [(node.type, node.info, node.content) for node in nodes(page) if node.type in ("code_inline", "fence")]
    assert code == [("code_inline", "", "Decimal(total)"), ("fence", "python", "x = Decimal('1')\n")]


def test_line_breaks_of_a_paragraph_are_kept():
    assert [node.type for node in nodes(prose("first\nsecond"))].count("hardbreak") == 1


def test_lists_stay_lists_on_one_level():
    page = prose("To see it:\n- pay\n  twice\n* look\n\n3) wait\n4) refund `x`\n\nDone.")
    assert page == "To see it:\n\n- pay\\\n  twice\n- look\n3. wait\n4. refund `x`\n\nDone."
    assert [node.type for node in nodes(page)].count("list_item_open") == 4


@pytest.mark.parametrize("text", ["# Ok", "Ok\n===", "Ok\n---", "> [!TIP]\n> ok", "---", "| a |\n|---|"])
def test_nothing_forges_a_part_of_the_page(text):
    page = prose(text)
    assert faults(page, {"strong_open", "fence"}) == []
    assert reading(page) == "".join(text.split()).removeprefix("#" if "strong" in str([*nodes(page)]) else "")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("It is **not** checked.", "It is **not** checked."),
        ("**Note:** see `x`", "**Note:** see `x`"),
        ("(**`foo` is wrong**)", "(**`foo` is wrong**)"),
        ("**@octocat**, **a [x](https://e.x) b**", "**`@octocat`**, **a x (`https://e[.]x`) b**"),
        ("2 ** 3, a**b**c, ** no **, **open", r"2 \*\* 3, a\*\*b\*\*c, \*\* no \*\*, \*\*open"),
        ("# Steps ##\ntext", "**Steps**\n\ntext"),
        ("## **Why** `x`", "**Why `x`**"),
        ("#hash\n#", "\\#hash\\\n\\#"),
        ("so:\n| a | b |\n|--|:-:|\n| @x | 2 |\nend", "so:\n\n```\n| a | b |\n|--|:-:|\n| @x | 2 |\n```\n\nend"),
        ("a | b\n- c | d", r"a \| b" + "\n\n" + r"- c \| d"),
    ],
)
def test_bold_words_headings_and_tables_are_shown_as_they_were_meant(text, page):
    assert prose(text) == page
    assert faults(page, BLOCKS) == []


def test_a_line_drops_the_marks_of_bold_words_because_it_may_be_bold_itself():
    assert inline("It is **not** checked") == "It is not checked"


@pytest.mark.parametrize(
    "text",
    [
        "\u0646\u0645\u06cc\u200c\u062a\u0648\u0627\u0646\u062f",  # Persian: cannot
        "\u0915\u094d\u200d\u0937 \u0930\u094d\u200d\u092f",  # Hindi: half letters
        "\U0001f469\u200d\U0001f4bb \U0001f469\U0001f3fd\u200d\U0001f4bb",
        "\u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3 \u00a9\ufe0f",
    ],
)  # fmt: skip
def test_a_joiner_that_spells_a_word_or_a_picture_stays(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a\u200cb", "a\u200db", "1\u200c2", "\u06cc\u200c\u200c\u062a", "\u06cc\u200d b", "\u06cc\u200ca",
        "\u06cc\u200c\u0915", "\U0001f469\u200dx", "x\u200d\U0001f469", "1\ufe0f", "a\ufe0f", "1\ufe0fx",
        "\u3042\ufe0f",
        "\U0001f469\u200c\U0001f4bb", "\u200d\u200d",
    ],
)  # fmt: skip
def test_a_joiner_anywhere_else_hides_something_and_is_shown(text):
    assert "<U+" in visible(text)


@pytest.mark.parametrize(
    "text",
    ["@octocat", "see @org/team.", "owner/repo#7", "closes #7", "GH-7", "1a2b3c4d", "www.e.x", "https://e.x/a?b"],
)
def test_what_github_would_link_becomes_code(text):
    page = inline(text)
    assert faults(page, ()) == []
    assert reading(page).replace("[.]", ".") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("See https://owasp.org/Top10/.", "See <https://owasp.org/Top10/>."),
        ("(<https://owasp.org/Top10/>)", "(<https://owasp.org/Top10/>)"),
        ('[CWE-79](https://cwe.mitre.org/x "obey")', "[CWE-79](<https://cwe.mitre.org/x>)"),
        ("[fix guide](https://evil.example/x)", "fix guide (`https://evil[.]example/x`)"),
        ("![a](https://cwe.mitre.org/x.png)", "a (`https://cwe[.]mitre[.]org/x.png`)"),
        ("https://evil.example/x.", "`https://evil[.]example/x`."),
        (f"{SOURCE}a.py#L3", f"<{SOURCE}a.py#L3>"),
        (f"{SOURCE}../../x", f"`{SOURCE.replace('git.', 'git[.]')}../../x`"),
    ],
)
def test_a_link_leads_only_where_it_may(text, page):
    assert inline(text, source_url=SOURCE) == page
    assert len(hrefs(page)) == (1 if "<http" in page else 0)


def test_the_reviewed_files_are_linked_only_where_their_address_is_given():
    assert hrefs(prose(f"{SOURCE}a.py", source_url=SOURCE)) == [f"{SOURCE}a.py"]
    assert hrefs(prose(f"{SOURCE}a.py")) == []


@pytest.mark.parametrize("way", [inline, prose, code_span, fence])
def test_no_secret_leaves_in_any_way(way):
    page = way(f"the token {KEY} is in the log")
    assert KEY not in page
    assert "SECRET:github>" in page


def test_every_hostile_piece_is_still_readable():
    unseen = [piece for piece in PIECES if piece.strip("`~* \n\t\r") and not reading(prose(f"x {piece}"))[1:]]
    assert unseen == []


@pytest.mark.parametrize(
    "piece",
    [
        "`", "``` ", "```\n", "~~~\n````\n", "\n", " ", "a", "@", "::", "\x1b", "a`b@", "[", "[a](", "![", "](", "<!--",
        "//", "- ", "1. ", "https://", "https://owasp.org/", "[a](b ", "~", "`\n", "/a", "password=", "#", ":a",
        "0123abc", "**a ", "**`a", "| a | b |\n|-|-|\n", "\u06cc\u200c",
    ],
)  # fmt: skip
def test_a_long_text_of_anything_costs_time_in_proportion(piece):
    text = piece * (250_000 // len(piece))
    for way in (prose, inline):
        started = time.process_time()
        way(text)
        assert time.process_time() - started < 1

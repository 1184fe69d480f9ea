import time

import pytest
from hypothesis import given, settings
from report.hostility import hostile_text

from reviewbot.report.blocks import Code, Cut, Heading, Item, Paragraph, Table, blocks, fence_around


def read(text):
    return [*blocks(text)]


def test_lines_belong_to_a_paragraph_until_one_is_blank():
    assert read("a\nb\n\n  c") == [Paragraph(("a", "b")), Paragraph(("  c",))]


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("- x", "-"), ("* x", "-"), ("+  x", "-"), ("\u2022 x", "-"), ("1. x", "1."), ("007) x", "7."),
        ("    - x", "-"), ("\t- x", "-"),
    ],
)  # fmt: skip
def test_a_list_has_one_level_and_one_kind_of_mark(line, marker):
    assert read(line) == [Item(marker, ("x",))]


@pytest.mark.parametrize("line", ["-x", "-", "1.5 is wrong", "1999. x", "--- x", "**x**", "#x", "# ##", "> x"])
def test_what_is_no_list_is_words(line):
    assert read(line) == [Paragraph((line,))]


@pytest.mark.parametrize("line", ["# x", "###### x", "  ## x ##"])
def test_a_heading_stands_alone_and_loses_its_marks(line):
    assert read(f"a\n{line}\nb") == [Paragraph(("a",)), Heading("x"), Paragraph(("b",))]


def test_a_table_ends_where_its_bars_do():
    rows = "| a | b |\n|---|--:|\n| 1 | 2 |"
    assert read(f"x\n{rows}\ny") == [Paragraph(("x",)), Table(rows), Paragraph(("y",))]
    assert read("a | b\n---|---\n```\n|\n```") == [Table("a | b\n---|---"), Code("", "|")]


@pytest.mark.parametrize("text", ["a | b\n---", "a\n|---|", "| a |\n| b |", "a | b\n--- | x"])
def test_bars_without_a_rule_below_them_are_words(text):
    assert not [block for block in read(text) if isinstance(block, Table)]


@pytest.mark.parametrize(
    ("position", "cut"),
    [
        (1, None), (2, None), (4, Cut(2, "")), (7, Cut(2, "")), (8, Cut(8, "```")),
        (9, Cut(9, "```")), (10, Cut(10, "```")),
        (13, Cut(10, "```")), (14, None), (16, None),
    ],
)  # fmt: skip
def test_a_position_in_a_fence_says_where_to_cut_and_how_to_close_it(position, cut):
    assert fence_around("a\n```py\nx\n```\nb", position) == cut


def test_an_item_goes_on_until_the_next():
    assert read("- a\n  b\n- c") == [Item("-", ("a", "  b")), Item("-", ("c",))]


def test_fenced_code_keeps_its_tabs_and_its_language():
    assert read("x\n```Go\n\tif a {\n```\ny") == [Paragraph(("x",)), Code("go", "\tif a {"), Paragraph(("y",))]


def test_code_in_a_list_moves_to_the_left_with_its_fence():
    assert read("1. do\n   ```\n   a\n     b\n  c\n   ```") == [Item("1.", ("do",)), Code("", "a\n  b\nc")]


@pytest.mark.parametrize("info", ["suggestion", "SUGGESTION", "mermaid", "math", "a b`c", "py<x>", "x" * 21, "{.py}"])
def test_a_language_that_is_not_just_code_is_dropped(info):
    assert [block.language for block in read(f"~~~{info}\nx\n~~~") if isinstance(block, Code)] in ([""], [])


def test_a_fence_is_closed_by_its_own_kind_and_at_least_its_length():
    assert read("````md\n```py\nx\n```\n~~~~\n`````") == [Code("md", "```py\nx\n```\n~~~~")]


def test_a_fence_nobody_closes_is_text():
    assert read("```py\nx") == [Paragraph(("```py", "x"))]


def test_tabs_of_words_are_blanks():
    assert read("a\tb") == [Paragraph(("a   b",))]


@given(hostile_text)
@settings(max_examples=30, deadline=None)
def test_nothing_but_marks_and_blanks_is_lost(text):
    parts = ("\n".join(b.lines) if isinstance(b, Paragraph | Item) else b.text for b in blocks(text))
    kept = "".join("".join(parts).split())
    letters = "".join(char for char in text if char.isalpha())
    fenced = any(isinstance(block, Code) for block in blocks(text))
    assert fenced or "".join(char for char in kept if char.isalpha()) == letters


SHORTER_AND_SHORTER = "".join("`" * n + "\n" for n in range(600, 3, -1)) + "x\n" * 1_000


@pytest.mark.parametrize(
    "piece",
    ["```\n", "````\n```\n", "~~~`\n", "- ", "\n", "1. \n", "|-\n", "|-|-", "# ", SHORTER_AND_SHORTER],
    ids=range(10),
)
def test_time_is_linear(piece):
    text = piece * max(200_000 // len(piece), 1)
    started = time.process_time()
    assert sum(1 for _ in blocks(text)) < len(text)
    assert time.process_time() - started < 1

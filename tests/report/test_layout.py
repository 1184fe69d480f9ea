from io import StringIO

from rich.console import Console
from rich.text import Text

from reviewbot.report.layout import Hanging, block, columns, indented, labelled, one_row, section, spaced, words


def printed(*parts, width=20):
    console = Console(file=StringIO(), width=width, color_system=None, _environ={})
    for part in parts:
        console.print(part)
    return console.file.getvalue()


def test_text_hangs_under_its_own_beginning():
    assert printed(Hanging(Text("ab: "), words("one two three four"))) == "ab: one two three\n    four\n"


def test_a_word_longer_than_the_row_is_folded():
    assert printed(indented(words("x" * 30))) == "  " + "x" * 18 + "\n  " + "x" * 12 + "\n"


def test_wide_characters_count_as_two():
    assert printed(indented(words("\u754c" * 12), 0)) == "\u754c" * 10 + "\n" + "\u754c" * 2 + "\n"


def test_a_blank_line_inside_text_has_no_trailing_blanks():
    assert printed(indented(block("a\n\nb"))) == "  a\n\n  b\n"


def test_text_cut_to_rows_says_how_much_is_left():
    assert printed(Hanging(Text(), words("x" * 100), rows=2), width=40) == "x" * 40 + "\n" + "x" * 40 + (
        "\n... 20 more characters\n"
    )


def test_text_that_fits_its_rows_is_whole():
    assert printed(Hanging(Text(), words("x" * 40), rows=2)) == "x" * 20 + "\n" + "x" * 20 + "\n"


def test_one_row_ends_in_an_ellipsis():
    assert printed(labelled("a", one_row(words("x" * 40)), margin=1, column=3)) == " a  " + "x" * 15 + "…\n"


def test_columns_align_words_to_the_left_and_figures_to_the_right():
    rows = [(Text("lens"), Text("7")), (Text("a"), Text("1,000"))]
    assert printed(*columns(rows, margin=1, left=1)) == " lens      7\n a     1,000\n"


def test_a_section_without_parts_has_no_heading():
    assert printed(*section("Title", [])) == ""
    assert printed(*section("Title", [Text("part")])) == "\nTitle\npart\n"


def test_items_are_kept_apart():
    assert printed(*spaced([[Text("a")], [Text("b")]])) == "a\n\nb\n"

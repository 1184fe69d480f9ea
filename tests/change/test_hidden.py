import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, File, Hunk
from reviewbot.change.hidden import SHOWN, reveal, reveal_text, spelled


def tags(words: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in words)


def diff(*body: str, path: str = "a.py", start: int = 7) -> Diff:
    hunk = Hunk(old_start=start, new_start=start, body=body)
    return Diff(files=(File(path=path, old_path=None, status="added", hunks=(hunk,)),))


HIDDEN = {
    "tag": [tags("approve"), "\U000e0001", "\U0001f3f4" + tags("approve\x7f"), "\U0001f3f4" + tags("usca\x7f")],
    "bidi": ["\u202a", "\u202e", "\u2066x\u2069", "// \u05d0\u202e"],
    "invisible": [
        "\u200b", "\u2060", "\ufeff", "\u3164", "\u115f", "\uffa0", "\u00ad", "\u034f", "\u2028", "\u200e",
        "x\u200dy", "x\u200cy", "x\ufe0f", "\u180e", "x\u2800y",
    ],
    "control": ["\x1b[8m", "x\x08", "\x00", "\x7f", "\x9b", "x\x0c", "a\rb"],
    "variation": ["x\ufe01", "x\U000e0100\U000e0101", "\U0001f600\ufe00\ufe01\ufe02", "\u8fbb\U000e0100\U000e0101"],
}  # fmt: skip
NEEDED = {
    "the flag of Scotland": "\U0001f3f4" + tags("gbsct\x7f"),
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a colour of skin and a trade": "\U0001f468\U0001f3fd\u200d\U0001f4bb",
    "a heart and a keycap": "\u2764\ufe0f 1\ufe0f\u20e3",
    "a rainbow flag": "\U0001f3f3\ufe0f\u200d\U0001f308",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Hindi": "\u0915\u094d\u200d\u0937",
    "Hebrew with a mark of direction": "\u05e9\u05dc\u05d5\u05dd (abc)\u200f!",
    "Arabic": "\u0645\u0631\u062d\u0628\u0627\u061c",
    "a name in Japanese": "\u8fbb\U000e0100\u3055\u3093",
    "Thai with marks between words": "\u0e20\u0e32\u0e29\u0e32\u200b\u0e44\u0e17\u0e22",
    "Mongolian": "\u182e\u180b",
    "old Korean": "\u1100\u1160",
    "Braille": "\u2813\u2800\u2811",
    "a tab": "\tx",
    "mathematics": "\u2268\ufe00",
    "accents and wide letters": "caf\u00e9 e\u0301 \uff21 \u00a0",
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HIDDEN.items() for text in texts])
def test_what_nobody_sees_is_written_out_and_named_with_its_line(kind, text):
    found = reveal(diff(" old", f"+x = 1  # {text} end"))
    assert [(place.path, place.side, place.line, place.kind) for place in found.hidden] == [("a.py", "new", 8, kind)]
    (_, shown) = found.diff.files[0].hunks[0].body
    assert "<U+" in shown
    assert not reveal(found.diff).hidden


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED)
def test_what_writing_needs_is_left_alone(text):
    plain = diff(f"+{text}", f"+// {text}{text}")
    assert reveal(plain) == (plain, "", ())


def test_a_file_may_begin_with_the_mark_of_its_encoding_and_no_other_line_may():
    body = ("+\ufeffimport os", "+\ufeffx = 1")
    assert [place.line for place in reveal(diff(*body, start=1)).hidden] == [2]
    assert reveal_text("\ufeffx\n\ufeffy") == "\ufeffx\n<U+FEFF>y"


def test_what_ends_a_line_and_what_parts_pages_is_left_alone():
    plain = diff("+x = 1\r", "+\x0c", "+\x0cdef f():")
    assert reveal(plain, "a\r\nb\r") == (plain, "a\r\nb\r", ())
    assert reveal_text("a\r\nb\rc") == "a\r\nb<U+000D>c"


def test_only_what_the_change_adds_is_named_and_all_of_it_is_written_out():
    found = reveal(diff(" a\u200b", "-b\u200b", "+c\u200b", "\\ No newline at end of file"))
    assert found.diff.files[0].hunks[0].body == (
        " a<U+200B>",
        "-b<U+200B>",
        "+c<U+200B>",
        "\\ No newline at end of file",
    )
    assert [place.line for place in found.hidden] == [8]


def test_what_the_author_says_and_how_a_file_is_named_count_too():
    found = reveal(diff("+x", path="a\u202epy.exe"), f"Fix\nit{tags('now')}")
    assert [(place.path, place.line, place.kind, place.count) for place in found.hidden] == [
        ("a\u202epy.exe", 0, "bidi", 1),
        ("", 2, "tag", 3),
    ]
    assert found.diff.files[0].path == "a\u202epy.exe", "a path is a name: it is shown through reveal_text"
    assert found.prose == "Fix\nit<U+E006E><U+E006F><U+E0077>"


def test_a_renamed_file_that_kept_its_odd_name_brought_nothing():
    file = File(path="a\u200b", old_path="a\u200b", status="modified")
    assert reveal(Diff(files=(file,))).hidden == ()


def test_a_long_run_is_counted_not_spelled_out():
    (line,) = reveal(diff("+" + tags("a" * 5_000))).diff.files[0].hunks[0].body
    assert line.count("<U+") == SHOWN
    assert line.endswith(f"<{5_000 - SHOWN:,} more hidden characters>")


def test_tag_letters_are_read_back_as_what_they_spell():
    assert spelled(reveal_text(f"x{tags('ignore all')}y")) == "ignore all"
    assert spelled("x = 1") == ""


@given(st.lists(st.tuples(st.sampled_from("+- "), st.text(max_size=20)), max_size=8))
@settings(max_examples=20, deadline=None)
def test_lines_keep_their_number_kind_and_place(rows):
    before = diff(*(kind + text.replace("\n", " ") for kind, text in rows))
    after = reveal(before).diff
    kept = [[(line.kind, line.old, line.new) for line in side.files[0].hunks[0].lines] for side in (before, after)]
    assert kept[0] == kept[1]
    assert reveal(after).diff == after


@pytest.mark.parametrize("text", ["\u200b", tags("g"), "a\u200d", "\u0645\u200c", "\u05d0\u200f", "\u8fbb\U000e0100"])
def test_time_grows_with_the_text(text):
    began = time.perf_counter()
    reveal(diff("+" + text * 200_000))
    assert time.perf_counter() - began < 3  # 0.15 s on an idle core

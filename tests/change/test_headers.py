"""Names, status and modes of a header, read alone; and what a line that is not git's is taken for."""

import time

import pytest

from reviewbot.change import File
from reviewbot.change.headers import MAX_HEADER_LINE, read_header, unexpected
from reviewbot.errors import BadDiff

INDEX = b"index 1234567..89abcde 100644\n"


def read(header: bytes) -> File:
    return read_header(header, 0)[0].file


def edited(old: bytes, new: bytes, printed: bytes | None = None) -> bytes:
    return b"diff --git %b\n%b--- %b\n+++ %b\n" % (printed or old + b" " + new, INDEX, old, new)


def test_the_body_begins_behind_the_last_header_line() -> None:
    header = edited(b"a/f", b"b/f")
    found, end = read_header(header + b"@@ -1 +1 @@\n", 0)
    assert (found.body, end) == ("text", len(header))


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"a/f", b"b/f"), (b"b/f", b"a/f"), (b"i/f", b"w/f"), (b"c/f", b"i/f"), (b"c/f", b"w/f"), (b"o/f", b"w/f"),
     (b"1/f", b"2/f"), (b"f", b"f")],
)  # fmt: skip
def test_each_of_gits_prefixes_and_none_is_taken_off(old: bytes, new: bytes) -> None:
    file = read(edited(old, new))
    assert (file.old_path, file.path, file.status) == ("f", "f", "modified")


@pytest.mark.parametrize("folder", [b"a", b"b", b"c", b"i", b"o", b"w", b"1", b"2", b"dev", b"a/b"])
def test_without_prefixes_no_folder_is_lost(folder: bytes) -> None:
    assert read(edited(folder + b"/f", folder + b"/f")).path == f"{folder.decode()}/f"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"old/f", b"new/f"),
        (b"xf", b"yf"),
        (b"a/f", b"c/f"),
        (b"a/f", b"w/f"),
        (b"1/f", b"b/f"),
        (b"f", b"g"),
        (b"f", b"b/f"),
    ],
)
def test_a_prefix_of_somebodys_own_is_refused_not_guessed(old: bytes, new: bytes) -> None:
    with pytest.raises(BadDiff, match=r"not certain.*--src-prefix=a/ --dst-prefix=b/"):
        read(edited(old, new))


@pytest.mark.parametrize("name", [b"x b/y.py", b"a/x b/x", b" ", b"  b/", b"b/x b/b/x b/b", b"x a/x", b"trailing "])
def test_a_name_with_spaces_is_cut_in_its_middle(name: bytes) -> None:
    old, new = b"a/" + name, b"b/" + name
    mode_only = b"diff --git %b %b\nold mode 100644\nnew mode 100755\n" % (old, new)
    with_hunks = b"diff --git %b %b\n%b--- %b\t\n+++ %b\t\n" % (old, new, INDEX, old, new)
    assert read(mode_only).path == read(with_hunks).path == name.decode()


@pytest.mark.parametrize("sides", [b"a/1 b/2 b/3 b/4", b"a/x y_b/x y", b"a/x y b/z w", b"a/x y", b"a/x"])
def test_two_names_that_cannot_be_told_apart_are_refused(sides: bytes) -> None:
    with pytest.raises(BadDiff, match="not certain"):
        read(b"diff --git %b\nold mode 100644\nnew mode 100755\n" % sides)


def test_an_added_or_deleted_file_has_one_name() -> None:
    for line in (b"new file mode 100644", b"deleted file mode 100644"):
        with pytest.raises(BadDiff, match="not certain"):
            read(b"diff --git a/f b/g\n%b\n" % line)


def test_a_rename_keeps_both_names() -> None:
    file = read(b"diff --git a/x b/x b/b/y b/z\nsimilarity index 100%\nrename from x b/x\nrename to b/y b/z\n")
    assert (file.old_path, file.path, file.status) == ("x b/x", "b/y b/z", "renamed")


def test_a_rename_without_prefixes_is_told_from_one_with() -> None:
    bare = read(b"diff --git a/f b/f\nsimilarity index 100%\nrename from a/f\nrename to b/f\n")
    prefixed = read(b"diff --git a/f b/g\nsimilarity index 100%\nrename from f\nrename to g\n")
    assert (bare.old_path, bare.path) == ("a/f", "b/f")
    assert (prefixed.old_path, prefixed.path) == ("f", "g")


def test_a_copy_is_no_rename() -> None:
    file = read(b"diff --git a/f b/g\nsimilarity index 100%\ncopy from f\ncopy to g\n")
    assert (file.old_path, file.path, file.status) == ("f", "g", "copied")


@pytest.mark.parametrize(
    ("quoted", "name"),
    [
        (rb"d/\303\251.py", "d/\xe9.py"),
        (rb"\a\b\t\n\v\f\r\"\\", '\a\b\t\n\v\f\r"\\'),
        (rb"latin\351", "latin\udce9"),
        (rb"\\303", "\\303"),
        (rb"\"", '"'),
        (rb"a b\tc", "a b\tc"),
    ],
)
def test_a_quoted_name_is_the_name_on_disk(quoted: bytes, name: str) -> None:
    old, new = b'"a/%b"' % quoted, b'"b/%b"' % quoted
    assert read(edited(old, new)).path == name
    assert read(b"diff --git %b %b\nnew file mode 100644\n" % (old, new)).path == name


def test_one_side_may_be_quoted_and_the_other_not() -> None:
    moved = b"similarity index 100%%\nrename from %b\nrename to %b\n"
    there = read(b'diff --git a/e f "b/\\303\\251"\n' + moved % (b"e f", b'"\\303\\251"'))
    back = read(b'diff --git "a/\\303\\251" b/e f\n' + moved % (b'"\\303\\251"', b"e f"))
    assert (there.old_path, there.path) == ("e f", "\xe9") == (back.path, back.old_path)


@pytest.mark.parametrize(
    "name", [rb'"a/\000"', rb'"a/\9"', rb'"a/\400"', rb'"a/\x41"', b'"a/f', b'a/"f', rb"a/\f", b"a/f\x01"]
)
def test_a_name_git_cannot_have_written_is_refused(name: bytes) -> None:
    with pytest.raises(BadDiff):
        read(edited(name, name.replace(b"a/", b"b/")))


@pytest.mark.parametrize(
    ("lines", "status", "modes"),
    [
        (b"new file mode 100755\nindex 0000000..e69de29\n", "added", (None, "100755")),
        (b"deleted file mode 120000\nindex e69de29..0000000\n", "deleted", ("120000", None)),
        (b"old mode 100644\nnew mode 100755\n", "modified", ("100644", "100755")),
        (INDEX + b"Binary files a/f and b/f differ\n", "modified", ("100644", "100644")),
        (INDEX + b"GIT binary patch\n", "modified", ("100644", "100644")),
        (INDEX.replace(b"100644", b"160000") + b"--- a/f\n+++ b/f\n", "modified", ("160000", "160000")),
    ],
)
def test_status_and_modes_are_those_of_the_extended_header_lines(
    lines: bytes, status: str, modes: tuple[str, str]
) -> None:
    file = read(b"diff --git a/f b/f\n" + lines)
    assert (file.status, (file.old_mode, file.new_mode)) == (status, modes)
    assert file.binary == (b"inary" in lines)


def test_a_file_without_a_side_must_say_so_in_its_status() -> None:
    with pytest.raises(BadDiff, match="not certain"):
        read(b"diff --git a/f b/f\n" + INDEX + b"--- /dev/null\n+++ b/f\n")
    with pytest.raises(BadDiff, match="not certain"):
        read(b"diff --git a/f b/f\nnew file mode 100644\nindex 0000000..89abcde\n--- a/f\n+++ b/f\n")


@pytest.mark.parametrize(
    "lines", [b"", INDEX, b"new file mode 100644\nindex 0000000..89abcde\n", b"similarity index 90%\n"]
)
def test_a_header_that_announces_a_change_cannot_end_there(lines: bytes) -> None:
    with pytest.raises(BadDiff, match="line 1: no change follows"):
        read(b"diff --git a/f b/f\n" + lines)


def test_a_header_line_of_16_kb_is_read_and_a_longer_one_refused() -> None:
    name = b"n" * ((MAX_HEADER_LINE - 30) // 2)
    assert read(edited(b"a/" + name, b"b/" + name)).path == name.decode()
    longer = b"n" * MAX_HEADER_LINE
    with pytest.raises(BadDiff, match="longer than 16 kB"):
        read(b"diff --git a/f b/f\n" + INDEX + b"--- a/" + longer + b"\n+++ b/f\n")


@pytest.mark.parametrize(
    "line",
    [
        b"diff --git " + b" " * 16_000 + b"\x01",
        b"diff --git " + b"a " * 8_000 + b'"',
        b'diff --git "' + b"\\303" * 4_000,
        b"diff --git a/f b/f\nBinary files " + b" and " * 3_000,
        b"diff --git a/f b/f\nrename from " + b"a " * 8_000 + b"\t\t",
        b"diff --git a/f b/f\n--- a/" + b"\t" * 16_000,
        b" " * 1_000_000,
        b"<" * 1_000_000,
    ],
    ids=range(8),
)
def test_a_line_made_to_be_slow_is_refused_at_once(line: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(BadDiff):
        read(line + b"\n")
    assert time.perf_counter() - started < 2, "each took seconds, or for ever, before lines were bounded"


def test_a_refusal_names_its_line_and_is_one_line() -> None:
    error = unexpected(b"one\ntwo\nthree\n", 8)
    assert (error.who, str(error).count("\n")) == ("diff, line 3", 0)
    assert "git diff" in error.remedy
